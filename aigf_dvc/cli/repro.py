"""`aigf repro`: `dvc repro`, observed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigf_dvc.actions.repro_start import run_unobserved, start_dvc
from aigf_dvc.canonical import Json
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.container_image import container_image_option
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.signer_options import SignerOptions, signer_options
from aigf_dvc.errors import AigfError
from aigf_dvc.running.dvc_arguments import REPRO, RUNS_NOTHING, asked_for, asks_for_all

if TYPE_CHECKING:
    from aigf_dvc.actions.repro import ReproResult


def asks_for_clean(arguments: list[str]) -> bool:
    """Tell whether the arguments ask for a clean run."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return any(argument.partition("=")[0] == "--clean" for argument in own)


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
        if asks_for_clean(args):
            from aigf_dvc.cli import repro_clean

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
    content, and no single stage was asked for, the models are checked once more: DVC skips the
    stage `governance` when nothing that the stage depends on has changed, even after an experiment
    that was denied. Exit code 1: denied; 143: ended by SIGTERM, with DVC and the stage that ran.

    Where DVC cannot begin because a killed run has left a dvc.lock or a list of locks half written,
    or locked, that is put right and DVC runs once more; what the file held is kept in .dvc/tmp.

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
    asked = asked_for(arguments, REPRO)
    if RUNS_NOTHING & asked:
        sys.exit(run_unobserved(arguments, start=Path.cwd()))
    result = _run(project, arguments, container_image)
    if result.exit_code != 0 and not (result.observed or result.not_observed) and _mend(project):
        result = _run(project, arguments, container_image)
    from aigf_dvc.cli.repro_result import judge
    from aigf_dvc.cli.repro_told import tell

    tell(result, project.root, quiet="--quiet" in asked)
    if sign_all is not None:
        _sign(sign_all, failed=result.exit_code != 0)
    if result.exit_code == 0 and asks_for_all(arguments):
        judge(project)
    sys.exit(result.exit_code)


def _run(project: Project, arguments: tuple[str, ...], container_image: Json) -> "ReproResult":
    with start_dvc(arguments, start=Path.cwd()) as dvc:
        from aigf_dvc.actions.repro import observe  # DVC loads itself meanwhile

        return observe(project, dvc, container_image=container_image)


def _mend(project: Project) -> bool:
    """Put right what a killed run has left, by which DVC fails; tell whether there was any."""
    from aigf_dvc.running.mending import mend

    try:
        done = mend(project.root)
    except OSError:
        return False  # what to do by hand is told with the result
    for line in done:
        talk(f"aigf: {line}")
    if done:
        talk("aigf: once more")
    return bool(done)


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
