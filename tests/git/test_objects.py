"""Objects are believed only when they are what their names say."""

import subprocess
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.git.objects import GitObjects
from tests.playground import Playground, run


def loose(playground: Playground, object_id: str) -> Path:
    return playground.root / ".git/objects" / object_id[:2] / object_id[2:]


def overwrite(playground: Playground, object_id: str, kind: str, data: bytes) -> None:
    place = loose(playground, object_id)
    place.chmod(0o644)
    place.write_bytes(zlib.compress(f"{kind} {len(data)}\0".encode() + data))


def test_files_folders_and_commits_are_read(playground: Playground) -> None:
    with GitObjects(playground.root) as objects:
        tree = objects.commit_tree(playground.git("rev-parse", "HEAD"))
        assert tree == playground.git("rev-parse", "HEAD^{tree}")
        names = {entry.name.decode(): entry for entry in objects.tree(tree)}
        assert names["src"].is_tree
        assert (
            objects.read(names["MODEL_CARD.md"].object_id)
            == (playground.root / "MODEL_CARD.md").read_bytes()
        )
        assert objects.exists(tree)
        assert not objects.exists("0" * 40)
        assert objects.read(names["aigf.yaml"].object_id)  # still in step after `exists`


def test_of_two_entries_with_one_name_the_first_counts(playground: Playground) -> None:
    ids = [playground.git("rev-parse", f"HEAD:{name}") for name in ("aigf.yaml", "MODEL_CARD.md")]
    forged = b"".join(b"100644 a\0" + bytes.fromhex(object_id) for object_id in ids)
    (playground.root / "forged").write_bytes(forged)
    tree = playground.git("hash-object", "-t", "tree", "-w", "--literally", "forged")
    with GitObjects(playground.root) as objects:
        entry = objects.entry(tree, (b"a",))
    assert entry is not None
    assert entry.object_id == ids[0]


def test_a_path_leads_through_folders_only(playground: Playground) -> None:
    with GitObjects(playground.root) as objects:
        tree = playground.git("rev-parse", "HEAD^{tree}")
        script = objects.entry(tree, (b"src", b"train.sh"))
        assert script is not None
        assert script.object_id == playground.git("rev-parse", "HEAD:src/train.sh")
        assert objects.entry(tree, (b"src", b"no.sh")) is None
        assert objects.entry(tree, (b"aigf.yaml", b"x")) is None
        assert objects.entry(tree, ()) is None


@pytest.mark.parametrize("what", ["HEAD", "HEAD^{tree}", "HEAD:src", "HEAD:MODEL_CARD.md"])
def test_an_object_that_was_overwritten_is_noticed(playground: Playground, what: str) -> None:
    object_id = playground.git("rev-parse", what)
    kind = playground.git("cat-file", "-t", object_id)
    data = subprocess.run(
        ["git", "cat-file", kind, object_id], cwd=playground.root, capture_output=True, check=True
    ).stdout
    overwrite(playground, object_id, kind, data.replace(b"e", b"f", 1))
    with GitObjects(playground.root) as objects, pytest.raises(UndecidedError, match="other bytes"):
        objects.read(object_id, expect=kind)
    outcome = playground.aigf("check", "--rev", "HEAD")
    assert outcome.returncode == 3
    # git itself notices a changed commit.
    expected = "cannot be read" if what == "HEAD" else "other bytes"
    assert expected in outcome.stderr + outcome.stdout


def test_an_object_of_another_kind_is_refused_and_the_next_one_still_read(
    playground: Playground,
) -> None:
    card = playground.git("rev-parse", "HEAD:MODEL_CARD.md")
    with GitObjects(playground.root) as objects:
        with pytest.raises(UndecidedError, match="is a blob"):
            objects.read(card, expect="tree")
        assert objects.read(card).startswith(b"---")


@pytest.mark.parametrize("damage", ["garbage", "cut short", "empty"])
def test_a_damaged_object_is_one_message_and_the_next_one_is_still_read(
    playground: Playground, damage: str
) -> None:
    playground.write(
        "MODEL_CARD.md", playground.read("MODEL_CARD.md") + "\n".join(map(str, range(9999)))
    )
    playground.commit()
    card = playground.git("rev-parse", "HEAD:MODEL_CARD.md")
    place = loose(playground, card)
    place.chmod(0o644)
    whole = place.read_bytes()
    place.write_bytes({"garbage": b"garbage", "cut short": whole[:5000], "empty": b""}[damage])
    settings = playground.git("rev-parse", "HEAD:aigf.yaml")
    with GitObjects(playground.root) as objects:
        for _ in range(2):
            with pytest.raises(UndecidedError, match=r"missing or damaged|stopped"):
                objects.read(card)
            assert objects.read(settings).startswith(b"models")
    assert playground.aigf("check", "--rev", "HEAD").returncode == 3


