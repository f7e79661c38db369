"""What `aigf check` says when it judges a commit under its base: to people, and to their CI."""

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

import click

from aigf_dvc.actions.check_base import UnderBase
from aigf_dvc.cli.ci_options import Place
from aigf_dvc.cli.options import talk
from aigf_dvc.gates.ci import SYSTEMS
from aigf_dvc.policy.strictness.policies import PolicyDifference, policy_difference
from aigf_dvc.report.policy_difference import (
    policy_difference_markdown,
    policy_difference_text,
    summary,
)
from aigf_dvc.report.verdict_github import policy_annotation
from aigf_dvc.report.visible import visible

_DIGITS = 12
_LARGEST_SUMMARY = 1_000_000  # bytes; GitHub drops what is larger than 1 MiB


def say_what_was_judged(place: Place, judged: UnderBase, *, form: str) -> None:
    """Say which commits were judged by what, and how they change that.

    Each line starts with words or marks of ours: CI takes some texts at the start for commands.
    """
    where = ""
    if place.ci is not None and place.run is not None:
        where = f"{SYSTEMS[place.ci].name}, {visible(place.run.what)}: "
    own = judged.base == judged.commit
    base = "its own policy (no base has one)" if own else f"the policy of {judged.base[:_DIGITS]}"
    talk(f"aigf: {where}{judged.commit[:_DIGITS]} is judged by {base}")
    for line in _governance(judged):
        talk(line)
    if place.ci is not None and SYSTEMS[place.ci].wants_junit and form != "junit":
        talk("aigf: a report for this CI: `aigf check --format junit --output aigf.xml`")


def annotate(judged: UnderBase, *, folder: str) -> None:
    """Write a GitHub annotation when the policy may become weaker.

    Args:
        judged: what was found.
        folder: the project's in the repository.
    """
    difference = _difference(judged)
    if difference is not None and not difference.is_safe:
        click.echo(
            policy_annotation(summary(difference), path=posixpath.join(folder, difference.new.path))
        )


def add_summary(markdown: str, judged: UnderBase) -> None:
    """Append a verdict to the summary of a GitHub step, if GitHub wants one."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    difference = _difference(judged)
    if difference is not None:
        markdown += f"\n## Policy changes\n\n{policy_difference_markdown(difference)}\n"
    data = markdown.encode(errors="backslashreplace")
    if len(data) > _LARGEST_SUMMARY:
        data = b"aigf check: the report is too long for a summary; it is in the log.\n"
    with Path(name).open("ab") as file:
        file.write(data)


def _governance(judged: UnderBase) -> Iterator[str]:
    if not judged.change.files:
        return
    files = ", ".join(map(visible, judged.change.files))
    yield f"aigf: it changes {files}: judged by the base's now, its own counts once it is merged"
    difference = _difference(judged)
    if difference is None:
        return
    if not difference.is_safe:
        yield "aigf: WARNING: THIS CHANGE MAKES THE POLICY WEAKER, or it cannot be told:"
    text = policy_difference_text(difference, color=False)
    yield from (f"  | {line}".rstrip() for line in text.split("\n"))


def _difference(judged: UnderBase) -> PolicyDifference | None:
    policies = judged.change.policies
    return None if policies is None else policy_difference(*policies)
