"""`aigf doctor`: say how all is that governance needs here, and how to mend it."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from aigf_dvc.actions.doctor import examine_files, examine_machine, examine_project, looked
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import FILE, format_option, text_width, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.gates.next_push import look_at_next_push
from aigf_dvc.report.doctor_text import Health, Line, doctor_as_json, doctor_text


@click.command(name="doctor")
@click.option("--key", "keys", type=FILE, multiple=True, metavar="FILE", help="A private key.")
@click.option("--trust", type=FILE, multiple=True, metavar="FILE", help="A trust file.")
@click.option(
    "--trusted-root", "roots", type=FILE, multiple=True, metavar="FILE",
    help="A TrustedRoot or ClientTrustConfig of Sigstore.",
)  # fmt: skip
@format_option
def command(
    keys: tuple[Path, ...], trust: tuple[Path, ...], roots: tuple[Path, ...], form: str
) -> None:
    """Look at all that governance needs here; each line is ok, a warning or a problem, with a fix.

    The programs, the repository, aigf.yaml, the policy, aigf.lock, the cards, the git hook,
    committed keys, the clock (held against the newest commit), attestations that were not sent, and
    what the push gate would say of the current branch. Keys, trust files and roots where they are
    named. Nothing is changed, nothing goes over the network, and no secret is shown.

    Exit code 0: no problem. 1: a problem. 3: something could not be looked at.

    \b
    Examples:
      aigf doctor
      aigf doctor --key release.key --trust ~/trust.yaml
      aigf doctor --format json
    """
    at = now()
    lines = [*examine_machine()]
    try:
        project = find_project(Path.cwd())
    except InputError as error:
        lines.append(
            Line(health=Health.PROBLEM, subject="repository", text=str(error), fix=error.hint)
        )
    else:
        lines += examine_project(project, at=at)
        push = partial(look_at_next_push, project.repository, today=at.date())
        lines += looked("next push", push)
    lines += examine_files(keys=keys, trust=trust, roots=roots, at=at)
    if form == "json":
        click.echo(pretty(doctor_as_json(lines)))
    else:
        click.echo(doctor_text(lines, color=use_color(), width=text_width()))
    sys.exit(_exit_code(lines))


def _exit_code(lines: Sequence[Line]) -> int:
    if any(not line.looked for line in lines):
        return UndecidedError.exit_code
    return 1 if any(line.health is Health.PROBLEM for line in lines) else 0
