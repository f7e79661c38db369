"""`aigf pull`: fetch attestations from a git remote, or from another store."""

from pathlib import Path

import click

from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import counted, format_option, talk
from aigf_dvc.git.program import work_tree
from aigf_dvc.redaction import redact_url
from aigf_dvc.report.visible import visible
from aigf_dvc.stores.git_ref import GitRefStore

_MOST_NAMED = 5


@click.command(name="pull")
@click.argument("remote", default="origin")
@click.option("--from", "source", metavar="STORE", help="Not from a git remote, but this store.")
@format_option
def command(remote: str, source: str | None, form: str) -> None:
    """Fetch attestations from a git remote, or another store, and join them with ours.

    A file that is not what its name says is left out.

    \b
    Examples:
      aigf pull
      aigf pull upstream
      aigf pull --from oci://registry.example/acme/attestations
    """
    ours = GitRefStore(work_tree(Path.cwd()))
    place = redact_url(remote if source is None else source)
    left_out: tuple[str, ...] = ()
    if source is None:
        files, found = ours.pull(remote), "new file"
    else:
        from aigf_dvc.actions.copy_store import copy_store
        from aigf_dvc.stores.open import open_store

        copied = copy_store(open_store(source), ours)
        files, found, left_out = copied.files, "file", copied.unreadable
    if form == "json":
        told = {"from": place, "files": files, "leftOut": list(left_out)}
        click.echo(pretty(told | {"attestations": ours.count()}))
        return
    if left_out:
        named = ", ".join(visible(name) for name in left_out[:_MOST_NAMED])
        more = f" and {len(left_out) - _MOST_NAMED} more" if len(left_out) > _MOST_NAMED else ""
        talk(f"left out, not what their names say: {named}{more}")
    talk(f"{counted(files, found)} from {place}; {counted(ours.count(), 'attestation')} here")
