"""`aigf policy`: the tools of whoever writes a policy."""

import click

from aigf_dvc.cli.lazy_group import LazyGroup

_COMMANDS: dict[str, str] = {
    "explain": "Explain the kinds of rule, each with its keys.",
    "schema": "Print the JSON Schema of a policy, for editors.",
    "lint": "Find what a policy says that was probably not meant.",
    "test": "Hold a policy to examples of what it must say.",
    "show": "Print a policy as it works: every rule, wherever it stands.",
    "diff": "Tell what a change of a policy lets pass.",
    "coverage": "Tell which controls the verdict evidences.",
}


@click.command(name="policy", cls=LazyGroup, folder="aigf_dvc.cli.policy_", commands=_COMMANDS)
def command() -> None:
    """Explain, lint, test, compare and show policies."""
