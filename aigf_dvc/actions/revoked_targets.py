"""Reads what a caller wrote to name something to revoke: a file, a folder, a digest, a signer."""

from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.attestation.lists.revocations import Kind, Target, is_fingerprint
from aigf_dvc.digests import as_sha256, sha256
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.hashing.file_hashing import Hashed, hash_path
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.signing.bundle import parse_bundle, split_bundles
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.stores.layout import Store, Unreadable

_MD5 = lazy_pattern(r"md5:([0-9a-f]{32})(?:\.dir)?\Z")


def read_attestation(text: str, store: Store | None) -> Target:
    """Return the attestation that a text names: a bundle, or a digest of a statement or a bundle.

    What counts is the statement: the same one in a bundle of another layout is the same.

    Args:
        text: a path, or `sha256:HEX`.
        store: where a bundle of that digest may be.

    Raises:
        InputError: no such file, or not one bundle.
    """
    digest = as_sha256(text.removeprefix("sha256:"))
    if digest is not None:
        return Target(kind=Kind.ATTESTATION, sha256=_stored_statement(digest, store) or digest)
    bundles = split_bundles(read_file(Path(text)))
    if len(bundles) != 1:
        raise InputError(f"{len(bundles)} bundles", where=text, expected="one, or sha256:HEX")
    try:
        payload = parse_bundle(bundles[0]).payload
    except RefusedError as error:
        raise InputError(error.found, where=text, expected="a Sigstore bundle") from None
    return Target(kind=Kind.ATTESTATION, sha256=sha256(payload))


def read_model(text: str) -> Target:
    """Return the model that a text names: a file or a folder, or `sha256:HEX`.

    Raises:
        InputError: neither a digest nor anything that is there.
    """
    digest = as_sha256(text.removeprefix("sha256:"))
    if digest is not None:
        return Target(kind=Kind.MODEL, sha256=digest)
    return Target(kind=Kind.MODEL, sha256=_hash(text).sha256)


def read_data(text: str) -> Target:
    """Return the data that a text names: a file or a folder, `sha256:HEX` or `md5:HEX`.

    Raises:
        InputError: neither a digest nor anything that is there.
    """
    digest = as_sha256(text.removeprefix("sha256:"))
    if digest is not None:
        return Target(kind=Kind.DATA, sha256=digest)
    if match := _MD5.match(text):
        return Target(kind=Kind.DATA, md5=match[1])
    hashed = _hash(text)
    return Target(kind=Kind.DATA, sha256=hashed.sha256, md5=hashed.md5.removesuffix(".dir"))


def read_signer(text: str, issuer: str | None) -> Target:
    """Return the signer that a text names: a key's fingerprint or file, or an identity.

    Raises:
        InputError: neither, or an identity without its issuer.
    """
    if issuer is not None:
        return Target(kind=Kind.SIGNER, signer=text, issuer=issuer)
    if is_fingerprint(text):
        return Target(kind=Kind.SIGNER, signer=text)
    if Path(text).is_file():
        key = load_public_key(read_file(Path(text)), where=text)
        return Target(kind=Kind.SIGNER, signer=fingerprint(key))
    raise InputError(
        f"{text!r:.200}", where="--signer", expected="a public key: its file, or sha256:HEX",
        hint="an identity needs --issuer URL too: anyone can vouch for a name",
    )  # fmt: skip


def _hash(text: str) -> Hashed:
    path = Path(text).absolute()
    try:
        return hash_path(path.parent, path.name)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "no such file or folder", where=text, expected="one, or a digest such as sha256:HEX"
        ) from None


def _stored_statement(bundle: str, store: Store | None) -> str | None:
    """Return the digest of the statement in the stored bundle that a digest names, if there is."""
    for item in store.all() if store is not None else ():
        if not isinstance(item, Unreadable) and sha256(item.data) == bundle:
            try:
                return sha256(parse_bundle(item.data).payload)
            except RefusedError:
                return None
    return None
