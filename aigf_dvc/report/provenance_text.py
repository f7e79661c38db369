"""SLSA Provenance v1, ours or another's, as text for people."""

from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import MAX_BYTES
from aigf_dvc.canonical import Json
from aigf_dvc.report.export_values import text_of
from aigf_dvc.report.statement_text import line

_SHOWN = 20


def provenance_lines(payload: bytes) -> Iterator[str]:
    """Yield who built it, when, by what, and from what.

    Raises:
        RefusedError: a required field is missing or has another form.
    """
    predicate = Fields.read(payload, "statement", max_bytes=MAX_BYTES).mapping("predicate")
    definition, run = predicate.mapping("buildDefinition"), predicate.mapping("runDetails")
    yield from line("builder", run.mapping("builder").text("id")).split("\n")
    yield from line("build type", definition.text("buildType")).split("\n")
    metadata = run.optional_mapping("metadata")
    for key in ("invocationId", "startedOn", "finishedOn") if metadata is not None else ():
        if metadata is not None and key in metadata.values:
            yield from line("run", f"{key} {metadata.text(key)}").split("\n")
    for key, value in definition.mapping("externalParameters").values.items():
        yield from line("parameter", f"{key}: {text_of(value):.500}").split("\n")
    inside = definition.optional_mapping("internalParameters")
    stages = inside.values.get("stages") if inside is not None else None
    for stage in stages if isinstance(stages, list) else ():
        yield from line("stage", _stage(stage)).split("\n")
    yield from _resources("made from", definition.values.get("resolvedDependencies"))
    yield from _resources("byproduct", run.values.get("byproducts"))


def _stage(stage: Json) -> str:
    if not isinstance(stage, Mapping):
        return text_of(stage)
    return f"{text_of(stage.get('name'))}: {text_of(stage.get('commands')):.500}"


def _resources(label: str, items: Json) -> Iterator[str]:
    found = items if isinstance(items, list) else []
    for item in found[:_SHOWN]:
        yield from line(label, _resource(item)).split("\n")
    if len(found) > _SHOWN:
        yield line("", f"and {len(found) - _SHOWN:,} more")


def _resource(item: Json) -> str:
    if not isinstance(item, Mapping):
        return text_of(item)
    named = item.get("name") or item.get("uri") or "unnamed"
    digest = item.get("digest")
    digests = digest.items() if isinstance(digest, Mapping) else ()
    return " ".join([text_of(named), *(f"{key}:{text_of(value)}" for key, value in digests)])
