"""`aigf attest`: sign what a passing model was made from."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from aigf_dvc.actions.also import Also
from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.actions.attest_image import Bound
from aigf_dvc.actions.signed_runs import find_signed_here
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.capture.run_records import Find
from aigf_dvc.cli.also_options import also_options
from aigf_dvc.cli.attested_image import attest_in_image, image_as_json, talk_of_image
from aigf_dvc.cli.baseline_options import BaselineOptions, baseline_options, open_production
from aigf_dvc.cli.how_to_verify import how_to_verify
from aigf_dvc.cli.image_options import ImageOptions, attested_image_options
from aigf_dvc.cli.observer_options import (
    ObserverOptions,
    observer_options,
    records_option,
    trusted_root_option,
)
from aigf_dvc.cli.observers import all_observers, find_observed
from aigf_dvc.cli.open_signer import open_signers
from aigf_dvc.cli.options import (
    FILE,
    format_option,
    output_option,
    reading_progress,
    talk,
    text_width,
    use_color,
    writable,
)
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.cli.trust_options import TrustOptions, trust_options
from aigf_dvc.cli.trusted import open_trusted
from aigf_dvc.clock import now
from aigf_dvc.policy.verdict import Result
from aigf_dvc.redaction import Redaction
from aigf_dvc.report.lineage_text import redactions_text
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.stores.open import open_store


@click.command(name="attest")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option("--rev", "revision", metavar="REV", help="A commit; HEAD by default.")
@signer_options
@baseline_options
@observer_options
@trusted_root_option
@records_option
@trust_options
@also_options
@click.option(
    "--fail-on-secret", is_flag=True,
    help="Sign nothing when the commit holds a secret, though it would be redacted.",
)  # fmt: skip
@click.option("--environment", metavar="ENV", help="What it is for; aigf.yaml's by default.")
@click.option(
    "--to", "store", default="git", show_default=True, metavar="STORE",
    help="Keep it here: `git`, `git:PATH`, a folder, `oci://HOST/REPO`, `s3://...`.",
)  # fmt: skip
@attested_image_options
@click.option(
    "--oms", type=FILE, callback=writable, metavar="FILE",
    help="Sign the model's bytes alone, too, by OpenSSF Model Signing, and write that here.",
)  # fmt: skip
@format_option
@output_option("the bundle (several models, signers, statements or --image: JSON Lines)")
def command(
    models: tuple[str, ...],
    revision: str | None,
    signing: SignerOptions,
    baseline: BaselineOptions,
    observers: ObserverOptions,
    trusted_root: Path | None,
    records: str,
    trusted: TrustOptions,
    also: Also,
    fail_on_secret: bool,
    environment: str | None,
    store: str,
    image: ImageOptions,
    oms: Path | None,
    form: str,
    output: Path | None,
) -> None:
    """Attest models: judge them as the commit has them, and sign for those that pass.

    The attestation is an in-toto statement in a Sigstore bundle. It goes to the git ref
    refs/aigf/attestations (`aigf push` sends it on) and, with --output, to a file. There is no
    signer by default: give --key, or --keyless with the identity of a CI job or of yours: the token
    in --identity-token-file or SIGSTORE_ID_TOKEN, else what GitHub, Buildkite, CircleCI or Google
    offer, else the browser.
    The passphrase of a key is read from AIGF_KEY_PASSPHRASE, or asked for. Several --key sign the
    same statement, each in a bundle of its own, so that a judge may count them.

    A stage counts as observed when this machine recorded its run: whoever signs vouches for it.
    With --observer-key or --observer-identity only run records that they signed count (`aigf repro
    --sign` there, `aigf push`, and `aigf pull` here), and this machine's own do not. So it is with
    the role `observe` of your trust file.

    A rule that compares with the model in production needs --baseline, and at this gate only what
    somebody whom you name signed counts.

    With --also the same signer says it in the words of other standards too, each in a bundle of its
    own: slsa is SLSA Provenance v1, and only of stages that were observed; svr (Simple Verification
    Result v0.2) and vsa (Verification Summary v1) list what holds, under names of ours. A key does
    not say who signs: give --builder-id for slsa, --verifier-id for svr and vsa.

    Approvals and waivers (`aigf approve`) count with --trust only. Those that are about this model
    go into the attestation, where a judge verifies them again by their own trust file.

    \b
    Examples:
      aigf attest --key ~/keys/release.key
      aigf attest fraud --key release.key --environment staging --output fraud.sigstore.json
      aigf attest --key release.key --observer-key gpu-box.pub --observer-key ci.pub
      aigf attest --key release.key --baseline git --baseline-key release.pub
      aigf attest --key release.key --trust ~/trust.yaml   with approvals and waivers
      aigf attest --key release.key --also vsa --verifier-id https://ml.example.com/release/v1
      aigf attest --key release.key --key risk.key    two signers, two bundles
      aigf attest --key release.key --log-url https://rekor.corp.example --timestamp-url URL
      aigf attest --keyless --trust-config sigstore.example.json
      aigf attest --keyless --tuf-url https://tuf.corp.example --tuf-root root.json
      aigf attest --trust-config corp.json --identity-token-file /var/run/secrets/token
      aigf attest --keyless --yes-publish          the public Sigstore
      aigf attest --key release.key --image registry.example.com/acme/scorer@sha256:77ab...
      aigf attest fraud --key release.key --oms fraud.sig
                                       `model_signing verify key` verifies fraud.sig
    """
    project = find_project(Path.cwd())
    sign, *cosigners = open_signers(signing, project.root)
    find_run: Find = find_signed_here
    redactions = _Told()
    at = now()
    observing = all_observers(observers, trusted, trusted_root=trusted_root, at=at)
    if observing:
        find_run = find_observed(observing, project, records=records)
    production = open_production(
        baseline, trusted_root=trusted_root, repository=project.repository, at=at
    )
    place = f"git:{project.repository}" if store == "git" else store
    consents = open_trusted(trusted, today=at.date(), default=f"git:{project.repository}")
    with reading_progress() as progress:
        order = Order(
            project=project,
            sign=sign,
            cosigners=tuple(cosigners),
            store=open_store(place),
            at=at,
            models=models,
            revision=revision,
            environment=environment,
            consents=consents,
            find_run=find_run,
            production=production,
            progress=progress,
            fail_on_secret=fail_on_secret,
            told=redactions.extend,
            also=also,
            oms=oms,
        )
        bound = attest_in_image(order, image) if image else ()
        attested = tuple(one.attested for one in bound) if image else attest(order)
    bundles = [*_bundles(attested), *(data for one in bound for data in one.bundles)]
    if output is not None and bundles:
        data = bundles[0] if len(bundles) == 1 else join_bundles(bundles)
        write_atomically(output, data)
    for item in attested:
        if oms is not None and item.oms is not None:
            write_atomically(oms, item.oms)
            talk(f"wrote {oms}: the bytes of {item.path}, signed by OpenSSF Model Signing")
    _show(attested, bound, form, output=output, place=order.store.place, redactions=redactions)
    if form != "json":
        _hand_on(attested, bound, store=store, signing=signing)
    codes = {Result.PASSED: 0, Result.DENIED: 1, Result.UNDECIDED: 3}
    sys.exit(max(codes[item.verdict.result] for item in attested))


def _bundles(attested: Sequence[Attested]) -> list[bytes]:
    signed = [item for item in attested if item.bundle is not None]
    attestations = [data for item in signed for data in (item.bundle or b"", *item.cosigned)]
    return [*attestations, *(other.bundle for item in signed for other in item.others)]


class _Told(list[Redaction]):
    """What was redacted; it is said as soon as it is known, even when nothing is signed then."""

    def extend(self, found: Iterable[Redaction], /) -> None:
        """Keep and say it."""
        super().extend(found)
        if self:
            talk(redactions_text(self))


def _say(item: Attested, place: str) -> None:
    if item.bundle is None:
        talk(f"{item.verdict.model}: not signed, because it did not pass")
        return
    by = f" by {len(item.cosigned) + 1} signers" if item.cosigned else ""
    talk(f"{item.verdict.model}: signed for {item.environment}{by}, kept in {place}")
    if item.others:
        named = ", ".join(other.standard for other in item.others)
        talk(f"{item.verdict.model}: signed beside it: {named}")


def _show(
    attested: Sequence[Attested],
    bound: Sequence[Bound],
    form: str,
    *,
    output: Path | None,
    place: str,
    redactions: Sequence[Redaction],
) -> None:
    images = {item.attested.verdict.model: item for item in bound}
    if form == "json":
        rows: list[dict[str, Json]] = [
            {
                "verdict": verdict_as_json(item.verdict),
                "environment": item.environment,
                "stored": item.stored or None,
                "also": [{"type": o.standard, "stored": o.stored} for o in item.others],
                "signers": 1 + len(item.cosigned) if item.bundle is not None else 0,
                "subject": [{"name": f.name, "digest": {"sha256": f.sha256}} for f in item.files],
                **image_as_json(images.get(item.verdict.model)),
            }
            for item in attested
        ]
        left_out = [{"rule": item.rule, "where": item.where} for item in redactions]
        click.echo(pretty({"attested": rows, "redactions": left_out}))
    else:
        said = verdict_text(
            [item.verdict for item in attested], color=use_color(), width=text_width()
        )
        click.echo(said.rstrip("\n"))
        for item in attested:
            _say(item, place)
        if output is not None and any(item.bundle for item in attested):
            talk(f"wrote {output}")


def _hand_on(
    attested: Sequence[Attested], bound: Sequence[Bound], *, store: str, signing: SignerOptions
) -> None:
    """Say how each is verified."""
    images = {item.attested.verdict.model: item for item in bound}
    for item in attested:
        if item.bundle is not None:
            image = talk_of_image(images.get(item.verdict.model))
            what = image or f"{shlex.quote(item.path)} --from {shlex.quote(store)}"
            how = how_to_verify(item, item.bundle, what=what, signing=signing)
            talk(f"to verify {item.verdict.model}: {how}")
