"""Verifies with all that a judge can bring: a policy, a trust file, lists, a store, an image."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.consents import Consents
from aigf_dvc.actions.judge_again import judge_under, observe_under, uphold_under
from aigf_dvc.actions.materialize import Staging
from aigf_dvc.actions.stored_candidates import candidates_from_store
from aigf_dvc.actions.verify import (
    Artifact,
    Candidates,
    candidates_from_file,
    exit_code,
    verify,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.canonical import Json
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.cli.chosen_signer import signer_asked
from aigf_dvc.cli.lists import ListJudge, with_lists
from aigf_dvc.cli.materialized import put_if_accepted, read_or_copy
from aigf_dvc.cli.observers import observers_of, open_observers
from aigf_dvc.cli.trusted import consents_of
from aigf_dvc.cli.verified import show_verified
from aigf_dvc.cli.verify_asked import Asked
from aigf_dvc.cli.verify_plainly import demanded
from aigf_dvc.cli.verify_trust import (
    attester,
    open_judges_trust,
    reproducible,
    tightened,
)
from aigf_dvc.cli.vsa_options import VsaOptions
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.model import Policy
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.observers import Observer
from aigf_dvc.signing.trusted import Trust
from aigf_dvc.stores.layout import Store
from aigf_dvc.stores.open import open_store

_IMAGE = Path("image")  # stands for the model in one: it lies in no repository


def verify_fully(asked: Asked) -> None:
    """Verify, show what came of it, and leave with the exit code."""
    trust = open_judges_trust(asked.trusted, asked.artifact or _IMAGE, asked.store)
    named = any((asked.key, asked.identity, asked.issuer, asked.signers, asked.times))
    signer = attester(trust, lambda: signer_asked(asked), named=named)
    options = demanded(asked, min_trust=TrustLevel(asked.min_trust or "declared"))
    seen_by = observers_of(
        trust, open_observers(asked.observers, asked.trusted_root), at=options.at
    )
    if seen_by and asked.min_trust is None:
        options = replace(options, min_trust=TrustLevel.OBSERVED)
    policy = folder_policy(read_file(asked.policy), asked.policy) if asked.policy else None
    write_vsa = _vsa_writer(asked, policy)
    store = open_store(asked.store) if asked.store else None
    demands = tightened(options, trust, min_trust=asked.min_trust)
    sought = _Sought(asked, store, signer, demands)
    found = sought.found
    demands = _observed(_walked(demands, asked, sought), seen_by, found)
    today = options.at.date()
    consents = (
        consents_of(trust, asked.trusted, today=today, default=asked.store) if trust else None
    )
    demands, consents = with_lists(
        demands, asked.lists,
        ListJudge(consents=consents, observers=seen_by, beside=found.beside, store=asked.store),
    )  # fmt: skip
    found = sought.unrevoked(demands)  # of an image, what nobody left names is no candidate
    demands = _consented(reproducible(demands, consents, found), consents, found)
    demands = _judged(demands, policy, consents, found)
    demands = _looking_upstream(demands, asked, signer, found, trust)
    tried = verify(sought.artifact, found, signer=signer, demands=demands)
    write_vsa(tried, demands)
    code = exit_code(tried, attesters=demands.attesters)
    put_if_accepted(sought.staged, accepted=code == 0)
    if asked.form == "text" and tried:
        click.echo(sought.image_text, nl=False)
    show_verified(
        tried, asked.form, asked.what, found, attesters=demands.attesters,
        beside=sought.beside | _signed(asked),
    )  # fmt: skip
    sys.exit(code)


class _Sought:
    """What is verified, the bundles to try, and what is told beside."""

    artifact: Artifact
    found: Candidates
    staged: Staging | None = None  # the copy to put in place
    image_text: str = ""

    def __init__(
        self, asked: Asked, store: Store | None, signer: AnyAttester, demands: Demands
    ) -> None:
        self.beside: dict[str, Json] = {}
        self.unrevoked: Callable[[Demands], Candidates] = lambda _: self.found
        given = _given(asked) if asked.bundle else None
        if asked.image:
            from aigf_dvc.cli.judged_image import (
                image_as_json,
                image_text,
                located_or_exit,
                unrevoked_or_exit,
            )

            image, form = asked.image, asked.form
            located = located_or_exit(image, given, signer=signer, demands=demands, form=form)
            self.artifact, self.found = located.sought

            def unrevoked(demands: Demands) -> Candidates:
                left = unrevoked_or_exit(located, image, demands, form)
                self.beside["image"] = image_as_json(left)
                self.image_text = f"{image_text(left)}\n"
                return left.candidates

            self.unrevoked = unrevoked
            return
        self.artifact, self.staged = read_or_copy(asked.artifact or Path(), asked.materialize)
        if store is not None:
            self.found = candidates_from_store(store, self.artifact)
        else:
            self.found = given or Candidates(bundles=(), beside={}, place="")


def _given(asked: Asked) -> Candidates:
    """Return the bundles of a file; about an image, statements of every kind are looked at."""
    data = read_file(asked.bundle or Path())
    if asked.image:
        return Candidates(bundles=split_bundles(data), beside={}, place=str(asked.bundle))
    return candidates_from_file(data, where=str(asked.bundle))


def _vsa_writer(
    asked: Asked, policy: Policy | None
) -> Callable[[Sequence[Verification], Demands], None]:
    """Return what writes the judge's own summary, where that is asked for."""
    if asked.vsa == VsaOptions():
        return lambda _tried, _demands: None
    from aigf_dvc.cli.sign_vsa import open_vsa

    return open_vsa(asked.vsa, policy, any_policy=asked.any_policy)


