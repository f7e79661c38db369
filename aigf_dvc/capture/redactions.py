"""Finds what is redacted in a snapshot, so that people can be told."""

from collections.abc import Iterator, Mapping

from aigf_dvc.capture.manifest import manifest_models
from aigf_dvc.capture.pipeline import load
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.redactions import model_redactions, stage_redactions
from aigf_dvc.redaction import Redaction, find_secrets_in_text, has_url_secret
from aigf_dvc.settings import Settings
from aigf_dvc.trees.snapshot import Snapshot

# Their values are looked at as commands and parameters, with better names.
_ELSEWHERE = frozenset({"cmd", "params", "vars", "desc", "meta"})


def find_redactions(
    snapshot: Snapshot, pipeline: Pipeline, settings: Settings
) -> tuple[Redaction, ...]:
    """Return what the manifest of a snapshot, and all that is made from it, leaves out; sorted."""
    found: list[Redaction] = []
    for address, stage in pipeline.stages.items():
        found.extend(stage_redactions(stage, pipeline.locks.get(address)))
    for model in manifest_models(snapshot, settings):
        found.extend(model_redactions(model))
    for file in (*pipeline.definitions, *pipeline.lock_files, *pipeline.dvc_files):
        data = snapshot.read(file) or b""
        # What was left out when it was read; few lines have an address.
        lines = (line for line in data.splitlines() if b"://" in line) if b"://" in data else ()
        if has_url_secret(b"\n".join(lines).decode(errors="replace")):
            found.extend(_in_paths(load(snapshot, file), file))
    return tuple(sorted(found))


def _in_paths(value: object, where: str) -> Iterator[Redaction]:
    """Yield the secrets in the addresses of data; the file alone says where."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.keys())
            waiting.extend(below for key, below in item.items() if key not in _ELSEWHERE)
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and "://" in item:
            yield from find_secrets_in_text(item, where=f"{where}, the address of data")
