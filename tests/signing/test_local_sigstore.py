"""The local Sigstore, seen through sigstore-python's own client."""

import contextlib
import datetime as dt
import hashlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from asn1crypto import core, tsp
from cryptography import x509
from sigstore.dsse import Statement
from sigstore.errors import VerificationError
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken, Issuer
from sigstore.sign import SigningContext
from sigstore.verify import Verifier, policy

from tests.local_sigstore.server import LocalSigstore

MAIL = "dev@example.com"
ISSUER = "https://issuer.test.example"
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
MAIL_POLICY = policy.Identity(identity=MAIL, issuer=ISSUER)
# Not as a JSON writer would lay it out: what is signed must be these bytes.
STATEMENT = (
    b'{"_type": "https://in-toto.io/Statement/v1",  "subject": [{"name": "model.pkl", "digest":'
    b' {"sha256": "%s"}}], "predicateType": "https://example.com/test/v1", "predicate": {}}\n'
    % hashlib.sha256(b"model").hexdigest().encode()
)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running
    assert running.errors == []


def sign(sigstore: LocalSigstore, config: dict[str, Any], token: str | None = None) -> Bundle:
    context = SigningContext.from_trust_config(ClientTrustConfig.from_json(json.dumps(config)))
    with context.signer(IdentityToken(token or sigstore.token(MAIL))) as signer:
        bundle = signer.sign_dsse(Statement(STATEMENT))
    return Bundle.from_json(bundle.to_json())


def verify(
    bundle: Bundle, config: dict[str, Any], expected: policy.VerificationPolicy = MAIL_POLICY
) -> bytes:
    trust = ClientTrustConfig.from_json(json.dumps(config))
    kind, payload = Verifier(trusted_root=trust.trusted_root).verify_dsse(bundle, expected)
    assert kind == "application/vnd.in-toto+json"
    return payload


