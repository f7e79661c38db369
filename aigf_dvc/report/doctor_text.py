"""What `aigf doctor` found, as text for people and as JSON for machines."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.report.one_line import as_lines
from aigf_dvc.report.visible import visible


@unique
class Health(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"  # it works, and something is to be known
    PROBLEM = "problem"  # something will be refused, or is not what it seems


_STYLES = {Health.OK: "32", Health.WARNING: "33", Health.PROBLEM: "31"}
_SUBJECT_WIDTH = 16
_HEALTH_WIDTH = max(map(len, Health))


class Line(Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    health: Health
    subject: str
    text: str
    fix: str = ""  # what to do; never empty where something is wrong
    looked: bool = True  # False: it could not be looked at


def doctor_text(lines: Sequence[Line], *, color: bool, width: int) -> str:
    """Return a line for each thing, the fix below it, and the counts."""
    said: list[str] = []
    indent = " " * (_HEALTH_WIDTH + _SUBJECT_WIDTH + 2)
    for line in lines:
        health = f"{line.health:<{_HEALTH_WIDTH}}"
        if color:
            health = f"\x1b[{_STYLES[line.health]}m{health}\x1b[0m"
        start = f"{health} {line.subject:<{_SUBJECT_WIDTH}} "
        first, *others = _wrapped(line.text, width, first=indent, others=indent) or [indent]
        said += [start + first.removeprefix(indent), *others]
        if line.fix:
            said += _wrapped(line.fix, width, first=f"{indent}fix: ", others=f"{indent}     ")
    counts = Counter(line.health for line in lines)
    unseen = sum(not line.looked for line in lines)
    words = (
        (health, "" if health is Health.OK or counts[health] == 1 else "s") for health in Health
    )
    total = ", ".join(
        f"{counts[health]} {health}{plural}" for health, plural in words if counts[health]
    )
    said.append(total + (f"; {unseen} could not be looked at" if unseen else ""))
    return as_lines(said)


def _wrapped(text: str, width: int, *, first: str, others: str) -> list[str]:
    """Return a text in lines; a path or a command is never broken, so that it can be copied."""
    return textwrap.wrap(
        visible(text),
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def doctor_as_json(lines: Sequence[Line]) -> dict[str, Json]:
    """Return what was found for machines."""
    return {
        "lines": [
            {
                "health": line.health.value,
                "subject": line.subject,
                "text": visible(line.text),
                "fix": visible(line.fix),
                "looked": line.looked,
            }
            for line in lines
        ]
    }
