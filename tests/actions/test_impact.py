"""Data is followed to every model and attestation, by what the runs recorded."""

import json
import shutil
from pathlib import Path

import pytest

from aigf_dvc.actions.impact import ImpactQuestion, find_impact
from aigf_dvc.actions.sought import read_sought
from aigf_dvc.digests import md5, sha256
from aigf_dvc.report.impact_text import Impact, impact_text
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.git_ref import GitRefStore
from aigf_dvc.stores.layout import Stored
from tests.histories import MOVED, run_and_commit
from tests.playground import MODEL, Playground

DIRECTORY_STAGE = """\
  pick:
    cmd: cat images/a.txt > picked.txt
    deps: [images/a.txt]
    outs: [picked.txt]
  count:
    cmd: ls images > models/count.bin
    deps: [images]
    outs: [models/count.bin]
"""


KEY = "../release.key"


def impact(playground: Playground, text: str, *others: Playground, **options: object) -> Impact:
    project = playground.project
    return find_impact(
        ImpactQuestion(
            sought=read_sought(text, project=project, start=playground.root),
            projects=(project, *(other.project for other in others)),
            stores=options.pop("stores", ()),  # type: ignore[arg-type]  # as the tests pass them
            **options,  # type: ignore[arg-type]  # the same
        )
    )


def attest(playground: Playground) -> None:
    playground.aigf("key", "generate", KEY, "--no-passphrase")
    assert playground.aigf("attest", "--key", KEY).returncode == 0


def test_a_path_means_every_version_that_was_recorded(history: Playground) -> None:
    found = impact(history, "data/raw.csv")
    assert len({data.recorded.value for data in found.data}) == 2
    assert {model.recorded.path for model in found.models} == {MODEL, MOVED}
    assert found.models[0].stages == ("prepare", "train")
    assert found.models[0].refs == ("main",)
    assert found.exit_code == 1


def test_a_digest_means_this_version_alone(history: Playground) -> None:
    old = (history.root / "data/raw.csv").read_bytes().replace(b"64,0\n", b"")
    by_md5, by_sha256 = impact(history, md5(old)), impact(history, f"sha256:{sha256(old)}")
    for found in (by_md5, by_sha256):
        assert {data.path for data in found.data} == {"data/raw.csv"}
        assert {data.recorded.value for data in found.data} == {md5(old)}
        assert {model.commits for model in found.models} == {1, 2}
        assert all(model.refs != ("main",) for model in found.models)
        assert found.exit_code == 1
    assert {model.sha256 for model in by_md5.models} == {m.sha256 for m in by_sha256.models}


def test_a_stale_record_still_speaks_of_the_data_that_was_used(history: Playground) -> None:
    used = md5((history.root / "data/raw.csv").read_bytes())
    history.write("data/raw.csv", "age,label\n1,1\n")
    history.dvc("add", "--quiet", "data/raw.csv")
    history.commit("other data, no run")
    new = impact(history, md5(b"age,label\n1,1\n"))
    assert [data.path for data in new.data] == ["data/raw.csv"]
    assert new.models == ()
    assert new.exit_code == 0
    assert impact(history, used).models[0].refs == ("main",)


def test_code_and_what_a_stage_made_are_followed_too(history: Playground) -> None:
    assert impact(history, "src/prepare.sh").models[0].stages == ("prepare", "train")
    assert impact(history, "data/clean.csv").models[0].stages == ("train",)
    assert impact(history, "src/evaluate.sh").models == ()
    assert {path for _, path, _ in impact(history, "src/evaluate.sh").outputs} == {"metrics.json"}
    assert impact(history, "params.yaml").models[0].stages == ("train",)


@pytest.mark.parametrize("text", ["data/nothing.csv", "abcdef"])
def test_a_name_that_nobody_knows_is_no_answer(history: Playground, text: str) -> None:
    found = impact(history, text)
    assert (found.data, found.models, found.exit_code) == ((), (), 3)
    ((what, why),) = found.unread
    assert what == text
    assert "is it spelt right?" in why


@pytest.mark.parametrize("text", ["0" * 32, "etag:abcdef", "https://example.com/x.csv"])
def test_nothing_found_is_an_answer(history: Playground, text: str) -> None:
    found = impact(history, text)
    assert (found.data, found.models, found.unread, found.exit_code) == ((), (), (), 0)
    assert found.commits == 6


