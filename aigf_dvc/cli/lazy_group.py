"""A group of commands of which each is imported only when it runs."""

import importlib
from collections.abc import Mapping

import click

from aigf_dvc.close_names import close_names


class LazyGroup(click.Group):
    """Subcommands by name, each in a file of its own: hooks must feel instant."""

    def __init__(self, *, folder: str, commands: Mapping[str, str], **settings: object) -> None:
        """Take the commands' names and what they do.

        Args:
            folder: what leads to a command's module, such as `aigf_dvc.cli.` or `..policy_`.
            commands: the names, in the order of the work, with one line about each.
            settings: click's own.
        """
        super().__init__(**settings)  # type: ignore[arg-type]  # click's keywords, by name
        self._folder = folder
        self._commands = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        return list(self._commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self._commands:
            return None
        module = importlib.import_module(self._folder + cmd_name.replace("-", "_"))
        command = module.command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._commands.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; suggest a near name when there is none."""
        if args and args[0] not in self._commands and not args[0].startswith("-"):
            near = close_names(args[0], self._commands)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)
