"""Reads what stores hold about models without verifying it: for questions, not for decisions."""

from collections.abc import Sequence

from msgspec import Struct

from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, Statement
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.signing.bundle import Bundle, claimed_key, parse_bundle
from aigf_dvc.stores.layout import BUNDLE, Stored


class Unverified(Struct, frozen=True, kw_only=True):
    """What a bundle says; nobody has checked its signature."""

    name: str  # in the store
    signer: str  # the hint of its key, or the fingerprint of its certificate
    statement: Statement | None = None
    deployment: Deployment | None = None  # None: another predicate, or unreadable
    problem: str = ""  # why it cannot be read


def read_unverified(stored: Stored) -> Unverified:
    """Return what a stored bundle says; one that cannot be read says why."""
    try:
        bundle = parse_bundle(stored.data)
        signer = _signer(bundle)
    except AigfError as error:
        return Unverified(name=stored.name, signer="", problem=str(error))
    try:
        statement = read_statement(bundle.payload)
        is_ours = statement.predicate_type == DEPLOYMENT
        deployment = read_deployment(statement) if is_ours else None
    except AigfError as error:
        return Unverified(name=stored.name, signer=signer, problem=str(error))
    return Unverified(name=stored.name, signer=signer, statement=statement, deployment=deployment)


def bundles(items: Sequence[Stored]) -> tuple[Stored, ...]:
    """Return the bundles among the files of a store."""
    return tuple(item for item in items if item.ending == BUNDLE)


def _signer(bundle: Bundle) -> str:
    """Return the certificate of a bundle, or what it says of its key."""
    if bundle.certificate is not None:
        return f"certificate sha256:{sha256(bundle.certificate)}"
    return claimed_key(bundle)
