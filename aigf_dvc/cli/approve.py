"""`aigf approve`: sign that a model may be deployed, waive a rule, or sign a document."""

import sys
from datetime import date
from pathlib import Path

import click

from aigf_dvc.actions.approve import Prepared, Request, prepare, roles_asked, sign
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import loads, pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.days import day
from aigf_dvc.cli.open_signer import open_signer
from aigf_dvc.cli.options import FILE, format_option, reading_progress, talk, use_color, writable
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.clock import now
from aigf_dvc.errors import RefusedError
from aigf_dvc.policy.model import Policy
from aigf_dvc.report.approval_text import approval_text
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.stores.layout import Stored
from aigf_dvc.stores.open import open_store


@click.command(name="approve")
@click.argument("model", required=False, metavar="[MODEL]")
@click.option("--role", default="", metavar="ROLE", help="As what you sign: model-validator, ...")
@click.option(
    "--waive", "rules", multiple=True, metavar="RULE",
    help="Waive this rule instead of approving; repeatable.",
)  # fmt: skip
@click.option(
    "--document", metavar="PATH", help="Sign this document's exact bytes instead; no MODEL."
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is signed, too.")
@click.option(
    "--until", "--expires", "until", callback=day, metavar="DAY",
    help="The last day on which it counts; a waiver must have one.",
)  # fmt: skip
@click.option("--rev", "revision", metavar="REV", help="A commit; HEAD by default.")
@click.option("--environment", metavar="ENV", help="What it is for; aigf.yaml's by default.")
@click.option("--policy", type=FILE, metavar="FILE", help="Under another policy than aigf.yaml's.")
@signer_options
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@click.option(
    "--to", "store", default="git", show_default=True, help="`git`, `git:PATH` or a folder."
)
@click.option(
    "--output", type=FILE, callback=writable, metavar="FILE",
    help="Write the bundle here, not to a store.",
)  # fmt: skip
@format_option
def command(
    model: str | None,
    role: str,
    rules: tuple[str, ...],
    document: str | None,
    reason: str,
    until: date | None,
    revision: str | None,
    environment: str | None,
    policy: Path | None,
    signing: SignerOptions,
    yes: bool,
    store: str,
    output: Path | None,
    form: str,
) -> None:
    """Approve a model, waive a rule for it, or sign a document.

    What you sign holds for these bytes of the model, this tree, this policy and one environment:
    a new model needs a new approval. It counts where a judge's trust file (--trust) names you,
    your key and the role. It is kept beside the attestations; `aigf push` sends it on.

    \b
    Examples:
      aigf approve fraud --role model-validator --key dana.key --reason "validated, report 17"
      aigf approve --waive latency --until 2026-12-31 --role risk-owner --key dana.key \\
          --reason "new hardware arrives in December"
      aigf approve --document governance/documents/risk.md --role risk-owner --key dana.key \\
          --reason "reviewed"
      aigf approve fraud --role risk-owner --key dana.key --environment staging --yes \\
          --reason "canary" --output approval.sigstore.json
    """
    _demand_sense(model, role, rules, document)
    project = find_project(Path.cwd())
    signer = open_signer(signing, project.root)
    with reading_progress() as progress:
        prepared = prepare(
            Request(
                project=project,
                at=now(),
                reason=reason,
                role=role,
                model=model,
                document=document,
                rules=rules,
                until=until,
                revision=revision,
                environment=environment,
                policy=policy,
                progress=progress,
            )
        )
    _show(prepared)
    if prepared.policy is not None and not rules:
        _warn(role, prepared.policy)
    _ask(yes=yes)
    stored = sign(prepared, signer)
    if output is not None:
        write_atomically(output, stored.data)
        place = str(output)
    else:
        kept = open_store(f"git:{project.repository}" if store == "git" else store)
        kept.add((stored,))
        place = kept.place
    _tell(prepared, stored, place, form)


def _demand_sense(
    model: str | None, role: str, rules: tuple[str, ...], document: str | None
) -> None:
    if document is not None and (model is not None or rules):
        raise click.UsageError(
            "--document signs a document: neither MODEL nor --waive goes with it."
        )
    if not role and not rules:
        raise click.UsageError("Say as what you sign: --role ROLE.")


def _warn(role: str, policy: Policy) -> None:
    """Say when no rule asks for the role: a misspelt one would be signed for nothing."""
    asked = roles_asked(policy)
    if role not in asked:
        known = f"its rules ask for {', '.join(asked)}" if asked else "its rules ask for nobody"
        talk(f"aigf: warning: no rule of the policy asks for the role {role}; {known}")


def _show(prepared: Prepared) -> None:
    """Say what is about to be signed, before anybody is asked."""
    if prepared.verdict is not None:
        talk(verdict_text([prepared.verdict], color=use_color()).rstrip("\n"))
        talk("")
    talk("You sign:")
    talk(approval_text(prepared.said))
    talk(f"commit       {prepared.commit}")


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here: read what is signed, then give --yes.")
    if not click.confirm("Sign it?", err=True):
        talk("not signed")
        sys.exit(RefusedError.exit_code)


def _tell(prepared: Prepared, stored: Stored, place: str, form: str) -> None:
    if form == "json":
        verdict = prepared.verdict
        document = {
            "stored": stored.name,
            "place": place,
            "statement": loads(prepared.payload, where="statement"),
            "verdict": verdict_as_json(verdict) if verdict is not None else None,
        }
        click.echo(pretty(document))
    talk(f"signed, kept in {place} as {stored.name}")
    talk("it counts for whoever judges with a trust file that names you: --trust FILE")
