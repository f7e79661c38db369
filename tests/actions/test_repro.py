"""`aigf repro` is `dvc repro`, observed: with real DVC and git."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aigf_dvc.actions.repro import ReproResult, repro
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.capture.run_records import stage_trust
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.programs.dvc_program import find_dvc, without_signing_secrets
from aigf_dvc.trees.working_tree import WorkingTree

PIPELINE = """\
stages:
  prepare:
    wdir: work
    cmd:
      - mkdir prepared && cp raw/* prepared
      - env > prepared/environment
    deps: [raw]
    outs: [prepared]
  train:
    cmd: |
      cat work/prepared/a > model
      cat params.yaml >> model
    deps: [work/prepared]
    params: [rate, nested.list, {more.json: null}]
    outs: [model]
  evaluate:
    cmd: 'echo "{\\"score\\": 0.9}" > metrics.json'
    deps: [model]
    metrics: [{metrics.json: {cache: false}}]
  governance:
    cmd: cat metrics.json
    deps: [metrics.json]
"""
OBSERVED = ("prepare", "train", "evaluate")


def run(program: str, *arguments: str, folder: Path) -> int:
    return subprocess.run([program, *arguments], cwd=folder, check=False).returncode


def a_project(root: Path, pipeline: str = PIPELINE) -> Project:
    root.mkdir(parents=True)
    assert run("git", "init", "--quiet", folder=root) == 0
    assert run(find_dvc(), "init", "--quiet", folder=root) == 0
    (root / "dvc.yaml").write_text(pipeline, encoding="utf-8")
    (root / "params.yaml").write_text("rate: 1e-5\nnested: {list: [1.0, 1e30]}\n", encoding="utf-8")
    (root / "more.json").write_text('{"a.b": null, "c": 1.5}', encoding="utf-8")
    (root / "work/raw").mkdir(parents=True)
    (root / "work/raw/a").write_text("a\n", encoding="utf-8")
    return find_project(root)


def levels(project: Project) -> dict[str, TrustLevel]:
    pipeline = read_pipeline(WorkingTree(project.root))
    return {a: stage_trust(pipeline, a, project.root).level for a in pipeline.stages}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, ReproResult]:
    """A project after one `aigf repro`."""
    project = a_project(tmp_path_factory.mktemp("finished") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHELL", "/bin/bash")
        patch.setenv("COSIGN_PASSWORD", "do-not-tell")
        patch.setenv("AIGF_KEY_PASSPHRASE", "do-not-tell")
        patch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "do-not-tell")
        patch.setenv("HARMLESS", "told")
        return project, repro(project)


@pytest.fixture
def project(finished: tuple[Project, ReproResult], tmp_path: Path) -> Project:
    """A copy of that project."""
    shutil.copytree(finished[0].root, tmp_path / "project", symlinks=True)
    return find_project(tmp_path / "project")


def test_every_stage_that_makes_something_is_observed(
    finished: tuple[Project, ReproResult],
) -> None:
    project, result = finished
    assert result == ReproResult(exit_code=0, observed=OBSERVED)
    assert levels(project) == dict.fromkeys(OBSERVED, TrustLevel.OBSERVED) | {
        "governance": TrustLevel.DECLARED
    }


def test_git_does_not_see_the_records(finished: tuple[Project, ReproResult]) -> None:
    assert not [f for f in WorkingTree(finished[0].root).files() if f.startswith(".aigf")]


def test_the_stage_finds_its_own_environment_but_no_signing_secret(
    finished: tuple[Project, ReproResult],
) -> None:
    lines = (finished[0].root / "work/prepared/environment").read_text().splitlines()
    assert "HARMLESS=told" in lines
    assert "SHELL=/bin/bash" in lines
    assert not [line for line in lines if "do-not-tell" in line]


def test_the_lock_is_to_the_byte_what_plain_dvc_writes(project: Project) -> None:
    # The environment goes into an output, and each run has its own: take it out first.
    definition = project.root / "dvc.yaml"
    definition.write_text(definition.read_text().replace("env >", "echo >"), encoding="utf-8")
    locks = []
    for observed in (False, True):
        shutil.rmtree(project.root / ".dvc/cache")
        for path in ("dvc.lock", "model", "metrics.json"):
            (project.root / path).unlink()
        shutil.rmtree(project.root / "work/prepared")
        code = (
            repro(project).exit_code if observed else run(find_dvc(), "repro", folder=project.root)
        )
        assert code == 0
        locks.append((project.root / "dvc.lock").read_bytes())
    assert locks[0] == locks[1]
    assert definition.read_text() == PIPELINE.replace("env >", "echo >")


def test_a_stage_that_dvc_skips_finds_its_earlier_record(project: Project) -> None:
    result = repro(project)
    assert (result.observed, result.not_observed) == ((), ())
    assert {trust.stage: trust.level for trust in result.skipped} == dict.fromkeys(
        OBSERVED, TrustLevel.OBSERVED
    )


def test_a_stage_that_dvc_restores_from_its_run_cache_finds_its_earlier_record(
    project: Project,
) -> None:
    params = project.root / "params.yaml"
    first = params.read_text()
    params.write_text(first.replace("1e-5", "2e-5"), encoding="utf-8")
    assert repro(project).observed == ("train", "evaluate")
    params.write_text(first, encoding="utf-8")
    result = repro(project)
    assert (result.exit_code, result.not_observed) == (0, ())
    assert "train" not in result.observed  # its output came out of the run cache
    assert {trust.stage: trust.level for trust in result.skipped} == dict.fromkeys(
        {*OBSERVED} - {*result.observed}, TrustLevel.OBSERVED
    )
    assert levels(project)["train"] is TrustLevel.OBSERVED


def test_a_swapped_model_is_declared(project: Project) -> None:
    (project.root / "model").unlink()
    (project.root / "model").write_text("swapped\n", encoding="utf-8")
    assert run(find_dvc(), "commit", "--force", "train", folder=project.root) == 0
    assert levels(project)["train"] is TrustLevel.DECLARED
    assert levels(project)["prepare"] is TrustLevel.OBSERVED


def test_a_forged_lock_is_declared(project: Project) -> None:
    (project.root / "metrics.json").write_text('{"score": 0.99}\n', encoding="utf-8")
    assert run(find_dvc(), "commit", "--force", "evaluate", folder=project.root) == 0
    assert levels(project)["evaluate"] is TrustLevel.DECLARED
    assert levels(project)["train"] is TrustLevel.OBSERVED


def test_a_failing_stage_keeps_the_exit_code_and_leaves_no_record(tmp_path: Path) -> None:
    fails = "stages: {a: {cmd: 'echo x > out; exit 3', outs: [out]}}\n"
    project = a_project(tmp_path / "project", fails)
    result = repro(project)
    assert result.exit_code == run(find_dvc(), "repro", folder=project.root) != 0
    assert result.not_observed == (("a", "its command failed (exit code 3)"),)
    assert list((project.root / ".aigf/runs").iterdir()) == []


def test_what_cannot_be_observed_runs_and_says_why(tmp_path: Path) -> None:
    pipeline = """\
stages:
  broken: {cmd: rm -r .aigf/runs && echo x > broken, outs: [broken]}
  edits: {cmd: "echo 'rate: 2' > params.yaml && cp broken edits", deps: [broken], outs: [edits]}
  reads: {cmd: cp edits reads, deps: [edits], params: [rate], outs: [reads]}
"""
    project = a_project(tmp_path / "project", pipeline)
    (project.root / "work/dvc.yaml").write_text(
        # DVC passes over a matrix in there; we refuse what has no effect.
        "stages: {each: {foreach: [1], do: {matrix: {a: [1]}, cmd: echo x > o, outs: [o]}}}\n",
        encoding="utf-8",
    )
    result = repro(project, ["--all-pipelines"], start=project.root / "work")
    assert result.exit_code == 0
    assert (project.root / "reads").read_bytes() == b"x\n"
    reasons = dict(result.not_observed)
    assert "not a plain stage: work/dvc.yaml: stage each" in reasons["work/dvc.yaml:each@1"]
    assert "the recorder failed: FileNotFoundError" in reasons["broken"]
    assert "params.yaml changed" in reasons["reads"]
    assert result.observed == ()


def test_a_record_that_does_not_fit_the_lock_is_not_called_observed(tmp_path: Path) -> None:
    pipeline = "stages: {copy: {cmd: cp -r work/raw copy, deps: [work/raw], outs: [copy]}}\n"
    project = a_project(tmp_path / "project", pipeline)
    (project.root / ".dvcignore").write_text("*.tmp\n", encoding="utf-8")
    (project.root / "work/raw/b.tmp").write_text("b", encoding="utf-8")
    result = repro(project)
    assert (result.exit_code, result.observed) == (0, ())
    assert ".dvcignore" in dict(result.not_observed)["copy"]


def test_where_no_record_can_be_kept_dvc_runs_unobserved(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", "stages: {a: {cmd: echo x > out, outs: [out]}}\n")
    (project.root / ".aigf").write_text("in the way", encoding="utf-8")
    result = repro(project)
    assert (result.exit_code, result.observed) == (0, ())
    assert ".aigf/runs: cannot be written" in result.problem
    assert (project.root / "out").exists()


def test_an_interrupted_stage_leaves_no_file(tmp_path: Path) -> None:
    waits = "stages: {a: {cmd: 'echo x > out; : > started; exec sleep 60', outs: [out]}}\n"
    project = a_project(tmp_path / "project", waits)
    program = "import sys; from aigf_dvc.cli.repro import command; command(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        process_group=0,
    )
    while not (project.root / "started").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=60)[1].decode()
    assert process.returncode not in (0, -signal.SIGINT)
    assert "aigf: a: not observed: its command failed (killed by signal 2)" in errors
    assert "Traceback" not in errors
    assert list((project.root / ".aigf/runs").iterdir()) == []


def test_where_stages_cannot_ask_us_each_command_has_a_recorder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    pipeline = """\
stages:
  a: {cmd: [echo x > out, echo y >> out], outs: [out]}
  b: {cmd: cp out copy; exit 3, deps: [out], outs: [copy]}
"""
    result = repro(a_project(tmp_path / "project", pipeline))
    assert result.observed == ("a",)
    assert result.not_observed == (("b", "its command failed (exit code 3)"),)
    assert result.exit_code != 0


def test_without_dvc_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(InputError, match="dvc is not installed"):
        find_dvc()


@pytest.mark.parametrize(
    "name",
    [
        "SIGSTORE_ID_TOKEN",
        "BUILDKITE_AGENT_ACCESS_TOKEN",
        "BUILDKITE_AGENT_JOB_API_TOKEN",
        "AIGF_IDENTITY_TOKEN",
        "COSIGN_PRIVATE_KEY",
        "aigf_pin",
        "CI_JOB_JWT",
        "CI_JOB_JWT_V2",
    ],
)
def test_signing_secrets_are_taken_out_of_the_environment(name: str) -> None:
    assert without_signing_secrets({name: "secret", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.slow
def test_what_a_run_record_leaves_out_is_said(tmp_path: Path) -> None:
    secret = "hf_" + "a" * 34
    pipeline = f"stages:\n  one:\n    cmd: echo --token={secret} > o\n    outs: [o]\n"
    project = a_project(tmp_path / "p", pipeline)
    result = repro(project)
    assert result.observed == ("one",)
    assert [(item.rule, item.where) for item in result.redactions] == [
        ("hugging-face-token", "dvc.yaml stage one, command")
    ]
    kept = b"".join(path.read_bytes() for path in (project.root / ".aigf/runs").glob("*.json"))
    assert kept
    assert secret.encode() not in kept
