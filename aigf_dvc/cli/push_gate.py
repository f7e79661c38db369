"""The pre-push gate as git runs it: without click, whose import alone is a fifth of its time."""

import sys
from pathlib import Path
from typing import NoReturn

from aigf_dvc.cli.terminal import harmless_output
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.gates.pre_push import Judged, judge_push, read_pushed_refs
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.verdict_text import verdict_text

_INTERRUPTED = 130


def main(arguments: list[str]) -> NoReturn:
    """Judge what git is about to push, and leave with the exit code; only 0 lets it go on.

    Args:
        arguments: git's own: the remote's name and URL.
    """
    with harmless_output():
        code = _run(arguments[0] if arguments else "origin")
    sys.exit(code)


def _run(remote: str) -> int:
    try:
        return judge(remote)
    except AigfError as error:
        _say(f"aigf: {error}" + (f"\n  hint: {error.hint}" if error.hint else ""))
        return error.exit_code
    except OSError as error:
        _say(f"aigf: {error}")
        return UndecidedError.exit_code
    except KeyboardInterrupt:
        _say("aigf: interrupted")
        return _INTERRUPTED


def judge(remote: str) -> int:
    """Judge the refs on standard input, say what was found, and return the exit code.

    Raises:
        AigfError: nothing can be judged.
    """
    refs = read_pushed_refs(sys.stdin.buffer.read())
    judged = judge_push(Path.cwd(), remote, refs, today=now().date())
    for item in judged:
        _say(_text(item))
        if item.changed_governance:
            _say(
                f"{_name(item)} changes {', '.join(item.changed_governance)}: judged by the old "
                "one now, the new one counts from the next push"
            )
    if not any(item.refused for item in judged):
        return 0
    _say("aigf: push refused: mend what is named above, commit, and push again.")
    _say("  (`git push --no-verify` passes this hook by; what is deployed is verified again.)")
    return 1


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


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
