"""Looks up what people and other engines signed about a model, and lets the trusted ones count."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.actions.trust_file import refuse_expired
from aigf_dvc.attestation.consents import Consent, Speaker, read_consent, read_verdict, speaker_of
from aigf_dvc.attestation.deployment import (
    EXTERNAL_VERDICT,
    Carried,
    EvidenceItem,
    evidence_item,
)
from aigf_dvc.attestation.reproduction_statement import REPRODUCTION
from aigf_dvc.attestation.statement import predicate_type
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.approval import Approval, DocumentSignature, Waiver
from aigf_dvc.evidence.external_verdict import ExternalVerdict
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.consent import is_about
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.signing.bundle import MEDIA_TYPE, parse_bundle
from aigf_dvc.signing.trusted import Trust, who_signed
from aigf_dvc.stores.layout import BUNDLE, Store

MAX_BYTES = 2**20  # of one consent: a sentence and a signature
MOST = 1000  # about one model
_CALLED = {
    Speaker.PERSON: "the approval, waiver or signature",
    Speaker.ENGINE: "the verdict of another engine",
}
_TOLD = 20  # of those that do not count


class Consents(Struct, frozen=True, kw_only=True):
    """Whom a judge trusts, and where to look for what they signed."""

    trust: Trust
    today: date
    stores: tuple[Store, ...] = ()
    given: tuple[bytes, ...] = ()  # bundles that the caller named
    revoked: Callable[[SignerFacts], str] | None = None  # why a signer counts no more, or nothing


class Found(Struct, frozen=True, kw_only=True):
    """The evidence with all that counts, and the bundles behind it."""

    evidence: ModelEvidence
    bundles: Mapping[str, bytes] = field(default_factory=dict)  # by `where`


def open_consents(
    trust: Trust, *, today: date, stores: tuple[Store, ...], given: tuple[bytes, ...]
) -> Consents:
    """Return what a judge lets count.

    Raises:
        InputError: the trust file has expired.
    """
    refuse_expired(trust.file, today)
    return Consents(trust=trust, today=today, stores=stores, given=given)


def is_consent(bundle: bytes) -> bool:
    """Tell whether a bundle claims to be what a person or another engine signed."""
    try:
        return speaker_of(parse_bundle(bundle).payload) is not None
    except RefusedError:
        return False


def _is_clean_run(bundle: bytes) -> bool:
    """Tell whether a bundle claims to be a clean run, which is named beside consents."""
    try:
        return predicate_type(parse_bundle(bundle).payload) == REPRODUCTION
    except RefusedError:
        return False


def with_consents(
    evidence: ModelEvidence, consents: Consents, *, carried: Iterable[bytes] = ()
) -> Found:
    """Return evidence with what was signed about the model and its documents.

    What nobody trusted has signed, and what cannot be read, is told in `unsigned`.

    Args:
        evidence: with the model's files and tree, where they are known.
        consents: whom to trust, and where to look.
        carried: bundles that an attestation brings along.

    Raises:
        UndecidedError: there are too many.
        InputError: a store or a trusted root cannot be read.
    """
    bundles = {f"sha256:{sha256(data)}": data for data in carried}
    given = (data for data in consents.given if not _is_clean_run(data))
    bundles |= {f"sha256:{sha256(data)}": data for data in given}
    bundles |= {f"sha256:{sha256(data)}": data for data in _stored(evidence, consents.stores)}
    if len(bundles) > MOST:
        raise UndecidedError(
            f"{len(bundles)} signed statements", where=evidence.model, expected=f"at most {MOST}"
        )
    counted: list[Consent | ExternalVerdict] = []
    unsigned = []
    for where, data in sorted(bundles.items()):
        try:
            counted.append(_read(data, consents, where))
        except RefusedError as error:
            unsigned.append(f"{_called(data)}{where} does not count: {error}")
    return Found(
        evidence=replace(
            evidence,
            approvals=tuple(item for item in counted if isinstance(item, Approval)),
            waivers=tuple(item for item in counted if isinstance(item, Waiver)),
            signatures=tuple(item for item in counted if isinstance(item, DocumentSignature)),
            external_verdicts=tuple(i for i in counted if isinstance(i, ExternalVerdict)),
            unsigned=_few(unsigned),
        ),
        bundles={item.where: bundles[item.where] for item in counted},
    )


def _called(bundle: bytes) -> str:
    """Return what a bundle claims to be, for people: a digest alone tells them nothing."""
    try:
        speaker = speaker_of(parse_bundle(bundle).payload)
    except RefusedError:
        return ""
    return f"{_CALLED[speaker]} " if speaker is not None else ""


def _few(notes: list[str]) -> tuple[str, ...]:
    more = len(notes) - _TOLD
    return (*notes[:_TOLD], *((f"and {more} more that do not count",) if more > 0 else ()))


def _stored(evidence: ModelEvidence, stores: Iterable[Store]) -> Iterator[bytes]:
    """Yield the consents that stores keep under the model and its documents."""
    model = {evidence.sha256} if evidence.sha256 is not None else set[Sha256]()
    for store in stores:
        for key in sorted(model | {document.sha256 for document in evidence.documents}):
            for item in store.find(key):
                if item.ending == BUNDLE and is_consent(item.data):
                    yield item.data


def _read(data: bytes, consents: Consents, where: str) -> Consent | ExternalVerdict:
    if len(data) > MAX_BYTES:
        raise RefusedError(f"{len(data):,} bytes", expected=f"at most {MAX_BYTES:,}")
    speaker = speaker_of(parse_bundle(data).payload)
    trust, today = consents.trust, consents.today
    match speaker:
        case Speaker.PERSON:
            signature, signed = who_signed(data, trust.people)
            _refuse_revoked(signed.facts, consents)
            return read_consent(signature.payload, signed, trust.file, where=where, today=today)
        case Speaker.ENGINE:
            signature, signed = who_signed(data, trust.engines)
            _refuse_revoked(signed.facts, consents)
            return read_verdict(signature.payload, signed, trust.file, where=where, today=today)
        case None:
            raise RefusedError("neither an approval, a waiver nor a verdict")


def _refuse_revoked(facts: SignerFacts, consents: Consents) -> None:
    why = consents.revoked(facts) if consents.revoked is not None else ""
    if why:
        raise RefusedError(why)


def carried(found: Found) -> Carried:
    """Return what speaks of this model, in this tree, or of its documents.

    Under which policy and for which environment is not asked: the judge's own may be another.

    Raises:
        RefusedError: one of them holds what looks like a secret.
    """
    evidence = found.evidence
    documents = {document.sha256 for document in evidence.documents}

    def item(folder: str, name: str, where: str) -> EvidenceItem:
        data = found.bundles[where]
        text = parse_bundle(data).payload.decode(errors="replace")
        refuse_secrets(text, where=where)  # a bundle hides its words from a search
        return evidence_item(f"{folder}{name}", MEDIA_TYPE, data)

    def bound(consent: Approval | Waiver) -> bool:
        return is_about(consent.models, evidence.files) and consent.tree == evidence.tree

    return Carried(
        waivers=tuple(item("waiver/", w.person, w.where) for w in evidence.waivers if bound(w)),
        approvals=(
            *(item("approval/", a.person, a.where) for a in evidence.approvals if bound(a)),
            *(
                item("signature/", s.person, s.where)
                for s in evidence.signatures
                if s.document in documents
            ),
        ),
        verdicts=tuple(
            item(EXTERNAL_VERDICT, v.engine, v.where)
            for v in evidence.external_verdicts
            if is_about(v.models, evidence.files)
        ),
    )
