"""Looks up the attestations of what a model took from elsewhere."""

from datetime import datetime
from pathlib import Path

import click
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.upstream import UpstreamTrust, open_upstream, walk_deployment
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.at_hand import RevocationCheck
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.digests import Sha256
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner


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


def with_upstream(
    demands: Demands, asked: Asked, own: AnyAttester, beside: dict[Sha256, bytes]
) -> Demands:
    """Return demands that look upstream."""
    trust = upstream_trust(
        asked.repositories, asked.upstream_keys, own, at=demands.at, revocation=demands.revocation
    )
    return replace(
        demands,
        upstream=lambda deployment: walk_deployment(deployment, beside, trust),
        upstream_required=asked.upstream == "require",
    )
