"""How a model was made, as a CycloneDX formulation: the pipeline is a workflow, a stage a task.

See: https://cyclonedx.org/docs/1.6/json/#formulation
"""

from collections.abc import Mapping

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.run_record import TIME_FORMAT
from aigf_dvc.report.export_source import ExportedStage, ExportSource
from aigf_dvc.report.export_values import text_of


def formulation(source: ExportSource, refs: Mapping[str, str]) -> list[Json]:
    """Return the formulation.

    Args:
        source: its stages.
        refs: the bom-ref of every path that a stage names.
    """
    workflow: dict[str, Json] = {
        "bom-ref": "workflow:dvc",
        "uid": f"sha256:{source.tree}",
        "name": "dvc pipeline",
        "taskTypes": ["build"],
        "tasks": [_task(source, stage, refs) for stage in source.stages],
        "taskDependencies": _task_dependencies(source),
    }
    return [{"bom-ref": "formulation:dvc", "workflows": [workflow]}]


def _task(source: ExportSource, stage: ExportedStage, refs: Mapping[str, str]) -> Json:
    parameters: list[Json] = [
        {"name": f"{file}:{key}", "value": text_of(value)}
        for file, values in sorted(stage.parameters.items())
        for key, value in sorted(values.items())
    ]
    inputs: list[Json] = [{"resource": {"ref": refs[path]}} for path in stage.inputs]
    outputs: list[Json] = [
        {"type": _output_type(source, path), "resource": {"ref": refs[path]}}
        for path in stage.outputs
    ]
    return {
        "bom-ref": _task_ref(stage.name),
        "uid": stage.name,
        "name": stage.name,
        "taskTypes": ["build"],
        "steps": [{"commands": [{"executed": command} for command in stage.commands]}],
        "inputs": [*inputs, *([{"parameters": parameters}] if parameters else [])],
        "outputs": outputs,
        **_times(stage),
        "properties": [
            {"name": f"aigf:{name}", "value": value} for name, value in _facts(stage).items()
        ],
    }


def _output_type(source: ExportSource, path: str) -> str:
    artifact = source.artifacts.get(path)
    return "metrics" if artifact is not None and artifact.role == "metrics" else "artifact"


def _times(stage: ExportedStage) -> dict[str, Json]:
    if stage.run is None:
        return {}
    return {
        "timeStart": stage.run.started.strftime(TIME_FORMAT),
        "timeEnd": stage.run.ended.strftime(TIME_FORMAT),
    }


def _facts(stage: ExportedStage) -> dict[str, str]:
    known = {"directory": stage.directory, "trustLevel": str(stage.trust.level)}
    if stage.trust.run_record is not None:
        known["runRecord"] = f"sha256:{stage.trust.run_record}"
    return known


def _task_dependencies(source: ExportSource) -> list[Json]:
    makers = source.makers()
    found: list[Json] = []
    for stage in source.stages:
        before = {maker for path in stage.inputs for maker in makers.of(path)}
        needs = sorted(_task_ref(name) for name in before - {stage.name})
        found.append({"ref": _task_ref(stage.name), "dependsOn": needs})
    return found


def _task_ref(stage: str) -> str:
    return f"stage:{stage}"
