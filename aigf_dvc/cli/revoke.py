"""`aigf revoke`: say that an attestation, a model, data or a signer counts no more."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from aigf_dvc.actions.list_id import list_meant
from aigf_dvc.actions.list_places import is_store
from aigf_dvc.actions.revoke import (
    RevokeRequest,
    prepare_revocations,
    refuse_revoked_signer,
    sign_list,
)
from aigf_dvc.actions.revoked_targets import (
    read_attestation,
    read_data,
    read_model,
    read_signer,
)
from aigf_dvc.actions.signed_lists import REVOKING
from aigf_dvc.attestation.lists.revocations import Cause
from aigf_dvc.cli.days import day
from aigf_dvc.cli.digest_values import digest_given
from aigf_dvc.cli.list_writing import (
    WritingOptions,
    all_signers,
    confirm,
    keep,
    last_lists,
    writing_options,
)
from aigf_dvc.cli.open_signer import open_signer
from aigf_dvc.cli.options import FILE, format_option, talk
from aigf_dvc.cli.project_here import project_here
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.cli.trusted import open_trusted
from aigf_dvc.clock import now
from aigf_dvc.digests import Sha256
from aigf_dvc.report.list_text import revocations_text
from aigf_dvc.stores.open import open_store


@click.command(name="revoke")
@click.option(
    "--attestation", "attestations", multiple=True, metavar="BUNDLE|sha256:HEX",
    help="An attestation: its bundle, or the digest of that or of its statement.",
)  # fmt: skip
@click.option(
    "--model", "models", multiple=True, metavar="PATH|sha256:HEX",
    help="Every attestation of these bytes: a model file or directory, or its digest.",
)  # fmt: skip
@click.option(
    "--data", multiple=True, metavar="PATH|sha256:HEX|md5:HEX",
    help="Every model made from these bytes. A PATH gives both digests: better than either.",
)  # fmt: skip
@click.option(
    "--signer", "signers", multiple=True, metavar="FILE|FINGERPRINT|IDENTITY",
    help="What a key or an identity signed, as attester, approver or observer.",
)  # fmt: skip
@click.option("--issuer", metavar="URL", help="Who vouches for the IDENTITY of --signer.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for people; it is signed, too.")
@click.option(
    "--cause", type=click.Choice([cause.value for cause in Cause]), default="unspecified",
    show_default=True, help="Why, for machines.",
)  # fmt: skip
@click.option(
    "--date", "since", callback=day, metavar="DAY",
    help="Only from this day on. Of a signer: what was signed since, by a proven time.",
)  # fmt: skip
@click.option(
    "--replaced-by", callback=digest_given, metavar="sha256:HEX", help="What to take instead."
)
@click.option("--lift", is_flag=True, help="Take the revocation back; it stays in the list.")
@click.option("--renew", is_flag=True, help="Sign the list again as it is, for its next update.")
@click.option(
    "--id", "identifier", metavar="LIST",
    help="Which list: by default the only one there, or that of the project.",
)  # fmt: skip
@click.option(
    "--trust", type=FILE, metavar="FILE",
    help="Your trust file: whoever has the role `revoke` in it signs this list, too.",
)  # fmt: skip
@writing_options("--revocation-key", good_for="7d")
@signer_options
@format_option
def command(
    attestations: tuple[str, ...],
    models: tuple[str, ...],
    data: tuple[str, ...],
    signers: tuple[str, ...],
    issuer: str | None,
    reason: str,
    cause: str,
    since: date | None,
    replaced_by: Sha256 | None,
    lift: bool,
    renew: bool,
    identifier: str | None,
    trust: Path | None,
    writing: WritingOptions,
    signing: SignerOptions,
    form: str,
) -> None:
    """Revoke an attestation, a model, data or a signer: sign the next revocation list.

    The list holds all that was ever revoked, and is signed as a whole each time. It counts for
    whoever verifies with --revocations and lets you revoke: by the role `revoke` of their trust
    file, or by --revocation-key. Two people may revoke at the same time: both lists count, and the
    next one joins them. A list is good until its next update: renew it before.

    Of two who revoke each other neither is believed but in what they revoke: their lists lift
    nothing, and tell nobody that nothing else is revoked, until the trust file drops one of them.

    \b
    Examples:
      aigf revoke --model sha256:63ab7cde... --reason "made from data/raw.csv" --key sec.key
      aigf revoke --data data/raw.csv --cause withdrawn --reason "consent taken back" --key sec.key
      aigf revoke --signer old.pub --date 2026-11-20 --cause compromised \\
          --reason "laptop stolen" --key sec.key
      aigf revoke --attestation model.sigstore.json --reason "wrong policy" --key sec.key
      aigf revoke --lift --model sha256:63ab7cde... --reason "false alarm" --key sec.key
      aigf revoke --renew --key sec.key --yes          every day, by a timer
    """
    named = bool(attestations or models or data or signers)
    _demand_sense(
        named=named, renew=renew, lift=lift, reason=reason, signers=signers, issuer=issuer
    )
    store = open_store(writing.place) if attestations and is_store(writing.place) else None
    targets = (
        *(read_attestation(text, store) for text in attestations),
        *(read_model(text) for text in models),
        *(read_data(text) for text in data),
        *(read_signer(text, issuer) for text in signers),
    )
    at = now()
    judge = open_trusted(TrustOptions(trust=trust), today=at.date(), default=None)
    revokers = all_signers(writing, REVOKING, signing, judge.trust if judge is not None else None)
    known = last_lists(writing, REVOKING, revokers, at=at)
    project = project_here()
    here = project.root if project is not None else Path.cwd()
    ids = (each.head.id for each in known.lists)
    request = RevokeRequest(
        at=at,
        good_for=writing.good_for,
        targets=targets,
        lift=lift,
        cause=Cause(cause),
        reason=reason,
        date=datetime.combine(since, time(), UTC) if since is not None else None,
        replaced_by=f"sha256:{replaced_by}" if replaced_by is not None else "",
        id=identifier or list_meant(ids, place=writing.place, here=here),
    )
    prepared = prepare_revocations(known, request)
    signer = open_signer(signing, here)
    talk("You sign:")
    talk(revocations_text(prepared.content, prepared.changed))
    if prepared.joined > 1:
        talk(f"it joins {prepared.joined} lists that were written at the same time")
    confirm(writing)
    stored = sign_list(prepared.payload, signer)
    refuse_revoked_signer(prepared, revokers.name_in(stored.data))
    keep(writing, stored, prepared.payload, form)


def _demand_sense(  # what goes with what
    *,
    named: bool,
    renew: bool,
    lift: bool,
    reason: str,
    signers: tuple[str, ...],
    issuer: str | None,
) -> None:
    if named == renew:
        raise click.UsageError(
            "Say what to revoke: --attestation, --model, --data or --signer; or --renew alone."
        )
    if renew and (lift or reason):
        raise click.UsageError("--renew changes nothing: neither --lift nor --reason goes with it.")
    if named and not reason.strip():
        raise click.UsageError("Say why: --reason TEXT.")
    if issuer is not None and not signers:
        raise click.UsageError("--issuer goes with --signer.")
