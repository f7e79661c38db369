"""Evidence under which every shipped policy passes, and what can be taken away or changed in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, asdict, fields, replace

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.approval import Approval
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.package import Package, PackageList, PackageSource
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.policy.model import Policy
from tests.policy.builders import TODAY, a_card, a_lineage, a_metric

CARD = """\
---
license: mit
governance:
  risk_tier: high
  training_data_source: HMDA decisions, Boston 1990
  bias_mitigation_strategy: Reweighing (Kamiran and Calders)
  model_card_version: "1.0"
  responsible_owner: jane.doe@example.com
  intended_use: Teaching
  out_of_scope: Decisions about people
  limitations: One city, 1990
---
# Mortgage model
"""
MODEL, DATA, TREE = sha256(b"model"), sha256(b"data"), sha256(b"tree")
ROLES = ("model-validator", "risk-owner")
DOCUMENTS = ("risk-assessment", "bias-analysis", "human-oversight", "monitoring-plan", "data-card")


def good_evidence(policy: Policy) -> ModelEvidence:
    """Return evidence under which a policy passes at attest, for production."""
    return ModelEvidence(
        model="mortgage",
        card=a_card(CARD),
        metrics={
            "fairness_score": a_metric(0.9),
            "p95_latency_ms": a_metric(320, "p95_latency_ms"),
        },
        documents=tuple(_document(kind) for kind in DOCUMENTS),
        lineage=replace(a_lineage(level=TrustLevel.REPRODUCED), behind=()),
        sha256=MODEL,
        data={"data/train.csv": DATA},
        files=(ModelFile(name="model.pkl", sha256=MODEL),),
        tree=TREE,
        commit=Commit(sha="c" * 40, authors=("jane.doe@example.com",), protected=("main",)),
        parameters=(Parameter(name="params.yaml:train.C", value=1.0, stage="train"),),
        datasets=(Dataset(name="data/train.csv", sha256=DATA, cards=(_data_card(),)),),
        packages=tuple(_packages(source) for source in PackageSource),
        baselines=(
            Baseline(
                name="production",
                where="an attestation",
                metrics={
                    "fairness_score": Metric(value=0.9, where="attested"),
                    "p95_latency_ms": Metric(value=320, where="attested"),
                },
                model=sha256(b"old model"),
                signer="release",
            ),
        ),
        approvals=tuple(_approval(role, policy) for role in ROLES),
    )


def _document(kind: str) -> GovernanceDocument:
    return GovernanceDocument(
        type=kind,
        path=f"governance/documents/{kind}.md",
        sha256=sha256(kind.encode()),
        date=TODAY - timedelta(days=10),
        models=("mortgage",),
        digests=(DATA, MODEL),
    )


def _data_card() -> DataCard:
    return DataCard(
        path="governance/documents/data-card.md",
        datasets=("data/train.csv",),
        digests=(DATA,),
        licenses=("cc0-1.0",),
        consent_expires=TODAY + timedelta(days=200),
        retention_until=TODAY + timedelta(days=300),
        responsible_owner="jane.doe@example.com",
    )


def _packages(source: PackageSource) -> PackageList:
    where = "train" if source is PackageSource.RUN_RECORD else "requirements.lock"
    packages = (Package(name="numpy", version="2.1.0"), Package(name="scipy", version="1.15.0"))
    return PackageList(source=source, where=where, packages=packages, sha256=sha256(b"lock"))


def _approval(role: str, policy: Policy) -> Approval:
    return Approval(
        person=f"the {role}",
        roles=(role,),
        role=role,
        model="mortgage",
        models=(MODEL,),
        tree=TREE,
        policy=policy.sha256,
        environment="production",
        reason="I looked at it",
        issued=datetime(2026, 11, 20, tzinfo=UTC),
        expires=None,
        where=f"sha256:{role}",
        emails=(f"{role}@example.com",),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One piece of evidence that was taken away or altered."""

    what: str
    evidence: ModelEvidence