def test_a_sha256_that_nothing_can_tell_is_undecided(history: Playground) -> None:
    (history.root / "aigf.lock").unlink()
    history.commit("no digests")
    history.git("checkout", "--quiet", "--orphan", "alone")
    history.commit("alone")
    for ref in ("main", "side"):
        history.git("branch", "-D", ref, check=False)
    for tag in history.git("tag").splitlines():
        history.git("tag", "-d", tag)
    found = impact(history, f"sha256:{'0' * 64}")
    assert found.exit_code == 3
    assert "ask by the data's MD5 or path" in found.unread[0][1]


def test_a_file_that_was_never_recorded_is_looked_for_by_its_bytes(history: Playground) -> None:
    shutil.copy(history.root / "data/raw.csv", history.root / "suspect.csv")
    found = impact(history, "suspect.csv")
    assert {data.path for data in found.data} == {"data/raw.csv"}
    assert "suspect.csv was never recorded" in found.notes[0]
    assert found.exit_code == 1


@pytest.fixture
def pictures(playground: Playground) -> Playground:
    """A project with a directory of data, and stages that read all of it or one file."""
    playground.write("images/a.txt", "good\n")
    playground.write("images/bad/b.txt", "poison\n")
    playground.dvc("add", "--quiet", "images")
    playground.write("dvc.yaml", playground.read("dvc.yaml") + DIRECTORY_STAGE)
    playground.replace("aigf.yaml", "models:\n", "models:\n  count: {path: models/count.bin}\n")
    run_and_commit(playground, "pictures")
    return playground


@pytest.mark.slow
@pytest.mark.parametrize("text", ["images/bad/b.txt", "images/bad", md5(b"poison\n")])
def test_a_poisoned_file_in_a_directory_reaches_who_read_the_directory(
    pictures: Playground, text: str
) -> None:
    found = impact(pictures, text)
    assert {data.path for data in found.data} == {"images/bad/b.txt"}
    assert [model.name for model in found.models] == ["count"]
    assert {path for _, path, _ in found.outputs} == {"models/count.bin"}
    assert found.exit_code == 1


@pytest.mark.slow
def test_a_directory_whose_list_is_not_here_is_undecided(pictures: Playground) -> None:
    shutil.rmtree(pictures.root / ".dvc/cache")
    found = impact(pictures, md5(b"poison\n"))
    assert found.exit_code == 3
    assert "images" in found.unread[0][0]
    assert "not in DVC's cache" in found.unread[0][1]
    outcome = pictures.aigf("impact", md5(b"poison\n"))
    assert outcome.returncode == 3
    assert "NOT READ" in outcome.stdout
    assert "UNDECIDED" in outcome.stdout


GATE = """\
  governance:
    cmd: "true"
    deps: [aigf.yaml, governance, models/model.bin]
"""
RISK = "governance/documents/risk.md"


@pytest.fixture
def gated(playground: Playground) -> Playground:
    """A project with a gate that reads a folder which git keeps, and an attestation of it."""
    playground.write("dvc.yaml", playground.read("dvc.yaml") + GATE)
    run_and_commit(playground, "a gate")
    attest(playground)
    return playground


def with_git_store(playground: Playground, text: str) -> Impact:
    return impact(playground, text, stores=(GitRefStore(playground.root),))


def test_a_folder_of_git_is_read_in_the_version_that_the_run_has_read(gated: Playground) -> None:
    old = gated.read(RISK)
    gated.git("switch", "--quiet", "-c", "words")
    gated.write(RISK, f"{old}more\n")
    gated.commit("words, no run")
    by_path, by_old = with_git_store(gated, RISK), with_git_store(gated, md5(old.encode()))
    for found in (by_path, by_old):
        assert [(data.path, data.commits) for data in found.data] == [(RISK, 2)]
        assert (found.unread, found.notes, found.exit_code) == ((), (), 0)
    new = with_git_store(gated, md5(f"{old}more\n".encode()))  # that no run has read
    assert (new.data, new.unread, new.exit_code) == ((), (), 0)


