"""The push gates as git runs them: without click, whose import alone is a fifth of their time."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from aigf_dvc.cli.terminal import harmless_output
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.gates.pre_push import Judged, judge_push
from aigf_dvc.gates.pushed_refs import (
    PushedRef,
    pre_commit_refs,
    read_pushed_refs,
    read_received_refs,
)
from aigf_dvc.git.program import quarantine
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.report.visible import visible

if TYPE_CHECKING:
    from aigf_dvc.gates.attested import Attesters

_INTERRUPTED = 130
_NOTHING = (
    "aigf: nothing was judged: the list of what is pushed is empty. If something is pushed, "
    "another command of the hook has read the list: call aigf before it"
)
_MOST_NOTED = 3  # refs of which one thing is said


def main(arguments: list[str]) -> NoReturn:
    """Judge what git is about to push, and leave with the exit code; only 0 lets it go on.

    Args:
        arguments: git's own: the remote's name and URL.
    """
    _leave(partial(judge, arguments[0] if arguments else "origin"))


def main_received() -> NoReturn:
    """Judge what git is about to accept, and leave with the exit code; only 0 lets it in."""
    _leave(judge_received)


def _leave(gate: Callable[[], int]) -> NoReturn:
    with harmless_output():
        code = _run(gate)
    sys.exit(code)


def _run(gate: Callable[[], int]) -> int:
    try:
        return gate()
    except AigfError as error:
        _say(f"aigf: {error}" + (f"\n  hint: {error.hint}" if error.hint else ""))
        return error.exit_code
    except OSError as error:
        _say(f"aigf: {error}")
        return UndecidedError.exit_code
    except KeyboardInterrupt:
        _say("aigf: interrupted")
        return _INTERRUPTED


def judge(remote: str, *, refs: Sequence[PushedRef] | None = None) -> int:
    """Judge the pushed refs, say what was found, and return the exit code.

    Args:
        remote: its name.
        refs: what is pushed; None: standard input says it.

    Raises:
        AigfError: nothing can be judged.
    """
    asks_input = refs is None
    if refs is None:
        refs = read_pushed_refs(sys.stdin.buffer.read())
    if not refs:  # git runs the hook for a push of nothing; pre-commit gives it nothing to read
        refs = pre_commit_refs(os.environ)
        remote = os.environ.get("PRE_COMMIT_REMOTE_NAME") or remote
    if asks_input and not refs:
        _say(_NOTHING)
    if not _is_refused(judge_push(Path.cwd(), remote, refs, today=now().date())):
        return 0
    _say("aigf: push refused: mend what is named above, commit, and push again.")
    _say("  (`git push --no-verify` passes this hook by, knowingly. CI judges the same commits and")
    _say("  will see it, and what is deployed is verified again.)")
    return 1


def judge_received(attesters: "Attesters | None" = None) -> int:
    """Judge the refs that git tells a repository of, which others push to; else as `judge`.

    Args:
        attesters: who may have attested what is promoted; None: nobody looks at that here.

    Raises:
        AigfError: nothing can be judged.
    """
    refs = read_received_refs(sys.stdin.buffer.read())
    with quarantine(os.environ):
        judged = judge_push(Path.cwd(), None, refs, today=now().date(), attesters=attesters)
    if not _is_refused(judged):
        return 0
    _say("aigf: not accepted: mend what is named above, commit, and push again.")
    return 1


def _is_refused(judged: Sequence[Judged]) -> bool:
    for line in _lines(judged):
        _say(line)
    return any(item.refused for item in judged)


def _lines(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield what to say of every ref; many that nothing is said about are counted."""
    noted: Counter[str] = Counter()
    said: set[tuple[object, ...]] = set()
    for item in judged:
        if item.note:
            noted[item.note] += 1
            if noted[item.note] > _MOST_NOTED:
                continue
        yield _text(item)
        change = (item.base, item.project, item.changed_governance)
        if item.changed_governance and change not in said:
            said.add(change)
            yield from _governance(item)
    for note, count in noted.items():
        if count > _MOST_NOTED:
            yield f"aigf: and {count - _MOST_NOTED} more: each {note}"


def _governance(item: Judged) -> Iterator[str]:
    """Yield which governance files a push changes, and what its policy lets pass then."""
    yield (
        f"{_name(item)} changes {', '.join(map(visible, item.changed_governance))}: judged by the "
        "old one now, the new one counts from the next push"
    )
    if item.policies is not None:
        from aigf_dvc.policy.strictness.policies import policy_difference
        from aigf_dvc.report.policy_difference import policy_difference_text

        text = policy_difference_text(policy_difference(*item.policies), color=False)
        yield from (f"  {line}".rstrip() for line in text.split("\n"))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _problem_word(item: Judged) -> str:
    if isinstance(item.problem, RefusedError):
        return "is REFUSED"
    return "cannot be judged" if item.protected else "could not be judged (not protected)"


def _name(item: Judged) -> str:
    place = f" ({visible(item.project)})" if item.project else ""
    return f"aigf: {visible(item.ref.short)}{place}"


def _text(item: Judged) -> str:
    """Return what to say of one ref: all of it when it is refused, else one line."""
    name = _name(item)
    if item.note:
        return f"{name} {item.note}"
    policy = "its own policy" if item.base == item.commit else f"the policy of {item.base[:12]}"
    at = f"{name} at {item.commit[:12]}, by {policy}"
    if item.problem is not None:
        hint = f"\n  hint: {item.problem.hint}" if item.problem.hint else ""
        return f"{name} {_problem_word(item)}: {item.problem}{hint}"
    missing = "".join(f"\n  ✘ {text}" for text in item.unattested)
    denied = [verdict for verdict in item.verdicts if verdict.result is not Result.PASSED]
    if not denied and not missing:
        names = ", ".join(map(visible, item.attested))
        who = "" if item.signers_known else " (who signed is for `aigf verify`)"
        signed = f"; attested: {names}{who}" if names else ""
        return f"{at}: passed{signed}"
    if not item.protected:
        rules = [
            finding.rule
            for verdict in denied
            for finding in verdict.findings
            if finding.outcome is Outcome.DENIED
        ]
        return f"{at}: not protected, but would be denied ({', '.join(rules) or 'undecided'})"
    said = verdict_text(denied, color=False).rstrip("\n") if denied else ""
    said = f"\n{said}" if denied else ""
    return f"{at}: REFUSED{missing}{said}"
