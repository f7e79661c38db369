"""Tell what is wrong with a trust file, and which of its lines accept or refuse a bundle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from aigf_dvc.actions.trust_file import project_around
from aigf_dvc.attestation.consents import Speaker, read_consent, read_verdict, speaker_of
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.reproduction_statement import REPRODUCTION, read_reproduction_statement
from aigf_dvc.attestation.run_statement import RUN_RECORD, read_run_statement
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.speaking import (
    refuse_attester,
    refuse_certified,
    refuse_time,
    refuse_type,
    source_refusals,
)
from aigf_dvc.attestation.statement import MAX_BYTES, read_statement
from aigf_dvc.attestation.trust import ATTEST, OBSERVE, REPRODUCE
from aigf_dvc.attestation.trust_lint import Level, Remark, lint_trust
from aigf_dvc.attestation.trust_outcome import BundleOutcome, LineOutcome
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.signing.attesters import as_demanded, key_of
from aigf_dvc.signing.bundle import Bundle, claimed_key, parse_bundle
from aigf_dvc.signing.signature import VerifiedSignature
from aigf_dvc.signing.subject_names import names_in_der
from aigf_dvc.signing.trusted import Trust, TrustedSigner, tried


def remarks_on(trust: Trust, path: Path, at: datetime) -> tuple[Remark, ...]:
    """Return what to look at in a trust file, and in the place where it lies."""
    found = lint_trust(trust.file, at.date())
    repository = project_around(path)
    if repository is None:
        return found
    text = f"it lies in the governed repository {repository}: whoever may push there can change it"
    return (*found, Remark(level=Level.WARNING, where=str(path), text=text))


def ask(trust: Trust, name: str, data: bytes, at: datetime) -> BundleOutcome:
    """Tell by which lines of a trust file a bundle is accepted or refused, and why.

    Only what the signer may say is looked at: not the artifact, nor the verdict or the policy.

    Args:
        trust: the opened file.
        name: of the bundle, for messages.
        data: the bundle.
        at: the judge's clock, UTC.
    """
    try:
        bundle = parse_bundle(data)
        fields = Fields.read(bundle.payload, "statement", max_bytes=MAX_BYTES)
        kind = fields.text("predicateType")
        role = _role(kind, bundle.payload)
    except RefusedError as error:
        return BundleOutcome(name=name, role="", signed_with="", problem=str(error))
    if not role:
        return BundleOutcome(
            name=name, role="", signed_with=_signed_with(bundle),
            problem=f"a statement of the type {kind!r:.200}, for which there is no role",
        )  # fmt: skip
    lines = _lines_for(trust, role)
    try:
        found = {id(line): outcome for line, outcome in tried(bundle, lines)}
        outcomes = tuple(_asked(trust, role, bundle, lines, found, at))
    except UndecidedError as error:
        return BundleOutcome(
            name=name, role=role, signed_with=_signed_with(bundle), problem=str(error),
            undecided=True,
        )  # fmt: skip
    problem = "" if lines else f"the trust file lets nobody {role}"
    return BundleOutcome(
        name=name,
        role=role,
        signed_with=_signed_with(bundle, found.values()),
        lines=outcomes,
        problem=problem,
    )


def _role(kind: str, payload: bytes) -> str:
    known = {DEPLOYMENT: ATTEST, RUN_RECORD: OBSERVE, REPRODUCTION: REPRODUCE}
    speaker = speaker_of(payload)
    if kind in known:
        return known[kind]
    return "" if speaker is None else speaker.value


def _lines_for(trust: Trust, role: str) -> Sequence[TrustedSigner]:
    if role == Speaker.PERSON:
        return trust.people
    return trust.engines if role == Speaker.ENGINE else trust.holding(role)


def _asked(
    trust: Trust, role: str, bundle: Bundle, lines: Sequence[TrustedSigner],
    asked: Mapping[int, VerifiedSignature | RefusedError], at: datetime,
) -> Iterator[LineOutcome]:  # fmt: skip
    for line in lines:
        found = asked.get(id(line))
        refusal = "another key or identity" if found is None else str(found)
        if isinstance(found, VerifiedSignature):
            try:
                _refuse(trust, role, bundle, line, found, at)
            except RefusedError as error:
                refusal = str(error)
            else:
                refusal = ""
        yield LineOutcome(where=line.line.where, owner=line.name, refusal=refusal)


def _refuse(
    trust: Trust, role: str, bundle: Bundle, line: TrustedSigner, found: VerifiedSignature,
    at: datetime,
) -> None:  # fmt: skip
    """Refuse what a line's owner may not say.

    Raises:
        RefusedError: with the reason.
    """
    if role == ATTEST:
        found = as_demanded(found, key_of(line), trust.file.demands, bundle)
    payload, facts, today = found.payload, found.signer, at.date()
    signed = Signed(name=line.name, period=line.period, facts=facts)
    if role == ATTEST:
        _refuse_attestation(trust, payload, facts, today)
    elif role == OBSERVE:
        _refuse_record(line, facts, RUN_RECORD, read_run_statement(payload).ended, today)
    elif role == REPRODUCE:
        ended = read_reproduction_statement(payload).ended
        _refuse_record(line, facts, REPRODUCTION, ended, today)
    elif role == Speaker.PERSON:
        read_consent(payload, signed, trust.file, where=line.line.where, today=today)
    else:
        read_verdict(payload, signed, trust.file, where=line.line.where, today=today)


def _refuse_attestation(trust: Trust, payload: bytes, facts: SignerFacts, today: date) -> None:
    statement = read_statement(payload)
    deployment = read_deployment(statement)
    refuse_attester(facts, statement, deployment, today)
    different = source_refusals(deployment.source, facts, trust.file.demands.source_repositories)
    if different:
        raise RefusedError("; ".join(different))


def _refuse_record(
    line: TrustedSigner, facts: SignerFacts, kind: str, ended: datetime, today: date
) -> None:
    refuse_type(line.line, kind)
    refuse_certified(line.line, facts)
    refuse_time(line.line, facts, ended, today)


def _signed_with(bundle: Bundle, found: Iterable[object] = ()) -> str:
    """Return the key that a line has verified, or what the bundle says of its signer."""
    if bundle.certificate is None:
        verified = (one.signer.name for one in found if isinstance(one, VerifiedSignature))
        key = next(verified, None)
        return f"{claimed_key(bundle)}, not verified" if key is None else f"the key {key}"
    names = ", ".join(f"{name!r:.200}" for name in names_in_der(bundle.certificate))
    return f"a certificate for {names or 'nobody'}"
