"""Only what is missing is fetched, and of that only what is judged, unless all is asked for."""

import shutil
from pathlib import Path

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.actions.fetch import fetch, find_missing
from aigf_dvc.digests import md5
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import EdgeState
from tests.playground import MODEL, Playground

RAW, CLEAN = "data/raw.csv", "data/clean.csv"


def in_cache(playground: Playground) -> set[str]:
    folder = playground.root / ".dvc/cache/files/md5"
    return {path.parent.name + path.name for path in folder.glob("??/*")}


@pytest.fixture
def emptied(playground: Playground) -> Playground:
    """A project whose data is in a remote and nowhere else."""
    playground.dvc("remote", "add", "--default", "shelf", str(playground.root.parent / "shelf"))
    playground.dvc("push", "--quiet")
    shutil.rmtree(playground.root / ".dvc/cache")
    for path in (RAW, CLEAN, MODEL):
        (playground.root / path).unlink()
    return playground


def digest_of(playground: Playground, path: str) -> str:
    """Return the MD5 that DVC records of a file."""
    lines = (playground.read("dvc.lock") + playground.read("data/raw.csv.dvc")).splitlines()
    at = next(i for i, line in enumerate(lines) if line.endswith(f"path: {path}"))
    return next(line for line in lines[at:] if "md5: " in line).rpartition(" ")[2]


def test_the_model_alone_is_fetched_by_default_and_nothing_unasked(emptied: Playground) -> None:
    missing = find_missing(emptied.project)
    assert missing.paths == (MODEL,)
    assert set(missing.others) == {RAW, CLEAN}
    assert capture(emptied.project).digest_lock_changed is False
    assert in_cache(emptied) == set()  # never without being told to

    outcome = emptied.aigf("capture", "--remote", "--check")
    assert "fetching models/model.bin (" in outcome.stderr
    assert "left where it is: 2 other paths" in outcome.stderr
    assert in_cache(emptied) == {digest_of(emptied, MODEL)}
    edges = emptied.edges()
    assert edges[f"train output {MODEL}"].state is EdgeState.VERIFIED
    assert edges[f"prepare output {CLEAN}"].state is EdgeState.RECORDED
    assert not (emptied.root / MODEL).exists()
    assert find_missing(emptied.project).paths == ()


def test_all_data_is_fetched_when_asked_and_standard_output_stays_the_manifest(
    emptied: Playground,
) -> None:
    outcome = emptied.aigf("capture", "--remote", "shelf", "--all-data")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.encode() == emptied.manifest()
    assert len(in_cache(emptied)) == 3
    assert "nothing to fetch" in emptied.aigf("capture", "--remote=shelf", "--all-data").stderr


def test_a_remote_that_has_nothing_is_undecided(emptied: Playground, tmp_path: Path) -> None:
    emptied.dvc("remote", "add", "bare", str(tmp_path / "bare"))
    with pytest.raises(UndecidedError, match="is not there either"):
        fetch(emptied.project, [MODEL], remote="bare")
    with pytest.raises(UndecidedError, match="exit code"):
        fetch(emptied.project, [MODEL], remote="no such remote")


def test_of_a_directory_only_the_missing_files_are_fetched(playground: Playground) -> None:
    for name in ("a", "b"):
        playground.write(f"pool/{name}", name)
    playground.dvc("add", "--quiet", "pool")
    playground.dvc("remote", "add", "--default", "shelf", str(playground.root.parent / "shelf"))
    playground.dvc("push", "--quiet", "pool.dvc")
    shutil.rmtree(playground.root / "pool")
    for shelved in (playground.root.parent / "shelf/files/md5").glob("??/*"):
        if shelved.parent.name + shelved.name == md5(b"a"):
            shelved.unlink()  # it is here: nobody needs it from there
    assert find_missing(playground.project, all_data=True).paths == ()
    gone = md5(b"b")
    (playground.root / f".dvc/cache/files/md5/{gone[:2]}/{gone[2:]}").unlink()
    assert find_missing(playground.project, all_data=True).paths == ("pool",)
    fetch(playground.project, ["pool"])
    assert gone in in_cache(playground)


@pytest.mark.parametrize(
    "arguments",
    [("--all-data",), ("--remote", "shelf", "--rev", "HEAD"), ("--remote=-x", "--rev=HEAD")],
)
def test_what_makes_no_sense_together_is_the_callers_mistake(
    playground: Playground, arguments: tuple[str, ...]
) -> None:
    assert playground.aigf("capture", *arguments).returncode == 2
