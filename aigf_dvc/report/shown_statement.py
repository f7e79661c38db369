"""Any in-toto statement as text for people: those we know in their own form, others as they stand.

Nothing here is verified, and all of it was written by others: what is hidden is made visible, and
what is long is cut.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from aigf_dvc.attestation.approval_statement import APPROVAL, read_approval
from aigf_dvc.attestation.deployment import DEPLOYMENT, FAMILY
from aigf_dvc.attestation.engine_statement import PREDICATES
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.lists.releases import RELEASES, read_releases
from aigf_dvc.attestation.lists.revocations import REVOCATIONS, read_revocations
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.reproduction_statement import REPRODUCTION
from aigf_dvc.attestation.run_statement import RUN_RECORD
from aigf_dvc.attestation.statement import MAX_BYTES, read_statement
from aigf_dvc.canonical import Json
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.report.approval_text import approval_text
from aigf_dvc.report.generic_statement_text import generic_lines, subject_lines
from aigf_dvc.report.list_text import releases_text, revocations_text
from aigf_dvc.report.model_signing_text import MODEL_SIGNING, model_signing_lines
from aigf_dvc.report.provenance_text import provenance_lines
from aigf_dvc.report.reproduction_statement_text import reproduction_lines
from aigf_dvc.report.run_text import run_lines
from aigf_dvc.report.slsa import PREDICATE as SLSA
from aigf_dvc.report.statement_text import line, statement_text
from aigf_dvc.report.summary_text import svr_lines, test_result_lines, vsa_lines
from aigf_dvc.report.visible import clipped, visible

_MOST_LINES = 250
_WIDEST = 400  # columns
_OURS = FAMILY.removesuffix("deployment/")


def _deployment(payload: bytes) -> Iterable[str]:
    statement = read_statement(payload)
    return statement_text(statement, read_deployment(statement)).split("\n")


def _approval(payload: bytes) -> Iterable[str]:
    return approval_text(read_approval(read_statement(payload))).split("\n")


def _revocations(payload: bytes) -> Iterable[str]:
    content = read_revocations(read_statement(payload))
    return revocations_text(content, content.entries).split("\n")


def _releases(payload: bytes) -> Iterable[str]:
    index = read_releases(read_statement(payload))
    return releases_text(index, index.releases).split("\n")


_NAMES: Mapping[str, str] = {
    DEPLOYMENT: "deployment attestation",
    APPROVAL: "approval, waiver or signature under a document",
    RUN_RECORD: "run record",
    REPRODUCTION: "reproduction",
    SLSA: "SLSA provenance",
    PREDICATES[VerdictType.SVR]: "simple verification result",
    PREDICATES[VerdictType.VSA]: "verification summary",
    PREDICATES[VerdictType.TEST_RESULT]: "test result",
    MODEL_SIGNING: "OpenSSF model signature",
    REVOCATIONS: "list of revocations",
    RELEASES: "list of releases",
    f"{_OURS}image/v1": "binding to a container image",
}

_LINES: Mapping[str, Callable[[bytes], Iterable[str]]] = {
    DEPLOYMENT: _deployment,
    APPROVAL: _approval,
    RUN_RECORD: run_lines,
    REPRODUCTION: reproduction_lines,
    SLSA: provenance_lines,
    PREDICATES[VerdictType.SVR]: svr_lines,
    PREDICATES[VerdictType.VSA]: vsa_lines,
    PREDICATES[VerdictType.TEST_RESULT]: test_result_lines,
    MODEL_SIGNING: model_signing_lines,
    REVOCATIONS: _revocations,
    RELEASES: _releases,
}
_OWN_SUBJECTS = (DEPLOYMENT, APPROVAL)  # they name the files among the rest


def shown_statement(payload: bytes, *, signer: str) -> str:
    """Return a statement for people.

    Args:
        payload: the statement's bytes.
        signer: who claims to have signed it.

    Raises:
        RefusedError: the bytes are no JSON object.
    """
    top = Fields.read(payload, "statement", max_bytes=MAX_BYTES)
    found = top.values.get("predicateType")
    lines = [
        *line("statement", _named(found)).split("\n"),
        *line("signature", f"NOT VERIFIED; {signer}").split("\n"),
        *_lines(payload, top, str(found)),
    ]
    return "\n".join(_bounded(lines))


def _named(kind: Json) -> str:
    known = _NAMES.get(kind) if isinstance(kind, str) else None
    return f"{known}\n{kind}" if known else f"{kind!s:.300}, which this version does not know"


def _lines(payload: bytes, top: Fields, kind: str) -> Iterator[str]:
    if kind not in _OWN_SUBJECTS:
        yield from subject_lines(top)
    if kind not in _LINES:
        yield from generic_lines(top)
        return
    try:
        lines = list(_LINES[kind](payload))
    except AigfError as error:
        yield from line("problem", f"not as its kind wants it: {error}").split("\n")
        if kind in _OWN_SUBJECTS:
            yield from subject_lines(top)
        lines = list(generic_lines(top))
    yield from lines


def _bounded(lines: list[str]) -> Iterator[str]:
    for shown in lines[:_MOST_LINES]:
        yield clipped(visible(shown), _WIDEST)
    if len(lines) > _MOST_LINES:
        yield f"... and {len(lines) - _MOST_LINES:,} more lines: --format json shows all"
