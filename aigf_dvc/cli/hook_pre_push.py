"""`aigf hook pre-push`: what git calls before it pushes."""

import sys
from pathlib import Path

import click

from aigf_dvc.cli.options import talk
from aigf_dvc.clock import now
from aigf_dvc.gates.pre_push import Judged, judge_push, read_pushed_refs
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.verdict_text import verdict_text


@click.command(name="pre-push")
@click.argument("remote", default="origin")
@click.argument("url", default="")
def command(remote: str, url: str) -> None:  # noqa: ARG001  # git gives both
    """Judge the pushed commits; called by git with the refs on standard input.

    A protected branch (aigf.yaml: `protected`) is refused when the policy says no; other branches
    get one line. The policy is the one that the remote has already. `git push --no-verify` passes
    the hook by, and CI will see it.
    """
    refs = read_pushed_refs(sys.stdin.buffer.read())
    judged = judge_push(Path.cwd(), remote, refs, today=now().date())
    for item in judged:
        talk(_text(item))
        if item.changed_governance:
            talk(
                f"{_name(item)} changes {', '.join(item.changed_governance)}: judged by the old "
                "one now, the new one counts from the next push"
            )
    if any(item.refused for item in judged):
        talk("aigf: push refused: mend what is named above, commit, and push again.")
        talk("  (`git push --no-verify` passes this hook by; what is deployed is verified again.)")
        sys.exit(1)


def _name(item: Judged) -> str:
    place = f" ({item.project})" if item.project else ""
    return f"aigf: {item.ref.short}{place}"


def _text(item: Judged) -> str:
    """Return what to say of one ref: all of it when it is refused, else one line."""
    name = _name(item)
    if item.note:
        return f"{name} {item.note}"
    policy = "its own policy" if item.base == item.commit else f"the policy of {item.base[:12]}"
    at = f"{name} at {item.commit[:12]}, by {policy}"
    if item.problem is not None:
        hint = f"\n  hint: {item.problem.hint}" if item.problem.hint else ""
        kind = "cannot be judged" if item.protected else "could not be judged (not protected)"
        return f"{name} {kind}: {item.problem}{hint}"
    denied = [verdict for verdict in item.verdicts if verdict.result is not Result.PASSED]
    if not denied:
        return f"{at}: passed"
    if not item.protected:
        rules = [
            finding.rule
            for verdict in denied
            for finding in verdict.findings
            if finding.outcome is Outcome.DENIED
        ]
        return f"{at}: not protected, but would be denied ({', '.join(rules) or 'undecided'})"
    said = verdict_text(denied, color=False).rstrip("\n")
    return f"{at}: REFUSED\n{said}"