def test_a_tree_that_is_cut_short_is_one_message(playground: Playground) -> None:
    head = playground.root / "raw"
    head.write_bytes(b"100644 name-without-end")
    broken = playground.git("hash-object", "-w", "-t", "tree", "--literally", "raw")
    with GitObjects(playground.root) as objects, pytest.raises(UndecidedError, match="tree"):
        objects.tree(broken)


@pytest.mark.usefixtures("home")
def test_a_repository_with_sha256_names_is_read_too(tmp_path: Path) -> None:
    place = Playground(tmp_path / "new")
    place.root.mkdir()
    place.git("init", "--quiet", "--object-format=sha256")
    place.write("a", "x")
    commit = place.commit()
    with GitObjects(place.root) as objects:
        (entry,) = objects.tree(objects.commit_tree(commit))
        assert (entry.name, len(entry.object_id)) == (b"a", 64)
        assert objects.read(entry.object_id) == b"x"


def commit_at(playground: Playground, committer: str) -> str:
    """Return a commit that says it was made at some time, which git would not write itself."""
    tree = playground.git("rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor A <a> 1 +0000\n{committer}\n\ncommitter B <b> 7 +0000\n"
    arguments = ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"]
    return run(["git", *arguments], playground.root, stdin=text).stdout.strip()


@pytest.mark.parametrize(
    ("committer", "expected"),
    [
        ("committer A <a> 0 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("committer A <a> 1795000000 +0900", datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        ("committer A> 1 +0000 <a> 86400 -1200", datetime(1970, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_commit_says_when_it_was_made(
    playground: Playground, committer: str, expected: datetime
) -> None:
    with GitObjects(playground.root) as objects:
        assert objects.commit_time(commit_at(playground, committer)) == expected


@pytest.mark.parametrize("said", ["", "-5 +0000", "99999999999999999999 +0000", "later +0000"])
def test_a_commit_of_no_time_is_undecided(playground: Playground, said: str) -> None:
    commit = commit_at(playground, f"committer A <a> {said}")
    with GitObjects(playground.root) as objects, pytest.raises(UndecidedError, match="time"):
        objects.commit_time(commit)


def test_what_is_read_ahead_is_what_is_read(playground: Playground) -> None:
    names = ["HEAD", "HEAD^{tree}", "HEAD:src", "HEAD:MODEL_CARD.md", "HEAD:dvc.yaml"]
    ids = [playground.git("rev-parse", name) for name in names]
    kinds = [playground.git("cat-file", "-t", object_id) for object_id in ids]
    with GitObjects(playground.root) as objects:
        plain = [objects.read(i, expect=kind) for i, kind in zip(ids, kinds, strict=True)]
    with GitObjects(playground.root) as objects:
        objects.read_ahead([ids[0], "0" * 40, *ids[1:]])
        playground.git("repack", "-a", "-d", "--quiet")
        (playground.root / ".git/objects/pack").rename(playground.root / "away")
        assert [objects.read(i, expect=k) for i, k in zip(ids, kinds, strict=True)] == plain
        with pytest.raises(UndecidedError, match=r"is a blob|missing"):
            objects.read(ids[-1], expect="tree")


def test_a_damaged_or_large_object_is_not_taken_from_what_was_read_ahead(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, definition = (
        playground.git("rev-parse", f"HEAD:{name}") for name in ("MODEL_CARD.md", "dvc.yaml")
    )
    overwrite(playground, card, "blob", b"other bytes")
    with GitObjects(playground.root) as objects:
        objects.read_ahead([card, definition])
        with pytest.raises(UndecidedError, match="other bytes"):
            objects.read(card)
        assert objects.read(definition) == (playground.root / "dvc.yaml").read_bytes()
        monkeypatch.setattr("aigf_dvc.git.objects._SMALL", 10)
        objects.read_ahead([definition, card])
        assert objects.read(definition) == (playground.root / "dvc.yaml").read_bytes()


def test_many_trees_are_not_all_remembered(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigf_dvc.git.objects._MOST_ENTRIES", 3)
    top, src = (playground.git("rev-parse", name) for name in ("HEAD^{tree}", "HEAD:src"))
    with GitObjects(playground.root) as objects:
        assert objects.child(top, b"src") == objects.child(top, b"src")
        assert {entry.name for entry in objects.tree(src)} >= {b"train.sh"}
        found = objects.child(top, b"src")
        assert found is not None
        assert found.object_id == src
        assert objects.child(top, b"nothing") is None
