"""Start a trust file."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from aigf_dvc import shipped
from aigf_dvc.actions.trust_file import project_around
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError

_YEAR = timedelta(days=365)
_TEMPLATE = "trust-start.yaml"
_NO_DEMANDS = "# demands:\n#   policies: [sha256:...] "  # as the template has it


def start_trust(
    path: Path, *, name: str, today: date, policies: Sequence[Sha256] = (), inside: bool = False
) -> None:
    """Write a trust file that trusts nobody yet.

    Args:
        path: where the judge wants it.
        name: its `id`.
        today: it expires in a year.
        policies: the digests of the policies that it accepts.
        inside: write it even into a governed repository.

    Raises:
        InputError: something is there, or the place is one that others can write to.
        OSError: it cannot be written.
    """
    if path.is_symlink() or path.exists():
        raise InputError("already there", where=str(path), expected="a new file")
    repository = project_around(path)
    if repository is not None and not inside:
        raise InputError(
            f"a place inside the governed repository {repository}", where=str(path),
            expected="a place that only whoever judges can write to",
            hint="whoever may push to a repository must not choose who judges it; "
            "--inside-repository writes it all the same",
        )  # fmt: skip
    text = shipped.text("templates", _TEMPLATE)
    text = text.replace("id: NAME", f"id: {json.dumps(name)}").replace("DAY", str(today + _YEAR))
    if policies:
        accepted = ", ".join(f"sha256:{policy}" for policy in policies)
        text = text.replace(_NO_DEMANDS, f"demands:\n  policies: [{accepted}] ")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
