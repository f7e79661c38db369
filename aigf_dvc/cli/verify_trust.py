"""What a trust file adds to the options of `aigf verify`: who may attest, and what is demanded.

Options may tighten what the file says, never loosen it.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import click
from msgspec.structs import replace

from aigf_dvc.actions.consents import Consents
from aigf_dvc.actions.reproduced_by import reproduce_under
from aigf_dvc.actions.trust_file import refuse_expired, refuse_own
from aigf_dvc.actions.verify import Candidates
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.merged import all_revocations
from aigf_dvc.attestation.lists.revoked import signer_revoked
from aigf_dvc.attestation.trust import ATTEST, REPRODUCE, Wish
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.cli.trusted import open_trust_file
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.signing.attesters import AnyAttester, attesters_of
from aigf_dvc.signing.open import AnySigner
from aigf_dvc.signing.reproducers import TrustedReproducers
from aigf_dvc.signing.trusted import Trust


def open_judges_trust(options: TrustOptions, artifact: Path, store: str | None) -> Trust | None:
    """Return the judge's trust file, or None when they name none.

    Raises:
        InputError: it cannot be read, or lies in the repository that it judges.
    """
    if options.trust is not None:
        refuse_own(options.trust, artifact)
        name, _, place = (store or "").partition(":")
        if name == "git":  # the attestations are there, so it is the one that is judged
            refuse_own(options.trust, Path(place) / FILE_NAME)
    return open_trust_file(options)


def attester(trust: Trust | None, chosen: Callable[[], AnySigner], *, named: bool) -> AnyAttester:
    """Return who may have attested: whom the trust file lets, and whom the options name.

    Args:
        trust: the judge's file.
        chosen: returns whom the options name, or raises a usage error.
        named: whether the options name anybody.
    """
    if trust is None:
        return chosen()
    if ATTEST not in trust.file.roles:
        return attesters_of(trust, also=chosen())
    return attesters_of(trust, also=chosen() if named else None)


def reproducible(demands: Demands, consents: Consents | None, found: Candidates) -> Demands:
    """Return demands under which clean runs count when those signed them who may reproduce.

    Without such a role they count by the attester's word, or, where others observe, not at all.
    """
    if consents is None or REPRODUCE not in consents.trust.file.roles:
        return demands
    observe = reproduce_under(
        demands.observe,
        TrustedReproducers(
            lines=consents.trust.holding(REPRODUCE),
            today=demands.at.date(),
            revoked=revoked_by(demands),
        ),
        beside=found.beside,
        given=(*map(bytes, found.bundles), *map(bytes, found.others), *consents.given),
        stores=consents.stores,
    )
    return replace(demands, observe=observe)


def revoked_by(demands: Demands) -> Callable[[SignerFacts], str] | None:
    """Return the function that says why a signer counts no more, by the judge's lists."""
    if demands.revocation is None:
        return None
    entries, at = all_revocations(demands.revocation.lists.lists), demands.at
    return lambda facts: signer_revoked(entries, facts, at)


def tightened(demands: Demands, trust: Trust | None, *, min_trust: str | None) -> Demands:
    """Return demands that hold only when those of the trust file hold, too.

    Args:
        demands: of the options.
        trust: the judge's file.
        min_trust: what the options say; None: nothing.

    Raises:
        click.UsageError: an option would loosen what the file says.
        InputError: the file has expired.
    """
    if trust is None:
        return demands
    refuse_expired(trust.file, demands.at.date())
    said = trust.file.demands
    if said.policies is not None and demands.any_policy:
        raise click.UsageError("--any-policy would loosen the trust file: it names policies.")
    policies = demands.policy_digests
    if said.policies is not None:
        policies = said.policies if policies is None else policies & said.policies
    explicit = min_trust is not None or "demands.min_trust" not in trust.file.places
    levels = [said.min_trust, demands.min_trust if explicit else said.min_trust]
    return replace(
        demands,
        policy_digests=policies,
        max_age=_shorter(demands.max_age, said.max_age),
        min_trust=max(levels, key=lambda level: level.rank),
        attesters=max(demands.attesters, said.attesters),
        source_repositories=said.source_repositories,
        revocation_required=said.revocations is Wish.REQUIRED or bool(said.revocation_lists),
        release_required=said.releases is Wish.REQUIRED,
    )


def _shorter(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return min(one, other) if one and other else one or other
