"""`aigf policy explain`: what a kind of rule demands, and how to meet it."""

import click

from aigf_dvc.actions.policy_explain import page, page_markdown, purposes
from aigf_dvc.canonical import pretty
from aigf_dvc.cli.options import text_width, use_color
from aigf_dvc.report.help_page import help_page_as_json
from aigf_dvc.report.help_page_text import help_list_text, help_page_text


@click.command(name="explain")
@click.argument("kind", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text",
    show_default=True, help="text for people, json for machines, markdown as it was written.",
)  # fmt: skip
def command(kind: str | None, form: str) -> None:
    """Explain a KIND of rule: its keys, an example, what it observes and cannot show.

    Without KIND, list the kinds. `policy` and `rule` are about the keys that every policy and
    every rule has.

    \b
    Examples:
      aigf policy explain
      aigf policy explain lineage
      aigf policy explain rule --format markdown
    """
    if form == "markdown":
        names = [kind] if kind else list(purposes())
        text = "\n".join(page_markdown(name) for name in names)
    elif form == "json":
        text = pretty(help_page_as_json(page(kind)) if kind else {"kinds": purposes()})
    elif kind:
        text = help_page_text(page(kind), color=use_color(), width=text_width())
    else:
        text = help_list_text(purposes(), color=use_color(), width=text_width())
    click.echo(text.rstrip("\n"))
