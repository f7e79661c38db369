"""The lineage graph as JSON; the page and programs read the same."""

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.graph import GraphArtifact, GraphParameter, GraphStage, LineageGraph, Link
from aigf_dvc.evidence.pipeline import Import, Recorded

GRAPH = "https://aigf-dvc.readthedocs.io/lineage-graph/v1"


def graph_as_json(graph: LineageGraph) -> Json:
    """Return a graph's JSON form; equal graphs give equal JSON."""
    return {
        "graphType": GRAPH,
        "source": {"gitCommit": graph.commit},
        "models": list(graph.models),
        "stages": [_stage(stage) for stage in graph.stages],
        "artifacts": [_artifact(artifact) for artifact in graph.artifacts],
        "links": [_link(link) for link in graph.links],
        "parts": [{"made": part.made, "read": part.read} for part in graph.parts],
    }


def _stage(stage: GraphStage) -> Json:
    trust = stage.trust
    return {
        "name": stage.address,
        "file": stage.file,
        "directory": stage.directory,
        "commands": list(stage.commands),
        "ran": stage.ran,
        "frozen": stage.frozen,
        "state": stage.state.value,
        "command": {"state": stage.command_state.value, "reason": stage.command_reason},
        "trustLevel": trust.level.value,
        "runRecord": _sha256(trust.run_record),
        "observer": trust.observer,
        "reproduction": _sha256(trust.reproduction),
        "parameters": [_parameter(parameter) for parameter in stage.parameters],
    }


def _parameter(parameter: GraphParameter) -> Json:
    return {
        "file": parameter.file,
        "key": parameter.key,
        "value": parameter.value,
        "state": parameter.state.value,
        "cause": parameter.cause.value,
        "reason": parameter.reason,
    }


def _artifact(artifact: GraphArtifact) -> Json:
    known: dict[str, Json] = {
        "name": artifact.name,
        "role": artifact.role.value,
        "state": artifact.state.value,
        "reason": artifact.reason,
        "digest": _sha256(artifact.sha256),
        "models": list(artifact.models),
    }
    if artifact.recorded is not None:
        known["dvc"] = _recorded(artifact.recorded)
    if artifact.origin is not None:
        known["origin"] = _origin(artifact.origin)
    return known


def _recorded(recorded: Recorded) -> Json:
    return {
        "hash": recorded.algorithm,
        "value": recorded.value,
        "size": recorded.size,
        "nfiles": recorded.file_count,
        "cloud": list(recorded.cloud),
    }


def _origin(origin: Import) -> Json:
    return {
        "url": origin.url,
        "path": origin.source,
        "gitCommit": origin.commit,
        "revision": origin.revision,
        "file": origin.file,
    }


def _link(link: Link) -> Json:
    return {
        "stage": link.stage,
        "artifact": link.artifact,
        "kind": link.kind.value,
        "state": link.state.value,
        "cause": link.cause.value,
        "reason": link.reason,
    }


def _sha256(digest: str | None) -> Json:
    return {"sha256": digest} if digest else None
