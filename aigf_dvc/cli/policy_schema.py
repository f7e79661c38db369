"""`aigf policy schema`: print the JSON Schema of a policy."""

from pathlib import Path

import click

from aigf_dvc.actions.policy_schema import schema_text
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.cli.options import output_option, talk


@click.command(name="schema")
@output_option("the schema")
def command(output: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a policy: for editors and validators.

    An editor with it completes keys, explains them and marks mistakes while you type. It cannot
    see everything that the reader refuses: `aigf policy lint` does.

    \b
    Examples:
      aigf policy schema --output .vscode/aigf-policy.schema.json
      check-jsonschema --schemafile <(aigf policy schema) governance/policy.yaml
    """
    text = schema_text()
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
        talk(f"wrote {output}")
