import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aigf_dvc import shipped
from aigf_dvc.actions.hook_install import hook_status
from aigf_dvc.actions.init import InitOptions, init, plan_init
from aigf_dvc.actions.init_ci import ci_file
from aigf_dvc.actions.init_plan import InitPlan, PlannedKind, apply
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.init import command
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.settings import Settings, read_settings
from aigf_dvc.strict_yaml import read_dvc
from tests.actions.init_obstacles import OBSTACLES, PIPELINE

NUMBERS = '{"fairness_score": 0.9, "p95": {"latency-ms": 12.5}, "note": "x", "ok": true, "n": 3}\n'
SEVERAL = """\
stages:
  train:
    cmd: make
    outs:
    - out/fraud model.pkl
    - out/churn-model.onnx
"""


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty DVC project in a git repository: made once, for `dvc init` takes its time."""
    top = tmp_path_factory.mktemp("template")
    run(top, "git", "init", "-q", "-b", "main")
    run(top, "git", "config", "user.name", "n")
    run(top, "git", "config", "user.email", "e@example.org")
    run(top, "dvc", "init", "-q")
    run(top, "git", "commit", "-q", "-m", "Start")
    return top


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a pipeline that makes one model and its metrics."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    top = tmp_path / "project"
    shutil.copytree(template, top)
    (top / "dvc.yaml").write_text(PIPELINE)
    (top / "train.py").write_text("train\n")
    (top / "numbers").write_text(NUMBERS)
    (top / "metrics.json").write_text(NUMBERS)
    monkeypatch.chdir(top)
    return find_project(top)


def files_below(top: Path) -> dict[str, bytes]:
    """Every file of the work tree, and the hooks."""
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file() and (".git" not in path.parts or "hooks" in path.parts)
    }


def kinds(plan: InitPlan, project: Project) -> dict[str, str]:
    return {os.path.relpath(file.path, project.root): file.kind.value for file in plan.files}


def settings_of(project: Project) -> Settings:
    return read_settings((project.root / "aigf.yaml").read_bytes())


def command_line(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_a_project_gets_settings_card_policy_stage_ignores_and_hook(project: Project) -> None:
    done = init(project, InitOptions())
    assert kinds(done.plan, project) == {
        ".gitattributes": "created",
        ".gitignore": "created",
        "governance/policy.yaml": "created",
        "MODEL_CARD.md": "created",
        "aigf.yaml": "created",
        "dvc.yaml": "changed",
    }
    assert hook_status(project).is_active
    policy = (project.root / "governance/policy.yaml").read_text()
    assert policy == shipped.text("policies", "baseline.yaml")
    assert (project.root / ".gitignore").read_text() == "/.aigf/\n/model.pkl\n"
    assert (project.root / ".gitattributes").read_text() == "aigf.lock merge=union\n"


def test_metrics_are_found_by_the_names_that_the_policy_asks_for(project: Project) -> None:
    init(project, InitOptions())
    (model,) = settings_of(project).models
    assert (model.name, model.path, model.card) == ("model", "model.pkl", "MODEL_CARD.md")
    assert {name: source.place for name, source in model.metrics.items()} == {
        "fairness_score": "metrics.json:fairness_score",
        "p95_latency_ms": "metrics.json:p95.latency-ms",
        "n": "metrics.json:n",
    }


def test_a_metric_in_another_unit_is_only_suggested(project: Project) -> None:
    (project.root / "metrics.json").write_text('{"p95_latency_s": 0.2}')
    init(project, InitOptions())
    (model,) = settings_of(project).models
    assert "p95_latency_ms" not in model.metrics
    text = (project.root / "aigf.yaml").read_text()
    assert '#   p95_latency_ms: "metrics.json:p95_latency_s"' in text


def test_metrics_of_the_stage_that_makes_the_model_count_with_a_note(project: Project) -> None:
    (project.root / "dvc.yaml").write_text(
        "stages:\n  train:\n    cmd: x\n    outs: [model.pkl]\n    metrics: [metrics.json]\n"
    )
    plan = plan_init(project, InitOptions())
    said = "metrics.json is written by the stage that makes model.pkl"
    assert any(said in note for note in plan.notes)
    apply(plan)
    places = {name: source.place for name, source in settings_of(project).models[0].metrics.items()}
    assert places["fairness_score"] == "metrics.json:fairness_score"


def test_the_users_dvc_yaml_is_kept_to_the_byte(project: Project) -> None:
    init(project, InitOptions())
    after = (project.root / "dvc.yaml").read_text()
    assert after.startswith(PIPELINE)
    assert read_dvc(after.encode(), where="")["stages"]["governance"] == {
        "cmd": "aigf check",
        "deps": ["MODEL_CARD.md", "aigf.yaml", "governance", "metrics.json", "model.pkl"],
    }


@pytest.mark.parametrize("stage_file", ["dvc.yaml", "governance/dvc.yaml"])
def test_dvc_runs_the_stage_and_is_up_to_date_afterwards(
    project: Project, stage_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(project, InitOptions(stage_file=stage_file))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aigf").write_text(
        '#!/bin/sh\npwd >>"$HOME/ran"\necho "$@" >>"$HOME/ran"\n'
    )
    (tmp_path / "bin" / "aigf").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    run(project.root, "dvc", "repro", "-q", "-R", ".")
    assert (tmp_path / "ran").read_text() == f"{project.root}\ncheck\n"
    assert "up to date" in run(project.root, "dvc", "status")


def test_after_a_failing_stage_no_data_gets_into_git(project: Project) -> None:
    text = PIPELINE.replace("cp train.py model.pkl ", "cp train.py model.pkl; exit 1 ")
    (project.root / "dvc.yaml").write_text(text)
    init(project, InitOptions(hook=False))
    assert subprocess.run(["dvc", "repro", "-q"], capture_output=True, check=False).returncode
    assert (project.root / "model.pkl").exists()
    run(project.root, "git", "add", "-A")
    assert "model.pkl" not in run(project.root, "git", "ls-files").splitlines()


def test_an_out_in_a_folder_is_ignored_in_that_folder(project: Project) -> None:
    (project.root / "dvc.yaml").write_text(SEVERAL)
    init(project, InitOptions())
    assert (project.root / "out/.gitignore").read_text() == (
        "/fraud model.pkl\n/churn-model.onnx\n"
    )
    assert (project.root / ".gitignore").read_text() == "/.aigf/\n"


def test_several_models_get_a_card_each(project: Project) -> None:
    (project.root / "dvc.yaml").write_text(SEVERAL)
    init(project, InitOptions())
    found = {model.name: (model.path, model.card) for model in settings_of(project).models}
    assert found == {
        "fraud-model": ("out/fraud model.pkl", "governance/cards/fraud-model.md"),
        "churn-model": ("out/churn-model.onnx", "governance/cards/churn-model.md"),
    }
    for path, card in found.values():
        assert path in (project.root / card).read_text()


def test_an_artifact_of_type_model_gives_the_model_its_name(project: Project) -> None:
    artifacts = "artifacts:\n  fraud-scores:\n    path: model.pkl\n    type: model\n"
    (project.root / "dvc.yaml").write_text(PIPELINE + artifacts)
    init(project, InitOptions())
    assert [model.name for model in settings_of(project).models] == ["fraud-scores"]
    assert (project.root / "dvc.yaml").read_text().endswith(artifacts)


def test_a_second_run_changes_nothing_and_says_so(project: Project) -> None:
    options = InitOptions(ci="github", documents=("risk-assessment",))
    init(project, options)
    before = files_below(project.root)
    again = init(project, options)
    assert {file.kind for file in again.plan.files} == {PlannedKind.KEPT}
    assert files_below(project.root) == before
    output = command_line("--ci", "github", "--document", "risk-assessment").stdout
    assert "Nothing to change" in output
    assert files_below(project.root) == before


def test_a_dry_run_writes_nothing_and_shows_the_edits(project: Project) -> None:
    before = files_below(project.root)
    done = command_line("--dry-run", "--ci", "github")
    assert done.exit_code == 0
    assert files_below(project.root) == before
    assert "would create" in done.stdout
    assert "--- a/dvc.yaml" in done.stdout
    assert "+  governance:" in done.stdout


def test_a_card_that_is_there_is_kept(project: Project) -> None:
    card = "---\nlicense: mit\ngovernance:\n  responsible_owner: TODO\n---\n# Mine\n"
    (project.root / "MODEL_CARD.md").write_text(card)
    done = init(project, InitOptions())
    assert (project.root / "MODEL_CARD.md").read_text() == card
    assert [(todo.field, todo.line) for todo in done.plan.todos] == [("responsible_owner", 4)]


def test_the_card_to_fill_in_is_readable_and_every_gap_is_listed_with_its_line(
    project: Project,
) -> None:
    done = init(project, InitOptions())
    data = (project.root / "MODEL_CARD.md").read_bytes()
    card = read_model_card(data, path="MODEL_CARD.md")
    lines = data.decode().splitlines()
    assert [todo.field for todo in done.plan.todos] == [
        "responsible_owner", "training_data_source", "bias_mitigation_strategy",
        "intended_use", "out_of_scope", "limitations",
    ]  # fmt: skip
    for todo in done.plan.todos:
        assert todo.field in lines[todo.line - 1]
        field = card.field(todo.field)
        assert field is not None
        assert field.value == "TODO"


def test_documents_are_listed_for_the_models_that_they_name(project: Project) -> None:
    folder = project.root / "governance/documents"
    folder.mkdir(parents=True)
    (folder / "bias.md").write_text("---\ntype: bias-analysis\nmodels: [model]\n---\n")
    (folder / "other.md").write_text("---\ntype: bias-analysis\nmodels: [other]\n---\n")
    (folder / "notes.md").write_text("# no front matter\n")
    done = init(project, InitOptions(documents=("risk-assessment",)))
    listed = {(d.type, d.path) for d in settings_of(project).models[0].documents}
    assert listed == {
        ("bias-analysis", "governance/documents/bias.md"),
        ("risk-assessment", "governance/documents/risk-assessment.md"),
    }
    assert any("notes.md" in note for note in done.plan.notes)


def test_the_workflow_is_sound_and_names_the_models_safely(project: Project) -> None:
    (project.root / "dvc.yaml").write_text(SEVERAL)
    init(project, InitOptions(ci="github"))
    text = (project.root / ".github/workflows/governance.yml").read_text()
    jobs = read_dvc(text.encode(), where="")["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "check": {"contents": "read"},
        "attest": {"contents": "write", "id-token": "write"},
        "verify": {"contents": "read"},
    }
    assert "dvc pull 'out/fraud model.pkl' out/churn-model.onnx" in text
    assert "secrets." not in json.dumps(jobs)
    assert "@BRANCH@" not in text


@pytest.mark.parametrize(
    "path",
    ["a: b.pkl", "a #b.pkl", "a'b.pkl", 'a"b.pkl', "$(x).pkl", "-rf.pkl", "a\nb.pkl", "a;b.pkl",
     "x${{y}}.pkl", "\u00e9.pkl", "a\tb.pkl", "a`b`.pkl", "a@BRANCH@.pkl"]
)  # fmt: skip
def test_a_name_that_is_not_safe_in_a_workflow_is_refused_before_anything_is_written(
    project: Project, path: str
) -> None:
    settings = {"models": {"m": {"path": path}}}
    (project.root / "aigf.yaml").write_text(json.dumps(settings))
    before = files_below(project.root)
    with pytest.raises(InputError, match="cannot stand safely in a workflow"):
        init(project, InitOptions(ci="github"))
    assert files_below(project.root) == before
    for unsafe in ({"folder": path}, {"policy": path}, {"branch": path}):
        with pytest.raises(InputError, match="cannot stand safely"):
            ci_file("github", ("m",), **{"folder": "", "policy": "p", "branch": "main", **unsafe})


def test_a_project_in_a_folder_gets_its_workflow_at_the_top(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    (top / "models/a").mkdir(parents=True)
    run(top, "git", "init", "-q", "-b", "master")
    run(top, "git", "config", "user.name", "n")
    run(top, "git", "config", "user.email", "e@example.org")
    run(top, "git", "commit", "-q", "--allow-empty", "-m", "Start")
    shutil.copytree(template / ".dvc", top / "models/a/.dvc")
    (top / "models/a/dvc.yaml").write_text(PIPELINE)
    monkeypatch.setenv("HOME", str(tmp_path))
    init(find_project(top / "models/a"), InitOptions(ci="github", hook=False))
    workflow = read_dvc((top / ".github/workflows/governance.yml").read_bytes(), where="")
    assert workflow["defaults"]["run"]["working-directory"] == "models/a"
    assert workflow["on"]["push"]["branches"] == ["master"]
    assert (top / "models/a/.gitignore").read_text() == "/.aigf/\n/model.pkl\n"


def test_the_first_check_runs_when_all_is_written(project: Project) -> None:
    def first_check(checked: Project, new_policy: bool) -> str:
        names = ", ".join(model.name for model in settings_of(checked).models)
        return f"{names} {new_policy}"

    assert init(project, InitOptions(), first_check=first_check).first_check == "model True"
    assert init(project, InitOptions(), first_check=first_check).first_check == "model False"


def test_json_lists_files_and_todos(project: Project) -> None:
    document = json.loads(command_line("--dry-run", "--format", "json").stdout)
    assert document["dryRun"] is True
    assert {"path": str(project.root / "aigf.yaml"), "kind": "created"}.items() <= (
        next(f for f in document["files"] if f["path"].endswith("aigf.yaml")).items()
    )
    assert document["todos"][0]["field"] == "responsible_owner"


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    OBSTACLES,
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_done_is_one_clear_error_and_nothing_is_written(
    project: Project, spoil: object, error: type[AigfError], said: str
) -> None:
    assert callable(spoil)
    spoil(project.root)
    before = files_below(project.root)
    with pytest.raises(error) as caught:
        init(project, InitOptions(ci="github"))
    assert said in str(caught.value)
    assert caught.value.hint or caught.value.expected
    assert files_below(project.root) == before


def test_a_failing_write_says_what_was_written_before(project: Project) -> None:
    plan = plan_init(project, InitOptions())
    (project.root / "governance").write_text("came in between")
    with pytest.raises(AigfError) as caught:
        apply(plan)
    assert "governance/policy.yaml" in str(caught.value)
    assert str(project.root / ".gitignore") in caught.value.hint
    assert not (project.root / "aigf.yaml").exists()


@pytest.mark.parametrize("file", ["stages.yaml", "../dvc.yaml", "/dvc.yaml", "a/../dvc.yaml"])
def test_a_stage_file_that_dvc_would_not_read_is_refused(project: Project, file: str) -> None:
    with pytest.raises(InputError, match="stage file"):
        plan_init(project, InitOptions(stage_file=file))


def test_a_stage_of_ours_in_another_file_is_kept(project: Project) -> None:
    init(project, InitOptions(stage_file="governance/dvc.yaml"))
    again = plan_init(project, InitOptions())
    assert again.changes == ()
    assert any("`dvc repro -P` does" in note for note in again.notes)
    assert (project.root / "dvc.yaml").read_text() == PIPELINE
