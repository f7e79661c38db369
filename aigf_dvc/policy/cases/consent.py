"""Reads what people and other engines signed about the model of a case.

A consent that says nothing else is about the model, tree, policy and environment of its case.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.external_verdict import ExternalVerdict, VerdictType
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.cases.values import (
    as_digest,
    digest,
    digests,
    moment,
    some_sections,
    some_texts,
    stand_in,
)
from aigf_dvc.policy.section import Section

_THE_POLICY = stand_in("the policy that the case is about")


class Occasion(Struct, frozen=True, kw_only=True):
    """What a consent is about unless it says otherwise."""

    today: date
    environment: str
    model: str  # its name
    models: tuple[Sha256, ...]  # each file of it
    tree: Sha256

    @property
    def time(self) -> datetime:
        """Return the start of the day."""
        return datetime.combine(self.today, time(tzinfo=UTC))


def under_policy(evidence: ModelEvidence, policy: Sha256) -> ModelEvidence:
    """Return the evidence with its consents about a policy, where they named none."""

    def about(found: Sha256) -> Sha256:
        return policy if found == _THE_POLICY else found

    return replace(
        evidence,
        approvals=tuple(replace(one, policy=about(one.policy)) for one in evidence.approvals),
        waivers=tuple(replace(one, policy=about(one.policy)) for one in evidence.waivers),
    )


def approvals(top: Section, occasion: Occasion) -> tuple[Approval, ...]:
    """Read a list of approvals."""
    found = []
    for section in some_sections(top, "approvals"):
        found.append(Approval(**_consent(section, occasion, where="approval")))
        section.finish()
    return tuple(found)


def waivers(top: Section, occasion: Occasion) -> tuple[Waiver, ...]:
    """Read a list of waivers; each names the `rules` that it is about."""
    found = []
    for section in some_sections(top, "waivers"):
        rules = section.texts("rules")
        found.append(Waiver(**_consent(section, occasion, where="waiver"), rules=rules))
        section.finish()
    return tuple(found)


def _consent(section: Section, occasion: Occasion, *, where: str) -> dict[str, Any]:
    """Return the fields that approvals and waivers share; Any: they go into either by name."""
    role = section.text("role")
    return {
        "person": section.text("person"),
        "roles": some_texts(section, "roles", (role,)),
        "role": role,
        "model": section.text("model", default=occasion.model),
        "models": digests(section, "models", occasion.models),
        "tree": digest(section, "tree", "") if section.has("tree") else occasion.tree,
        "policy": digest(section, "policy", "") if section.has("policy") else _THE_POLICY,
        "environment": section.text("environment", default=occasion.environment),
        "reason": section.text("reason", default="for this case"),
        "issued": moment(section, "issued", occasion.time),
        "expires": moment(section, "expires", None),
        "where": section.text("where", default=where),
        "emails": some_texts(section, "emails"),
    }


def signatures(top: Section, occasion: Occasion) -> tuple[DocumentSignature, ...]:
    """Read a list of signatures under documents; each names the type, or the digest, of its own."""
    return tuple(_signature(section, occasion) for section in some_sections(top, "signatures"))


def _signature(section: Section, occasion: Occasion) -> DocumentSignature:
    document = section.text("document")
    signature = DocumentSignature(
        person=section.text("person"),
        role=section.text("role"),
        document=as_digest(document) or stand_in(document),
        reason=section.text("reason", default="for this case"),
        issued=moment(section, "issued", occasion.time) or occasion.time,
        expires=moment(section, "expires", None),
        where=section.text("where", default="signature"),
    )
    section.finish()
    return signature


def external_verdicts(top: Section, occasion: Occasion) -> tuple[ExternalVerdict, ...]:
    """Read a list of other engines' verdicts."""
    return tuple(
        _external_verdict(section, occasion) for section in some_sections(top, "external_verdicts")
    )


def _external_verdict(section: Section, occasion: Occasion) -> ExternalVerdict:
    verdict = ExternalVerdict(
        engine=section.text("engine"),
        type=section.choice("type", VerdictType, VerdictType.SVR),
        verifier=section.text("verifier", default=""),
        passed=section.flag("passed", default=True),
        properties=some_texts(section, "properties"),
        models=digests(section, "models", occasion.models),
        time=moment(section, "time", occasion.time),
        where=section.text("where", default="external verdict"),
    )
    section.finish()
    return verdict
