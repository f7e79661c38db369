"""What a report of verdicts is made from: the verdicts, and what a reader wants to see beside."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import CLOSING_GATES, Policy
from aigf_dvc.policy.verdict import Verdict
from aigf_dvc.report.slices import SlicedMetric, sliced_metrics

_FILES_SHOWN = 8
_CARD_FIELDS = {
    "responsible_owner": "Responsible owner",
    "model_card_version": "Card version",
    "intended_use": "Intended use",
    "license": "License",
}


class Fact(Struct, frozen=True, kw_only=True):
    """One line about a model: what it is called, and what it says."""

    name: str
    text: str


class ModelReport(Struct, frozen=True, kw_only=True):
    """One model: its verdict, what it is, its metrics by group, and its lineage."""

    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    sliced: tuple[SlicedMetric, ...] = ()
    card_path: str = ""
    policy_description: str = ""
    lineage: LineageGraph | None = None  # None: judged without a repository, or not drawn


class Report(Struct, frozen=True, kw_only=True):
    """The models of one check, and what the paper of it bears."""

    models: tuple[ModelReport, ...]
    printed_on: date
    tool_version: str

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts alone."""
        return tuple(model.verdict for model in self.models)


def model_report(verdict: Verdict, evidence: ModelEvidence, policy: Policy) -> ModelReport:
    """Return what is to be reported of one model that was judged."""
    return ModelReport(
        verdict=verdict,
        facts=tuple(_facts(evidence, verdict)),
        sliced=sliced_metrics(evidence, policy, verdict),
        card_path=evidence.card_path,
        policy_description=policy.description,
    )


def _facts(evidence: ModelEvidence, verdict: Verdict) -> Iterator[Fact]:
    """Yield what tells this model from every other, then what its card says of it."""
    for file in evidence.files[:_FILES_SHOWN]:
        yield Fact(name="File", text=f"{file.name} sha256:{file.sha256}")
    if len(evidence.files) > _FILES_SHOWN:
        yield Fact(name="File", text=f"and {len(evidence.files) - _FILES_SHOWN} more")
    if evidence.sha256 is not None and not evidence.files:
        yield Fact(name="Digest", text=f"sha256:{evidence.sha256}")
    if evidence.commit is not None:
        yield Fact(name="Commit", text=evidence.commit.sha)
    if evidence.lineage is not None and verdict.at in CLOSING_GATES:  # earlier, nobody looks
        yield Fact(name="Trust level", text=evidence.lineage.level.value)
    if evidence.card is not None:
        yield Fact(name="Model card", text=f"{evidence.card.path} sha256:{evidence.card.sha256}")
        yield from _card_facts(evidence.card)


def _card_facts(card: ModelCard) -> Iterator[Fact]:
    for name, label in _CARD_FIELDS.items():
        field = card.field(name)
        if field is not None and isinstance(field.value, str) and field.value.strip():
            yield Fact(name=label, text=field.value)
