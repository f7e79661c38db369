"""`aigf release`: say which version of a model an environment should run."""

import sys
from pathlib import Path
from typing import NoReturn

import click
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.consents import Consents
from aigf_dvc.actions.judge_again import judge_under, uphold_under
from aigf_dvc.actions.release import PreparedIndex, ReleaseRequest, prepare_release
from aigf_dvc.actions.revoke import sign_list
from aigf_dvc.actions.signed_lists import RELEASING
from aigf_dvc.actions.stored_candidates import candidates_from_store
from aigf_dvc.actions.verify import (
    Artifact,
    Candidates,
    candidates_from_file,
    exit_code,
    read_artifact,
    verify,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.cli.attester_options import AttesterOptions, attester_options
from aigf_dvc.cli.digest_values import digests_given
from aigf_dvc.cli.list_writing import (
    WritingOptions,
    all_signers,
    confirm,
    keep,
    last_lists,
    writing_options,
)
from aigf_dvc.cli.open_signer import open_signer
from aigf_dvc.cli.options import FILE, format_option, reading_progress, talk
from aigf_dvc.cli.project_here import project_here
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.cli.trust_options import TrustOptions, trust_options
from aigf_dvc.cli.trusted import open_trusted
from aigf_dvc.clock import now
from aigf_dvc.digests import Sha256
from aigf_dvc.report.list_text import releases_text
from aigf_dvc.report.verification_text import verification_text
from aigf_dvc.stores.open import open_store


@click.command(name="release")
@click.argument("artifact", type=FILE, required=False)
@click.option("--environment", required=True, metavar="ENV", help="Where it should run.")
@click.option("--release-version", default="", metavar="TEXT", help="What people call it.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is signed, too.")
@click.option(
    "--allow", "allowed", callback=digests_given, multiple=True, metavar="sha256:HEX",
    help="An older version that may still be deployed; repeatable. All others may not.",
)  # fmt: skip
@click.option("--withdraw", metavar="MODEL", help="No version of this model any more.")
@click.option("--renew", is_flag=True, help="Sign the index again as it is.")
@attester_options
@click.option("--policy", type=FILE, metavar="FILE", help="Judge the evidence again, under this.")
@click.option(
    "--policy-digest", "digests", callback=digests_given, multiple=True, metavar="sha256:HEX",
    help="Accept what passed this policy; repeatable.",
)  # fmt: skip
@click.option("--any-policy", is_flag=True, help="Do not check the policy, and say so.")
@trust_options
@writing_options("--release-key", good_for="30d")
@signer_options
@format_option
def command(
    artifact: Path | None,
    environment: str,
    release_version: str,
    reason: str,
    allowed: tuple[Sha256, ...],
    withdraw: str | None,
    renew: bool,
    attester: AttesterOptions,
    policy: Path | None,
    digests: tuple[Sha256, ...],
    any_policy: bool,
    trusted: TrustOptions,
    writing: WritingOptions,
    signing: SignerOptions,
    form: str,
) -> None:
    """Release a model for an environment: sign which version should run there.

    The model is verified first, as `aigf verify` does. Then the next release index of the
    environment is signed. Whoever verifies with --releases refuses every other version of the
    model, so that nobody can roll back to one that was attested once. An index is good until its
    next update: renew it before. It counts by the role `release` of a judge's trust file, or by
    --release-key.

    \b
    Examples:
      aigf release model.pkl --environment production --attested-by ci.pub \\
          --policy deploy.yaml --release-version 1.4 --key ops.key
      aigf release model.pkl --environment production --attested-by ci.pub \\
          --policy deploy.yaml --allow sha256:4f1d... --key ops.key
      aigf release --withdraw fraud --environment production --reason "retired" --key ops.key
      aigf release --renew --environment production --key ops.key --yes     every week, by a timer
    """
    if sum((artifact is not None, withdraw is not None, renew)) != 1:
        raise click.UsageError("Say what to release: ARTIFACT, or --withdraw MODEL, or --renew.")
    if artifact is None and (allowed or release_version):
        raise click.UsageError("--allow and --release-version go with ARTIFACT.")
    at = now()
    consents = open_trusted(trusted, today=at.date(), default=attester.store)
    request = ReleaseRequest(
        environment=environment,
        at=at,
        good_for=writing.good_for,
        model=withdraw or "",
        version=release_version,
        reason=reason,
        allowed=allowed,
    )
    if artifact is not None:
        demands = Demands(
            at=at,
            environment=environment,
            policy_digests=frozenset(digests) if digests else None,
            any_policy=any_policy,
        )
        judged = _verified(artifact, attester, demands, policy, consents)
        request = replace(
            request,
            model=judged.model,
            digest=judged.digest,
            attestation=judged.attestation,
        )
    trust = consents.trust if consents is not None else None
    known = last_lists(writing, RELEASING, all_signers(writing, RELEASING, signing, trust), at=at)
    prepared = prepare_release(known, request)
    project = project_here()
    signer = open_signer(signing, project.root if project is not None else Path.cwd())
    _show(prepared)
    confirm(writing)
    stored = sign_list(prepared.payload, signer, predicate_type=RELEASES)
    keep(writing, stored, prepared.payload, form)


class _Judged(Struct, frozen=True, kw_only=True):
    """A model that was verified, and by which attestation."""

    model: str
    digest: Sha256
    attestation: Sha256


def _verified(
    artifact: Path,
    attester: AttesterOptions,
    demands: Demands,
    policy: Path | None,
    consents: Consents | None,
) -> _Judged:
    """Verify a model before it is released; leave when it is not accepted."""
    signer = attester.signer()
    own_policy = folder_policy(read_file(policy), policy) if policy else None
    with reading_progress() as progress:
        hashed = read_artifact(artifact, progress=progress)
    found = _candidates(attester, hashed)
    if consents is not None:
        demands = replace(demands, consent=uphold_under(consents, beside=found.beside))
    if own_policy is not None:
        judge = judge_under(own_policy, beside=found.beside, demands_at=demands, consents=consents)
        demands = replace(demands, judge=judge)
    tried = verify(hashed, found, signer=signer, demands=demands)
    accepted = next((outcome for outcome in tried if outcome.accepted), None)
    if accepted is None or accepted.deployment is None or accepted.digest is None:
        _refuse(tried, artifact, found.place)
    return _Judged(model=accepted.deployment.model, digest=hashed.key, attestation=accepted.digest)


def _candidates(attester: AttesterOptions, hashed: Artifact) -> Candidates:
    if attester.bundle is not None:
        return candidates_from_file(read_file(attester.bundle), where=str(attester.bundle))
    return candidates_from_store(open_store(attester.store), hashed)


def _refuse(tried: tuple[Verification, ...], artifact: Path, place: str) -> NoReturn:
    if tried:
        furthest = max(tried, key=lambda outcome: outcome.steps_taken)
        talk(verification_text(furthest, color=False).rstrip("\n"))
    else:
        talk(f"REFUSED: {place} holds no attestation about these bytes of {artifact}")
    talk("nothing was released")
    sys.exit(exit_code(tried))


def _show(prepared: PreparedIndex) -> None:
    talk("You sign:")
    talk(releases_text(prepared.index, (prepared.changed,) if prepared.changed else ()))
    before = prepared.before
    if before is not None and before.digest is not None:
        talk(f"before it was sha256:{before.digest} {before.version}".rstrip())
