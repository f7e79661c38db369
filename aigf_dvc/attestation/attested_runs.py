"""The run records that an attestation carries: bare, or in the bundle of whoever signed them."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment, EvidenceItem
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.run_statement import read_run_statement
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError, RefusedError
from aigf_dvc.evidence.run_record import MEDIA_TYPE, RunRecord, parse_run_record

_MOST_BYTES = 64 * 2**20

Content = Callable[[EvidenceItem], bytes | None]
"""Returns the bytes of evidence: those in the statement, those beside it, or None."""


class AttestedRun(Struct, frozen=True, kw_only=True):
    """The run record that an attestation names for a stage."""

    stage: str
    evidence: Sha256  # as the stage names it
    data: bytes = b""
    record: RunRecord | None = None  # None: not at hand


def attested_runs(deployment: Deployment, content: Content) -> Iterator[AttestedRun]:
    """Yield the run record of each stage that names one.

    Raises:
        RefusedError: one has another form.
    """
    items = {item.sha256: item for item in deployment.evidence}
    for stage in deployment.lineage_verification.stages:
        if stage.run_record is None:
            continue
        item = items.get(stage.run_record)
        data = content(item) if item is not None else None
        if item is None or data is None:
            yield AttestedRun(stage=stage.stage, evidence=stage.run_record)
        else:
            record = read_attested_run(item, data)
            yield AttestedRun(
                stage=stage.stage, evidence=stage.run_record, data=data, record=record
            )


def read_attested_run(item: EvidenceItem, data: bytes) -> RunRecord:
    """Return a run record: bare, or in the bundle of whoever signed it.

    The attester vouches for both; whether the observer's signature counts is judged elsewhere.

    Raises:
        RefusedError: it has another form.
    """
    try:
        if item.media_type == MEDIA_TYPE:
            return parse_run_record(data, where=item.name)
        bundle = Fields.read(data, item.name, max_bytes=_MOST_BYTES)
        return read_run_statement(bundle.mapping("dsseEnvelope").base64("payload"))
    except AigfError as error:
        raise RefusedError(str(error), where=item.name, expected="a run record") from None
