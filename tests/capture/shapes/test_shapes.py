"""DVC projects of every shape are read as they are, and no edit of their inputs goes unnoticed."""

import contextlib
import re

import pytest

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import Cause, Edge, EdgeState
from aigf_dvc.trees.working_tree import WorkingTree
from tests.capture.shapes.museum import Museum, lfs_pointer
from tests.playground import Playground

pytestmark = pytest.mark.slow

RECORDED_ONLY = {"web", "machine"}  # read outside the project


def edge(project: Playground, name: str, *, revision: str | None = None) -> Edge:
    edges = project.edges(revision=revision)
    assert name in edges, sorted(edges)
    return edges[name]


def found(
    project: Playground, name: str, *, revision: str | None = None
) -> tuple[EdgeState, Cause]:
    seen = edge(project, name, revision=revision)
    return seen.state, seen.cause


def test_every_edge_of_a_fresh_run_is_verified_but_what_lies_outside(museum: Museum) -> None:
    edges = museum.project.edges()
    outside = {f"web input {museum.url}", f"machine input {museum.outside}"}
    others = {name: e.reason for name, e in edges.items() if e.state is not EdgeState.VERIFIED}
    assert others.keys() == outside, others
    assert {edges[name].cause for name in outside} == {Cause.OUTSIDE}
    assert len({e.stage for e in edges.values()}) == 17


def test_the_commit_says_the_same_without_any_data(museum: Museum) -> None:
    here, commit = museum.project.edges(), museum.project.edges(revision="HEAD")
    assert here.keys() == commit.keys()
    unsound = {n: (e.state, e.reason) for n, e in commit.items() if not e.state.is_sound}
    assert unsound.keys() == {"lfs input lfs.sh"}, unsound  # its digest is not committed yet
    museum.top.git("add", "project/aigf.lock")
    museum.top.git("commit", "--quiet", "-m", "digests")
    assert museum.project.manifest() == museum.project.manifest("HEAD")


def test_a_project_inside_a_project_is_its_own(museum: Museum) -> None:
    stages = read_pipeline(WorkingTree(museum.project.root)).stages
    assert not any("alone" in name or "bad" in name for name in stages)
    assert set(museum.inner.edges()) == {"alone command", "alone output o"}


def test_stages_in_folders_and_with_a_wdir_are_one_lineage(museum: Museum) -> None:
    pipeline = read_pipeline(WorkingTree(museum.project.root))
    assert pipeline.ancestors("train/work/m") == ("train/dvc.yaml:fit", "prepare/dvc.yaml:clean")


def test_an_import_names_the_other_repository_and_its_commit(museum: Museum) -> None:
    imported = read_pipeline(WorkingTree(museum.project.root)).imports
    table = imported["imported.csv"]
    assert table.url.endswith("/upstream")
    assert (table.source, table.commit) == ("table.csv", museum.upstream.git("rev-parse", "HEAD"))
    download = imported["downloaded.csv"]
    assert (download.url, download.commit) == (museum.url, "")
    assert download.recorded is not None
    assert "one-of-a-kind" in download.recorded.value


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("../shared/lib.sh", {"above input ../shared", "above input ../shared/lib.sh"}),
        ("../shared/other.sh", {"above input ../shared"}),
        ("raw.csv", {"parts input raw.csv", "prepare/dvc.yaml:clean input raw.csv"}),
        ("data/notes.txt", {"around input data"}),
        ("src/naïve name.sh", {"code input src", "code input src/naïve name.sh"}),
        ("src/a.sh", {"code input src", "code input link.sh"}),
        ("src/keep.tmp", {"code input src"}),
        ("lfs.sh", {"lfs input lfs.sh"}),
    ],
)
def test_an_edit_of_code_is_seen_at_its_own_edges(
    museum: Museum, path: str, names: set[str]
) -> None:
    museum.project.write(path, museum.project.read(path) + "#\n")
    assert set(museum.project.unsound()) == names
    museum.top.commit()
    assert names <= set(museum.project.unsound(revision="HEAD"))


def test_what_dvcignore_hides_is_no_part_of_a_folder(museum: Museum) -> None:
    museum.project.write("src/scratch.tmp", "another\n")
    assert museum.project.unsound() == {}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("parts/a.csv", {"parts output parts", "one_part input parts/a.csv"}),
        ("parts/deep/b.csv", {"parts output parts", "folder_part input parts/deep"}),
        ("data/b/x", {"inside_b output data/b", "around input data"}),
        ("imported.csv", {"imported input imported.csv"}),
        ("downloaded.csv", {"downloaded input downloaded.csv"}),
        ("data/tracked.csv", {"around input data"}),
        ("numbers.yaml", {"options output numbers.yaml"}),
        ("plot.csv", {"options output plot.csv"}),
        ("kept", {"options output kept"}),
    ],
)
def test_an_edit_of_data_is_seen_at_its_own_edges(
    museum: Museum, path: str, names: set[str]
) -> None:
    museum.project.edit_keeping_size_and_mtime(path)
    assert set(museum.project.unsound()) == names


