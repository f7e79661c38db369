"""What lint remarks, as text that editors understand and as JSON."""

import textwrap
from collections import Counter
from collections.abc import Sequence

from aigf_dvc.canonical import Json
from aigf_dvc.policy.lint.model import Level, Remark
from aigf_dvc.report.one_line import as_lines
from aigf_dvc.report.visible import visible

_STYLES = {Level.ERROR: "31", Level.WARNING: "33", Level.INFO: "36"}
_PLURALS = {Level.ERROR: "errors", Level.WARNING: "warnings", Level.INFO: "infos"}


def lint_text(policy: str, remarks: Sequence[Remark], *, color: bool, width: int) -> str:
    """Return a line `file:line:column: level: ...` for each remark, with what to do below it."""
    lines: list[str] = []
    for remark in remarks:
        style = f"\x1b[{_STYLES[remark.level]}m" if color else ""
        level = f"{style}{remark.level}{chr(27) + '[0m' if color else ''}"
        rule = f"{visible(remark.rule)}: " if remark.rule else ""
        said = f"{rule}{visible(remark.found)} [{remark.check}]"
        lines.append(f"{visible(remark.where)}: {level}: {said}")
        lines += textwrap.wrap(
            visible(remark.remedy),
            width,
            initial_indent="    to do: ",
            subsequent_indent="           ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    counts = Counter(remark.level for remark in remarks)
    parts = [f"{counts[n]} {_PLURALS[n] if counts[n] != 1 else n}" for n in Level if counts[n]]
    lines.append(f"{visible(policy)}: {', '.join(parts) if parts else 'nothing to remark'}")
    return as_lines(lines)


def lint_as_json(policy: str, remarks: Sequence[Remark], *, compared: bool) -> dict[str, Json]:
    """Return the remarks for machines.

    Args:
        policy: the path of the policy.
        remarks: the remarks.
        compared: whether names were held against a project.
    """
    return {
        "policy": policy,
        "compared": compared,
        "remarks": [
            {
                "level": remark.level.value,
                "check": remark.check,
                "rule": remark.rule,
                "found": remark.found,
                "where": remark.where,
                "file": remark.order[0],
                "line": remark.order[1],
                "column": remark.order[2],
                "remedy": remark.remedy,
            }
            for remark in remarks
        ],
    }