def test_a_folder_that_a_branch_has_dropped_is_read_where_it_was(gated: Playground) -> None:
    gated.git("switch", "--quiet", "-c", "without")
    gated.git("rm", "--quiet", "-r", "governance")
    gated.commit("no documents")
    for text in ("0" * 32, "0" * 64):
        found = with_git_store(gated, text)
        assert (found.unread, found.notes, found.exit_code) == ((), (), 0)
    assert with_git_store(gated, "data/raw.csv").exit_code == 1


def run_on_words_that_are_never_committed(playground: Playground) -> None:
    old = playground.read(RISK)
    playground.write(RISK, f"{old}a draft\n")
    playground.dvc("repro", "--quiet")
    playground.write(RISK, old)
    playground.commit("a run on a draft")


def test_what_only_a_gate_has_read_is_named_and_leaves_the_answer_whole(
    gated: Playground,
) -> None:
    run_on_words_that_are_never_committed(gated)
    for text, code in (("0" * 32, 0), ("0" * 64, 0), ("data/raw.csv", 1)):
        assert with_git_store(gated, text).exit_code == code
    outcome = gated.aigf("impact", "0" * 32)
    assert outcome.returncode == 0
    assert "nothing was made from it: governance/ (" in outcome.stderr
    assert "no commit has this version" in outcome.stderr
    inside = with_git_store(gated, RISK)  # which words the gate has read, nothing tells
    assert inside.unread[0][0].startswith("governance/ (")
    assert inside.exit_code == 3


def test_a_version_that_no_commit_has_is_undecided_when_something_was_made_from_it(
    playground: Playground,
) -> None:
    lists = "  list:\n    cmd: ls governance > list.txt\n    deps: [governance]\n"
    playground.write("dvc.yaml", playground.read("dvc.yaml") + lists + "    outs: [list.txt]\n")
    run_and_commit(playground, "a list")
    assert impact(playground, "0" * 32).exit_code == 0
    run_on_words_that_are_never_committed(playground)
    found = impact(playground, "0" * 32)
    assert found.unread[0][0].startswith("governance/ (")
    assert found.exit_code == 3


def test_a_sha256_is_found_in_the_folders_of_git(playground: Playground) -> None:
    lists = "  list:\n    cmd: ls governance > list.txt\n    deps: [governance]\n"
    playground.write("dvc.yaml", playground.read("dvc.yaml") + lists + "    outs: [list.txt]\n")
    run_and_commit(playground, "a list")
    found = impact(playground, sha256(playground.read(RISK).encode()))
    assert [data.path for data in found.data] == [RISK]
    assert {path for _, path, _ in found.outputs} == {"list.txt"}
    assert found.exit_code == 1
    assert impact(playground, "0" * 64).exit_code == 0


def test_a_folder_around_data_is_looked_into_as_far_as_git_has_it(playground: Playground) -> None:
    looks = "  look:\n    cmd: ls data > look.txt\n    deps: [data]\n    outs: [look.txt]\n"
    playground.write("dvc.yaml", playground.read("dvc.yaml") + looks)
    playground.write("data/notes.txt", "of git\n")
    run_and_commit(playground, "a look")
    for text in (md5(b"of git\n"), "data/notes.txt", "data/raw.csv"):
        found = impact(playground, text)
        assert "look.txt" in {path for _, path, _ in found.outputs}
        assert (found.unread, found.exit_code) == ((), 1)


@pytest.mark.slow
def test_a_sha256_of_a_file_in_a_directory_is_no_clean_answer(pictures: Playground) -> None:
    found = impact(pictures, sha256(b"poison\n"))  # DVC lists its MD5 only
    ((what, why),) = found.unread
    assert "images" in what
    assert "ask by the data's MD5" in why
    assert found.exit_code == 3


def test_a_damaged_lock_in_an_old_commit_makes_the_answer_undecided(history: Playground) -> None:
    lock = history.read("dvc.lock")
    history.write("dvc.lock", "stages: [")
    bad = history.commit("broken")
    history.write("dvc.lock", lock)
    history.commit("mended")
    found = impact(history, "data/raw.csv")
    assert [what for what, _ in found.unread] == [f"history: commit {bad[:12]}"]
    assert len(found.models) > 0
    assert found.exit_code == 3


def test_a_revision_narrows_the_search(history: Playground) -> None:
    found = impact(history, "data/raw.csv", revisions=("scorer@v1.1.0",))
    assert found.commits == 2
    assert {model.recorded.path for model in found.models} == {MODEL}


