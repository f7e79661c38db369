"""`aigf forget`: let a signed list be gone from where it was seen."""

from pathlib import Path

import click

from aigf_dvc.actions.forget import forget
from aigf_dvc.actions.list_memory import default_file
from aigf_dvc.cli.options import FILE, talk
from aigf_dvc.clock import now


@click.command(name="forget")
@click.argument("identifier", metavar="LIST")
@click.option(
    "--place", default="", metavar="FILE|STORE",
    help="Only there: as `aigf verify` names it; everywhere without it.",
)  # fmt: skip
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept beside the numbers.")
@click.option(
    "--state", type=FILE, metavar="FILE",
    help="Where the highest numbers of lists are kept; ~/.local/state/aigf/lists.json.",
)  # fmt: skip
def command(identifier: str, place: str, reason: str, state: Path | None) -> None:
    """Forget that the signed list LIST was seen, because it is gone for a good reason.

    `aigf verify` remembers which lists each place had. One that is there no more cannot decide
    (exit code 3): whoever may write there could hide a revocation. When lists were joined, or a
    store was given up, say so here. What you forget, when and why stays in the state file.

    \b
    Examples:
      aigf forget revocations-1f0c9a27be31 --place s3://acme/lists --reason "moved to git"
      aigf forget production --reason "the old index was given up"
    """
    if not reason.strip():
        raise click.BadParameter("say why, in a sentence.", param_hint="--reason")
    path = state or default_file()
    gone = forget(path, identifier, place=place, reason=reason.strip(), at=now())
    where = f"at {gone.place}" if gone.place else "everywhere"
    talk(f"forgot the list {gone.id!r:.100} {where}, up to number {gone.sequence}; kept in {path}")