def test_a_part_of_a_directory_is_held_to_its_list_of_files(museum: Museum) -> None:
    head, start, tail = museum.project.read("dvc.lock").partition("  one_part:\n")
    stale = re.sub(r"md5: [0-9a-f]{32}", f"md5: {'ab' * 16}", tail, count=1)
    museum.project.write("dvc.lock", head + start + stale)
    assert found(museum.project, "one_part input parts/a.csv") == (
        EdgeState.MISMATCHED,
        Cause.UPSTREAM_DIFFERS,
    )
    gone = tail.replace("path: parts/a.csv", "path: parts/gone.csv", 1)
    museum.project.write("dvc.lock", head + start + gone)
    museum.project.replace("dvc.yaml", "deps: [parts/a.csv]", "deps: [parts/gone.csv]")
    assert "without it now" in edge(museum.project, "one_part input parts/gone.csv").reason


def test_where_the_list_of_files_is_not_here_a_part_is_not_taken_for_sound(
    museum: Museum,
) -> None:
    clone = museum.top.clone(museum.top.root.parent / "clone")
    seen = edge(Playground(clone.root / "project"), "one_part input parts/a.csv")
    assert (seen.state, seen.cause) == (EdgeState.MISSING, Cause.NOT_HERE)
    assert "whose list of files is not here" in seen.reason
    around = edge(Playground(clone.root / "project"), "around input data")  # git's part is here
    assert (around.state, around.cause) == (EdgeState.MISSING, Cause.NOT_HERE)


def test_outputs_that_overlap_spoil_their_own_edges_and_no_others(museum: Museum) -> None:
    again = "  again:\n    cmd: echo 1 > parts/a.csv\n    outs: [parts/a.csv]\n"
    museum.project.write("dvc.yaml", museum.project.read("dvc.yaml") + again)
    edges = museum.project.edges()
    assert edges["one_part input parts/a.csv"].cause is Cause.CLAIMED_TWICE
    assert "the stage again and the stage parts" in edges["one_part input parts/a.csv"].reason
    assert edges["code output code.out"].state is EdgeState.VERIFIED
    assert edges["again command"].cause is Cause.NEVER_RAN


def test_a_folder_that_held_files_which_git_ignores_says_so(museum: Museum) -> None:
    lock = museum.project.read("dvc.lock")
    head, _, tail = lock.partition("- path: src\n")
    museum.project.write(
        "dvc.lock", f"{head}- path: src\n{tail.replace('nfiles: 3', 'nfiles: 4', 1)}"
    )
    museum.project.write("src/a.sh", "changed\n")
    assert "git has 3 files, the run saw 4" in edge(museum.project, "code input src").reason


def test_a_submodule_is_read_at_the_commit_that_is_pinned(museum: Museum) -> None:
    name = "submodule input vendor/lib/tool.sh"
    assert found(museum.project, name, revision="HEAD")[0] is EdgeState.VERIFIED
    library = Playground(museum.project.root / "vendor/lib")
    library.write("tool.sh", "echo another tool\n")
    assert found(museum.project, name)[1] is Cause.CODE_CHANGED
    assert found(museum.project, name, revision="HEAD")[0] is EdgeState.VERIFIED
    library.commit()
    museum.top.commit()
    assert found(museum.project, name, revision="HEAD")[1] is Cause.CODE_CHANGED


def test_a_submodule_that_is_not_here_is_not_taken_for_sound(museum: Museum) -> None:
    clone = Playground(museum.top.clone(museum.top.root.parent / "clone").root / "project")
    for revision in (None, "HEAD"):
        seen = edge(clone, "submodule input vendor/lib", revision=revision)
        assert seen.state is EdgeState.MISSING
        assert not seen.state.is_sound


def test_a_pointer_of_lfs_is_compared_by_what_aigf_lock_knows(museum: Museum) -> None:
    name = "lfs input lfs.sh"
    assert found(museum.project, name)[0] is EdgeState.VERIFIED
    assert museum.project.read("aigf.lock").count("\n") > 3
    assert found(museum.project, name, revision="HEAD")[0] is EdgeState.MISSING  # not committed
    museum.top.git("add", "project/aigf.lock")
    museum.top.git("commit", "--quiet", "-m", "digests")
    assert found(museum.project, name, revision="HEAD")[0] is EdgeState.RECORDED
    forged = lfs_pointer("echo xxx\n")
    blob = museum.top.git("hash-object", "-w", "--stdin", stdin=forged)
    museum.top.git("update-index", "--cacheinfo", f"100644,{blob},project/lfs.sh")
    museum.top.git("commit", "--quiet", "-m", "forged")
    assert found(museum.project, name, revision="HEAD")[1] is Cause.CODE_CHANGED


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.csv", "link.sh", "nowhere"])
def test_a_link_that_leads_out_of_git_is_not_followed(museum: Museum, target: str) -> None:
    link = museum.project.root / "link.sh"
    link.unlink()
    link.symlink_to(target)
    with contextlib.suppress(UndecidedError):  # bytes that no one may read: nothing is decided
        assert found(museum.project, "code input link.sh")[0] is EdgeState.MISSING
    museum.top.commit()
    assert found(museum.project, "code input link.sh", revision="HEAD")[0] is EdgeState.MISSING


def test_parameters_are_read_as_yaml_1_2(museum: Museum) -> None:
    museum.project.replace("params.yaml", "on: yes", "on: true")
    museum.project.replace("params.yaml", "octal: 010", "octal: 8")
    museum.project.replace("params.yaml", "1e-3", "0.001")
    assert set(museum.project.unsound()) == {
        "options parameter params.yaml:on",
        "options parameter params.yaml:octal",
    }
