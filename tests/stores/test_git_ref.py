"""Attestations travel between clones by a git ref; nothing is lost and nothing foreign is taken."""

import subprocess
from pathlib import Path

import pytest

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.git_ref import REF, GitRefStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored, Unreadable
from tests.playground import Playground, run

MODEL = sha256(b"model")


def stored(text: str, *, model: Sha256 = MODEL, ending: str = BUNDLE) -> Stored:
    return Stored(model=model, ending=ending, data=text.encode())


def repository(folder: Path, *options: str) -> Playground:
    folder.mkdir()
    place = Playground(folder)
    place.git("init", "--quiet", *options)
    return place


@pytest.fixture
def remote(tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    return repository(tmp_path / "remote.git", "--bare")


def clone(remote: Playground, name: str, *options: str) -> tuple[Playground, GitRefStore]:
    place = repository(remote.root.parent / name, *options)
    place.git("remote", "add", "origin", str(remote.root))
    return place, GitRefStore(place.root)


def commit_of(place: Playground, files: dict[str, str], *, mode: str = "100644") -> str:
    """Write a commit with these blobs at these paths of two parts, without any check."""
    folders: dict[str, str] = {}
    for path, content in files.items():
        folder, _, name = path.partition("/")
        if mode == "160000":
            blob = content
        else:
            blob = _pipe(place, ["hash-object", "-w", "--stdin"], content)
        kind = "commit" if mode == "160000" else "blob"
        folders[folder] = folders.get(folder, "") + f"{mode} {kind} {blob}\t{name}\n"
    lines = [
        f"040000 tree {_pipe(place, ['mktree', '--missing'], t)}\t{f}\n" for f, t in folders.items()
    ]
    return place.git("commit-tree", "-m", "x", _pipe(place, ["mktree"], "".join(lines)))


def _pipe(place: Playground, arguments: list[str], data: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=place.root, input=data, text=True, capture_output=True, check=True
    ).stdout.strip()


def test_what_was_added_is_found_by_its_model_and_nothing_else(remote: Playground) -> None:
    _, store = clone(remote, "a")
    mine, beside = stored("one"), stored("evidence", ending=EVIDENCE)
    other = stored("two", model=sha256(b"other"))
    assert store.find(MODEL) == ()
    store.add((mine, beside))
    store.add((other,))
    assert set(store.find(MODEL)) == {mine, beside}
    assert store.find(other.model) == (other,)
    assert store.count() == 2


def test_all_files_are_told_and_the_damaged_ones_named(remote: Playground) -> None:
    place, store = clone(remote, "a")
    assert list(store.all()) == []
    mine, other = stored("one"), stored("two", model=sha256(b"other"))
    store.add((mine, other))
    blob = run(["git", "hash-object", "-w", "--stdin"], place.root, stdin="x").stdout.strip()
    bad = f"{'0' * 64}/{'1' * 64}{BUNDLE}"
    place.git("read-tree", REF)
    place.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{bad}")
    commit = place.git("commit-tree", "-m", "x", place.git("write-tree"))
    place.git("update-ref", REF, commit)
    found = list(store.all())
    assert {item for item in found if isinstance(item, Stored)} == {mine, other}
    assert [item.name for item in found if isinstance(item, Unreadable)] == [bad]


def test_adding_twice_makes_no_new_commit_and_touches_no_branch(remote: Playground) -> None:
    place, store = clone(remote, "a")
    store.add((stored("one"),))
    head = place.git("rev-parse", REF)
    store.add((stored("one"),))
    assert place.git("rev-parse", REF) == head
    assert place.git("for-each-ref", "--format=%(refname)") == REF
    assert place.git("status", "--short") == ""


def test_two_clones_push_and_pull_and_both_have_everything(remote: Playground) -> None:
    _, first = clone(remote, "a")
    _, second = clone(remote, "b")
    first.add((stored("one"),))
    second.add((stored("two"),))
    assert first.push("origin") == 1
    assert second.push("origin") == 2
    assert first.pull("origin") == 1
    assert (
        {item.data for item in first.find(MODEL)}
        == {b"one", b"two"}
        == {item.data for item in second.find(MODEL)}
    )
    assert GitRefStore(remote.root).count() == 2


def test_a_push_that_somebody_was_faster_than_joins_and_loses_nothing(
    remote: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, slow = clone(remote, "a")
    _, fast = clone(remote, "b")
    slow.add((stored("slow"),))
    fast.add((stored("fast"),))
    pull = slow.pull
    calls: list[int] = []

    def pull_then_be_overtaken(name: str) -> int:
        found = pull(name)
        if not calls:
            fast.push("origin")
        calls.append(found)
        return found

    monkeypatch.setattr(slow, "pull", pull_then_be_overtaken)
    assert slow.push("origin") == 2
    assert len(calls) == 2
    assert {i.data for i in GitRefStore(remote.root).find(MODEL)} == {b"slow", b"fast"}


def test_pushing_and_pulling_without_news_makes_no_commits(remote: Playground) -> None:
    a, first = clone(remote, "a")
    b, second = clone(remote, "b")
    first.add((stored("one"),))
    first.push("origin")
    first.add((stored("two"),))
    for _ in range(3):
        first.push("origin")
        assert second.pull("origin") in (0, 2)
        second.push("origin")
        first.pull("origin")
    assert a.git("rev-parse", REF) == b.git("rev-parse", REF) == remote.git("rev-parse", REF)
    assert a.git("rev-list", "--count", REF) == "2"


@pytest.mark.parametrize(
    "files",
    [
        {f"{MODEL}/{'0' * 64}{BUNDLE}": "not what the name says"},
        {f"{MODEL}/{sha256(b'x')}.txt": "x"},
        {f"evil/{sha256(b'x')}{BUNDLE}": "x"},
        {f"{MODEL.upper()}/{sha256(b'x')}{BUNDLE}": "x"},
    ],
    ids=["other bytes", "other ending", "other folder", "upper case"],
)
def test_a_foreign_file_in_the_remotes_ref_is_not_taken(
    remote: Playground, files: dict[str, str]
) -> None:
    good = stored("good")
    remote.git("update-ref", REF, commit_of(remote, {good.name: "good"} | files))
    _, store = clone(remote, "a")
    assert store.pull("origin") == 1
    assert store.find(MODEL) == (good,)
    store.push("origin")
    assert set(GitRefStore(remote.root)._names(remote.git("rev-parse", REF))) == {good.name}


@pytest.mark.parametrize("mode", ["160000", "120000"])
def test_a_submodule_or_link_with_a_good_name_spoils_nothing(remote: Playground, mode: str) -> None:
    name = f"{MODEL}/{sha256(b'x')}{BUNDLE}"
    content = "1" * 40 if mode == "160000" else "x"
    remote.git("update-ref", REF, commit_of(remote, {name: content}, mode=mode))
    _, store = clone(remote, "a")
    assert store.pull("origin") == 0
    store.add((stored("mine"),))
    assert [item.data for item in store.find(MODEL)] == [b"mine"]


def test_a_bad_file_in_our_own_ref_is_never_found(remote: Playground) -> None:
    place, store = clone(remote, "a")
    bad = {f"{MODEL}/{'0' * 64}{BUNDLE}": "bad", stored("good").name: "good"}
    place.git("update-ref", REF, commit_of(place, bad))
    assert store.find(MODEL) == (stored("good"),)


def test_a_remote_whose_ref_is_no_commit_is_refused(remote: Playground) -> None:
    blob = _pipe(remote, ["hash-object", "-w", "--stdin"], "x")
    remote.git("update-ref", REF, blob)
    _, store = clone(remote, "a")
    with pytest.raises(UndecidedError):
        store.pull("origin")


def test_nothing_to_push_is_said(remote: Playground) -> None:
    _, store = clone(remote, "a")
    with pytest.raises(InputError, match="no attestations yet"):
        store.push("origin")
    assert store.pull("origin") == 0


def test_a_remote_that_is_a_command_is_not_run(remote: Playground, tmp_path: Path) -> None:
    place, store = clone(remote, "a")
    sentinel = tmp_path / "it-ran"
    place.git("config", "protocol.ext.allow", "always")
    store.add((stored("one"),))
    for call in (store.pull, store.push):
        with pytest.raises(UndecidedError):
            call(f"ext::touch {sentinel}")
    assert not sentinel.exists()


def test_hooks_do_not_run_when_attestations_are_pushed(remote: Playground, tmp_path: Path) -> None:
    place, store = clone(remote, "a")
    hook = place.root / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/it-ran\nexit 1\n")
    hook.chmod(0o755)
    store.add((stored("one"),))
    assert store.push("origin") == 1
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.usefixtures("home")
def test_a_repository_with_sha256_names_can_keep_attestations(tmp_path: Path) -> None:
    place = repository(tmp_path / "new", "--object-format=sha256")
    store = GitRefStore(place.root)
    store.add((stored("one"),))
    store.add((stored("two"),))
    assert store.count() == 2
