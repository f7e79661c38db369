"""Add somebody, or a key, identity or certificate of theirs, to a trust file."""

import os
from datetime import date
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.trust_file import whole_file_of
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.trust_edit import NewAuthority, NewSigner, add_signer
from aigf_dvc.attestation.trust_lint import Remark, mistyped_roles
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import demand_authorities
from aigf_dvc.signing.public_form import public_pem
from aigf_dvc.signing.trusted import open_trust


def key_entry(path: Path, *, valid_from: date | None, valid_until: date | None) -> dict[str, str]:
    """Return a public key as a trust file says it: whole, so that the file stands alone.

    Raises:
        InputError: the file holds no public key.
    """
    pem = public_pem(load_public_key(read_file(path), where=str(path))).decode()
    return {"pem": pem, **period_entry(valid_from, valid_until)}


def period_entry(first: date | None, last: date | None) -> dict[str, str]:
    """Return the days of a key or identity as a trust file says them."""
    days = {"valid_from": first, "valid_until": last}
    return {key: str(day) for key, day in days.items() if day is not None}


def new_authority(
    name: str, trust: Path, *, certificates: Path | None, timestamps: Path
) -> NewAuthority:
    """Return an authority as a trust file says it: the files by their path from it, pinned.

    Args:
        name: what the trust file calls it.
        trust: the trust file.
        certificates: PEM of who issues certificates; None: it only tells the time.
        timestamps: PEM of who tells the time.

    Raises:
        InputError: a file holds no certificates, or no root.
    """
    files = {"certificates": certificates, "timestamps": timestamps}
    return NewAuthority(
        name=name,
        files={key: _pinned(path, trust) for key, path in files.items() if path is not None},
    )


def _pinned(path: Path, trust: Path) -> dict[str, str]:
    data = read_file(path)
    demand_authorities(data, where=str(path))
    file = os.path.relpath(os.path.realpath(path), os.path.realpath(trust.parent))
    return {"file": file, "sha256": f"sha256:{sha256(data)}"}


def add_to_trust(path: Path, new: NewSigner) -> tuple[Remark, ...]:
    """Write a trust file with a signer, key, identity or role more; or leave it as it is.

    Returns:
        What to look at in the new roles.

    Raises:
        InputError: the file cannot be read or edited, or would not be valid then.
        OSError: it cannot be written.
    """
    if not path.exists():
        raise InputError(
            "no such file", where=str(path), expected="a trust file",
            hint=f"`aigf trust init {path}` starts one",
        )  # fmt: skip
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not UTF-8", where=str(path), expected="a trust file") from None
    edited = add_signer(text, new, where=str(path)).encode()
    trust = open_trust(whole_file_of(edited, path), lambda name: read_file(path.parent / name))
    write_atomically(path, edited)
    return tuple(mistyped_roles(trust.file, new.roles))
