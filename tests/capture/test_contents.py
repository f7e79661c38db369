"""Content in git is compared in every form in which DVC may have hashed it."""

import contextlib
import hashlib

import pytest

from aigf_dvc.capture.contents import NoData, NotComparableError, WorkspaceData, git_content
from aigf_dvc.evidence.pipeline import LEGACY, Recorded
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import MODEL, Playground


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def record(value: str, algorithm: str = "md5", path: str = "t") -> Recorded:
    return Recorded(path=path, algorithm=algorithm, value=value)


def test_a_text_matches_its_bytes_and_its_other_line_ends(playground: Playground) -> None:
    playground.write("t", b"a\r\nb\r\n")
    content = git_content(WorkingTree(playground.root), "t")
    assert content is not None
    assert content.matches(record(md5(b"a\r\nb\r\n"))) == "the same bytes"
    assert "line endings" in str(content.matches(record(md5(b"a\nb\n"))))
    assert content.matches(record(md5(b"a\nc\n"))) is None


def test_data_that_git_ignores_and_nothing_are_not_in_git(playground: Playground) -> None:
    tree = WorkingTree(playground.root)
    assert git_content(tree, MODEL) is None
    assert git_content(tree, "models") is None
    assert git_content(tree, "nothing") is None


def test_a_link_is_followed_inside_git_and_nowhere_else(playground: Playground) -> None:
    link = playground.root / "l"
    link.symlink_to("src/train.sh")
    tree = WorkingTree(playground.root)
    linked, direct = git_content(tree, "l"), git_content(tree, "src/train.sh")
    assert linked == direct is not None
    for target in ("/etc/passwd", "l", "data/clean.csv/../../../x"):
        link.unlink()
        link.symlink_to(target)
        with contextlib.suppress(NotComparableError):
            assert git_content(WorkingTree(playground.root), "l") is None


def test_the_workspace_hashes_small_files_and_of_large_ones_what_it_is_asked_for(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = WorkspaceData(playground.root, DigestCache(playground.root), only=frozenset({MODEL}))
    assert small.hash(record("", path="data/raw.csv")) is not None
    monkeypatch.setattr("aigf_dvc.capture.contents.SMALL_BYTES", 0)
    wanted, other = record("", path=MODEL), record("", path="data/raw.csv")
    data = WorkspaceData(playground.root, DigestCache(playground.root), only=frozenset({MODEL}))
    hashed = data.hash(wanted)
    assert hashed is not None
    assert hashed.md5 == md5((playground.root / MODEL).read_bytes())
    assert data.hash(other) is None
    assert set(data.seen) == {MODEL}
    everything = WorkspaceData(playground.root, DigestCache(playground.root), only=None)
    assert everything.hash(other) is not None
    assert everything.hash(record("", path="nothing")) is None
    assert everything.hash(record("", path="aigf.yaml/x")) is None
    assert NoData().hash(wanted) is None


def test_dvc_2s_hash_is_worked_out_only_where_it_is_needed(playground: Playground) -> None:
    playground.write("t", b"a\r\n")
    data = WorkspaceData(playground.root, DigestCache(playground.root), only=None)
    hashed = data.hash(record(md5(b"a\n"), LEGACY))
    assert hashed is not None
    assert hashed.md5_as_text == md5(b"a\n")
    data = WorkspaceData(playground.root, DigestCache(playground.root), only=None)
    hashed = data.hash(record(md5(b"a\n")))
    assert hashed is not None
    assert hashed.md5_as_text is None
