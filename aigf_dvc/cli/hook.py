"""`aigf hook`: install, remove or describe the git pre-push hook."""

from pathlib import Path

import click

from aigf_dvc.cli.options import talk

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
def install() -> None:
    """Install the hook; a second time changes nothing."""
    from aigf_dvc.actions.hook_install import install_hook
    from aigf_dvc.capture.project import find_project

    status = install_hook(find_project(Path.cwd()))
    click.echo(status.text)
    if not status.is_active:
        click.get_current_context().exit(1)


@command.command()
def uninstall() -> None:
    """Remove the hook, and put back the one that stood there before."""
    from aigf_dvc.actions.hook_install import uninstall_hook
    from aigf_dvc.capture.project import find_project

    status = uninstall_hook(find_project(Path.cwd()))
    click.echo(status.text)
    if not status.changed:
        talk("nothing was removed")


@command.command()
def status() -> None:
    """Say whether the hook is installed, and where. Exit code 1: it is not."""
    from aigf_dvc.actions.hook_install import hook_status
    from aigf_dvc.capture.project import find_project

    found = hook_status(find_project(Path.cwd()))
    click.echo(found.text)
    if not found.is_active:
        click.get_current_context().exit(1)
