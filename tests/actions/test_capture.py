"""Capture writes aigf.lock from bytes that are what DVC recorded, and nothing else."""

import json

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.digests import md5, sha256
from aigf_dvc.errors import InputError, UndecidedError
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
