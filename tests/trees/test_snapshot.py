"""A commit and the working tree are one and the same to whoever reads them."""

import os
import shutil
from pathlib import Path

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import MAX_DEPTH, Kind, open_inside
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground, run


def test_a_commit_and_its_working_tree_have_the_same_files_bytes_and_digest(
    playground: Playground,
) -> None:
    tree = WorkingTree(playground.root)
    with playground.commit_snapshot() as commit:
        assert commit.files() == tree.files()
        assert len(commit.files()) > 10
        assert [commit.read(path) for path in commit.files()] == [
            tree.read(path) for path in tree.files()
        ]
        assert commit.tree_digest() == tree.tree_digest()
        assert commit.files("src") == tree.files("src") != ()


def test_the_tree_digest_notices_one_changed_byte_and_one_new_file(playground: Playground) -> None:
    before = WorkingTree(playground.root).tree_digest()
    playground.write("src/new.sh", "true\n")
    with_new = WorkingTree(playground.root).tree_digest()
    (playground.root / "src/new.sh").unlink()
    playground.replace("src/train.sh", "model", "modem")
    assert len({before, with_new, WorkingTree(playground.root).tree_digest()}) == 3


def test_odd_but_legal_file_names_are_read_from_both(playground: Playground) -> None:
    names = ['a "quoted" name', "ümläut-名", "two  spaces ", "tab\there", "back\\slash", "-rf", "'"]
    for name in names:
        playground.write(f"odd/{name}", name)
    tree = WorkingTree(playground.root)
    working = (tree.files("odd"), tree.tree_digest())
    playground.commit()
    with playground.commit_snapshot() as commit:
        assert (commit.files("odd"), commit.tree_digest()) == working
        assert commit.files("odd") == tuple(sorted(f"odd/{name}" for name in names))
        assert all(commit.read(f"odd/{name}") == name.encode() for name in names)


def test_a_newline_in_a_file_name_is_refused_because_the_digest_could_not_tell_it_apart(
    playground: Playground,
) -> None:
    playground.write("odd/a\nb", "x")
    with pytest.raises(UndecidedError, match="line break"):
        WorkingTree(playground.root).tree_digest()
    playground.commit()
    with playground.commit_snapshot() as commit, pytest.raises(UndecidedError, match="line break"):
        commit.tree_digest()


def test_a_file_name_that_is_not_utf8_is_refused_with_one_message(playground: Playground) -> None:
    (playground.root / os.fsdecode(b"src/\xff.sh")).write_bytes(b"x")
    with pytest.raises(UndecidedError, match="not UTF-8"):
        WorkingTree(playground.root).files()
    playground.commit()
    with playground.commit_snapshot() as commit, pytest.raises(UndecidedError, match="not UTF-8"):
        commit.files()
    for arguments in (("capture",), ("check", "--rev", "HEAD")):
        outcome = playground.aigf(*arguments)
        assert outcome.returncode == 3
        assert "not UTF-8" in outcome.stderr


def make_tree(playground: Playground, entries: str) -> str:
    return run(["git", "mktree"], playground.root, stdin=entries + "\n").stdout.strip()


def _commit_tree(playground: Playground, folder: str) -> str:
    """Commit HEAD's tree with one more folder, without a checkout."""
    entries = playground.git("ls-tree", "HEAD")
    tree = make_tree(playground, f"{entries}\n040000 tree {folder}\tbomb")
    return playground.git("commit-tree", "-p", "HEAD", "-m", "bomb", tree)


def test_a_few_trees_that_name_millions_of_files_or_go_very_deep_are_refused(
    playground: Playground,
) -> None:
    blob = playground.git("rev-parse", "HEAD:aigf.yaml")
    wide = make_tree(playground, "\n".join(f"100644 blob {blob}\tf{i}" for i in range(30)))
    deep = wide
    for _ in range(4):
        wide = make_tree(playground, "\n".join(f"040000 tree {wide}\td{i}" for i in range(30)))
    for _ in range(MAX_DEPTH + 1):
        deep = make_tree(playground, f"040000 tree {deep}\td")
    for folder, said in ((wide, "files and folders"), (deep, "folders within folders")):
        commit = _commit_tree(playground, folder)
        with playground.commit_snapshot(commit) as snapshot:
            for ask in (snapshot.files, snapshot.tree_digest):
                with pytest.raises(UndecidedError, match=said):
                    ask()


