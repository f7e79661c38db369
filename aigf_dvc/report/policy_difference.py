"""What changed from one policy to another, as text for people, Markdown for a review, and JSON."""

from collections import Counter
from collections.abc import Iterator

from aigf_dvc.canonical import Json
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.strictness.change import Change, Direction
from aigf_dvc.policy.strictness.policies import PolicyDifference
from aigf_dvc.report.visible import visible

_DIGITS = 12
_MARKS = {
    Direction.WEAKENS: "✘",
    Direction.UNCLEAR: "?",
    Direction.TIGHTENS: "✔",
    Direction.NEUTRAL: "·",
}  # in the order in which they are counted
_STYLES = {
    Direction.WEAKENS: "31",
    Direction.UNCLEAR: "33",
    Direction.TIGHTENS: "32",
    Direction.NEUTRAL: "2",
}
_COUNTED = {
    Direction.WEAKENS: "weakening",
    Direction.UNCLEAR: "unclear",
    Direction.TIGHTENS: "tightening",
    Direction.NEUTRAL: "neutral",
}
_WIDTH = max(map(len, Direction))
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#~"})


def policy_difference_text(difference: PolicyDifference, *, color: bool) -> str:
    """Return every change with both values and both lines, and a summary of one line."""
    return "\n".join(_lines(difference, color=color))


def _lines(difference: PolicyDifference, *, color: bool) -> Iterator[str]:
    yield f"{_name(difference.old)} -> {_name(difference.new)}"
    about = None
    for change in difference.changes:
        if change.rule != about:
            about = change.rule
            yield ""
            yield f"  rule {visible(about)}" if about else "  the policy as a whole"
        mark = f"{_MARKS[change.direction]} {change.direction:<{_WIDTH}}"
        painted = f"\x1b[{_STYLES[change.direction]}m{mark}\x1b[0m" if color else mark
        yield f"    {painted}  {visible(_said(change))}"
        yield f"    {'':{_WIDTH + 2}}  {visible(f'{change.old_place} -> {change.new_place}')}"
    yield ""
    yield summary(difference)


def summary(difference: PolicyDifference) -> str:
    """Return what the changes come to, in one line."""
    if not difference.changes:
        return "The two policies demand the same, in the same words."
    counts = Counter(change.direction for change in difference.changes)
    said = ", ".join(f"{counts[one]} {word}" for one, word in _COUNTED.items() if counts[one])
    verdict = "Nothing is weakened" if difference.is_safe else "The new policy may be weaker"
    return f"{verdict}: {said}."


def _name(policy: Policy) -> str:
    text = f"policy {policy.id} {policy.version} ({policy.path}, sha256:{policy.sha256[:_DIGITS]})"
    return visible(text)


def _said(change: Change) -> str:
    if not change.key:
        return change.means
    return f"{change.key}: {change.old or 'nothing'} -> {change.new or 'nothing'}: {change.means}"


def policy_difference_markdown(difference: PolicyDifference) -> str:
    """Return every change as a table for a review."""
    lines = [f"**{_escaped(summary(difference))}**", ""]
    lines += [f"{_escaped(_name(difference.old))} → {_escaped(_name(difference.new))}", ""]
    if difference.changes:
        lines += ["| | rule | change | where |", "|---|---|---|---|"]
    for change in difference.changes:
        places = f"{change.old_place} → {change.new_place}"
        cells = (
            f"{_MARKS[change.direction]} {change.direction}",
            change.rule or "(whole policy)",
            _said(change),
            places,
        )
        lines.append(f"| {' | '.join(_escaped(cell) for cell in cells)} |")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return visible(text).translate(_MARKDOWN)


def policy_difference_as_json(difference: PolicyDifference) -> Json:
    """Return every change; what a side does not have is an empty text."""
    return {
        "old": _policy_as_json(difference.old),
        "new": _policy_as_json(difference.new),
        "safe": difference.is_safe,
        "changes": [
            {
                "rule": change.rule,
                "key": change.key,
                "direction": change.direction.value,
                "old": change.old,
                "new": change.new,
                "means": change.means,
                "oldPlace": change.old_place,
                "newPlace": change.new_place,
            }
            for change in difference.changes
        ],
    }


def _policy_as_json(policy: Policy) -> Json:
    return {
        "id": policy.id,
        "version": policy.version,
        "path": policy.path,
        "digest": {"sha256": policy.sha256},
        "parts": [{"path": part.path, "digest": {"sha256": part.sha256}} for part in policy.parts],
    }
