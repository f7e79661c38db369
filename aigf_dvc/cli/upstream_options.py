"""The options that say where upstream attestations are, and whose are believed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.upstream import UpstreamTrust, open_upstream, walk_deployment
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.at_hand import RevocationCheck
from aigf_dvc.cli.options import FILE
from aigf_dvc.digests import Sha256
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


def upstream_options(command: _Command) -> _Command:
    """Add `--upstream-repo URL=PATH` and `--upstream-key FILE`."""
    repositories = click.option(
        "--upstream-repo", "repositories", multiple=True, metavar="URL=PATH",
        help="The clone or store here of a repository that data or a model came from; repeatable.",
    )  # fmt: skip
    keys = click.option(
        "--upstream-key", "upstream_keys", type=FILE, multiple=True, metavar="FILE",
        help="A public key whose upstream attestations are believed; repeatable.",
    )  # fmt: skip
    return repositories(keys(command))


def upstream_trust(
    repositories: tuple[str, ...],
    keys: tuple[Path, ...],
    own: AnyAttester | None,
    *,
    at: datetime,
    revocation: RevocationCheck | None = None,
) -> UpstreamTrust:
    """Return where to look and whom to believe: the given keys, else the model's own signer."""
    named = tuple(
        KeySigner(public_key=load_public_key(read_file(key), where=str(key))) for key in keys
    )
    signers = named or ((own,) if own is not None else ())
    if not signers:
        raise click.UsageError("Say whose upstream attestations you believe: --upstream-key FILE.")
    # The policy is the upstream's own; what was revoked is revoked there, too.
    demands = Demands(at=at, any_policy=True, revocation=revocation)
    return UpstreamTrust(stores=open_upstream(repositories), signers=signers, demands=demands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """What the caller said about the attestations of what a model took from elsewhere."""

    how: str | None  # report or require; None: they are not looked up
    repositories: tuple[str, ...]
    keys: tuple[Path, ...]


def with_upstream(
    demands: Demands, asked: Upstream, own: AnyAttester, beside: dict[Sha256, bytes]
) -> Demands:
    """Return demands that look upstream, where that is asked for."""
    if asked.how is None:
        if asked.repositories or asked.keys:
            raise click.UsageError("--upstream-repo and --upstream-key go with --upstream.")
        return demands
    trust = upstream_trust(
        asked.repositories, asked.keys, own, at=demands.at, revocation=demands.revocation
    )
    return replace(
        demands,
        upstream=lambda deployment: walk_deployment(deployment, beside, trust),
        upstream_required=asked.how == "require",
    )
