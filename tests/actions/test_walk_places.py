"""A lineage is walked in any repository that has its commit, and nothing of it is run."""

import json
from pathlib import Path

import pytest

from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.capture.judged_clone import judged_repository
from aigf_dvc.errors import InputError
from tests.actions.walking import attested, honest_project, said, walked
from tests.playground import MODEL, Playground


@pytest.fixture(scope="module")
def honest(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Playground, bytes]:
    return honest_project(template, tmp_path_factory.mktemp("honest"))


def test_the_project_may_be_in_any_folder_of_a_repository_of_several(
    playground: Playground, tmp_path: Path
) -> None:
    # A first folder has a model of that name too, and a third one cannot be read.
    for folder in ("a", "team/b"):
        (tmp_path / "mono" / folder).parent.mkdir(parents=True, exist_ok=True)
        playground.clone(tmp_path / "mono" / folder)
        Playground(tmp_path / "mono" / folder).git("checkout", "--quiet", "-B", "main")
    mono = Playground(tmp_path / "mono")
    for folder in ("a", "team/b"):
        mono_git = tmp_path / "mono" / folder / ".git"
        mono_git.rename(tmp_path / folder.replace("/", "-"))
    mono.write("a/README.md", "another tree\n")
    mono.write("c/aigf.yaml", "models: [")
    mono.git("init", "--quiet")
    mono.commit()
    project = Playground(mono.root / "team/b")
    (project.root / "models").mkdir()
    (project.root / MODEL).write_bytes((playground.root / MODEL).read_bytes())
    assert walked(attested(project), mono.root, project.root / MODEL).accepted


def test_a_commit_that_a_rewritten_history_lost_is_no_yes(playground: Playground) -> None:
    statement = attested(playground)
    playground.git("commit", "--quiet", "--amend", "-m", "rewritten")
    found, detail = said(walked(statement, playground.root, playground.root / MODEL))
    assert found is StepOutcome.FAILED  # its objects are still there, as a fork's would be
    assert "no branch or tag leads to" in detail
    fresh = walked(statement, f"file://{playground.root}", playground.root / MODEL)
    assert fresh.exit_code == 3
    assert "the repository does not have it" in said(fresh)[1]
    playground.git("tag", "kept", statement["predicate"]["source"]["digest"]["gitCommit"])
    assert walked(statement, playground.root, playground.root / MODEL).accepted


def test_a_shallow_clone_serves_for_its_commit_only(playground: Playground, tmp_path: Path) -> None:
    statement = attested(playground)
    url = f"file://{playground.root}"
    playground.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "now"))
    playground.commit("another")
    playground.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "later"))
    model = playground.root / MODEL
    assert walked(statement, tmp_path / "now", model).accepted
    outcome = walked(statement, tmp_path / "later", model)
    assert outcome.exit_code == 3
    assert "a shallow clone without it" in said(outcome)[1]


@pytest.mark.parametrize("name", ["HEAD", "main", "--all", "0" * 39, "3bba59a"])
def test_a_commit_is_named_in_full(honest: tuple[Playground, bytes], name: str) -> None:
    statement = json.loads(honest[1])
    statement["predicate"]["source"]["digest"]["gitCommit"] = name
    found, detail = said(walked(statement, honest[0].root, honest[0].root / MODEL))
    assert found is StepOutcome.FAILED
    assert "the full name of a commit" in detail


def test_a_commit_without_the_project_is_no_yes(playground: Playground) -> None:
    statement = attested(playground)
    playground.replace("aigf.yaml", "scorer", "other")
    playground.commit()
    source = statement["predicate"]["source"]["digest"]
    source["gitCommit"] = playground.git("rev-parse", "HEAD")
    found, detail = said(walked(statement, playground.root, playground.root / MODEL))
    assert found is StepOutcome.FAILED
    assert "names the model 'scorer'" in detail
    playground.git("rm", "--quiet", "governance/policy.yaml")
    playground.replace("aigf.yaml", "other", "scorer")
    playground.commit()
    source["gitCommit"] = playground.git("rev-parse", "HEAD")
    assert said(walked(statement, playground.root, playground.root / MODEL))[0] is (
        StepOutcome.UNDECIDED
    )


def test_nothing_of_the_repository_runs(playground: Playground, tmp_path: Path) -> None:
    statement = attested(playground)
    ran = tmp_path / "ran"
    playground.write(".gitattributes", "* filter=evil diff=evil\n")
    playground.commit()
    statement = attested(playground)
    for key in ("filter.evil.smudge", "filter.evil.clean", "core.fsmonitor", "diff.evil.textconv"):
        playground.git("config", key, f"touch {ran}; cat")
    hook = playground.root / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    for place in (playground.root, f"file://{playground.root}"):
        assert walked(statement, place, playground.root / MODEL).accepted
    assert not ran.exists()


@pytest.mark.parametrize("place", ["nothing", "home", "ssh://git@host/x", "ext::sh -c id"])
def test_what_is_no_repository_is_the_callers_mistake(
    playground: Playground, tmp_path: Path, place: str
) -> None:
    assert playground.root.parent == tmp_path
    where = place if "::" in place or "://" in place else str(tmp_path / place)
    with pytest.raises(InputError):
        judged_repository(where)


def test_an_address_that_cannot_be_cloned_is_undecided_and_its_secrets_stay_hidden(
    honest: tuple[Playground, bytes],
) -> None:
    url = "https://ghp_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2@127.0.0.1:9/x.git"
    outcome = walked(json.loads(honest[1]), url, honest[0].root / MODEL)
    found, detail = said(outcome)
    assert found is StepOutcome.UNDECIDED
    assert "it cannot be cloned" in detail
    assert "a1B2" not in detail