def test_links_submodules_and_folders_are_told_apart_and_never_read_as_files(
    playground: Playground,
) -> None:
    (playground.root / "link").symlink_to("MODEL_CARD.md")
    playground.git(
        "update-index", "--add", "--cacheinfo", f"160000,{playground.git('rev-parse', 'HEAD')},sub"
    )
    playground.git("add", "link")
    playground.git("commit", "--quiet", "-m", "odd things")
    with playground.commit_snapshot() as commit:
        kinds = [commit.kind(p) for p in ("link", "sub", "src", "aigf.yaml", "nothing", "link/x")]
        assert kinds == [
            Kind.SYMLINK,
            Kind.SUBMODULE,
            Kind.DIRECTORY,
            Kind.FILE,
            Kind.ABSENT,
            Kind.ABSENT,
        ]
        for path in ("link", "sub", "src"):
            with pytest.raises(UndecidedError, match="expected a file"):
                commit.read(path)
        assert commit.read("nothing") is None
        (playground.root / "sub").mkdir()
        assert commit.tree_digest() == WorkingTree(playground.root).tree_digest()


@pytest.mark.parametrize("parent", [False, True], ids=["the file", "its folder"])
def test_a_link_out_of_the_tree_is_refused(tmp_path: Path, parent: bool) -> None:
    root = tmp_path / "root"
    outside = tmp_path / "outside"
    for folder in (root, outside):
        folder.mkdir()
    (outside / "secret").write_text("x")
    if parent:
        (root / "in").symlink_to(outside)
    else:
        (root / "in").mkdir()
        (root / "in/secret").symlink_to(outside / "secret")
    with pytest.raises(UndecidedError, match="leads out"):
        open_inside(root, "in/secret")


def test_a_folder_whose_name_begins_like_the_projects_is_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    beside = tmp_path / "root-2"
    beside.mkdir()
    (beside / "x").write_text("x")
    with pytest.raises(UndecidedError, match="leads out"):
        open_inside(root, "../root-2/x")


def test_a_named_pipe_and_a_folder_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UndecidedError, match="not a regular file"):
        open_inside(tmp_path, "pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UndecidedError, match="a directory"):
        open_inside(tmp_path, "folder")


def test_a_link_that_points_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UndecidedError):
        open_inside(tmp_path, "loop")


def test_untracked_files_belong_to_the_working_tree_unless_git_ignores_them(
    playground: Playground,
) -> None:
    playground.write("new.txt", "x")
    tree = WorkingTree(playground.root)
    assert tree.is_in_git("new.txt")
    assert not tree.is_in_git("models/model.bin")
    (playground.root / "src/train.sh").unlink()
    assert not WorkingTree(playground.root).is_in_git("src/train.sh")


def test_a_folder_that_the_commit_does_not_have_is_refused(playground: Playground) -> None:
    with pytest.raises(InputError, match="no folder 'elsewhere'"):
        _open_prefix(playground, "elsewhere")


def _open_prefix(playground: Playground, prefix: str) -> None:
    with GitObjects(playground.root) as objects:
        CommitSnapshot(objects, playground.git("rev-parse", "HEAD"), prefix=prefix)


def test_a_project_in_a_subfolder_has_the_manifest_of_the_same_project_at_the_top(
    playground: Playground, tmp_path: Path
) -> None:
    alone = playground.manifest()
    outer = Playground(tmp_path / "outer")
    (tmp_path / "outer").mkdir()
    outer.git("init", "--quiet")
    shutil.copytree(playground.root, outer.root / "ml", ignore=shutil.ignore_patterns(".git"))
    outer.write("README.md", "not of the project\n")
    outer.commit()
    inner = Playground(outer.root / "ml")
    assert inner.manifest() == alone
    assert capture(inner.project, revision="HEAD").manifest == alone