def removals(evidence: ModelEvidence) -> Iterator[Change]:
    """Yield the evidence without each of its pieces.

    What speaks against a model stays: an edge, a package or an author that is left out of its list
    would be a lie about the list, which its signer answers for.
    """
    for field in fields(evidence):
        if field.name in _NO_EVIDENCE:
            continue
        nothing = _nothing(field)
        if getattr(evidence, field.name) != nothing:
            yield Change(what=f"no {field.name}", evidence=_with(evidence, field.name, nothing))
    for name in evidence.metrics:
        rest = {key: value for key, value in evidence.metrics.items() if key != name}
        yield Change(what=f"no metric {name}", evidence=replace(evidence, metrics=rest))
    for name in ("documents", "baselines", "approvals", "packages"):
        items = getattr(evidence, name)
        for index in range(len(items)):
            rest_of = (*items[:index], *items[index + 1 :])
            yield Change(what=f"{name} without {index}", evidence=_with(evidence, name, rest_of))
    yield from (
        Change(what=f"card without {line.strip()}", evidence=replace(evidence, card=card))
        for line, card in _cards_without_a_line()
    )


_NO_EVIDENCE = ("model", "card_path", "waivers", "unsigned", "absent")


def _nothing(field: FieldInfo) -> object:
    """Return what a field has when there is nothing."""
    if field.default_factory is not NODEFAULT:
        return field.default_factory()
    return None if field.default is NODEFAULT else field.default


def _with(evidence: ModelEvidence, name: str, value: object) -> ModelEvidence:
    return replace(evidence, **{name: value})  # a field, by its name


def _cards_without_a_line() -> Iterator[tuple[str, ModelCard]]:
    lines = CARD.splitlines(keepends=True)
    for index, line in enumerate(lines):
        if ": " in line and "risk_tier" not in line:
            yield line, a_card("".join((*lines[:index], *lines[index + 1 :])))
            name = line.partition(":")[0]
            for empty in ('""', "TODO", "[]", "n/a"):
                changed = f"{name}: {empty}\n"
                yield changed, a_card("".join((*lines[:index], changed, *lines[index + 1 :])))


def alterations(evidence: ModelEvidence) -> Iterator[Change]:
    """Yield the evidence with each of its values changed, one at a time."""
    for path, changed in _altered(evidence, ""):
        if isinstance(changed, ModelEvidence):
            yield Change(what=path, evidence=changed)


def _altered(value: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # of any type
    if isinstance(value, ModelCard):
        return
    parts = tuple(_parts(value))
    for key, part in parts:
        for below, changed in _altered(part, f"{path}[{key}]"):
            yield below, _with_part(value, key, changed)
    if not parts and not isinstance(value, tuple | Mapping):
        for changed in _others(value):
            yield f"{path} = {changed!r}", changed


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:  # noqa: ANN401  # of any type
    """Yield the name and the value of each part."""
    if isinstance(value, Struct):
        yield from asdict(value).items()
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from enumerate(value)


def _with_part(value: Any, key: str | int, changed: object) -> Any:  # noqa: ANN401  # of any type
    """Return a value with one of its parts changed."""
    if isinstance(key, int):
        return (*value[:key], changed, *value[key + 1 :])
    return (
        {**value, key: changed} if isinstance(value, Mapping) else replace(value, **{key: changed})
    )


def _others(value: object) -> Iterator[object]:
    match value:
        case Enum():
            yield from (other for other in type(value) if other is not value)
        case bool():
            yield not value
        case int() | float() | Decimal():
            yield from (float("nan"), float("inf"), True, str(value), None, -value, 10**12)
        case datetime():
            yield from (value - timedelta(days=4000), value + timedelta(days=4000))
        case date():
            yield from (None, value - timedelta(days=4000), value + timedelta(days=4000))
        case str():
            yield from ("", "other", sha256(b"other"))
        case _:
            return
