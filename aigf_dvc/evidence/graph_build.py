"""Builds the lineage graph from a pipeline, the state of its edges, and facts of its files."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from aigf_dvc.canonical import Json, user_data_as_json
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.graph import (
    GraphArtifact,
    GraphParameter,
    GraphStage,
    LineageGraph,
    Link,
    Part,
    Role,
    worst,
)
from aigf_dvc.evidence.lineage import Cause, Edge, EdgeKind, EdgeState, StageTrust
from aigf_dvc.evidence.manifest import Artifact
from aigf_dvc.evidence.pipeline import Makers, Pipeline, Stage, StageLock
from aigf_dvc.redaction import redact, redact_text

_NEVER_RAN = "the stage never ran"
_UNREAD = "no stage makes or reads it"


class Facts(Struct, frozen=True, kw_only=True):
    """All that is known about the stages of a graph."""

    pipeline: Pipeline
    edges: Mapping[str, tuple[Edge, ...]]  # by stage: its keys are the stages of the graph
    trust: Mapping[str, StageTrust]  # by stage
    artifacts: Mapping[str, Artifact]  # by path
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # path -> governed models
    loose: tuple[str, ...] = ()  # paths to show although no stage of the graph has them


def build_graph(facts: Facts, *, models: tuple[str, ...], commit: str | None) -> LineageGraph:
    """Return the graph of the stages that `facts.edges` holds.

    Args:
        facts: what was captured.
        models: the models that were asked for; empty: all there is.
        commit: the commit that was read; None for the working tree.
    """
    links = sorted(
        (link for address in facts.edges for link in _links(facts, address)),
        key=lambda link: (link.stage, link.kind.value, link.artifact),
    )
    names = {link.artifact for link in links} | set(facts.loose)
    parts = tuple(sorted(_parts(facts.pipeline, names), key=lambda p: (p.made, p.read)))
    names |= {part.made for part in parts}
    by_artifact: dict[str, list[Link]] = {}
    for link in links:
        by_artifact.setdefault(link.artifact, []).append(link)
    wholes = {part.read: part.made for part in parts}
    nearby: dict[str, list[Link]] = {}  # the links of the other side of a part
    for part in parts:
        made = filter(_is_output, by_artifact.get(part.made, []))
        nearby.setdefault(part.read, []).extend(made)
        nearby.setdefault(part.made, []).extend(by_artifact.get(part.read, []))
    return LineageGraph(
        models=models,
        commit=commit,
        stages=tuple(_stage(facts, address) for address in sorted(facts.edges)),
        artifacts=tuple(
            _artifact(
                facts, name, by_artifact.get(name) or nearby.get(name, []), whole=wholes.get(name)
            )
            for name in sorted(names)
        ),
        links=tuple(links),
        parts=parts,
    )


def _links(facts: Facts, address: str) -> Iterator[Link]:
    """Yield the links of one stage; a stage that never ran has those of its definition."""
    stage = facts.pipeline.stages[address]
    for kind, defined in (
        (EdgeKind.INPUT, stage.deps),
        (EdgeKind.OUTPUT, tuple(out.path for out in stage.outs)),
    ):
        known = {edge.name: edge for edge in facts.edges[address] if edge.kind is kind}
        for name in {**dict.fromkeys(defined), **known}:
            yield _link(known.get(name) or _unknown(facts, stage, kind, name), name)
    by_file: dict[str, list[GraphParameter]] = {}
    for parameter in _parameters(facts, address):
        by_file.setdefault(parameter.file, []).append(parameter)
    for file, parameters in by_file.items():
        state = worst(parameter.state for parameter in parameters)
        first = next(p for p in parameters if p.state is state)
        edge = Edge(
            stage=address, kind=EdgeKind.PARAMETER, name=file, state=state,
            reason=f"{first.key}: {first.reason}", cause=first.cause,
        )  # fmt: skip
        yield _link(edge, file)


def _link(edge: Edge, artifact: str) -> Link:
    return Link(
        stage=edge.stage, artifact=artifact, kind=edge.kind,
        state=edge.state, cause=edge.cause, reason=edge.reason,
    )  # fmt: skip


def _unknown(facts: Facts, stage: Stage, kind: EdgeKind, name: str) -> Edge:
    """Return the edge for what a stage's definition names and nothing was compared with."""
    ran = stage.address in facts.pipeline.locks
    return Edge(
        stage=stage.address, kind=kind, name=name, state=EdgeState.MISSING,
        reason="nothing records it" if ran else _NEVER_RAN,
        cause=Cause.NOT_RECORDED if ran else Cause.NEVER_RAN,
    )  # fmt: skip


