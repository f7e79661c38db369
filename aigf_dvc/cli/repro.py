"""`aigf repro`: `dvc repro`, observed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from aigf_dvc.actions.check import Question, check
from aigf_dvc.actions.repro import ReproResult, repro
from aigf_dvc.canonical import Json
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.capture.snapshot import Kind
from aigf_dvc.capture.working_tree import WorkingTree
from aigf_dvc.cli import repro_clean
from aigf_dvc.cli.container_image import container_image_option
from aigf_dvc.cli.options import talk, text_width, use_color
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.verdict import Gate, Result
from aigf_dvc.report.lineage_text import redactions_text
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.settings import FILE_NAME

_RUNS_NOTHING = {"--dry", "-h", "--help"}


class _Repro(click.Command):
    """`aigf repro`; with `--clean` it is a command of its own."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  # click's own
    ) -> click.Context:
        """Hand over to `aigf repro --clean` when that is among the arguments."""
        if repro_clean.is_asked_for(args):
            return repro_clean.command.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(
    cls=_Repro,
    name="repro",
    context_settings={"ignore_unknown_options": True},
    options_metavar="[DVC OPTIONS]",
)
@click.option(
    "--sign", is_flag=True,
    help="Sign the run records of this dvc.lock, when DVC has ended: `--key` or `--keyless`.",
)  # fmt: skip
@signer_options
@click.option(
    "--to", "store", default="git", show_default=True, metavar="STORE",
    help="Where signed run records go: `git`, `git:PATH` or a folder.",
)  # fmt: skip
@container_image_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[STAGE]...")
def command(
    arguments: tuple[str, ...],
    sign: bool,
    signing: SignerOptions,
    store: str,
    container_image: Json,
) -> None:
    """Run `dvc repro`, and observe every stage that runs.

    Each stage leaves a run record in .aigf/runs: its command, parameters and environment, and the
    SHA-256 of what it read and made. With it the stage counts as `observed`; after a plain
    `dvc repro` it is only `declared`. dvc.yaml and dvc.lock stay as DVC has them. Signing keys
    and tokens are taken out of the stages' environment.

    With --sign each run record is also signed, as an in-toto statement in a Sigstore bundle, and
    kept in the git ref refs/aigf/attestations (`aigf push` sends it on): so a stage counts as
    observed on other machines, for those who trust this signer to observe. You vouch for what this
    machine recorded, in this run or an earlier one. A stage runs as you do: it can read a key file
    that you can read, and it can write a run record of its own making into .aigf/runs. So sign
    where only code runs that you trust with both. `aigf repro --sign` again signs what was left
    unsigned, and runs nothing when nothing has changed.

    All other options and arguments are those of `dvc repro`, and so is the exit code. When DVC is
    content, the models are checked once more: DVC skips the stage `governance` when nothing that
    the stage depends on has changed, even after an experiment that was denied. Exit code 1: denied.

    \b
    Examples:
      aigf repro                      the whole pipeline
      aigf repro train                one stage, and what it depends on
      aigf repro --force train        run it again, so that it is observed
      aigf repro --sign --key box.key && aigf push     on the machine that trains
      aigf repro -- --help            the options of `dvc repro`
      aigf repro --clean HEAD         again, in a clean clone: `aigf repro --clean HEAD --help`
    """
    project = find_project(Path.cwd())
    if not sign and signing.names_somebody:
        raise click.UsageError("A signer is of no use without --sign.")
    sign_all = _signer_of_runs(project, signing, store) if sign else None
    result = repro(project, arguments, start=Path.cwd(), container_image=container_image)
    if not _RUNS_NOTHING & set(arguments):
        for line in _summary(result):
            talk(f"aigf: {line}")
        if result.redactions:
            talk(f"aigf: {redactions_text(result.redactions)}")
        if sign_all is not None:
            _sign(sign_all, failed=result.exit_code != 0)
    if result.exit_code == 0 and not _RUNS_NOTHING & set(arguments):
        _judge(project, arguments)
    sys.exit(result.exit_code)


def _signer_of_runs(
    project: Project, signing: SignerOptions, store: str
) -> Callable[[], list[str]]:
    """Return what signs all that was observed; key and store are opened before anything runs."""
    from aigf_dvc.actions.signed_runs import sign_runs
    from aigf_dvc.cli.open_signer import open_signer  # loads cryptography
    from aigf_dvc.stores.open import open_store

    signer = open_signer(signing, project.root)
    opened = open_store(f"git:{project.repository}" if store == "git" else store)

    def sign_all() -> list[str]:
        signed = sign_runs(project, sign=signer, store=opened)
        before = f"signed before: {', '.join(signed.before)}"
        now = f"signed: {', '.join(signed.now)}; kept in {opened.place}"
        return [now] * bool(signed.now) + [before] * bool(signed.before)

    return sign_all


def _sign(sign_all: Callable[[], list[str]], *, failed: bool) -> None:
    """Sign what was observed, and say so; where DVC has failed its exit code comes first."""
    try:
        lines = sign_all()
    except AigfError as error:
        if not failed:
            raise
        lines = [f"not signed: {error}"]
    for line in lines:
        talk(f"aigf: {line}")


def _judge(project: Project, arguments: tuple[str, ...]) -> None:
    """Leave with 1 or 3 when a model does not pass; a run of single stages is not judged."""
    tree = WorkingTree(project.root)
    if tree.kind(FILE_NAME) is Kind.ABSENT or set(arguments) & set(read_pipeline(tree).stages):
        return
    verdicts = check(Question(project=project, at=Gate.STAGE, today=now().date()))
    bad = [verdict for verdict in verdicts if verdict.result is not Result.PASSED]
    if bad:
        click.echo(verdict_text(bad, color=use_color(), width=text_width()).rstrip("\n"))
        undecided = any(verdict.result is Result.UNDECIDED for verdict in bad)
        sys.exit(UndecidedError.exit_code if undecided else RefusedError.exit_code)


def _summary(result: ReproResult) -> list[str]:
    if result.problem:
        return [f"not observed: {result.problem}"]
    before = [t.stage for t in result.skipped if t.level is not TrustLevel.DECLARED]
    never = [t.stage for t in result.skipped if t.level is TrustLevel.DECLARED]
    lines = [f"{stage}: not observed: {reason}" for stage, reason in result.not_observed]
    if result.observed:
        lines.append(f"observed now: {', '.join(result.observed)}")
    if before:
        lines.append(f"did not run, observed before: {', '.join(before)}")
    if never:
        lines.append(
            f"did not run, never observed: {', '.join(never)}"
            f" (`aigf repro --force {never[0]}` runs and observes it)"
        )
    return lines
