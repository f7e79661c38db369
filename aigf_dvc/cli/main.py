"""The command `aigf`: finds the subcommand, and turns errors into messages and exit codes."""

import os
import sys
from typing import NoReturn

import click

from aigf_dvc.cli.lazy_group import LazyGroup
from aigf_dvc.cli.terminal import harmless_output
from aigf_dvc.errors import AigfError

# Each command is imported only when it runs: hooks run on every push and must feel instant.
_COMMANDS = {
    "init": "Set up governance in a DVC repository.",
    "capture": "Capture the lineage manifest of a tree.",
    "check": "Check models against the policy.",
    "repro": "Run `dvc repro` and observe every stage.",
    "exp": "Run DVC's experiments and observe every stage.",
    "approve": "Approve a model, waive a rule, or sign a document.",
    "attest": "Sign what a passing model was made from.",
    "verify": "Verify a model before it is deployed.",
    "revoke": "Revoke an attestation, a model, data or a signer.",
    "release": "Say which version of a model an environment should run.",
    "forget": "Let a signed list be gone from where it was seen.",
    "trust": "Say whom you trust, and as what.",
    "card": "Start, check, show and fill in model cards and documents.",
    "show": "Print what an attestation or a card says, or the versions of a model.",
    "graph": "Draw what models are made from.",
    "diff": "Tell what changed between two versions of a model.",
    "impact": "Find the models and attestations that descend from some data.",
    "export": "Export as SLSA, CycloneDX or OpenLineage.",
    "push": "Send attestations to a git remote.",
    "pull": "Fetch attestations from a git remote.",
    "policy": "Explain, lint, test, compare and show policies.",
    "hook": "Install or run the git pre-push hook.",
    "doctor": "Say how all is that governance needs here, and how to mend it.",
    "key": "Make a signing key.",
    "instance": "Get the trust material of a Sigstore instance of your own.",
}
_INTERRUPTED = 130
_UNDECIDED = 3


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from aigf_dvc.shipped import version

        click.echo(f"aigf {version()}")
        ctx.exit()


@click.command(
    cls=LazyGroup,
    folder="aigf_dvc.cli.",
    commands=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 yes, 1 no, 2 wrong usage or an invalid file of yours, 3 cannot decide, "
    "130 interrupted. Callers treat everything but 0 as no. "
    'Completion: eval "$(_AIGF_COMPLETE=bash_source aigf)" (or zsh_source, fish_source).',
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
    help="Print the version.",
)  # fmt: skip
def aigf() -> None:
    """AI governance as a fact of the pipeline.

    A model may be deployed only when a signed attestation proves that exactly these bytes came
    from exactly this data, code and parameters, and passed exactly this policy.

    \b
    Start in a DVC repository:
      aigf init            set it up
      aigf repro           run the pipeline, observed
      aigf check           hold the models against the policy
      aigf attest --key K  sign what passed
      aigf verify MODEL    before it is deployed
    """


def main() -> NoReturn:
    """Run the command and leave with its exit code; every error is one clear message."""
    with harmless_output():
        code = _run()
    sys.exit(code)


def _run() -> int:
    """Run the command, write all that it said, and return its exit code."""
    try:
        code = _invoke()
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("aigf: interrupted", err=True)
        code = _INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AigfError as error:
        show_error(error)
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output has gone, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _UNDECIDED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"aigf: {place}{error.strerror or error}", err=True)
        code = _UNDECIDED
    return code


def _invoke() -> int:
    try:
        code = aigf.main(standalone_mode=False)
    except SystemExit as done:  # how a command says its exit code
        code = done.code
    return code if isinstance(code, int) else 0


def show_error(error: AigfError) -> None:
    """Print an error: where, what was found and expected, and what to do."""
    click.echo(f"aigf: {error}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)
