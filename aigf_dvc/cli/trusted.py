"""Opens the trust file that a caller named, and finds what its people signed."""

from datetime import date
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.consents import Consents, open_consents
from aigf_dvc.actions.trust_file import load_trust, project_around
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.trusted import Trust
from aigf_dvc.stores.open import open_store


def open_trust_file(options: TrustOptions) -> Trust | None:
    """Return the opened trust file, or None when the caller names none.

    Raises:
        click.UsageError: `--approvals` without `--trust`.
        InputError: the trust file, or one that it names, cannot be read.
    """
    if options.trust is not None:
        return load_trust(options.trust)
    if options.approvals:
        raise click.UsageError("--approvals goes with --trust: without it nobody's word counts.")
    return None


def open_trusted(options: TrustOptions, *, today: date, default: str | None) -> Consents | None:
    """Return whom the caller lets count, or None when they name no trust file.

    Args:
        options: what the caller said.
        today: the day of the judgement, in UTC.
        default: the store to look in, whatever else the caller names.

    Raises:
        click.UsageError: `--approvals` without `--trust`.
        InputError: the trust file, a key, or a bundle of the caller's cannot be read.
    """
    trust = open_trust_file(options)
    if trust is None:
        return None
    if options.trust is not None and project_around(options.trust) is not None:
        talk(
            f"aigf: warning: {options.trust} lies in a governed repository: whoever may push there "
            "chooses whom you trust (`aigf verify` refuses it)"
        )
    return consents_of(trust, options, today=today, default=default)


def consents_of(
    trust: Trust, options: TrustOptions, *, today: date, default: str | None
) -> Consents:
    """Return whose consents count, and where they are.

    Raises:
        InputError: the trust file has expired, or a bundle of the caller's cannot be read.
    """
    places = (*((default,) if default is not None else ()), *options.approvals)
    files = [Path(place) for place in places if _is_file(place)]
    return open_consents(
        trust,
        today=today,
        stores=tuple(open_store(place) for place in places if not _is_file(place)),
        given=tuple(bundle for file in files for bundle in split_bundles(read_file(file))),
    )


def _is_file(place: str) -> bool:
    """Tell whether a place is a file of bundles; `git` is a store, whatever lies here."""
    return place != "git" and not place.startswith("git:") and Path(place).is_file()
