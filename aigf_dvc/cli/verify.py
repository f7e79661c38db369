"""`aigf verify`: the last gate before a model is deployed."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.consents import Consents
from aigf_dvc.actions.judge_again import judge_under, observe_under, uphold_under
from aigf_dvc.actions.materialize import Staging
from aigf_dvc.actions.stored_candidates import candidates_from_store
from aigf_dvc.actions.verify import Artifact, Candidates, candidates_from_file, exit_code, verify
from aigf_dvc.actions.verify_image import Located
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.oms_verification import OmsVerification
from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.cli.ages import age
from aigf_dvc.cli.chosen_signer import Pki, chosen_signer, root_of_signer
from aigf_dvc.cli.deep_options import DeepOptions, deep_options
from aigf_dvc.cli.deep_walk import deep_walk
from aigf_dvc.cli.digest_values import digests_given
from aigf_dvc.cli.image_options import ImageOptions, judged_image_options
from aigf_dvc.cli.judged_image import image_as_json, image_text, located_or_exit
from aigf_dvc.cli.list_options import ListOptions, list_options
from aigf_dvc.cli.lists import ListJudge, with_lists
from aigf_dvc.cli.materialized import materialize_option, put_if_accepted, read_or_copy
from aigf_dvc.cli.observer_options import ObserverOptions, observer_options
from aigf_dvc.cli.observers import observers_of, open_observers
from aigf_dvc.cli.oms_options import oms_option
from aigf_dvc.cli.options import FILE, counted, format_option, talk, use_color
from aigf_dvc.cli.sign_vsa import open_vsa
from aigf_dvc.cli.signature_only import signature_only_option
from aigf_dvc.cli.trust_options import TrustOptions, trust_options
from aigf_dvc.cli.trusted import consents_of
from aigf_dvc.cli.upstream_options import Upstream, upstream_options, with_upstream
from aigf_dvc.cli.verify_trust import (
    attester,
    open_judges_trust,
    reproducible,
    tightened,
)
from aigf_dvc.cli.vsa_options import VsaOptions, vsa_options
from aigf_dvc.clock import now
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.model import Policy
from aigf_dvc.report.oms_text import oms_as_json
from aigf_dvc.report.verification_text import tried_text, verification_as_json
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.observers import Observer
from aigf_dvc.stores.layout import Store
from aigf_dvc.stores.open import open_store


@click.command(name="verify")
@signature_only_option
@click.argument("artifact", type=FILE, required=False)
@click.option("--bundle", type=FILE, metavar="FILE", help="The attestation: a Sigstore bundle.")
@click.option(
    "--from", "store", metavar="STORE", help="Or look it up: `git`, `git:PATH` or a folder."
)
@click.option("--key", type=FILE, metavar="FILE", help="The public key that must have signed.")
@click.option("--identity", metavar="ID", help="Or the identity that must have signed.")
@click.option("--issuer", metavar="URL", help="Who must vouch for the identity.")
@click.option(
    "--trusted-root", type=FILE, metavar="FILE",
    help="The Sigstore instance to trust (TrustedRoot or ClientTrustConfig JSON). With --key: the "
    "signature must stand in one of its transparency logs.",
)  # fmt: skip
@click.option(
    "--require-log", is_flag=True,
    help="That last, where --trusted-root also serves an --observer-identity.",
)  # fmt: skip
@click.option(
    "--certificate-authority", "signers", type=FILE, metavar="FILE",
    help="Or the PKI that issued the signer's certificate: PEM, roots and intermediates.",
)  # fmt: skip
@click.option(
    "--timestamp-authority", "times", type=FILE, metavar="FILE",
    help="Who must have stamped the signature (PEM); for certificates always, for keys on demand.",
)  # fmt: skip
@click.option("--policy", type=FILE, metavar="FILE", help="Judge the evidence again, under this.")
@click.option(
    "--policy-digest", "digests", callback=digests_given, multiple=True, metavar="sha256:HEX",
    help="Accept what passed this policy; repeatable.",
)  # fmt: skip
@click.option("--any-policy", is_flag=True, help="Do not check the policy, and say so.")
@click.option("--environment", default="production", show_default=True, metavar="ENV")
@click.option("--max-age", callback=age, metavar="AGE", help="Refuse older ones: 12h, 30d, 8w.")
@click.option(
    "--min-trust", type=click.Choice(["declared", "observed", "reproduced"]),
    help="The weakest lineage to accept; `declared` by default, `observed` with an observer.",
)  # fmt: skip
@oms_option
@observer_options
@trust_options
@click.option(
    "--upstream", type=click.Choice(["report", "require"]),
    help="Look up the attestations of imported data and base models; require: refuse without.",
)  # fmt: skip
@upstream_options
@deep_options
@vsa_options
@list_options
@materialize_option
@judged_image_options
@format_option
def command(
    artifact: Path | None,
    bundle: Path | None,
    store: str | None,
    key: Path | None,
    identity: str | None,
    issuer: str | None,
    trusted_root: Path | None,
    require_log: bool,
    signers: Path | None,
    times: Path | None,
    policy: Path | None,
    digests: tuple[Sha256, ...],
    any_policy: bool,
    signed: OmsVerification | None,
    environment: str,
    max_age: timedelta | None,
    min_trust: str | None,
    observers: ObserverOptions,
    trusted: TrustOptions,
    upstream: str | None,
    repositories: tuple[str, ...],
    upstream_keys: tuple[Path, ...],
    deep: DeepOptions,
    vsa: VsaOptions,
    lists: ListOptions,
    materialize: Path | None,
    image: ImageOptions,
    form: str,
) -> None:
    """Verify a model file or directory before it is deployed; offline.

    Exit code 0: accepted. 1: refused. 3: cannot decide. Everything but 0 is a no. Without an
    accepted policy (--policy-digest, --policy or the trust file's) a model is refused.

    How far the lineage is trusted is the attester's word, unless you name who observes: then only
    stages whose run record one of them signed are observed.

    An attestation that rests on approvals, waivers or verdicts of others needs --trust FILE: each
    is verified again, and must be by somebody whom your file names and still be valid today.

    With the role `attest` in that file nothing else is needed: it says who may attest, by which
    policies and how many must (`aigf trust`). Options beside it may only tighten what it says.

    With --deep the attested commit is read anew from --repo: its lineage manifest must be the same
    to the byte, and its edges, card, documents, policy and metrics the attested ones. Nothing of it
    is run. Only a URL, and --data that is not in a cache, need the network.

    With --revocations, whatever was revoked is refused; with --releases, every version but the one
    that the environment should run. A list that is missing, stale or older than one seen before
    cannot decide: it is told, and with --require-revocations or --require-releases it ends with
    exit code 3.

    With --image the model is read out of the layers of a container image, and the attestations are
    those attached to it: the same signer must have signed that this model is in this image.

    \b
    Examples:
      aigf verify model.pkl --from git --trust ~/trust.yaml
      aigf verify model.pkl --from git --key release.pub --policy-digest sha256:4f1d...
      aigf verify model.pkl --bundle model.sigstore.json --key release.pub --policy deploy.yaml
      aigf verify model/ --bundle b.json --trusted-root root.json \\
          --identity https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main \\
          --issuer https://token.actions.githubusercontent.com --policy deploy.yaml --max-age 30d
      aigf verify model.pkl --bundle b.json --key release.pub --trusted-root root.json \\
          --policy deploy.yaml             signed by the key, and in the instance's log
      aigf verify model.pkl --bundle b.json --policy deploy.yaml --identity ml@corp.example \\
          --certificate-authority corp-ca.pem --timestamp-authority tsa.pem
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --trust ~/trust.yaml             approved and waived by people whom you name
      aigf verify model.pkl --bundle model.pkl.sigstore.json --key release.pub --signature-only
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --observer-key gpu-box.pub       every stage ran on the box, by its own signature
          --upstream require --upstream-repo https://example.com/data.git=../data \\
          --upstream-key data-team.pub
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --deep --repo ../fraud           and is what the attested commit says
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --sign-vsa model.vsa.json --vsa-key judge.key --vsa-verifier-id https://judge.example/v1
      aigf verify model.pkl --from git --key release.pub --policy deploy.yaml \\
          --revocations git --revocation-key security.pub --require-revocations \\
          --materialize /srv/models/fraud        what is deployed is what was verified
      aigf verify --image registry.example.com/acme/scorer@sha256:77ab... \\
          --key release.pub --policy-digest sha256:4f1d...
      aigf verify --image registry.example.com/acme/scorer@sha256:77ab... \\
          --image-layout ./scorer --key release.pub --policy deploy.yaml      without a network
      aigf verify model/ --oms model.sig --key publisher.pub
                                       whose bytes these are, by OpenSSF Model Signing; no verdict
    """
    _one_of(artifact=artifact, image=image, bundle=bundle, store=store, materialize=materialize)
    at = now()
    trust = open_judges_trust(trusted, artifact or Path("image"), store)
    signer = attester(
        trust,
        lambda: chosen_signer(
            key, identity, issuer, pki=Pki(signers=signers, times=times),
            trusted_root=root_of_signer(
                trusted_root, key=key, identity=identity, require_log=require_log,
                observed=observers.identity is not None,
            ),
        ),
        named=any((key, identity, issuer, signers, times)),
    )  # fmt: skip
    trusted_to_observe = observers_of(trust, open_observers(observers, trusted_root), at=at)
    own_policy = folder_policy(read_file(policy), policy) if policy else None
    write_vsa = open_vsa(vsa, own_policy, any_policy=any_policy)
    given = _given(bundle, image) if bundle else None
    opened = open_store(store) if store else None
    demands = Demands(
        at=at,
        environment=environment,
        policy_digests=frozenset(digests) if digests else None,
        any_policy=any_policy,
        min_trust=TrustLevel(min_trust or ("observed" if trusted_to_observe else "declared")),
        max_age=max_age,
    )
    demands = tightened(demands, trust, min_trust=min_trust)
    located = located_or_exit(image, given, signer=signer, demands=demands, form=form)
    hashed, found, staged = (
        (*located.sought, None) if located else _sought(artifact, materialize, given, opened)
    )
    walk = deep_walk(deep, artifact or Path("image"), hashed, found.beside)
    watched = _observed(replace(demands, walk=walk), trusted_to_observe, found)
    consents = consents_of(trust, trusted, today=at.date(), default=store) if trust else None
    demands, consents = with_lists(
        reproducible(watched, trust, found, opened), lists,
        ListJudge(
            consents=consents, observers=trusted_to_observe, beside=found.beside, store=store
        ),
    )  # fmt: skip
    demands = _judged(_consented(demands, consents, found), own_policy, consents, found)
    asked = Upstream(how=upstream, repositories=repositories, keys=upstream_keys)
    demands = with_upstream(demands, asked, signer, found.beside)
    tried = verify(hashed, found, signer=signer, demands=demands)
    write_vsa(tried, demands)
    code = exit_code(tried, attesters=demands.attesters)
    put_if_accepted(staged, accepted=code == 0)
    _show(tried, form, str(artifact or image.image), found, demands.attesters, (located, signed))
    sys.exit(code)


def _one_of(
    *,
    artifact: Path | None,
    image: ImageOptions,
    bundle: Path | None,
    store: str | None,
    materialize: Path | None,
) -> None:
    if (artifact is None) is not bool(image):
        raise click.UsageError("Say what to verify: ARTIFACT, or --image REF@sha256:HEX.")
    if bundle is not None and store is not None:
        raise click.UsageError("--bundle or --from, not both.")
    if image and store is not None:
        raise click.UsageError("--from goes with ARTIFACT: an image has its attestations attached.")
    if image and materialize is not None:
        raise click.UsageError("--materialize goes with ARTIFACT, not with --image.")
    if not image and bundle is None and store is None:
        raise click.UsageError("Say where the attestation is: --bundle FILE, or --from STORE.")


def _given(bundle: Path, image: ImageOptions) -> Candidates:
    """Return the bundles of a file; about an image, statements of every kind are looked at."""
    data = read_file(bundle)
    if image:
        return Candidates(bundles=split_bundles(data), beside={}, place=str(bundle))
    return candidates_from_file(data, where=str(bundle))


def _sought(
    artifact: Path | None, materialize: Path | None, given: Candidates | None, store: Store | None
) -> tuple[Artifact, Candidates, Staging | None]:
    """Return the model on disk, the bundles to try, and the copy to put in place."""
    hashed, staged = read_or_copy(artifact or Path(), materialize)
    if store is not None:
        return hashed, candidates_from_store(store, hashed), staged
    return hashed, given or Candidates(bundles=(), beside={}, place=""), staged


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


def _show(
    tried: tuple[Verification, ...],
    form: str,
    artifact: str,
    found: Candidates,
    attesters: int,
    beside: tuple[Located | None, OmsVerification | None],
) -> None:
    located, signed = beside
    nothing = f"{found.place} holds no attestation about these bytes of {artifact}"
    if form == "json":
        rows = [verification_as_json(outcome) for outcome in tried]
        document = {
            "artifact": artifact,
            **({"image": image_as_json(located)} if located else {}),
            "accepted": exit_code(tried, attesters=attesters) == 0,
            "attesters": {"demanded": attesters, "found": list(owners_of(tried))},
            "problem": None if tried else nothing,
            "verifications": rows,
            "passedOver": found.passed_over,
            **({"oms": oms_as_json(signed)} if signed is not None else {}),
        }
        click.echo(pretty(document))
    elif not tried:
        click.echo(f"REFUSED: {nothing}")
        talk("  hint: `aigf pull` fetches attestations; `--bundle FILE` tells what differs")
    else:
        if located is not None:
            click.echo(image_text(located))
        click.echo(tried_text(tried, attesters=attesters, color=use_color()), nl=False)
    if found.passed_over and form != "json":
        talk(f"(passed over: {counted(found.passed_over, 'statement')} of other kinds)")
