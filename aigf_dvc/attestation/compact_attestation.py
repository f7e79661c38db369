"""Reads a deployment statement in the form that tools write it in, at a third of the cost.

What has another form in one byte, or is wrong, is left to `statement` and `predicate`: they read
every form, and say what is wrong. Both read the same values out of the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from msgspec import UNSET

from aigf_dvc.attestation import compact_wire
from aigf_dvc.attestation.deployment import (
    AttestedDocument,
    Deployment,
    EvidenceItem,
    LineageVerification,
    Source,
    StatementHead,
)
from aigf_dvc.attestation.lifted import Lifted, read_lifted
from aigf_dvc.attestation.predicate import demand_consistent, read_digest
from aigf_dvc.attestation.statement import read_attestation
from aigf_dvc.canonical import Json, decoder_of
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import Edge, EdgeState, StageTrust
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import PolicyReference

_MOST_BYTES = 2**20  # so few that no value in them can be too many
_FIRST_YEAR = 1000  # of four digits
_DECODER = decoder_of(compact_wire.Statement)


class CompactReader:
    """Reads deployment statements one after the other; it remembers the evidence of the last."""

    def __init__(self) -> None:
        self._before: tuple[Lifted, ...] = ()

    def __call__(self, payload: bytes) -> tuple[StatementHead, Deployment]:
        """Read a deployment statement as strictly as `read_attestation`, and sooner where it can.

        Raises:
            RefusedError: as `read_attestation` does.
        """
        return self.read(payload) or read_attestation(payload)

    def read(self, payload: bytes) -> tuple[StatementHead, Deployment] | None:
        """Return what a deployment statement says, or None for one that has another form."""
        if len(payload) > _MOST_BYTES:
            return None
        lifted = read_lifted(payload, "content", _DECODER, before=self._before)
        if lifted is None:
            return None
        wire, self._before = lifted
        try:
            return _Reading(self._before).read(wire)
        except (RefusedError, ValueError):
            return None


class _Reading:
    """Makes one statement's values of its JSON and of the contents that were lifted out of it."""

    def __init__(self, contents: Sequence[Lifted]) -> None:
        self._contents = contents
        self._taken = 0

    def read(self, wire: compact_wire.Statement) -> tuple[StatementHead, Deployment]:
        """Return the values.

        Raises:
            RefusedError: they contradict each other.
            ValueError: one of them has not the form that its type says nothing of.
        """
        subjects = tuple(
            ModelFile(name=item.name, sha256=_sha256(item.digest)) for item in wire.subject
        )
        if not subjects or len({subject.name for subject in subjects}) < len(subjects):
            raise ValueError
        head = StatementHead(predicate_type=wire.predicate_type, subjects=subjects)
        deployment = self._deployment(wire.predicate)
        if self._taken < len(self._contents):
            raise ValueError  # the verdict or a metric has the key, too
        return head, deployment

    def _deployment(self, wire: compact_wire.Predicate) -> Deployment:
        if wire.issued_on.microsecond or wire.issued_on.year < _FIRST_YEAR:
            raise ValueError
        if not all(metric.where and _is_plain(metric.value) for metric in wire.metrics.values()):
            raise ValueError
        return Deployment(
            model=wire.model.name,
            path=wire.model.path,
            kind=wire.model.kind,
            environment=wire.environment,
            verdict=cast("Mapping[str, Json]", wire.verdict),
            policy=PolicyReference(
                id=wire.policy.id,
                version=wire.policy.version,
                sha256=_sha256(wire.policy.digest),
            ),
            policy_evidence=wire.policy.evidence,
            source=_source(wire.source),
            tree=_sha256(wire.tree.digest),
            lineage=self._item(wire.lineage),
            lineage_verification=_lineage(wire.lineage_verification),
            model_card=self._item(wire.model_card) if wire.model_card is not None else None,
            metrics=wire.metrics,
            documents=tuple(map(self._document, wire.documents)),
            evidence=tuple(map(self._item, wire.evidence)),
            issued_on=wire.issued_on,
            tool_version=wire.tool.version,
            waivers=tuple(map(self._item, wire.waivers)),
            approvals=tuple(map(self._item, wire.approvals)),
        )

    def _item(self, wire: compact_wire.Item | compact_wire.Document) -> EvidenceItem:
        name, media_type = wire.name, wire.media_type
        if wire.content is UNSET:
            digest = _sha256(wire.digest)
            return EvidenceItem(name=name, media_type=media_type, sha256=digest, content=None)
        lifted = self._contents[int(wire.content)]
        self._taken += 1
        digest, content = lifted.sha256, lifted.content
        if digest != wire.digest.sha256:
            raise ValueError
        return EvidenceItem(name=name, media_type=media_type, sha256=digest, content=content)

    def _document(self, wire: compact_wire.Document) -> AttestedDocument:
        return AttestedDocument(
            type=wire.type,
            date=wire.date or None,
            models=wire.models,
            file=self._item(wire),
            digests=tuple(map(read_digest, wire.digests or ())),
        )


def _sha256(wire: compact_wire.Digest) -> Sha256:
    found = as_sha256(wire.sha256)
    if found is None:
        raise ValueError
    return found


def _is_plain(value: object) -> bool:
    return not isinstance(value, (dict, list))  # a number that JSON cannot carry, or nested


def _source(wire: compact_wire.Source) -> Source:
    return Source(
        uri=wire.uri,
        git_commit=wire.digest.git_commit,
        ref=wire.ref,
        authors=wire.authors or (),
        protected=_known(wire.protected_branches),
    )


def _known(texts: compact_wire.Texts) -> tuple[str, ...] | None:
    return None if texts is UNSET else texts


def _lineage(wire: compact_wire.Lineage) -> LineageVerification:
    found = LineageVerification(
        edges={
            EdgeState.VERIFIED: wire.edges.verified,
            EdgeState.RECORDED: wire.edges.recorded,
            EdgeState.MISMATCHED: wire.edges.mismatched,
            EdgeState.MISSING: wire.edges.missing,
        },
        stages=tuple(map(_stage, wire.stages)),
        problems=tuple(
            Edge(stage=e.stage, kind=e.kind, name=e.name, state=e.state, reason=e.reason)
            for e in wire.problems
        ),
        behind=_known(wire.behind),
    )
    demand_consistent(found, wire.trust_level, where="predicate.lineageVerification")
    return found


def _stage(wire: compact_wire.Stage) -> StageTrust:
    return StageTrust(
        stage=wire.name,
        level=wire.trust_level,
        run_record=_sha256(wire.run_record) if wire.run_record else None,
        observer=wire.observer or "",
        reproduction=_sha256(wire.reproduction) if wire.reproduction else None,
    )
