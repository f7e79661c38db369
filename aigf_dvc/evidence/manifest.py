"""The lineage manifest: the pure record of one tree. The same tree gives the same bytes anywhere.

It names no commit, clock, machine, cache or tool version: those stand beside it.
JSON Schema: `schemas/lineage-manifest-v1.schema.json`.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from aigf_dvc.canonical import Json, dumps, user_data_as_json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.pipeline import Recorded, Stage, StageLock
from aigf_dvc.evidence.upstream import upstream_as_json
from aigf_dvc.evidence.upstream_source import Upstream
from aigf_dvc.redaction import redact, redact_text

MANIFEST = "https://aigf-dvc.readthedocs.io/lineage-manifest/v1"
MEDIA_TYPE = "application/vnd.aigf.lineage-manifest.v1+json"
NEVER_SEEN = "the bytes were never seen: run `aigf capture` where the data is"


class NamedDigest(Struct, frozen=True, kw_only=True):
    """A file of the tree by its path and SHA-256."""

    name: str
    sha256: Sha256

    def as_json(self) -> Json:
        """Return an in-toto resource descriptor."""
        return {"name": self.name, "digest": {"sha256": self.sha256}}


class Artifact(Struct, frozen=True, kw_only=True):
    """One path that a stage reads or makes, or that DVC tracks."""

    name: str
    role: str  # model, dataset, code, metrics, plots or intermediate
    sha256: Sha256 | None  # None: never seen
    recorded: Recorded | None  # None: not in dvc.lock or a .dvc file

    def as_json(self) -> Json:
        """Return the manifest's form."""
        known: dict[str, Json] = {"name": self.name, "role": self.role}
        if self.sha256 is None:
            known |= {"digest": {"sha256": None}, "reason": NEVER_SEEN}
        else:
            known["digest"] = {"sha256": self.sha256}
        if self.recorded is not None:
            known["dvc"] = _dvc(self.recorded)
        return known


def _dvc(recorded: Recorded) -> Json:
    optional = {"size": recorded.size, "nfiles": recorded.file_count}
    return {
        "hash": recorded.algorithm,
        "value": recorded.value,
        **{key: value for key, value in optional.items() if value is not None},
    }


class ManifestDocument(Struct, frozen=True, kw_only=True):
    """One governance document, and what it says of itself."""

    type: str  # as aigf.yaml lists it
    file: NamedDigest
    read: GovernanceDocument | None = None  # None: it cannot be read; `aigf check` says why

    def as_json(self) -> Json:
        """Return the manifest's form."""
        said: dict[str, Json] = {"readable": self.read is not None}
        if self.read is not None:
            said |= {"date": self.read.date.isoformat()} if self.read.date else {}
            said |= {"models": list(self.read.models)} if self.read.models else {}
            about: list[Json] = [f"sha256:{digest}" for digest in self.read.digests]
            said |= {"digests": about} if about else {}
        return {
            "type": self.type,
            "name": self.file.name,
            "digest": {"sha256": self.file.sha256},
            **said,
        }


class ManifestModel(Struct, frozen=True, kw_only=True):
    """One governed model: where it is, and the evidence that speaks of it."""

    name: str
    path: str
    card: NamedDigest | None
    card_fields: object  # the card's front matter
    metrics: Mapping[str, tuple[str, object]]  # name -> (place, value); only what git has
    documents: tuple[ManifestDocument, ...]

    def as_json(self) -> Json:
        """Return the manifest's form."""
        card: Json = None
        if self.card is not None:
            fields = redact(user_data_as_json(self.card_fields))
            card = {
                "name": self.card.name,
                "digest": {"sha256": self.card.sha256},
                "fields": fields,
            }
        return {
            "name": self.name,
            "path": self.path,
            "modelCard": card,
            "metrics": {
                name: {"source": place, "value": redact(user_data_as_json(value))}
                for name, (place, value) in self.metrics.items()
            },
            "documents": [document.as_json() for document in self.documents],
        }


def stage_as_json(stage: Stage, lock: StageLock | None) -> Json:
    """Return one stage: as it last ran, or as it is defined when it never ran."""
    commands = [redact_text(c) for c in (lock.commands if lock else stage.commands)]
    return {
        "name": stage.address,
        "command": commands[0] if len(commands) == 1 else commands,
        "directory": stage.directory,
        "inputs": sorted(lock.deps if lock else stage.deps),
        "outputs": sorted(lock.outs if lock else [out.path for out in stage.outs]),
        "parameters": {
            file: redact(user_data_as_json(values))
            for file, values in (lock.parameters if lock else {}).items()
        },
        "ran": lock is not None,
    }


def build_manifest(  # noqa: PLR0913  # one list for each part of the manifest
    *,
    tree: Sha256,
    definitions: Iterable[NamedDigest],
    locks: Iterable[NamedDigest],
    stages: Iterable[Json],
    artifacts: Iterable[Artifact],
    models: Iterable[ManifestModel],
    upstream: Iterable[Upstream] = (),
) -> bytes:
    """Return the manifest's canonical bytes (RFC 8785); every list sorted by name."""
    return dumps(
        {
            "manifestType": MANIFEST,
            "tree": {"digest": {"sha256": tree}},
            "pipeline": {
                "definitions": [d.as_json() for d in sorted(definitions, key=lambda d: d.name)],
                "locks": [d.as_json() for d in sorted(locks, key=lambda d: d.name)],
                "stages": list(stages),
            },
            "artifacts": [a.as_json() for a in sorted(artifacts, key=lambda a: a.name)],
            "models": [m.as_json() for m in sorted(models, key=lambda m: m.name)],
            "upstream": upstream_as_json(upstream),
        }
    )
