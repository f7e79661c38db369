"""A trust file's own PKI: certificates that it issued, and the time that its authority tells."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.actions.verify import Artifact, Candidates, exit_code, verify
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.cli.verify_trust import attester, tightened
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.certificate import read_certificates, sign_with_certificate
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keys import signed_statement
from aigf_dvc.signing.open import AnySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.timestamps import request_timestamp
from tests.attestation.builders import DEPLOYED, MODEL_BYTES, a_payload, some_demands
from tests.signing.by_key import sign_statement
from tests.signing.own_pki import IDENTITY, Pki, make_pki, timestamp_server

NOW = datetime.now(UTC).replace(microsecond=0)
PAYLOAD = a_payload(issued_on=NOW)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    made = make_pki(tmp_path_factory.mktemp("pki"))
    made.path("ca.pem").write_bytes(made.read("root.pem", "between.pem"))
    private, public = generate_key(None)
    made.path("release.key").write_bytes(private)
    made.path("release.pub").write_bytes(public)
    return made


def pin(pki: Pki, name: str) -> str:
    return f"{{file: {name}, sha256: 'sha256:{sha256(pki.read(name))}'}}"


def trust(pki: Pki, line: str, *, demands: str = "", authority: str = "") -> Path:
    corp = authority or (
        f"{{certificates: {pin(pki, 'ca.pem')}, timestamps: {pin(pki, 'tsa-root.pem')}}}"
    )
    path = pki.path("trust.yaml")
    path.write_text(
        "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
        f"services: {{release: {{{line}}}}}\nroles: {{attest: [release]}}\n"
        f"authorities: {{corp: {corp}}}\n" + (f"demands: {{{demands}}}\n" if demands else "")
    )
    return path


def judged(path: Path, bundle: bytes, *, at: datetime | None = None) -> tuple[Verification, int]:
    def nobody() -> AnySigner:
        raise AssertionError

    opened = load_trust(path)
    demands = tightened(some_demands(at=at or datetime.now(UTC)), opened, min_trust=None)
    (outcome,) = verify(
        Artifact(files=DEPLOYED, key=sha256(MODEL_BYTES)),
        Candidates(bundles=(bundle,), beside={}, place="here"),
        signer=attester(opened, nobody, named=False),
        demands=demands,
    )
    return outcome, exit_code((outcome,))


def refusal(path: Path, bundle: bytes) -> str:
    outcome, code = judged(path, bundle)
    assert code == 1
    assert outcome.stopped_at is not None
    return f"{outcome.stopped_at.name.name} {outcome.stopped_at.detail}"


def by_key(pki: Pki, *, stamped: bool) -> bytes:
    key = load_private_key(pki.read("release.key"), None, where="test")
    if not stamped:
        return sign_statement(PAYLOAD, key)
    with timestamp_server(pki.stamp) as url:
        signature = key_kinds.sign(key, pae(PAYLOAD))
        stamp = request_timestamp(signature, url)
        return signed_statement(PAYLOAD, signature, key.public_key(), stamp=stamp)


def by_certificate(pki: Pki) -> bytes:
    (certificate, *_) = read_certificates(pki.read("leaf.pem"), where="leaf")
    private = load_pem_private_key(pki.read("leaf.key"), None)
    assert isinstance(private, PrivateKey)
    with timestamp_server(pki.stamp) as url:
        return sign_with_certificate(
            PAYLOAD,
            certificate,
            sign=lambda message: key_kinds.sign(private, message),
            stamp=lambda signature: request_timestamp(signature, url),
        )


CERTIFICATE = f"certificates: [{{identity: {IDENTITY}, authority: corp}}]"
STAMPED = "keys: [{file: release.pub, authority: corp}]"
PLAIN = "keys: [{file: release.pub}]"


def test_a_certificate_of_the_named_authority_attests(pki: Pki) -> None:
    bundle = by_certificate(pki)
    outcome, code = judged(trust(pki, CERTIFICATE, demands="timestamp: required"), bundle)
    assert code == 0
    assert outcome.signer is not None
    assert outcome.signer.line is not None
    assert outcome.signer.line.owner == "release"
    other = CERTIFICATE.replace("ml-release", "eve")
    assert "lets attest" in refusal(trust(pki, other), bundle)
    logged = trust(pki, CERTIFICATE, demands="transparency_log: required")
    assert "a certificate of one's own PKI" in refusal(logged, bundle)


def test_a_certificate_of_another_authority_does_not(pki: Pki) -> None:
    swapped = (
        f"{{certificates: {pin(pki, 'tsa-root.pem')}, timestamps: {pin(pki, 'tsa-root.pem')}}}"
    )
    said = refusal(trust(pki, CERTIFICATE, authority=swapped), by_certificate(pki))
    assert "not to be trusted" in said


def test_an_authority_that_only_tells_the_time_issues_nothing(pki: Pki) -> None:
    only = f"{{timestamps: {pin(pki, 'tsa-root.pem')}}}"
    assert judged(trust(pki, STAMPED, authority=only), by_key(pki, stamped=True))[1] == 0
    with pytest.raises(InputError, match="issues no certificates"):
        load_trust(trust(pki, CERTIFICATE, authority=only))
    with pytest.raises(InputError, match="the unknown authority"):
        load_trust(trust(pki, STAMPED.replace("corp", "acme")))


def test_a_key_of_an_authority_needs_its_timestamp(pki: Pki) -> None:
    stamped, plain = by_key(pki, stamped=True), by_key(pki, stamped=False)
    path = trust(pki, STAMPED, demands="timestamp: required")
    assert judged(path, stamped)[1] == 0
    assert "no timestamp" in refusal(path, plain)
    without = trust(pki, PLAIN, demands="timestamp: required")
    assert "only the signer says when" in refusal(without, stamped)  # nobody verified the stamp


def test_a_proven_time_outlives_the_key_and_a_claimed_one_does_not(pki: Pki) -> None:
    """Signed on the key's last day, judged two days later."""
    stamped, later = by_key(pki, stamped=True), NOW + timedelta(days=2)
    day, before = NOW.date() + timedelta(days=1), NOW.date() - timedelta(days=1)
    ends = trust(pki, STAMPED.replace("authority", f"valid_until: {day}, authority"))
    assert judged(ends, stamped, at=later)[1] == 0
    ended = trust(pki, STAMPED.replace("authority", f"valid_until: {before}, authority"))
    assert "valid only until" in refusal(ended, stamped)
    claimed = trust(pki, PLAIN.replace("release.pub", f"release.pub, valid_until: {day}"))
    plain = by_key(pki, stamped=False)
    assert judged(claimed, plain)[1] == 0
    assert judged(claimed, plain, at=later)[1] == 1