def test_every_branch_and_tag_is_looked_through(history: Playground) -> None:
    history.git("switch", "--quiet", "--orphan", "new")
    history.write("README.md", "nothing else\n")
    history.commit("new")
    history.git("branch", "-D", "main")
    found = impact(history, "data/raw.csv")
    assert "scorer#prod#1" in {ref for model in found.models for ref in model.refs}


def test_the_attestations_of_an_affected_model_are_found_and_revocable(
    history: Playground, tmp_path: Path
) -> None:
    attest(history)
    store = GitRefStore(history.root)
    folder = FolderStore(tmp_path / "store")
    folder.add(tuple(item for item in store.all() if isinstance(item, Stored)))
    found = impact(history, "data/raw.csv", stores=(store, folder))
    assert [item.model for item in found.attestations] == ["scorer", "scorer"]
    digest = sha256((history.root / MOVED).read_bytes())
    line = (
        f"aigf revoke --model sha256:{digest} --reason 'made from data/raw.csv' --key PRIVATE.key"
    )
    assert line in found.revocations
    other = impact(history, md5(b"other"), stores=(store,))
    assert (other.attestations, other.exit_code) == ((), 0)


def test_an_attestation_alone_tells_what_its_model_was_made_from(
    history: Playground, playground: Playground
) -> None:
    attest(history)
    raw = (history.root / "data/raw.csv").read_bytes()
    for text in (md5(raw), f"sha256:{sha256(raw)}"):
        found = impact(playground, text, stores=(GitRefStore(history.root),))
        assert found.models == ()
        assert [item.how for item in found.attestations] == ["its lineage manifest says so"]
        (said,) = (line for line in impact_text(found, color=False).split("\n") if "hint" in line)
        assert said.startswith("    key hint ")
        assert said.endswith(", not verified")
        assert found.exit_code == 1


def test_a_damaged_file_of_a_store_makes_the_answer_undecided(
    history: Playground, tmp_path: Path
) -> None:
    folder = tmp_path / "store" / ("0" * 64)
    folder.mkdir(parents=True)
    (folder / f"{'1' * 64}.sigstore.json").write_text("{}")
    found = impact(history, "0" * 32, stores=(FolderStore(tmp_path / "store"),))
    assert found.exit_code == 3
    assert "damaged" in found.unread[0][1]


@pytest.mark.slow
def test_data_is_followed_into_a_project_that_imports_what_was_made_from_it(
    history: Playground, playground: Playground
) -> None:
    (playground.root / "data/raw.csv.dvc").unlink()
    (playground.root / "data/raw.csv").unlink()
    playground.dvc("import", "--quiet", str(history.root), "data/clean.csv", "-o", "data/raw.csv")
    run_and_commit(playground, "imported")
    raw = md5((history.root / "data/raw.csv").read_bytes())
    found = impact(history, raw, playground)
    assert {model.project for model in found.models} == {"history", "project"}
    imported = next(model for model in found.models if model.project == "project")
    assert imported.stages == ("prepare", "train")
    alone = impact(playground, raw)
    assert alone.models == ()
    assert alone.notes[0].startswith("not followed: ")
    by_address = impact(playground, "data/raw.csv")
    assert by_address.exit_code == 1


def test_the_command_answers_with_its_exit_code(history: Playground) -> None:
    affected = history.aigf("impact", "raw.csv", folder="data")
    assert affected.returncode == 1
    assert "AFFECTED: " in affected.stdout
    assert "aigf revoke " in affected.stdout
    assert "--reason 'made from raw.csv'" in affected.stdout
    assert affected.stderr == ""
    clean = history.aigf("impact", "0" * 32)
    assert clean.returncode == 0
    assert "NOT AFFECTED" in clean.stdout
    read = json.loads(history.aigf("impact", "data/raw.csv", "--format", "json").stdout)
    assert read["exitCode"] == 1
    assert read["models"][0]["name"] == "scorer"
    assert history.aigf("impact", "").returncode == 2
    assert history.aigf("impact", "x", "--from", "nowhere").returncode == 2


def test_a_name_cannot_steer_the_terminal_or_the_revoke_line(history: Playground) -> None:
    name = "data/\x1b[31m'; rm -rf ~\n.csv"
    outcome = history.aigf("impact", name)
    assert outcome.returncode == 3  # nobody knows it
    assert "\x1b" not in outcome.stdout
