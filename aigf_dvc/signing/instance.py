"""The trust material of a Sigstore instance, as its operators publish it by TUF.

The first root is given by the caller, never taken from the network: whoever answers first would
else be trusted (CVE-2023-47122). From then on TUF refuses what is older than what was seen, what
has expired, and what too few of the operators' keys signed.
"""

from pathlib import Path

from sigstore.models import ClientTrustConfig

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.redaction import redact_url
from aigf_dvc.signing.trusted_root import is_public

_REASONS = {
    "BadVersionNumberError": "it answers with older metadata than was seen before",
    "EqualVersionNumberError": "it answers with older metadata than was seen before",
    "ExpiredMetadataError": "its metadata has expired: its operators must sign it anew",
    "LengthOrHashMismatchError": "a file is another than its metadata says",
    "UnsignedMetadataError": "its metadata is not signed by the keys that your root names",
}


def fetch_trust_config(url: str, root: Path | None) -> bytes:
    """Return the instance's ClientTrustConfig, up to date.

    Args:
        url: of the TUF repository.
        root: the `root.json` to begin with, as the operators handed it out; None: this machine
            has begun with one before (or it is the public instance, whose root sigstore carries).

    Raises:
        InputError: no URL, or no root to begin with.
        UndecidedError: the repository does not answer, or TUF refuses what it answers.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(repr(redact_url(url)), where="--tuf-url", expected="an http or https URL")
    if root is not None and not root.is_file():
        raise InputError("no such file", where=str(root), expected="the instance's root.json")
    where = redact_url(url)
    try:
        config = ClientTrustConfig.from_tuf(url, bootstrap_root=root)
        # No public method gives the JSON.
        data = config._inner.to_json().encode()  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 (network, TUF, parsing and file errors of all kinds)
        cause = error.__cause__ or error
        if isinstance(cause, FileNotFoundError):
            raise InputError(
                "no root to begin with", where=where, expected="--tuf-root FILE",
                hint="get root.json from those who run the instance, not from this address",
            ) from None  # fmt: skip
        name = type(cause).__name__
        words = _REASONS.get(name) or " ".join(str(cause).split())[:200] or name
        raise UndecidedError(words, where=where, expected="the instance's trust material") from None
    is_public(data, where=where)  # it says where to sign
    return data