def test_rekor_v1_without_a_timestamp_signs_and_verifies(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config(rekor=1, timestamp=False)
    bundle = sign(sigstore, config)
    assert timestamps_in(bundle) == 0
    assert verify(bundle, config) == STATEMENT


def test_rekor_v1_with_a_timestamp_signs_and_verifies(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config(rekor=1, timestamp=True)
    bundle = sign(sigstore, config)
    assert timestamps_in(bundle) == 1
    assert verify(bundle, config) == STATEMENT


def test_rekor_v2_with_a_timestamp_signs_and_verifies(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config(rekor=2, timestamp=True)
    bundle = sign(sigstore, config)
    assert timestamps_in(bundle) == 1
    assert verify(bundle, config) == STATEMENT


@pytest.mark.parametrize("rekor", [1, 2])
def test_entries_of_a_growing_log_verify_by_their_place_in_the_tree(rekor: Literal[1, 2]) -> None:
    with LocalSigstore(issuer=ISSUER) as sigstore:
        config = sigstore.trust_config(rekor=rekor)
        bundles = [sign(sigstore, config) for _ in range(6)]
        assert [proof_length(bundle) for bundle in bundles] == [0, 1, 1, 2, 1, 2]
        for bundle in bundles:
            assert verify(bundle, config) == STATEMENT


def test_another_identity_is_refused(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    other = policy.Identity(identity="eve@example.com", issuer=ISSUER)
    with pytest.raises(VerificationError, match=r"eve@example\.com"):
        verify(sign(sigstore, config), config, other)


def test_another_issuer_is_refused(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    other = policy.Identity(identity=MAIL, issuer="https://other.test.example")
    with pytest.raises(VerificationError, match=r"other\.test\.example"):
        verify(sign(sigstore, config), config, other)


def test_a_token_of_another_issuer_names_that_issuer(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    bundle = sign(sigstore, config, sigstore.token(MAIL, issuer="https://other.test.example"))
    other = policy.Identity(identity=MAIL, issuer="https://other.test.example")
    assert verify(bundle, config, other) == STATEMENT
    with pytest.raises(VerificationError):
        verify(bundle, config)


@pytest.mark.parametrize("rekor", [1, 2])
def test_another_sigstore_does_not_trust_the_bundle(
    sigstore: LocalSigstore, rekor: Literal[1, 2]
) -> None:
    bundle = sign(sigstore, sigstore.trust_config(rekor=rekor))
    with LocalSigstore(issuer=ISSUER) as other, pytest.raises(VerificationError):
        verify(bundle, other.trust_config(rekor=rekor))


def test_an_edited_payload_is_refused(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    content = json.loads(sign(sigstore, config).to_json())
    payload = content["dsseEnvelope"]["payload"]
    content["dsseEnvelope"]["payload"] = ("A" if payload[0] != "A" else "B") + payload[1:]
    with pytest.raises(VerificationError):
        verify(Bundle.from_json(json.dumps(content)), config)


def test_a_workflow_signs_under_its_address(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    bundle = sign(sigstore, config, sigstore.token(WORKFLOW))
    workflow = policy.Identity(identity=WORKFLOW, issuer=ISSUER)
    assert verify(bundle, config, workflow) == STATEMENT
    assert subject_names(bundle) == [x509.UniformResourceIdentifier(WORKFLOW)]


def test_a_person_signs_under_a_mail_address(sigstore: LocalSigstore) -> None:
    bundle = sign(sigstore, sigstore.trust_config())
    assert subject_names(bundle) == [x509.RFC822Name(MAIL)]


def test_the_certificate_names_the_source_repository(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    claims = {
        "repository_uri": "https://github.com/acme/models",
        "sha": "0123456789abcdef0123456789abcdef01234567",
        "ref": "refs/heads/main",
        "job_workflow_ref": WORKFLOW,
        "runner_environment": "github-hosted",
    }
    bundle = sign(sigstore, config, sigstore.token(WORKFLOW, claims=claims))
    assert fulcio_extensions(bundle) == {
        ".8": ISSUER,
        ".9": WORKFLOW,
        ".11": "github-hosted",
        ".12": "https://github.com/acme/models",
        ".13": "0123456789abcdef0123456789abcdef01234567",
        ".14": "refs/heads/main",
    }
    # sigstore-python reads them by its own table of identifiers.
    expected = policy.AllOf(
        [
            policy.OIDCIssuerV2(ISSUER),
            policy.OIDCBuildSignerURI(WORKFLOW),
            policy.OIDCRunnerEnvironment(claims["runner_environment"]),
            policy.OIDCSourceRepositoryURI(claims["repository_uri"]),
            policy.OIDCSourceRepositoryDigest(claims["sha"]),
            policy.OIDCSourceRepositoryRef(claims["ref"]),
        ]
    )
    assert verify(bundle, config, expected) == STATEMENT


def test_a_certificate_without_such_claims_names_no_repository(sigstore: LocalSigstore) -> None:
    assert fulcio_extensions(sign(sigstore, sigstore.trust_config())) == {".8": ISSUER}


def test_a_client_finds_the_openid_configuration(sigstore: LocalSigstore) -> None:
    assert Issuer(sigstore.url).oidc_config.token_endpoint == f"{sigstore.url}/token"


def test_the_trust_in_the_authority_can_end(sigstore: LocalSigstore) -> None:
    root = sigstore.trusted_root(ca_valid_until=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    (authority,) = root["certificateAuthorities"]
    assert authority["validFor"] == {"start": "2019-12-31T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    assert all("end" not in log["publicKey"]["validFor"] for log in root["tlogs"])


def test_the_trust_in_the_logs_can_end(sigstore: LocalSigstore) -> None:
    root = sigstore.trusted_root(log_valid_until=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    ends = [log["publicKey"]["validFor"]["end"] for log in root["tlogs"]]
    assert ends == ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"]
    assert "end" not in root["certificateAuthorities"][0]["validFor"]


@pytest.mark.parametrize("wants_certificate", [True, False])
def test_the_timestamp_authority_answers_what_was_asked(
    sigstore: LocalSigstore, wants_certificate: bool
) -> None:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x01" * 32}
    query = {"version": "v1", "message_imprint": imprint, "cert_req": wants_certificate}
    url = sigstore.trust_config()["signingConfig"]["tsaUrls"][0]["url"]
    path = url.removeprefix(sigstore.url)
    status, body = post(sigstore.url, path, tsp.TimeStampReq({**query, "nonce": 7}).dump())
    assert status == 201
    signed = tsp.TimeStampResp.load(body)["time_stamp_token"]["content"]
    content = signed["encap_content_info"]["content"].parsed
    assert content["message_imprint"].native == tsp.MessageImprint(imprint).native
    assert content["nonce"].native == 7
    assert len(signed["certificates"]) == int(wants_certificate)


def test_a_service_that_fails_answers_500_and_keeps_the_error() -> None:
    with LocalSigstore() as sigstore:
        assert post(sigstore.url, "/api/v2/log/entries", b"not JSON")[0] == 500
        assert [type(error) for error in sigstore.errors] == [json.JSONDecodeError]


def test_an_address_without_service_is_not_an_error() -> None:
    with LocalSigstore() as sigstore:
        assert post(sigstore.url, "/nowhere", b"")[0] == 404
        assert sigstore.errors == []


def test_nothing_listens_after_the_end() -> None:
    with LocalSigstore() as sigstore:
        url = sigstore.url
    with pytest.raises(ConnectionRefusedError):
        post(url, "/", b"")
    with pytest.raises(RuntimeError, match="call start"):
        _ = sigstore.url


def test_sigstore_reads_the_trusted_root_from_a_file(
    sigstore: LocalSigstore, tmp_path: Path
) -> None:
    file = tmp_path / "trusted_root.json"
    file.write_text(json.dumps(sigstore.trusted_root()))
    bundle = sign(sigstore, sigstore.trust_config())
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(file)))
    assert verifier.verify_dsse(bundle, MAIL_POLICY)[1] == STATEMENT


def timestamps_in(bundle: Bundle) -> int:
    material = json.loads(bundle.to_json())["verificationMaterial"]
    return len(material.get("timestampVerificationData", {}).get("rfc3161Timestamps", []))


def proof_length(bundle: Bundle) -> int:
    (entry,) = json.loads(bundle.to_json())["verificationMaterial"]["tlogEntries"]
    return len(entry["inclusionProof"].get("hashes", []))


def subject_names(bundle: Bundle) -> list[x509.GeneralName]:
    extensions = bundle.signing_certificate.extensions
    return list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def fulcio_extensions(bundle: Bundle) -> dict[str, str]:
    """Return the texts in Fulcio's extensions, by the end of their identifier."""
    prefix = "1.3.6.1.4.1.57264.1"
    return {
        item.oid.dotted_string.removeprefix(prefix): core.UTF8String.load(item.value.value).native
        for item in bundle.signing_certificate.extensions
        if isinstance(item.value, x509.UnrecognizedExtension)
        and item.oid.dotted_string.startswith(f"{prefix}.")
        and item.oid.dotted_string != f"{prefix}.1"  # the old issuer, bare text
    }


def post(sigstore_url: str, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(sigstore_url.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", path, body=body)
        answer = connection.getresponse()
        return answer.status, answer.read()
