"""What a person signs, or has signed, as text for people."""

from collections.abc import Iterator

from aigf_dvc.attestation.approval_statement import Decision, Said
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.report.statement_text import line

_WORDS = {
    Decision.APPROVE: "approval",
    Decision.WAIVE: "waiver",
    Decision.SIGN: "signature under a document",
}


def approval_text(said: Said) -> str:
    """Return what is said, a label and a text for each part of it. Not verified."""
    return "\n".join(_lines(said))


def _lines(said: Said) -> Iterator[str]:
    yield line("decision", _WORDS[said.decision])
    if said.rules:
        yield line("waives", ", ".join(said.rules))
    yield line("as", said.role)
    if said.terms is not None:
        yield line("model", said.terms.model)
    for file in said.files:
        yield line("", f"sha256:{file.sha256}  {file.name}")
    if said.terms is not None:
        yield line("for", said.terms.environment)
        yield line("policy", f"sha256:{said.terms.policy}")
        yield line("tree", f"sha256:{said.terms.tree}")
    yield line("reason", said.reason)
    yield line("issued", f"{told_time(said.issued)}, as the signer says")
    yield line("expires", told_time(said.expires) if said.expires is not None else "never")
