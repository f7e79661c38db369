"""Opens the observers that a caller named: their keys, identities, and what they signed."""

from datetime import datetime
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.signed_runs import find_signed_by
from aigf_dvc.attestation.trust import OBSERVE
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import Find
from aigf_dvc.cli.observer_options import ObserverOptions
from aigf_dvc.cli.root_file import read_root
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.cli.trusted import open_trust_file
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.observers import Observer, TrustedObservers
from aigf_dvc.signing.open import KeylessSigner, KeySigner
from aigf_dvc.signing.trusted import Trust
from aigf_dvc.stores.open import open_store


def open_observers(options: ObserverOptions, trusted_root: Path | None) -> tuple[Observer, ...]:
    """Return whom the caller trusts to observe.

    Raises:
        click.UsageError: an identity without its issuer, or the other way round.
        InputError: a key or the trusted root cannot be read.
    """
    observers: list[Observer] = [
        KeySigner(public_key=load_public_key(read_file(key), where=str(key)))
        for key in options.keys
    ]
    if (options.identity is None) != (options.issuer is None):
        raise click.UsageError("--observer-identity and --observer-issuer go together.")
    if options.identity is not None and options.issuer is not None:
        root = read_root(trusted_root)
        observers.append(
            KeylessSigner(identity=options.identity, issuer=options.issuer, trusted_root=root)
        )
    return tuple(observers)


def observers_of(
    trust: Trust | None, named: tuple[Observer, ...], *, at: datetime
) -> tuple[Observer, ...]:
    """Return whom the judge trusts to observe, by the options or by the trust file.

    Raises:
        click.UsageError: both name some.
    """
    if trust is None or OBSERVE not in trust.file.roles:
        return named
    if named:
        raise click.UsageError(
            "--observer-key and --observer-identity cannot add to a trust file that says who "
            "observes (roles: observe)."
        )
    return (TrustedObservers(lines=trust.holding(OBSERVE), today=at.date()),)


def all_observers(
    options: ObserverOptions, trusted: TrustOptions, *, trusted_root: Path | None, at: datetime
) -> tuple[Observer, ...]:
    """Return whom the caller trusts to observe, by name or by their trust file; none: nobody."""
    return observers_of(open_trust_file(trusted), open_observers(options, trusted_root), at=at)


def find_observed(observers: tuple[Observer, ...], project: Project, *, records: str) -> Find:
    """Return what finds the run records that the caller's observers signed, in a store."""
    place = f"git:{project.repository}" if records == "git" else records
    return find_signed_by(observers, open_store(place))
