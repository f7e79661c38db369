"""What a log answers is about our signature, or nothing is handed out."""

import json
from http.server import BaseHTTPRequestHandler

import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.log_upload import log_signature
from tests.attestation.builders import a_payload
from tests.local_sigstore.server import LocalSigstore
from tests.serving import serving

KEY = key_kinds.generate("p256")
PAYLOAD = a_payload()
SIGNATURE = key_kinds.sign(KEY, pae(PAYLOAD))


def put(url: str, version: int = 1, *, signature: bytes = SIGNATURE) -> dict[str, object]:
    return dict(log_signature(PAYLOAD, signature, KEY.public_key(), url=url, version=version))


@pytest.mark.parametrize("version", [1, 2])
def test_a_log_gives_an_entry_in_the_form_of_a_bundle(version: int) -> None:
    with LocalSigstore() as sigstore:
        entry = put(sigstore.url + "/", version)
        assert sigstore.errors == []
    assert {"logIndex", "logId", "kindVersion", "inclusionProof", "canonicalizedBody"} <= set(entry)
    assert ("inclusionPromise" in entry) is (version == 1)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"a": {}, "b": {}}', b"\xff", b'{"a": 1}'])
@pytest.mark.parametrize("version", [1, 2])
def test_an_answer_that_is_no_entry_is_refused(answer: bytes, version: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(201)
            self.end_headers()
            self.wfile.write(answer)

    with serving(Handler) as host, pytest.raises(UndecidedError, match="no entry about this"):
        put(f"http://{host}", version)


@pytest.mark.parametrize("version", [1, 2])
def test_an_entry_about_another_signature_is_not_handed_out(version: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(201)
            self.end_headers()
            self.wfile.write(other)

    with LocalSigstore() as sigstore:
        foreign = put(sigstore.url, version, signature=key_kinds.sign(KEY, pae(PAYLOAD)))
    other = json.dumps(foreign if version == 2 else as_v1(foreign)).encode()
    with serving(Handler) as host, pytest.raises(UndecidedError, match="about another signature"):
        put(f"http://{host}", version)


def as_v1(entry: dict[str, object]) -> dict[str, object]:
    """Turn an entry back into the answer of a Rekor v1."""
    logged = {
        "body": entry["canonicalizedBody"], "integratedTime": 1, "logID": "00", "logIndex": 0,
        "verification": {
            "signedEntryTimestamp": "AAAA",
            "inclusionProof": {
                "checkpoint": "x", "hashes": [], "logIndex": 0, "rootHash": "00", "treeSize": 1,
            },
        },
    }  # fmt: skip
    return {"0" * 64: logged}


def test_a_log_that_does_not_answer_leaves_it_undecided() -> None:
    with pytest.raises(UndecidedError, match=r"127\.0\.0\.1:9.*did not take"):
        put("http://127.0.0.1:9")
    with pytest.raises(InputError, match="http or https"):
        put("file:///etc/passwd")


def test_a_key_that_rekor_v2_refuses_is_refused_before_anything_is_sent() -> None:
    key = key_kinds.generate("ed25519")
    with pytest.raises(InputError, match="Ed25519"):
        log_signature(
            PAYLOAD, key_kinds.sign(key, pae(PAYLOAD)), key.public_key(),
            url="http://127.0.0.1:9", version=2,
        )  # fmt: skip
