"""DVC's files are read as they are, and what is not understood is refused by name."""

import pytest

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import MODEL, Playground

STAGE = "  other:\n    cmd: echo\n"


def test_the_commit_and_the_working_tree_have_the_same_pipeline(playground: Playground) -> None:
    working = read_pipeline(WorkingTree(playground.root))
    with playground.commit_snapshot() as commit:
        assert read_pipeline(commit) == working
    assert set(working.stages) == set(working.locks) == {"prepare", "train", "evaluate"}
    assert working.ancestors(MODEL) == ("train", "prepare")
    assert working.dvc_files == ("data/raw.csv.dvc",)


def test_an_ignored_pipeline_is_not_the_projects(playground: Playground) -> None:
    playground.write(".gitignore", playground.read(".gitignore") + "/scratch/\n")
    playground.write("scratch/dvc.yaml", "stages: {bad: {}}\n")
    assert "scratch/dvc.yaml" not in read_pipeline(WorkingTree(playground.root)).definitions


def test_without_a_dvc_yaml_it_says_how_to_get_one(playground: Playground) -> None:
    (playground.root / "dvc.yaml").unlink()
    with pytest.raises(InputError, match=r"no dvc\.yaml") as error:
        read_pipeline(WorkingTree(playground.root))
    assert "dvc stage add" in error.value.hint


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("  other:\n    foreach: [a, b]\n", "a stage"),
        ("  other:\n    matrix: {a: 1}\n    cmd: echo\n", "a list"),
        ("vars: [absent.yaml]\n", "no file absent.yaml"),
        ("  other:\n    cmd: echo ${train.nope}\n", "nothing is called ${train.nope}"),
        (STAGE + "    deps: ['${x}']\n", "nothing is called ${x}"),
        (STAGE + "    outs: [{'${x}': {cache: false}}]\n", "nothing is called ${x}"),
        (STAGE + "    params: [{'${x}.yaml': [a]}]\n", "nothing is called ${x}"),
        (STAGE + "    wdir: ${x}\n", "nothing is called ${x}"),
        (STAGE + "    vars: [a]\n", "no file a"),
        (STAGE + "    surprise: 1\n", "`surprise`"),
        (STAGE + "    deps: ['C:\\x']\n", "a relative path"),
        (STAGE + "    outs: [~/x]\n", "a relative path"),
        (STAGE + "    wdir: ../..\n", "outside the project"),
        (STAGE + "    outs: [{a: {}, b: {}}]\n", "one path with its options"),
        (STAGE + "    deps: a\n", "a list"),
        (STAGE + "    deps: [1]\n", "the path 1"),
        (STAGE + "    params: [[a]]\n", "the parameter"),
        ("  other:\n    deps: [a]\n", "no `cmd`"),
        ("  other: echo\n", "a mapping"),
    ],
)
def test_a_shape_of_dvc_yaml_that_is_not_supported_is_named(
    playground: Playground, text: str, named: str
) -> None:
    playground.write("dvc.yaml", playground.read("dvc.yaml") + text)
    with pytest.raises(UndecidedError) as error:
        read_pipeline(WorkingTree(playground.root))
    assert named in str(error.value)
    assert "dvc.yaml" in error.value.where
    assert error.value.hint or error.value.expected


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("schema: '2.0'\nstages:", "schema: '3.0'\nstages:", "the lock schema '3.0'"),
        ("schema: '2.0'\nstages:", "<<<<<<< HEAD\nschema: '2.0'\nstages:", "a merge conflict"),
        ("hash: md5\n", "hash: sha256\n", "the hash 'sha256'"),
        ("    outs:", "    surprise: 1\n    outs:", "`surprise`"),
        ("size: 21", "size: many", "size"),
        ("path: data/clean.csv", "path: src/train.sh", "stands twice"),
    ],
)
def test_a_shape_of_dvc_lock_that_is_not_supported_is_named(
    playground: Playground, old: str, new: str, named: str
) -> None:
    playground.replace("dvc.lock", old, new)
    with pytest.raises(UndecidedError) as error:
        read_pipeline(WorkingTree(playground.root))
    assert named in str(error.value)
    assert "dvc.lock" in error.value.where


def test_an_md5_of_another_form_is_refused(playground: Playground) -> None:
    lock = playground.read("dvc.lock")
    for bad in ("0" * 31, "0" * 33, "Z" * 32, "../" + "0" * 29, "0" * 32 + ".dirx"):
        playground.write("dvc.lock", lock.replace("md5: ", f"md5: '{bad}' #", 1))
        with pytest.raises(UndecidedError, match="32 hexadecimal digits"):
            read_pipeline(WorkingTree(playground.root))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("deps: [{path: x}, {path: y}]\nouts:\n- {md5: M, path: x}\n", "2 sources"),
        ("deps: [{path: x, repo: {rev_lock: a}}]\nouts:\n- {md5: M, path: x}\n", "no `url`"),
        ("deps: [{path: x, repo: {url: [a]}}]\nouts:\n- {md5: M, path: x}\n", "a text"),
        ("cmd: [1]\nouts:\n- {md5: M, path: x}\n", "a command"),
        ("outs:\n- {md5: M, path: x}\nwdir: ../..\n", "outside the project"),
        ("outs:\n- {path: x, hash: sha1}\n", "the hash 'sha1'"),
        ("outs:\n- {path: x, etag: 1}\n", "a text"),
        ("outs:\n- {path: x, files: [{relpath: ../a, md5: M}]}\n", "outside the project"),
        ("outs:\n- {path: x, files: [{relpath: a, md5: b}]}\n", "32 hexadecimal"),
        ("outs: []\n", "no `outs`"),
        ("outs:\n- {md5: M, path: data/raw.csv, hash: md5}\n", "another .dvc file tracks"),
    ],
)
def test_a_dvc_file_that_is_not_supported_is_named(
    playground: Playground, text: str, named: str
) -> None:
    playground.write("other.dvc", text.replace("M", "a" * 32))
    with pytest.raises(UndecidedError) as error:
        read_pipeline(WorkingTree(playground.root))
    assert named in str(error.value)
    assert error.value.exit_code == 3


def test_stages_in_folders_have_dvcs_own_addresses(playground: Playground) -> None:
    playground.write("sub/dvc.yaml", "stages:\n  a:\n    cmd: echo\n    deps: [../data/raw.csv]\n")
    stage = read_pipeline(WorkingTree(playground.root)).stages["sub/dvc.yaml:a"]
    assert (stage.directory, stage.deps) == ("sub", ("data/raw.csv",))
