"""`aigf hook`: install, remove or describe the git pre-push hook."""

from pathlib import Path

import click

from aigf_dvc.actions.hook_install import (
    HookState,
    HookStatus,
    hook_status,
    install_hook,
    uninstall_hook,
)
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import find_project
from aigf_dvc.cli.options import format_option, talk

_PRE_PUSH = "pre-push"
_PRE_RECEIVE = "pre-receive"


class _Commands(click.Group):
    """The subcommands; those that git calls stand in files of their own, imported then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return [*super().list_commands(ctx), _PRE_PUSH, _PRE_RECEIVE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name == _PRE_PUSH:
            from aigf_dvc.cli.hook_pre_push import command as pre_push

            return pre_push
        if cmd_name == _PRE_RECEIVE:
            from aigf_dvc.cli.hook_pre_receive import command as pre_receive

            return pre_receive
        return super().get_command(ctx, cmd_name)


@click.group(name="hook", cls=_Commands)
def command() -> None:
    """Install or run the git pre-push hook.

    The hook judges the commits that are pushed, and refuses a protected branch that does not
    pass. A hook that you have already is kept, and runs after it.

    \b
    Examples:
      aigf hook install
      aigf hook status
      aigf hook uninstall
    """


@command.command()
@format_option
def install(form: str) -> None:
    """Install the hook; a second time changes nothing.

    Exit code 1: it is not in force, because core.hooksPath leads to files of your team or of other
    repositories; the line to add there is shown.

    \b
    Examples:
      aigf hook install
      aigf hook install --format json
    """
    _show(install_hook(find_project(Path.cwd())), form, demanded=True)


@command.command()
@format_option
def uninstall(form: str) -> None:
    """Remove the hook, and put back the one that stood there before, to the byte.

    \b
    Example:
      aigf hook uninstall
    """
    found = uninstall_hook(find_project(Path.cwd()))
    _show(found, form, demanded=False)
    if found.state is HookState.CALLED:
        talk("the gate is still called: take the line out of the file that is named above")
    elif not found.changed:
        talk("nothing was removed")


@command.command()
@format_option
def status(form: str) -> None:
    """Say whether a push runs the gate, by which hook, and what else was found there.

    Exit code 0: it does. 1: it does not.

    \b
    Examples:
      aigf hook status
      aigf hook status --format json
    """
    _show(hook_status(find_project(Path.cwd())), form, demanded=True)


def _show(found: HookStatus, form: str, *, demanded: bool) -> None:
    """Print a status; exit with 1 when the gate is demanded, and not in force."""
    if form == "json":
        click.echo(pretty(found.as_json()))
    else:
        click.echo(found.text)
    if demanded and not found.is_active:
        click.get_current_context().exit(1)
