"""The timestamp authority of RFC 3161: signs the time at which it saw a digest."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509

from tests.local_sigstore.authority import Authority, root_authority, timestamp_signer

# See: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
POLICY = "1.3.6.1.4.1.57264.2"
ACCURACY_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampAuthority:
    """A root and the signer of timestamps that it vouches for."""

    root: Authority
    signer: Authority

    def answer(self, body: bytes) -> bytes:
        """Answer a DER timestamp query with a DER timestamp reply."""
        query = tsp.TimeStampReq.load(body)
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        content = _content(query, at=now)
        certificate = asn1_x509.Certificate.load(self.signer.certificate_der)
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [certificate] if query["cert_req"].native else [],
                "signer_infos": [self._signature(content, certificate, at=now)],
            }
        )
        reply: bytes = tsp.TimeStampResp(
            {
                "status": {"status": "granted"},
                "time_stamp_token": {"content_type": "signed_data", "content": signed},
            }
        ).dump()
        return reply

    def _signature(
        self, content: bytes, certificate: asn1_x509.Certificate, *, at: dt.datetime
    ) -> dict[str, Any]:
        """Sign the attributes that name the content (RFC 5652, section 5.3).

        `Any`: the values of asn1crypto have no types.
        """
        certificate_hash = hashlib.sha256(self.signer.certificate_der).digest()
        signing_certificate = tsp.SigningCertificateV2(
            {"certs": [tsp.ESSCertIDv2({"cert_hash": certificate_hash})]}
        )
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "signing_time", "values": [cms.Time({"utc_time": at})]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
                {"type": "signing_certificate_v2", "values": [signing_certificate]},
            ]
        )
        identifier = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        return {
            "version": "v1",
            "sid": {"issuer_and_serial_number": identifier},
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self.signer.key.sign(attributes.dump()),
        }


def new_timestamp_authority() -> TimestampAuthority:
    """Make a timestamp authority with keys of its own."""
    root = root_authority("timestamp root")
    return TimestampAuthority(root=root, signer=timestamp_signer("timestamp signer", root))


def _content(query: tsp.TimeStampReq, *, at: dt.datetime) -> bytes:
    """Return what is signed: the digest asked about, and the time (RFC 3161, section 2.4.2)."""
    content = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": query["message_imprint"],
        "serial_number": secrets.randbits(63),
        "gen_time": at,
        "accuracy": {"seconds": ACCURACY_SECONDS},
    }
    nonce = query["nonce"].native
    if nonce is not None:
        content["nonce"] = nonce
    encoded: bytes = tsp.TSTInfo(content).dump()
    return encoded