def _walked(demands: Demands, asked: Asked, sought: _Sought) -> Demands:
    """Return demands under which the lineage is walked again, where that is asked for."""
    if asked.deep.repository is None:
        return demands
    from aigf_dvc.cli.deep_walk import deep_walk

    place = asked.artifact or _IMAGE
    walk = deep_walk(asked.deep, place, sought.artifact, sought.found.beside)
    return replace(demands, walk=walk)


def _observed(demands: Demands, observers: Sequence[Observer], found: Candidates) -> Demands:
    """Return demands under which only what these observers signed is observed, if there are any."""
    if not observers:
        return demands
    return replace(demands, observe=observe_under(observers, beside=found.beside))


def _consented(demands: Demands, consents: Consents | None, found: Candidates) -> Demands:
    """Return demands under which approvals and waivers are verified again, as far as they count."""
    if consents is None:
        return demands
    return replace(demands, consent=uphold_under(consents, beside=found.beside))


def _judged(
    demands: Demands, policy: Policy | None, consents: Consents | None, found: Candidates
) -> Demands:
    """Return demands under which the evidence is judged again by the judge's own policy."""
    if policy is None:
        return demands
    judge = judge_under(policy, beside=found.beside, demands_at=demands, consents=consents)
    return replace(demands, judge=judge)


def _looking_upstream(
    demands: Demands, asked: Asked, signer: AnyAttester, found: Candidates, trust: Trust | None
) -> Demands:
    """Return demands under which what came from elsewhere is looked up, where that is asked for.

    Raises:
        click.UsageError: places or keys without `--upstream`.
    """
    if asked.upstream is None:
        if asked.repositories or asked.upstream_keys:
            raise click.UsageError("--upstream-repo and --upstream-key go with --upstream.")
        return demands
    from aigf_dvc.cli.upstream_walk import with_upstream

    return with_upstream(demands, asked, signer, found.beside, trust)


def _signed(asked: Asked) -> dict[str, Json]:
    if asked.signed is None:
        return {}
    from aigf_dvc.report.oms_text import oms_as_json

    return {"oms": oms_as_json(asked.signed)}
