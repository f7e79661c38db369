"""What a verdict comes to, for those who read no predicate of ours: SVR v0.2 and VSA v1.

Only what holds is listed, under names of our own: a level of SLSA is never claimed.

See: https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md
See: https://slsa.dev/spec/v1.2/verification_summary
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from aigf_dvc.attestation.engine_statement import PREDICATES, read_engine_statement
from aigf_dvc.attestation.fields import TIME
from aigf_dvc.attestation.statement import statement_bytes
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Outcome

PASSED = "AIGF_DEPLOYMENT_PASSED"
NO_WAIVERS = "AIGF_NO_WAIVERS"
WALKED_AGAIN = "AIGF_LINEAGE_WALKED_AGAIN"


class Summary(Struct, frozen=True, kw_only=True):
    """A verdict that passed, in the few words that other tools know."""

    verifier: str  # the URI of who judged
    at: datetime  # UTC
    resource: str  # the URI of the model
    policy: Sha256
    policy_uri: str
    attestations: tuple[Sha256, ...]  # of the bundles that were judged, or that say it in full
    properties: tuple[str, ...]


def named_by_digest(digest: Sha256) -> str:
    """Return the URI of some bytes.

    Source: RFC 6920, section 3: `ni:///sha-256;` and the digest in base64url without padding.
    """
    return f"ni:///sha-256;{urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip('=')}"


def properties(
    outcomes: Mapping[str, Sequence[str]] | None, *, environment: str | None, level: TrustLevel
) -> Iterator[str]:
    """Yield what holds of a model that passed.

    Args:
        outcomes: what came of each rule, by its id; a rule may have several findings. None: it
            is not known, so nothing is said of rules and waivers.
        environment: what it was judged for; None: for none in particular.
        level: how far its lineage is trusted; every weaker level holds too.
    """
    yield PASSED
    if environment:
        yield f"AIGF_ENVIRONMENT:{environment}"
    for weaker in TrustLevel:
        if weaker.rank <= level.rank:
            yield f"AIGF_LINEAGE_{weaker.upper()}"
    if outcomes is None:
        return
    if not any(Outcome.WAIVED in found for found in outcomes.values()):
        yield NO_WAIVERS
    for rule in sorted(outcomes):
        if {*outcomes[rule]} == {Outcome.PASSED}:
            yield f"AIGF_RULE:{rule}"


def svr_statement(files: Sequence[ModelFile], summary: Summary) -> bytes:
    """Return a Simple Verification Result as the bytes to sign."""
    policy: dict[str, Json] = {"uri": summary.policy_uri, "digest": {"sha256": summary.policy}}
    predicate: dict[str, Json] = {
        "verifier": {"id": summary.verifier, "policies": [policy]},
        "timeCreated": _time(summary.at),
        "properties": list(summary.properties),
    }
    return _readable(statement_bytes(PREDICATES[VerdictType.SVR], files, predicate))


def vsa_statement(files: Sequence[ModelFile], summary: Summary) -> bytes:
    """Return a Verification Summary Attestation as the bytes to sign."""
    attestations: list[Json] = [
        {"uri": named_by_digest(bundle), "digest": {"sha256": bundle}}
        for bundle in summary.attestations
    ]
    predicate: dict[str, Json] = {
        "verifier": {"id": summary.verifier},
        "timeVerified": _time(summary.at),
        "resourceUri": summary.resource,
        "policy": {"uri": summary.policy_uri, "digest": {"sha256": summary.policy}},
        "inputAttestations": attestations,
        "verificationResult": "PASSED",
        "verifiedLevels": list(summary.properties),
    }
    return _readable(statement_bytes(PREDICATES[VerdictType.VSA], files, predicate))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME)


def _readable(payload: bytes) -> bytes:
    read_engine_statement(payload)  # nobody signs what a judge would refuse to read
    return payload
