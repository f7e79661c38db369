"""Capture writes aigf.lock from bytes that are what DVC recorded, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.digests import md5, sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.digest_lock import MERGE_ATTRIBUTE
from aigf_dvc.evidence.lineage import EdgeState
from aigf_dvc.hashing.file_hashing import hash_path
from tests.playground import MODEL, Playground

LOCK = "aigf.lock"


def test_the_digest_lock_holds_every_object_of_dvc_and_no_code(playground: Playground) -> None:
    lines = [line.split(" ") for line in playground.read(LOCK).splitlines()[1:]]
    expected = []
    for path in (MODEL, "data/raw.csv", "data/clean.csv"):
        data = (playground.root / path).read_bytes()
        expected.append([md5(data), str(len(data)), sha256(data)])
    assert lines == sorted(expected)


def test_nothing_is_written_when_nothing_changed(playground: Playground) -> None:
    before = (playground.root / LOCK).stat().st_mtime_ns
    assert capture(playground.project).digest_lock_changed is False
    assert (playground.root / LOCK).stat().st_mtime_ns == before


def test_a_lost_lock_is_written_again_to_the_byte(playground: Playground) -> None:
    before = playground.read(LOCK)
    (playground.root / LOCK).unlink()
    assert capture(playground.project).digest_lock_changed is True
    assert playground.read(LOCK) == before


def test_bytes_that_are_not_what_dvc_recorded_are_not_taken(playground: Playground) -> None:
    (playground.root / LOCK).unlink()
    playground.edit_keeping_size_and_mtime(MODEL)
    capture(playground.project)
    text = playground.read(LOCK)
    assert sha256((playground.root / MODEL).read_bytes()) not in text
    assert len(text.splitlines()) == 3


def test_what_nothing_refers_to_any_more_is_pruned_and_absent_data_is_kept(
    playground: Playground,
) -> None:
    before = playground.read(LOCK)
    playground.write(LOCK, before + f"{'f' * 32} 1 {'0' * 64}\n")
    (playground.root / "data/raw.csv").unlink()
    capture(playground.project)
    assert playground.read(LOCK) == before


def test_a_commit_is_captured_without_touching_the_working_tree(playground: Playground) -> None:
    (playground.root / LOCK).unlink()
    found = capture(playground.project, revision="HEAD")
    assert found.commit == playground.git("rev-parse", "HEAD")
    assert not (playground.root / LOCK).exists()
    assert found.digest == sha256(found.manifest)


@pytest.mark.parametrize(
    "conflict", ["<<<<<<< ours\n", "=======\n", ">>>>>>> theirs\n", "something else\n"]
)
def test_a_merge_conflict_in_the_lock_is_undecided_with_its_line(
    playground: Playground, conflict: str
) -> None:
    playground.write(LOCK, playground.read(LOCK) + conflict)
    with pytest.raises(UndecidedError, match=r"aigf.lock:5"):
        capture(playground.project)
    for arguments in (("capture",), ("check",)):
        outcome = playground.aigf(*arguments)
        assert outcome.returncode == 3, outcome.stdout


def test_an_unknown_commit_is_the_callers_mistake(playground: Playground) -> None:
    with pytest.raises(InputError, match="no commit named 'nothing'"):
        capture(playground.project, revision="nothing")


def test_the_command_prints_exact_bytes_or_a_readable_envelope(playground: Playground) -> None:
    plain = playground.aigf("capture")
    assert plain.stdout.encode() == playground.manifest()
    envelope = json.loads(playground.aigf("capture", "--format", "json", "--rev", "HEAD").stdout)
    assert envelope["source"]["gitCommit"] == playground.git("rev-parse", "HEAD")
    table = playground.aigf("capture", "--check")
    assert table.returncode == 0
    assert "src/train.sh" in table.stdout


def test_two_branches_locks_merge_by_themselves_and_are_sorted_again(
    playground: Playground,
) -> None:
    playground.write(".gitattributes", f"{MERGE_ATTRIBUTE}\n")
    playground.commit()
    playground.git("checkout", "--quiet", "-b", "other")
    for branch, name in (("other", "b.csv"), ("main", "c.csv")):
        playground.git("checkout", "--quiet", branch)
        playground.write(f"{branch}/{name}", branch)
        playground.dvc("add", "--quiet", f"{branch}/{name}")
        assert capture(playground.project).digest_lock_changed is True
        playground.commit()
        (playground.root / branch / name).unlink()  # the other branch does not ignore it
    playground.git("merge", "--quiet", "--no-edit", "other")
    merged = playground.read(LOCK)
    assert sha256(b"main") in merged
    assert sha256(b"other") in merged
    capture(playground.project)
    lines = playground.read(LOCK).splitlines()[1:]
    assert lines == sorted(set(lines))
    assert {sha256(b"main"), sha256(b"other")} <= {line.rpartition(" ")[2] for line in lines}


def test_data_that_is_gone_from_the_workspace_is_verified_from_the_cache(
    playground: Playground,
) -> None:
    before = playground.read(LOCK)
    (playground.root / LOCK).unlink()
    (playground.root / MODEL).unlink()
    edges = playground.edges()
    assert edges[f"train output {MODEL}"].state is EdgeState.VERIFIED
    assert playground.read(LOCK) == before


def test_a_commits_data_is_verified_from_the_cache_and_from_there_only(
    playground: Playground,
) -> None:
    name = f"train output {MODEL}"
    playground.edit_keeping_size_and_mtime(MODEL)
    assert playground.edges(revision="HEAD")[name].state is EdgeState.VERIFIED
    assert playground.edges()[name].state is EdgeState.MISMATCHED
    (cached_object(playground)).unlink()
    assert playground.edges(revision="HEAD")[name].state is EdgeState.RECORDED


def cached_object(playground: Playground) -> Path:
    """Return the model's object in DVC's cache."""
    text = playground.read("dvc.lock")
    value = text.split(f"path: {MODEL}\n", 1)[1].split("md5: ", 1)[1][:32]
    path = playground.root / f".dvc/cache/files/md5/{value[:2]}/{value[2:]}"
    assert path.is_file()
    return path


@pytest.mark.parametrize("revision", ["HEAD", None])
def test_an_object_with_other_bytes_under_its_name_is_never_verified(
    playground: Playground, revision: str | None
) -> None:
    path = cached_object(playground)
    (playground.root / MODEL).unlink()
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + b"?")
    (playground.root / LOCK).unlink()
    assert playground.edges(revision=revision)[f"train output {MODEL}"].state is EdgeState.RECORDED
    if revision is None:
        assert sha256(path.read_bytes()) not in playground.read(LOCK)


@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
def test_a_workspace_of_links_into_a_cache_elsewhere_is_hashed(
    playground: Playground, kind: str
) -> None:
    """The model stands in the workspace as DVC itself links it there."""
    playground.dvc("config", "cache.type", kind)
    shutil.move(playground.root / ".dvc/cache", playground.root.parent / "cache")
    playground.dvc("cache", "dir", str(playground.root.parent / "cache"))
    playground.write("pool/a", "1")
    playground.write("pool/sub/b", "2")
    playground.dvc("add", "--quiet", "pool")
    (playground.root / MODEL).unlink()
    playground.dvc("checkout", "--quiet", MODEL)
    assert (playground.root / MODEL).is_symlink() is (kind == "symlink")
    assert (playground.root / "pool/a").is_symlink() is (kind == "symlink")
    assert playground.edges()[f"train output {MODEL}"].state is EdgeState.VERIFIED
    lines = playground.read(LOCK)
    assert hash_path(playground.root, "pool").sha256 in lines
    if kind == "symlink":  # a link that leads elsewhere is still refused
        (playground.root / "pool/a").unlink()
        (playground.root / "pool/a").symlink_to(playground.root.parent / "home/.gitconfig")
        with pytest.raises(UndecidedError, match="leads out of the project"):
            capture(playground.project)


def test_a_write_of_the_lock_that_is_cut_short_leaves_the_old_one(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = playground.read(LOCK)
    playground.write(LOCK, before.splitlines(keepends=True)[0])

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aigf_dvc.atomic_write.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        capture(playground.project)
    assert playground.read(LOCK) == before.splitlines(keepends=True)[0]
    assert [p.name for p in playground.root.iterdir() if p.name.startswith(f".{LOCK}")] == []
    monkeypatch.undo()
    assert capture(playground.project).digest_lock_changed is True
    assert playground.read(LOCK) == before
