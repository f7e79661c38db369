"""What a client must hold: where the services are, and which keys and certificates to trust.

See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
"""

import base64
import datetime as dt
from dataclasses import dataclass
from typing import Any

from tests.local_sigstore.authority import VALID_BEFORE_NOW, Authority
from tests.local_sigstore.fulcio import Fulcio
from tests.local_sigstore.keys import SigningKey
from tests.local_sigstore.rekor import TransparencyLog
from tests.local_sigstore.timestamps import TimestampAuthority

TRUSTED_ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
SIGNING_CONFIG_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
TRUST_CONFIG_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
TIMESTAMP_PATH = "/api/v1/timestamp"

Json = dict[str, Any]  # Any: a document that is only written out


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one Sigstore."""

    fulcio: Fulcio
    rekor_v1: TransparencyLog
    rekor_v2: TransparencyLog
    timestamps: TimestampAuthority


def trusted_root(
    services: Services,
    *,
    url: str,
    ca_valid_until: dt.datetime | None = None,
    log_valid_until: dt.datetime | None = None,
) -> Json:
    """Return the TrustedRoot document.

    Args:
        services: whose keys and certificates to trust.
        url: where they answer.
        ca_valid_until: when trust in Fulcio's chain ends; None for never.
        log_valid_until: when trust in the transparency logs' keys ends; None for never.
    """
    fulcio, timestamps = services.fulcio, services.timestamps
    ca_period = _period(until=ca_valid_until)
    log_period = _period(until=log_valid_until)
    return {
        "mediaType": TRUSTED_ROOT_TYPE,
        "tlogs": [
            _log(services.rekor_v1.key, url=url, period=log_period),
            _log(services.rekor_v2.key, url=url, period=log_period),
        ],
        "certificateAuthorities": [_authority(fulcio.issuer, fulcio.root, url, ca_period)],
        "ctlogs": [_log(fulcio.log_key, url=url, period=_period())],
        "timestampAuthorities": [
            _authority(timestamps.signer, timestamps.root, url + TIMESTAMP_PATH, _period())
        ],
    }


def signing_config(*, url: str, rekor: int, timestamp: bool) -> Json:
    """Return the SigningConfig document.

    Args:
        url: where all services answer.
        rekor: the version of Rekor's API that the client is to use, 1 or 2.
        timestamp: whether the client is to ask for a timestamp.
    """
    timestamps = [_service(url + TIMESTAMP_PATH, version=1)] if timestamp else []
    return {
        "mediaType": SIGNING_CONFIG_TYPE,
        "caUrls": [_service(url, version=1)],
        "oidcUrls": [_service(url, version=1)],
        "rekorTlogUrls": [_service(url, version=rekor)],
        "tsaUrls": timestamps,
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaConfig": {"selector": "ANY"},
    }


def trust_config(root: Json, config: Json) -> Json:
    """Return the ClientTrustConfig document that holds both others."""
    return {"mediaType": TRUST_CONFIG_TYPE, "trustedRoot": root, "signingConfig": config}


def _authority(leaf: Authority, root: Authority, url: str, period: Json) -> Json:
    chain = [{"rawBytes": _base64(item.certificate_der)} for item in (leaf, root)]
    return {
        "subject": {"organization": "sigstore.test", "commonName": "sigstore.test"},
        "uri": url,
        "certChain": {"certificates": chain},
        "validFor": period,
    }


def _log(key: SigningKey, *, url: str, period: Json) -> Json:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _base64(key.public_der),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": period,
        },
        "logId": {"keyId": _base64(key.identifier)},
    }


def _service(url: str, *, version: int) -> Json:
    return {
        "url": url,
        "majorApiVersion": version,
        "validFor": _period(),
        "operator": "sigstore.test",
    }


def _period(*, until: dt.datetime | None = None) -> Json:
    start = dt.datetime.now(dt.UTC) - VALID_BEFORE_NOW
    if until is None:
        return {"start": _instant(start)}
    # A period that ends must start before it ends.
    return {"start": _instant(min(start, until - VALID_BEFORE_NOW)), "end": _instant(until)}


def _instant(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