def _parameters(facts: Facts, address: str) -> Iterator[GraphParameter]:
    """Yield a stage's parameters: every one that was compared, or else that is defined."""
    stage, lock = facts.pipeline.stages[address], facts.pipeline.locks.get(address)
    recorded = lock.parameters if lock else {}
    values = {file: redact(user_data_as_json(found)) for file, found in recorded.items()}
    files = sorted({*stage.parameters, *recorded}, key=len, reverse=True)
    edges = [edge for edge in facts.edges[address] if edge.kind is EdgeKind.PARAMETER]
    if lock is None:
        edges = [
            _unknown(facts, stage, EdgeKind.PARAMETER, f"{file}:{key}")
            for file, keys in stage.parameters.items()
            for key in keys or ("(the whole file)",)
        ]
    for edge in edges:
        # A file's name may hold a colon too: the longest that fits is meant.
        file = next((f for f in files if edge.name.startswith(f"{f}:")), "")
        key = edge.name[len(file) + 1 :] if file else edge.name
        yield GraphParameter(
            file=file, key=key, value=_value(values.get(file), key),
            state=edge.state, cause=edge.cause, reason=edge.reason,
        )  # fmt: skip


def _value(values: Json, key: str) -> Json:
    # user_data_as_json gives a key that starts with `$` one more.
    escaped = f"${key}" if key.startswith("$") else key
    return values.get(escaped) if isinstance(values, Mapping) else None


def _stage(facts: Facts, address: str) -> GraphStage:
    stage, lock = facts.pipeline.stages[address], facts.pipeline.locks.get(address)
    edges = facts.edges[address]
    commands = [edge for edge in edges if edge.kind is EdgeKind.COMMAND]
    command_state = worst(edge.state for edge in commands)
    return GraphStage(
        address=address,
        file=stage.file,
        directory=stage.directory,
        commands=_commands(stage, lock),
        trust=facts.trust[address],
        state=worst(edge.state for edge in edges),
        command_state=command_state,
        command_reason=next((e.reason for e in commands if e.state is command_state), _NEVER_RAN),
        parameters=tuple(_parameters(facts, address)),
        frozen=stage.frozen,
        ran=lock is not None,
    )


def _commands(stage: Stage, lock: StageLock | None) -> tuple[str, ...]:
    return tuple(map(redact_text, lock.commands if lock else stage.commands))


def _parts(pipeline: Pipeline, names: Iterable[str]) -> Iterator[Part]:
    """Yield what ties a path inside or around an output, or tracked data, to that."""
    makers = Makers({**dict.fromkeys(pipeline.tracked, ""), **pipeline.producers()})
    for name in names:
        for out in makers.outs(name):
            if out != name:
                yield Part(made=out, read=name)


def _artifact(facts: Facts, name: str, links: list[Link], *, whole: str | None) -> GraphArtifact:
    deciding = list(filter(_is_output, links)) or links
    state = worst(link.state for link in deciding) if deciding else EdgeState.RECORDED
    reason = next((link.reason for link in deciding if link.state is state), _UNREAD)
    known = facts.artifacts.get(name)
    return GraphArtifact(
        name=name,
        role=_role(facts, name, links, whole=whole),
        state=state,
        reason=reason,
        sha256=known.sha256 if known else None,
        recorded=known.recorded if known else None,
        origin=facts.pipeline.imports.get(name),
        models=facts.models.get(name, ()),
    )


def _is_output(link: Link) -> bool:
    return link.kind is EdgeKind.OUTPUT


def _role(facts: Facts, name: str, links: list[Link], *, whole: str | None) -> Role:
    if name in facts.models:
        return Role.MODEL
    if name in facts.pipeline.imports:
        return Role.IMPORTED
    if is_outside(name):
        return Role.EXTERNAL
    if links and all(link.kind is EdgeKind.PARAMETER for link in links):
        return Role.PARAMETERS
    return _manifest_role(facts, name) if whole is None else _role_of_part(facts, whole)


def _manifest_role(facts: Facts, name: str) -> Role:
    known = facts.artifacts.get(name)
    return next((role for role in Role if known and role.value == known.role), Role.CODE)


def _role_of_part(facts: Facts, whole: str) -> Role:
    role = _role(facts, whole, [], whole=None)
    return Role.INTERMEDIATE if role in (Role.MODEL, Role.METRICS, Role.PLOTS) else role
