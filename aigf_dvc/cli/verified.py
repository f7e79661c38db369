"""Shows what came of a verification."""

from collections.abc import Mapping

import click

from aigf_dvc.actions.verify import Candidates, exit_code
from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.cli.options import counted, talk, use_color
from aigf_dvc.report.verification_text import tried_text, verification_as_json


def show_verified(
    tried: tuple[Verification, ...],
    form: str,
    what: str,
    found: Candidates,
    *,
    attesters: int,
    beside: Mapping[str, Json] | None = None,
) -> None:
    """Print the outcome.

    Args:
        tried: the verification of each bundle.
        form: "text" or "json".
        what: was verified, as people call it.
        found: the bundles.
        attesters: how many owners are demanded.
        beside: what else belongs into the JSON.
    """
    nothing = f"{found.place} holds no attestation about these bytes of {what}"
    if form == "json":
        document = {
            "artifact": what,
            "accepted": exit_code(tried, attesters=attesters) == 0,
            "attesters": {"demanded": attesters, "found": list(owners_of(tried))},
            "problem": None if tried else nothing,
            "verifications": [verification_as_json(outcome) for outcome in tried],
            "passedOver": found.passed_over,
            **(beside or {}),
        }
        click.echo(pretty(document))
    elif not tried:
        click.echo(f"REFUSED: {nothing}")
        talk("  hint: `aigf pull` fetches attestations; `--bundle FILE` tells what differs")
    else:
        click.echo(tried_text(tried, attesters=attesters, color=use_color()), nl=False)
    if found.passed_over and form != "json":
        talk(f"(passed over: {counted(found.passed_over, 'statement')} of other kinds)")
