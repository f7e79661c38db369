from pathlib import Path

import pytest

from aigf_dvc.capture.authors import authors_of, made_of
from aigf_dvc.capture.model_evidence import model_scope
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import find_project, load_settings
from aigf_dvc.errors import UndecidedError
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground


def commit_as(p: Playground, email: str, message: str = "change") -> None:
    p.git("add", "-A")
    p.git("-c", f"user.email={email}", "commit", "--quiet", "-m", message)


def authors(p: Playground, *paths: str) -> set[str]:
    return set(authors_of(p.project, p.git("rev-parse", "HEAD"), paths or ("src/train.sh",)))


def test_the_files_that_a_model_is_made_of_are_those_of_its_stages(playground: Playground) -> None:
    playground.write("other/dvc.yaml", "stages: {x: {cmd: echo, deps: [y.sh], outs: [z]}}\n")
    pipeline = read_pipeline(WorkingTree(playground.root))
    model = load_settings(WorkingTree(playground.root)).models[0]
    stages = model_scope(model, pipeline)
    found = made_of(pipeline, stages, ["MODEL_CARD.md"])
    assert {
        "dvc.yaml", "dvc.lock", "params.yaml", "src/prepare.sh", "src/train.sh", "src/evaluate.sh",
        "data/raw.csv.dvc", "MODEL_CARD.md",
    } <= set(found)  # fmt: skip
    assert "other/y.sh" not in found
    assert "models/model.bin" not in found


def test_who_wrote_or_committed_a_change_to_a_file_is_an_author(playground: Playground) -> None:
    assert authors(playground) == {"jane.doe@example.com"}
    playground.write("src/train.sh", "echo 2\n")
    playground.git("add", "-A")
    playground.git(
        "-c", "user.email=ci@corp", "commit", "--quiet", "--author=Ann <Ann@Corp>", "-m", "x"
    )
    assert authors(playground) == {"jane.doe@example.com", "ann@corp", "ci@corp"}


def test_who_changed_other_files_only_is_none(playground: Playground) -> None:
    playground.write("README", "hello\n")
    commit_as(playground, "writer@corp")
    assert "writer@corp" not in authors(playground)
    assert "writer@corp" in authors(playground, "README")


def test_a_co_author_is_an_author(playground: Playground) -> None:
    playground.write("src/train.sh", "echo 2\n")
    commit_as(playground, "ann@corp", "x\n\nCo-authored-by: Bob <bob@corp>")
    assert {"ann@corp", "bob@corp"} <= authors(playground)


def test_all_addresses_of_an_author_count_and_a_mailmap_hides_nobody(
    playground: Playground,
) -> None:
    playground.write("src/train.sh", "echo 2\n")
    commit_as(playground, "ann@home")
    playground.write(".mailmap", "Ann <ann@corp> <ann@home>\nBob <bob@corp> <ann@home>\n")
    commit_as(playground, "someone@corp")
    assert {"ann@home", "ann@corp", "bob@corp"} <= authors(playground)


def test_a_side_branch_counts_and_a_clean_merge_makes_no_author(playground: Playground) -> None:
    playground.git("checkout", "--quiet", "-b", "side")
    playground.write("src/train.sh", "echo 2\n")
    commit_as(playground, "side@corp")
    playground.git("checkout", "--quiet", "main")
    playground.write("README", "hello\n")
    commit_as(playground, "main@corp")
    playground.git("-c", "user.email=merger@corp", "merge", "--quiet", "--no-edit", "side")
    assert authors(playground) == {"jane.doe@example.com", "side@corp"}


def test_a_change_on_a_side_that_was_thrown_away_counts(playground: Playground) -> None:
    before = playground.read("src/train.sh")
    playground.git("checkout", "--quiet", "-b", "side")
    playground.write("src/train.sh", "echo 2\n")
    commit_as(playground, "side@corp")
    playground.write("src/train.sh", before)
    commit_as(playground, "back@corp")
    playground.git("checkout", "--quiet", "main")
    playground.write("README", "hello\n")
    commit_as(playground, "main@corp")
    playground.git("merge", "--quiet", "--no-edit", "side")
    assert {"side@corp", "back@corp"} <= authors(playground)


