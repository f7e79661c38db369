"""Looks up the attestations of what a model took from elsewhere."""

from pathlib import Path

import click
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.upstream import UpstreamTrust, open_upstream, walk_deployment
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.digests import Sha256
from aigf_dvc.signing.attesters import AnyAttester, attesters_of
from aigf_dvc.signing.key_kinds import PublicKey
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.trusted import Trust, TrustedSigner


def upstream_trust(
    repositories: tuple[str, ...],
    keys: tuple[Path, ...],
    own: AnyAttester | None,
    *,
    demands: Demands,
    trust: Trust | None = None,
) -> UpstreamTrust:
    """Return where to look and whom to believe: the given keys, else the model's own signer.

    Args:
        repositories: pairs of an address and where it is here.
        keys: public keys of the caller's.
        own: who must have attested the model itself.
        demands: with the time and the revocation lists that hold upstream, too.
        trust: the judge's file: a key that it names is held to what it says.
    """
    named = tuple(_named(key, trust) for key in keys)
    signers = named or ((own,) if own is not None else ())
    if not signers:
        raise click.UsageError("Say whose upstream attestations you believe: --upstream-key FILE.")
    # The policy is the upstream's own; what was revoked is revoked there, too.
    theirs = Demands(
        at=demands.at,
        any_policy=True,
        revocation=demands.revocation,
        revocation_required=demands.revocation_required,
    )
    return UpstreamTrust(stores=open_upstream(repositories), signers=signers, demands=theirs)


def _named(path: Path, trust: Trust | None) -> AnyAttester:
    """Return the signer with a key: by their lines, where the trust file has the key."""
    key = load_public_key(read_file(path), where=str(path))
    if trust is not None:
        known = [line for line in (*trust.people, *trust.services) if _has(line, key)]
        if known:
            attesters = attesters_of(trust)
            allowed = tuple(line for line in attesters.lines or () if line in known)
            return replace(attesters, lines=allowed)
    return KeySigner(public_key=key)


def _has(line: TrustedSigner, key: PublicKey) -> bool:
    means = line.means
    return isinstance(means, KeySigner) and fingerprint(means.public_key) == fingerprint(key)


def with_upstream(
    demands: Demands,
    asked: Asked,
    own: AnyAttester,
    beside: dict[Sha256, bytes],
    trust: Trust | None,
) -> Demands:
    """Return demands that look upstream."""
    believed = upstream_trust(
        asked.repositories, asked.upstream_keys, own, demands=demands, trust=trust
    )
    return replace(
        demands,
        upstream=lambda deployment: walk_deployment(deployment, beside, believed),
        upstream_required=asked.upstream == "require",
    )
