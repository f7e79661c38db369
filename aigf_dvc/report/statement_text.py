"""What a deployment attestation says, as text for people."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, Statement
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.policy.verdict import Outcome

_WIDTH = 88
_LABEL = 13
_CARD_FIELDS = (
    "responsible_owner", "model_card_version", "intended_use",
    "training_data_source", "bias_mitigation_strategy",
)  # fmt: skip


def statement_text(statement: Statement, deployment: Deployment) -> str:
    """Return the statement for people: who, what, from what, judged by what. Not verified."""
    return "\n".join(_lines(statement, deployment))


def _lines(statement: Statement, deployment: Deployment) -> Iterator[str]:
    verified = deployment.lineage_verification
    counts = ", ".join(f"{count} {state}" for state, count in verified.edges.items() if count)
    environment = deployment.environment or "no environment in particular"
    yield line("model", f"{deployment.model} ({deployment.path})")
    for file in statement.subjects:
        yield line("", f"sha256:{file.sha256}  {file.name}")
    yield line("for", environment)
    yield line("verdict", _verdict(deployment))
    policy = deployment.policy
    yield line("policy", f"{policy.id} {policy.version}\nsha256:{policy.sha256}")
    for name, metric in sorted(deployment.metrics.items()):
        yield line("metric", f"{name} is {metric.value} ({metric.where})")
    yield line("source", f"commit {deployment.source.git_commit}")
    if deployment.source.uri or deployment.source.ref:
        yield line("", f"{deployment.source.uri or ''} {deployment.source.ref or ''}".strip())
    yield line("tree", f"sha256:{deployment.tree}")
    yield line("lineage", f"{verified.level}; {len(verified.stages)} stages; edges: {counts}")
    yield from _card(deployment.model_card)
    for document in deployment.documents:
        date = f", {document.date}" if document.date else ""
        yield line("document", f"{document.type}{date} ({document.file.name})")
    for item in (deployment.lineage, *deployment.evidence):
        yield line("evidence", f"{item.name} ({_where(item)})")
    issued = told_time(deployment.issued_on)
    for item in (*deployment.waivers, *deployment.approvals):
        yield line("signed", f"{item.name} ({_where(item)})")
    yield line("issued", f"{issued}, as the signer says, by aigf {deployment.tool_version}")


def _verdict(deployment: Deployment) -> str:
    findings = deployment.verdict.get("findings")
    warned = [
        str(finding.get("rule"))
        for finding in (findings if isinstance(findings, Sequence) else ())
        if isinstance(finding, Mapping) and finding.get("outcome") == Outcome.WARNED
    ]
    return str(deployment.verdict.get("result")) + (
        f", WARNED: {', '.join(warned)}" if warned else ""
    )


def _card(card: EvidenceItem | None) -> Iterator[str]:
    if card is None:
        yield line("model card", "none")
        return
    yield line("model card", f"{card.name} ({_where(card)})")
    if card.content is not None:
        read = read_model_card(card.content, path=card.name)
        for name in _CARD_FIELDS:
            field = read.field(name)
            if field is not None:
                yield line("", f"{name}: {field.value}")


def _where(item: EvidenceItem) -> str:
    if item.content is None:
        return f"beside the bundle, sha256:{item.sha256}"
    return f"{len(item.content):,} bytes, inside"


def line(label: str, text: str) -> str:
    """Return a label and a text, wrapped, that cannot move a cursor."""
    shown = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
    indent = " " * _LABEL
    lines = [
        part
        for line in shown.split("\n")
        for part in textwrap.wrap(
            line, _WIDTH - _LABEL, break_long_words=False, break_on_hyphens=False
        )
    ]
    return f"{label:<{_LABEL}}" + f"\n{indent}".join(lines)
