"""What people signed about a model or its documents, as the trust file lets it count.

A value of these types is verified: somebody whom the judge's trust file names signed it. Whether
it speaks of this model, tree, policy and environment is for the policy to judge.
"""

from datetime import datetime

from msgspec import Struct

from aigf_dvc.digests import Sha256


class Consent(Struct, frozen=True, kw_only=True):
    """What approvals and waivers have in common."""

    person: str  # the name that the trust file gives the signer
    roles: tuple[str, ...]  # those that the trust file gives this person
    role: str  # the one in which they signed
    model: str  # its name in aigf.yaml
    models: tuple[Sha256, ...]  # each file of the model
    tree: Sha256
    policy: Sha256
    environment: str
    reason: str
    issued: datetime  # UTC
    expires: datetime | None
    where: str  # the bundle it was read from, by its digest
    emails: tuple[str, ...] = ()  # by which git knows this person


class Approval(Consent, frozen=True, kw_only=True):
    """A person's signed consent to deploy."""


class Waiver(Consent, frozen=True, kw_only=True):
    """A signed, bounded exception to named rules."""

    rules: tuple[str, ...]


class DocumentSignature(Struct, frozen=True, kw_only=True):
    """A person's signature under the exact bytes of a governance document."""

    person: str
    role: str  # one of those that the trust file gives this person
    document: Sha256
    reason: str
    issued: datetime  # UTC
    expires: datetime | None
    where: str
