"""RFC 3161 timestamps: asked for, and verified; the home of rfc3161_client."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerifierBuilder,
    decode_timestamp_response,
)

from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.redaction import redact_url
from aigf_dvc.signing.panics import pass_on_others

MAX_BYTES = 64 * 2**10
_SECONDS = 30
_WHERE = "timestamp"


def request_timestamp(signature: bytes, url: str) -> bytes:
    """Return a timestamp of a signature, as DER, from a timestamp authority.

    Raises:
        InputError: the URL is none.
        UndecidedError: the authority does not answer, or answers with something else.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(
            repr(redact_url(url)), where="--timestamp-url", expected="an http or https URL"
        )
    query = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
    }
    asked = urllib.request.Request(url, data=query.as_bytes(), headers=headers)  # noqa: S310  # checked above
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310  # checked above
            token: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UndecidedError(
            f"the timestamp authority did not answer: {_words(error)}", where=redact_url(url)
        ) from None
    try:
        if len(token) > MAX_BYTES:
            raise ValueError("too large")
        decode_timestamp_response(token).tst_info.message_imprint  # noqa: B018  # it is read
    except ValueError as error:
        raise UndecidedError(
            f"the timestamp authority's answer is no timestamp: {_words(error)}",
            where=redact_url(url),
        ) from None
    return token


def verify_timestamp(
    token: bytes, signature: bytes, authorities: Sequence[x509.Certificate]
) -> datetime:
    """Return when an authority saw a signature.

    Args:
        token: the DER of a timestamp response.
        signature: what must have been stamped.
        authorities: the certificates to trust: roots, and intermediates between.

    Raises:
        RefusedError: it is no timestamp of this signature by one of the authorities.
    """
    if len(token) > MAX_BYTES:
        raise RefusedError(f"{len(token)} bytes", where=_WHERE, expected=f"at most {MAX_BYTES}")
    builder = VerifierBuilder()
    for certificate in authorities:
        if certificate.subject == certificate.issuer:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        response = decode_timestamp_response(token)
        builder.build().verify_message(response, signature)
        time = response.tst_info.gen_time
    except BaseException as error:  # noqa: BLE001 (a token can hold certificates that cryptography
        # has no word for, or panics at: whatever is wrong with it, it tells no time)
        pass_on_others(error)
        raise RefusedError(
            _refusal(error), where=_WHERE,
            expected="a timestamp of this signature by an authority that is trusted",
        ) from None  # fmt: skip
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _words(error: BaseException) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return " ".join(str(reason).split()) or type(error).__name__


def _refusal(error: BaseException) -> str:
    """Return why a timestamp is refused; OpenSSL's own account of it is a page of C."""
    words = _words(error)
    if "certificate verify error" in words:
        return "signed by an authority that leads to none of yours"
    return "a signature that does not hold" if "PKCS7_verify" in words else words
