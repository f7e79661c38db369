"""The CI files of `aigf init --ci`: sound to their own linters, and no key where code runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.actions.init_ci import CI_FILES, ci_file
from aigf_dvc.errors import InputError
from aigf_dvc.strict_yaml import read_dvc
from tests.independent.jenkinsfile import lint_jenkinsfile
from tests.independent.programs import lint_workflow
from tests.playground import Playground

# What runs code of the repository, or takes dependencies from it.
REPOSITORY_CODE = re.compile(
    r"dvc (repro|exp)|aigf (repro|exp)|python3? (?!-m venv)|install (-r|-e|\.)"
    r"|\bmake\b|[ '\x22]\./\w"
)
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}


def written(ci: str, folder: str = "") -> str:
    models = ("out/fraud model.pkl", "out/churn.onnx")
    policy = "governance/policy.yaml"
    return ci_file(ci, models, branch="main", folder=folder, policy=policy).decode()


def yaml(ci: str, folder: str = "") -> Any:  # noqa: ANN401  # a document of any form
    return read_dvc(written(ci, folder).encode(), where=ci)


@pytest.mark.parametrize("folder", ["", "models/of mine"])
@pytest.mark.parametrize("ci", SCHEMAS)
def test_the_file_follows_the_schema_of_its_system(ci: str, folder: str, tmp_path: Path) -> None:
    file = tmp_path / "ci.yml"
    file.write_text(written(ci, folder))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[ci], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    file.write_text(re.sub("needs: .*", "needs: 7", written(ci, folder)))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1  # the schema sees faults


@pytest.mark.parametrize("folder", ["", "models/of mine"])
def test_actionlint_finds_nothing_in_the_workflow_of_github(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "governance.yml"
    file.write_text(written("github", folder))
    assert lint_workflow(file) == []
    file.write_text(written("github", folder).replace("github.ref ==", "github.reff =="))
    (fault,) = lint_workflow(file)
    assert '"reff" is not defined' in fault


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (("", ""), ""),
        (("steps {", "steps "), "no Groovy"),
        (("'check'", "'check"), "no Groovy"),
        (("  agent any\n", ""), "no 'agent' in 'pipeline'"),
        (("    stage('check')", "    step('check')"), "'step' in 'stages'"),
        (("always {", "ever {"), "'ever' in 'post'"),
        (
            ("      steps {\n        // The base", "      todo {\n        // The base"),
            "'todo' in 'stage'",
        ),
        (("        branch '", "        brunch '"), "'brunch' in 'when'"),
    ],
)
@pytest.mark.parametrize("folder", ["", "models/of mine"])
def test_a_parser_of_groovy_finds_nothing_in_the_jenkinsfile(
    folder: str, spoil: tuple[str, str], says: str, tmp_path: Path
) -> None:
    file = tmp_path / "Jenkinsfile"
    spoilt = written("jenkins", folder).replace(*spoil, 1)
    assert (spoilt == written("jenkins", folder)) is (says == "")
    file.write_text(spoilt)
    faults = lint_jenkinsfile(file)
    assert says in " ".join(faults)
    assert (faults == []) is (says == "")


@pytest.mark.parametrize("ci", CI_FILES)
def test_no_placeholder_is_left_and_every_verb_is_there(ci: str) -> None:
    text = written(ci)
    assert re.findall(r"@[A-Z_]+@", text) == []
    for verb in ("check", "attest", "push", "verify"):
        assert re.search(rf'aigf"? {verb}', text), verb
    assert "--no-verify" not in text


@pytest.mark.parametrize("ci", CI_FILES)
def test_what_is_installed_is_said_to_be_on_no_index(ci: str) -> None:
    """In a job that signs, a name that anybody may take is a way in for anybody."""
    assert "where your copy is" in written(ci)
    assert CI_FILES[ci].path in CI_FILES[ci].before_it_runs


@pytest.mark.parametrize("ci", CI_FILES)
def test_no_job_runs_code_of_the_repository(ci: str) -> None:
    lines = [line.partition("#")[0].partition("//")[0] for line in written(ci).splitlines()]
    assert [line for line in lines if REPOSITORY_CODE.search(line)] == []
    assert REPOSITORY_CODE.search("- run: dvc repro")  # the pattern sees it


def test_only_the_attest_job_of_github_can_sign_or_write() -> None:
    workflow = yaml("github")
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        can = {key for key, level in job["permissions"].items() if level == "write"}
        assert can == ({"contents", "id-token"} if name == "attest" else set())
        assert ("github.ref ==" in job.get("if", "")) == (name == "attest")
    assert "secrets." not in str(workflow)
    assert "pull_request_target" not in workflow["on"]


def test_only_the_attest_job_of_gitlab_can_sign_or_write() -> None:
    jobs = yaml("gitlab")
    assert [name for name, job in jobs.items() if "id_tokens" in job] == ["governance-attest"]
    assert [name for name, job in jobs.items() if "TOKEN@" in str(job)] == ["governance-attest"]
    for name in ("governance-attest", "governance-verify"):
        (rule,) = jobs[name]["rules"]
        assert "$CI_COMMIT_REF_PROTECTED ==" in rule["if"]
        assert jobs[name]["extends"] == ".governance"


def test_only_the_attest_stage_of_jenkins_has_the_signing_key() -> None:
    text = re.sub(r"//.*", "", written("jenkins").replace("https://", ""))
    stages = dict(re.findall(r"stage\('(\w+)'\) \{(.*?)(?=stage\('|\Z)", text, re.DOTALL))
    assert list(stages) == ["check", "attest", "verify"]
    assert [name for name, body in stages.items() if "aigf-signing-key" in body] == ["attest"]
    assert [name for name, body in stages.items() if "usernamePassword" in body] == ["attest"]
    assert "withCredentials" not in stages["check"]
    assert [name for name, body in stages.items() if "branch 'main'" in body] == [
        "attest", "verify",
    ]  # fmt: skip
    for one, other in ("{}", "()", "[]"):
        assert text.count(one) == text.count(other)
    assert text.count("'''") % 2 == 0
    assert "fraud model.pkl'" not in text  # a quote would end the string of Groovy


@pytest.mark.parametrize("ci", CI_FILES)
@pytest.mark.parametrize("name", ["a: b", "a'b", 'a"b', "$(x)", "-rf", "a\nb", "x${{y}}", "a@B@"])
def test_a_name_that_could_mean_something_is_refused(ci: str, name: str) -> None:
    common = {"branch": "main", "folder": "", "policy": "p"}
    with pytest.raises(InputError, match="cannot stand safely"):
        ci_file(ci, (name,), **common)
    for key in common:
        with pytest.raises(InputError, match="expected letters") as caught:
            ci_file(ci, ("m",), **{**common, key: name})
        assert caught.value.where == f"--ci {ci}"


def test_init_writes_the_file_and_says_what_is_left_to_do(playground: Playground) -> None:
    done = playground.aigf("init", "--ci", "gitlab", "--no-hook")
    assert done.returncode == 0, done.stderr
    assert "GitLab runs .gitlab/governance.yml once .gitlab-ci.yml includes it" in done.stderr
    assert "write into its install commands where your copy is" in done.stderr
    assert "dvc pull models/model.bin\n" in playground.read(".gitlab/governance.yml")
