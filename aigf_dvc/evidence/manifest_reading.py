"""Reads a lineage manifest back, of this version or a later one that only adds to it."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.manifest import MANIFEST
from aigf_dvc.evidence.pipeline import Out, Pipeline, Recorded, Stage, StageLock

_KINDS = {"metrics", "plots"}


class ReadModel(Struct, frozen=True, kw_only=True):
    """One governed model as a manifest has it."""

    name: str
    path: str
    card: tuple[str, str] | None  # path and SHA-256
    card_fields: Mapping[str, Json]
    metrics: Mapping[str, tuple[str, Json]]  # name -> `file:key`, value
    documents: tuple[tuple[str, str, str], ...]  # type, path, SHA-256


class ReadManifest(Struct, frozen=True, kw_only=True):
    """A manifest: its pipeline as it last ran, and what is known of each path."""

    tree: Sha256 | None
    pipeline: Pipeline
    roles: Mapping[str, str]  # path -> model, dataset, code, metrics, plots, intermediate
    digests: Mapping[str, Sha256]  # path -> SHA-256, where it is known
    models: tuple[ReadModel, ...]

    def records(self) -> dict[str, Recorded]:
        """Return what is recorded of each path."""
        found = dict(self.pipeline.tracked)
        for lock in self.pipeline.locks.values():
            found |= {**lock.deps, **lock.outs}
        return found


def read_manifest(data: bytes, *, where: str) -> ReadManifest:
    """Read a manifest.

    Raises:
        UndecidedError: the bytes are no lineage manifest.
    """
    top = _mapping(loads(data, where=where), where)
    if top.get("manifestType") != MANIFEST:
        raise UndecidedError(
            f"{top.get('manifestType')!r:.100}", where=f"{where}: manifestType", expected=MANIFEST
        )
    artifacts = {_text(item, "name", where): item for item in _items(top.get("artifacts"), where)}
    recorded = {
        path: record
        for path, item in artifacts.items()
        if (record := _recorded(path, item.get("dvc"), where)) is not None
    }
    roles = {path: _text(item, "role", where) for path, item in artifacts.items()}
    named = {path: _digest(item) for path, item in artifacts.items()}
    return ReadManifest(
        tree=_digest(_mapping(top.get("tree"), where)),
        pipeline=_pipeline(top.get("pipeline"), roles, recorded, where),
        roles=roles,
        digests={path: digest for path, digest in named.items() if digest is not None},
        models=tuple(_model(item, where) for item in _items(top.get("models"), where)),
    )


def _pipeline(
    value: Json, roles: Mapping[str, str], recorded: Mapping[str, Recorded], where: str
) -> Pipeline:
    stages: dict[str, Stage] = {}
    locks: dict[str, StageLock] = {}
    for item in _items(_mapping(value, where).get("stages"), where):
        address = _text(item, "name", where)
        command = item.get("command")
        commands = tuple(map(str, command if isinstance(command, list) else [command]))
        inputs, outputs = _texts(item.get("inputs"), where), _texts(item.get("outputs"), where)
        parameters = {
            file: _mapping(values, where)
            for file, values in _mapping(item.get("parameters") or {}, where).items()
        }
        stages[address] = Stage(
            address=address,
            file="",
            commands=commands,
            directory=str(item.get("directory") or ""),
            deps=inputs,
            outs=tuple(
                Out(path=path, kind=roles[path] if roles.get(path) in _KINDS else "outs")
                for path in outputs
            ),
            parameters={file: tuple(values) for file, values in parameters.items()},
        )
        if item.get("ran") is True:
            locks[address] = StageLock(
                commands=commands,
                deps={path: recorded[path] for path in inputs if path in recorded},
                outs={path: recorded[path] for path in outputs if path in recorded},
                parameters=parameters,
            )
    made = {path for stage in stages.values() for path in (out.path for out in stage.outs)}
    return Pipeline(
        stages=stages,
        locks=locks,
        tracked={
            path: record
            for path, record in recorded.items()
            if roles[path] == "dataset" and path not in made
        },
        definitions=(),
        lock_files=(),
        dvc_files=(),
    )


def _recorded(path: str, value: Json, where: str) -> Recorded | None:
    if value is None:
        return None
    entry = _mapping(value, where)
    size, count = entry.get("size"), entry.get("nfiles")
    return Recorded(
        path=path,
        algorithm=_text(entry, "hash", where),
        value=str(entry.get("value") or ""),
        size=size if isinstance(size, int) else None,
        file_count=count if isinstance(count, int) else None,
    )


def _model(item: Mapping[str, Json], where: str) -> ReadModel:
    card = item.get("modelCard")
    read = _mapping(card, where) if card is not None else {}
    digest = _digest(read)
    return ReadModel(
        name=_text(item, "name", where),
        path=_text(item, "path", where),
        card=(_text(read, "name", where), digest or "") if read else None,
        card_fields=_mapping(read.get("fields") or {}, where),
        metrics={
            name: (_text(metric, "source", where), metric.get("value"))
            for name, metric in _named(item.get("metrics") or {}, where).items()
        },
        documents=tuple(
            (_text(doc, "type", where), _text(doc, "name", where), _digest(doc) or "")
            for doc in _items(item.get("documents"), where)
        ),
    )


def _digest(item: Mapping[str, Json]) -> Sha256 | None:
    digest = item.get("digest")
    return as_sha256(digest.get("sha256")) if isinstance(digest, Mapping) else None


def _items(value: Json, where: str) -> Iterator[Mapping[str, Json]]:
    if not isinstance(value, list):
        raise UndecidedError(f"{value!r:.60}", where=where, expected="a list of a lineage manifest")
    for item in value:
        yield _mapping(item, where)


def _named(value: Json, where: str) -> dict[str, Mapping[str, Json]]:
    return {name: _mapping(item, where) for name, item in _mapping(value, where).items()}


def _texts(value: Json, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UndecidedError(f"{value!r:.60}", where=where, expected="a list of paths")
    return tuple(map(str, value))


def _text(item: Mapping[str, Json], key: str, where: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise UndecidedError(f"{value!r:.60}", where=f"{where}: {key}", expected="a text")
    return value


def _mapping(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise UndecidedError(f"{value!r:.60}", where=where, expected="a lineage manifest")
    return value
