"""Looks at the files that a signer or a judge names: private keys, trust files, trusted roots."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.trust_check import remarks_on
from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.attestation.trust_lint import Level
from aigf_dvc.errors import RefusedError
from aigf_dvc.report.doctor_text import Health, Line
from aigf_dvc.signing.private_keys import is_encrypted
from aigf_dvc.signing.trusted_root import read_trusted_root, valid_at

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SOON = timedelta(days=30)


def look_at_key(path: Path) -> Iterator[Line]:
    """Say whether a private key is one, who may read it, and whether a passphrase protects it."""
    data = read_file(path)
    if b"PRIVATE KEY-----" not in data:
        yield Line(
            health=Health.PROBLEM, subject="key", text=f"{path} is no private key in PEM",
            fix="name the private key; `aigf key generate` makes one",
        )  # fmt: skip
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & _OTHERS:
        yield Line(
            health=Health.PROBLEM, subject="key",
            text=f"others than its owner have access to {path} (mode {mode:04o})",
            fix=f"chmod 600 {path}",
        )  # fmt: skip
    elif not is_encrypted(data):
        yield Line(
            health=Health.WARNING, subject="key", text=f"{path} has no passphrase",
            fix="`aigf key generate` asks for one; a key of CI belongs into its secrets",
        )  # fmt: skip
    else:
        yield Line(health=Health.OK, subject="key", text=f"{path}: encrypted, mode {mode:04o}")


def look_at_trust(path: Path, *, at: datetime) -> Iterator[Line]:
    """Say what is wrong with a trust file.

    Args:
        path: of the file.
        at: the clock, UTC.
    """
    remarks = [r for r in remarks_on(load_trust(path), path, at) if r.level is not Level.NOTE]
    for remark in remarks:
        yield Line(
            health=Health.PROBLEM if remark.level is Level.ERROR else Health.WARNING,
            subject="trust file", text=f"{remark.where}: {remark.text}",
            fix=f"edit it, then `aigf trust check {path}`",
        )  # fmt: skip
    if not remarks:
        yield Line(health=Health.OK, subject="trust file", text=f"{path}: nothing to remark")


def look_at_root(path: Path, *, at: datetime) -> Iterator[Line]:
    """Say whether a trusted root trusts something of each kind now, and still will next month.

    Args:
        path: of a TrustedRoot or ClientTrustConfig.
        at: the clock, UTC.
    """
    root = read_trusted_root(read_file(path), where=str(path))
    fix = "`aigf instance fetch` gets it anew; ask who runs the instance"
    for moment, health in ((at, Health.PROBLEM), (at + _SOON, Health.WARNING)):
        try:
            valid_at(root, moment)
        except RefusedError as error:
            text = f"{path}: {error.found}"
            yield Line(health=health, subject="trusted root", text=text, fix=fix)
            return
    text = f"{path}: authorities and logs are in force for 30 days at least"
    yield Line(health=Health.OK, subject="trusted root", text=text)
