"""The formulation tells the pipeline: stages as tasks, in order, with what went in and came out."""

from aigf_dvc.report.cyclonedx import cyclonedx_bom
from aigf_dvc.report.export_source import ExportSource
from tests.report.builders import HOLDOUT, MODEL, RECORDS, Json, a_source, plain


def workflow(source: ExportSource | None = None) -> Json:
    ((formula),) = plain(cyclonedx_bom(source or a_source()))["formulation"]
    (found,) = formula["workflows"]
    assert isinstance(found, dict)
    return found


def task(name: str, source: ExportSource | None = None) -> Json:
    found: Json = next(item for item in workflow(source)["tasks"] if item["name"] == name)
    return found


def test_each_stage_is_a_task_in_running_order() -> None:
    assert [item["uid"] for item in workflow()["tasks"]] == ["prepare", "train", "evaluate"]


def test_a_task_runs_after_those_whose_outputs_it_reads() -> None:
    assert workflow()["taskDependencies"] == [
        {"ref": "stage:prepare", "dependsOn": []},
        {"ref": "stage:train", "dependsOn": ["stage:prepare"]},
        {"ref": "stage:evaluate", "dependsOn": ["stage:train"]},
    ]


def test_the_commands_are_the_steps() -> None:
    assert task("prepare")["steps"] == [
        {"commands": [{"executed": "mkdir -p data"}, {"executed": "python src/prepare.py"}]}
    ]


def test_the_inputs_are_paths_and_parameters() -> None:
    assert task("evaluate")["inputs"] == [
        {"resource": {"ref": f"path:{HOLDOUT}"}},
        {"resource": {"ref": f"path:{MODEL}"}},
        {"resource": {"ref": "path:src/evaluate.py"}},
        {"parameters": [{"name": "params.yaml:seed", "value": "7"}]},
    ]
    assert all("parameters" not in item for item in task("prepare")["inputs"])


def test_a_parameter_of_any_form_becomes_a_text() -> None:
    parameters = {p["name"]: p["value"] for p in task("train")["inputs"][-1]["parameters"]}
    assert parameters == {
        "params.yaml:api_key": "[redacted:secret-name]",
        "params.yaml:depth": "3",
        "params.yaml:layers": '[64,{"$number":"1152921504606846976"}]',
        "params.yaml:limit": "Infinity",
        "params.yaml:rate": "0.00001",
        "params.yaml:seed": "6",
    }


def test_the_outputs_are_artifacts_or_metrics() -> None:
    assert task("train")["outputs"] == [{"type": "artifact", "resource": {"ref": f"path:{MODEL}"}}]
    assert task("evaluate")["outputs"][0]["type"] == "metrics"


def test_the_times_are_those_of_the_run_and_absent_where_nobody_saw_one() -> None:
    assert task("train")["timeStart"] == "2026-11-20T08:30:10Z"
    assert task("train")["timeEnd"] == "2026-11-20T08:30:19Z"
    assert "timeStart" not in task("train", a_source(records={}))


def test_the_trust_level_and_the_run_record_are_properties() -> None:
    digest = next(d for d, record in RECORDS.items() if record.stage == "train")
    assert {p["name"]: p["value"] for p in task("train")["properties"]} == {
        "aigf:directory": "",
        "aigf:trustLevel": "observed",
        "aigf:runRecord": f"sha256:{digest}",
    }
    unseen = task("train", a_source(records={}))["properties"]
    assert {"name": "aigf:trustLevel", "value": "declared"} in unseen
