"""Help for a command of many options: examples first, options under headings, the rest last."""

import inspect
from collections.abc import Mapping, Sequence

import click

_EXAMPLES = "\b\nExamples:\n"
REST = "More"


class GroupedCommand(click.Command):
    """A command whose `--help` lists its options by what they are about."""

    def __init__(self, *, headings: Mapping[str, Sequence[str]], **settings: object) -> None:
        """Take the headings in their order, each with its options in theirs.

        Args:
            headings: options by their names, such as `--key`; what stands nowhere comes last.
            settings: click's own.
        """
        super().__init__(**settings)  # type: ignore[arg-type]  # click's keywords, by name
        self._headings = headings

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what comes before the options: what it does, and the examples."""
        self._write(self._parts()[0], formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, then the rest of the text."""
        records = {
            parameter.opts[0]: record
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)
            and (record := parameter.get_help_record(ctx)) is not None
        }
        for title, names in self._headings.items():
            with formatter.section(title):
                formatter.write_dl([records.pop(name) for name in names])
        if records:
            with formatter.section(REST):
                formatter.write_dl(list(records.values()))
        self._write(self._parts()[1], formatter)

    def _parts(self) -> tuple[str, str]:
        """Return the text up to the examples, and that after them."""
        before, examples, after = inspect.cleandoc(self.help or "").partition(_EXAMPLES)
        lines, _, rest = after.partition("\n\n")
        return f"{before}{examples}{lines}", rest

    def _write(self, text: str, formatter: click.HelpFormatter) -> None:
        if text:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(text)
