"""Gives rules of a policy's text a first day, so that what fails today is not a wall tomorrow."""

import datetime
from collections.abc import Iterable

from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_strict

_ID = lazy_pattern(r"(?P<lead>[ \t]*(?:-[ \t]+)*)id[ \t]*:")


def soften(policy_text: str, rule_ids: Iterable[str], day: datetime.date) -> str:
    """Return the policy with `effective_from:` in some of its rules; all else is untouched.

    A rule that has an `effective_from` keeps it.

    Args:
        policy_text: a policy in its full form.
        rule_ids: the rules to put off.
        day: the first day on which they deny.

    Raises:
        InputError: not such a policy, no such rule, or one that is not written key below key.
    """
    lines = policy_text.split("\n")
    document = read_strict(policy_text.encode(), where="policy")
    value = document.value
    listed = value.get("rules") if isinstance(value, dict) else None
    rules = listed if isinstance(listed, list) else []
    places = {
        rule["id"]: (index, document.lines["rules", index, "id"])
        for index, rule in enumerate(rules)
        if isinstance(rule, dict) and isinstance(rule.get("id"), str)
    }
    chosen = sorted({_place(places, name) for name in rule_ids}, reverse=True)
    for index, line in chosen:  # from the last to the first, so that line numbers stay right
        if "effective_from" not in rules[index]:
            lines.insert(line, _first_day(lines[line - 1], day))
            rules[index]["effective_from"] = day.isoformat()
    after = "\n".join(lines)
    if read_strict(after.encode(), where="policy").value != value:
        raise _odd()
    return after


def _place(places: dict[str, tuple[int, int]], name: str) -> tuple[int, int]:
    if name not in places:
        raise InputError(
            f"no rule `{name}`", where="policy", expected=f"one of {', '.join(places)}"
        )
    return places[name]


def _first_day(id_line: str, day: datetime.date) -> str:
    match = _ID.match(id_line)
    if match is None:
        raise _odd()
    end = "\r" if id_line.endswith("\r") else ""
    return f"{' ' * len(match['lead'])}effective_from: {day.isoformat()}{end}"


def _odd() -> InputError:
    return InputError(
        "a rule is not written one key below the other", where="policy",
        expected="`- id: NAME` on a line of its own",
        hint="write `effective_from: DAY` into the rule yourself",
    )  # fmt: skip