def test_who_puts_something_new_into_a_merge_is_an_author(playground: Playground) -> None:
    playground.git("checkout", "--quiet", "-b", "side")
    playground.write("src/train.sh", "echo 2\n")
    commit_as(playground, "side@corp")
    playground.git("checkout", "--quiet", "main")
    playground.write("src/train.sh", "echo 3\n")
    commit_as(playground, "main@corp")
    playground.git("merge", "--quiet", "side", check=False)
    playground.write("src/train.sh", "echo evil\n")
    commit_as(playground, "merger@corp")
    assert {"side@corp", "main@corp", "merger@corp"} <= authors(playground)


def test_a_shallow_clone_knows_no_author(playground: Playground, tmp_path: Path) -> None:
    playground.commit("second")
    playground.git(
        "clone", "--quiet", "--depth=1", f"file://{playground.root}", str(tmp_path / "c")
    )
    assert authors(Playground(tmp_path / "c")) == set()


def test_paths_are_taken_from_the_project_and_never_as_patterns(playground: Playground) -> None:
    playground.write("sub/.dvc/config", "")
    playground.write("sub/code.py", "1\n")
    playground.write("sub/c*.py", "1\n")
    commit_as(playground, "one@corp")
    playground.write("sub/code.py", "2\n")
    commit_as(playground, "two@corp")
    project = find_project(playground.root / "sub")
    head = playground.git("rev-parse", "HEAD")
    assert set(authors_of(project, head, ["c*.py"])) == {"one@corp"}
    assert set(authors_of(project, head, ["code.py"])) == {"one@corp", "two@corp"}
    assert authors_of(project, head, ["../../elsewhere"]) == ()


@pytest.mark.parametrize("setting", ["log.showRoot=false", "log.follow=true"])
def test_settings_of_the_repository_hide_no_author(playground: Playground, setting: str) -> None:
    playground.git("config", *setting.split("="))
    assert authors(playground) == {"jane.doe@example.com"}


def test_a_rename_hides_no_author(playground: Playground) -> None:
    playground.write("src/train.sh", playground.read("src/train.sh") + "# bob\n")
    commit_as(playground, "bob@corp")
    playground.git("mv", "src/train.sh", "src/fit.sh")
    commit_as(playground, "ann@corp")
    (playground.root / "lib").mkdir()
    playground.git("mv", "src/fit.sh", "lib/fit.sh")
    commit_as(playground, "ann@corp")
    assert "bob@corp" in authors(playground, "lib/fit.sh")
    assert "bob@corp" in authors(playground, "lib")


def test_a_link_hides_no_author(playground: Playground) -> None:
    (playground.root / "lib").mkdir()
    playground.git("mv", "src/train.sh", "lib/impl.sh")
    (playground.root / "src/train.sh").symlink_to("../lib/impl.sh")
    commit_as(playground, "ann@corp")
    playground.write("lib/impl.sh", "echo 2\n")
    commit_as(playground, "bob@corp")
    assert "bob@corp" in authors(playground)
    playground.write("deep/more.sh", "echo 3\n")
    (playground.root / "code").symlink_to("deep")
    commit_as(playground, "eve@corp")
    assert "eve@corp" in authors(playground, "code/more.sh")


def test_a_link_that_leads_into_itself_is_undecided_and_not_cut_short(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigf_dvc.capture.former_names._MOST_NAMES", 50)
    (playground.root / "loop").mkdir()
    (playground.root / "loop/again").symlink_to("../loop/again/more")
    playground.commit()
    with pytest.raises(UndecidedError, match="more than 50 names"):
        authors(playground, "loop/again/x.sh")


def test_a_setting_of_the_repository_hides_no_rename(playground: Playground) -> None:
    for number in range(3):
        playground.write(f"lib/{number}.sh", f"echo {number}\n" * 20)
    commit_as(playground, "bob@corp")
    for number in range(3):
        playground.git("mv", f"lib/{number}.sh", f"src/n{number}.sh")
        playground.write(f"src/n{number}.sh", f"echo {number}\n" * 20 + "# ann\n")
    commit_as(playground, "ann@corp")
    playground.git("config", "diff.renameLimit", "1")
    playground.git("config", "diff.renames", "false")
    assert "bob@corp" in authors(playground, "src/n1.sh")
