"""What changed between two versions of a model, as text for people and as JSON."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from aigf_dvc.canonical import Json, as_json
from aigf_dvc.evidence.difference_values import (
    CodeChange,
    Difference,
    FileChange,
    FileFacts,
    MetricChange,
    StageChange,
    ValueChange,
)
from aigf_dvc.report.one_line import as_lines

_Change = TypeVar("_Change")
_SHORT = 12
_GREEN, _RED, _BOLD = "32", "31", "1"
_DIGITS = 6


def difference_text(difference: Difference, *, color: bool) -> str:
    """Return the changes, part by part; `-` is what was, `+` what is."""
    return as_lines(_Page(color=color).lines(difference))


class _Page:
    """The parts of the text, coloured or plain."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def lines(self, d: Difference) -> Iterator[str]:
        old, new = d.names
        name = old if old == new else f"{old} -> {new}"
        yield self._paint(f"{name}: {d.before} -> {d.after}", _BOLD)
        if d.is_empty:
            yield "  no difference"
        yield from self._part("model", (d.model,) if d.model else (), self._file)
        yield from self._part("data", d.data, self._file)
        yield from self._part("code", d.code, self._code)
        yield from self._part("stages", d.stages, self._stage)
        yield from self._part("parameters", d.parameters, self._value)
        yield from self._part("packages", d.packages or (), self._value)
        if d.packages is None:
            yield f"  {self._paint('packages', _BOLD)}: not recorded (`aigf repro` records them)"
        yield from self._part("metrics", d.metrics, self._metric)
        yield from self._part("documents", d.documents, self._file)
        card = (d.card_file,) if d.card_file else ()
        yield from self._part("model card", card, self._file)
        yield from self._part("fields of the card", d.card, self._value)

    def _part(
        self, title: str, changes: Sequence[_Change], show: Callable[[_Change], Iterator[str]]
    ) -> Iterator[str]:
        if changes:
            yield f"  {self._paint(title, _BOLD)}"
            for change in changes:
                yield from (f"    {line}" for line in show(change))

    def _file(self, change: FileChange) -> Iterator[str]:
        old, new = change.before, change.after
        path = (new or old or FileFacts(path="", recorded=None, sha256=None)).path
        moved = f"  (was {old.path})" if old and new and old.path != new.path else ""
        yield f"{path}  {change.role}{moved}"
        yield from self._two(f"{_facts(old)}" if old else None, f"{_facts(new)}" if new else None)
        inside = change.inside
        if inside is not None:
            yield (
                f"  inside: {inside.added} files added, {inside.removed} removed, "
                f"{inside.changed} changed"
            )

    def _code(self, change: CodeChange) -> Iterator[str]:
        lines = change.lines
        counts = "lines not at hand"
        if lines is not None:
            least = "at least " if lines.at_least else ""
            added = self._paint(f"+{lines.added}", _GREEN)
            counts = f"{least}{added} {self._paint(f'-{lines.removed}', _RED)}"
        word = "new" if change.before is None else "gone" if change.after is None else "changed"
        digests = f"{_short(change.before)} -> {_short(change.after)}"
        yield f"{change.path}  {word}  {counts}  {digests}"

    def _stage(self, change: StageChange) -> Iterator[str]:
        word = "new" if change.before is None else "gone" if change.after is None else "changed"
        yield f"{change.name}  {word}"
        old = "\n".join(change.before) if change.before is not None else None
        new = "\n".join(change.after) if change.after is not None else None
        yield from self._two(old, new)

    def _value(self, change: ValueChange) -> Iterator[str]:
        wheres = [where for where in (change.before_where, change.after_where) if where]
        places = f"  ({' -> '.join(dict.fromkeys(wheres))})" if wheres else ""
        old, new = _shown(change.before), _shown(change.after)
        yield f"{change.name}  {self._paint(old, _RED)} -> {self._paint(new, _GREEN)}{places}"

    def _metric(self, change: MetricChange) -> Iterator[str]:
        by = ""
        if change.difference is not None:
            relative = f", {change.relative:+.1%}" if change.relative is not None else ""
            by = f"  ({_rounded(change.difference):+}{relative})"
        yield f"{change.name}  {_shown(change.before)} -> {_shown(change.after)}{by}"

    def _two(self, old: str | None, new: str | None) -> Iterator[str]:
        for text, mark, style in ((old, "-", _RED), (new, "+", _GREEN)):
            for line in (text or "").split("\n") if text is not None else ():
                yield self._paint(f"{mark} {line}", style)

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color and text else text


def _facts(facts: FileFacts) -> str:
    recorded = facts.recorded
    parts = [f"sha256:{facts.sha256}" if facts.sha256 else "sha256 not known"]
    if recorded is not None and recorded.value:
        parts.append(f"{recorded.algorithm}:{recorded.value}")
    if recorded is not None and recorded.size is not None:
        parts.append(f"{recorded.size:,} bytes")
    if recorded is not None and recorded.file_count is not None:
        parts.append(f"{recorded.file_count:,} files")
    return "  ".join(parts)


def _short(digest: str | None) -> str:
    return digest[:_SHORT] if digest else "nothing"


def _shown(value: Json) -> str:
    return "nothing" if value is None else str(value)


def _rounded(value: Decimal) -> Decimal:
    """Return a number to six digits that count, without zeros at its end."""
    return Decimal(f"{value:.{_DIGITS}g}")


def difference_as_json(difference: Difference) -> Json:
    """Return every change; what a side does not have is null."""
    d = difference
    return {
        "before": d.before,
        "after": d.after,
        "models": {"before": d.names[0], "after": d.names[1]},
        "differs": not d.is_empty,
        "model": _file_as_json(d.model) if d.model else None,
        "data": [_file_as_json(change) for change in d.data],
        "code": [_code_as_json(change) for change in d.code],
        "stages": [
            {"name": change.name, "before": _list(change.before), "after": _list(change.after)}
            for change in d.stages
        ],
        "parameters": [_value_as_json(change) for change in d.parameters],
        "packages": (
            None if d.packages is None else [_value_as_json(change) for change in d.packages]
        ),
        "metrics": [_metric_as_json(change) for change in d.metrics],
        "documents": [_file_as_json(change) for change in d.documents],
        "modelCard": {
            "file": _file_as_json(d.card_file) if d.card_file else None,
            "fields": [_value_as_json(change) for change in d.card],
        },
    }


def _file_as_json(change: FileChange) -> Json:
    inside = change.inside
    return {
        "role": change.role,
        "before": _facts_as_json(change.before),
        "after": _facts_as_json(change.after),
        "files": (
            {"added": inside.added, "removed": inside.removed, "changed": inside.changed}
            if inside is not None
            else None
        ),
    }


def _facts_as_json(facts: FileFacts | None) -> Json:
    if facts is None:
        return None
    recorded = facts.recorded
    return {
        "name": facts.path,
        "digest": {"sha256": facts.sha256},
        "dvc": (
            {
                "hash": recorded.algorithm,
                "value": recorded.value,
                "size": recorded.size,
                "nfiles": recorded.file_count,
            }
            if recorded is not None
            else None
        ),
    }


def _code_as_json(change: CodeChange) -> Json:
    lines = change.lines
    return {
        "name": change.path,
        "before": change.before,
        "after": change.after,
        "lines": (
            {"added": lines.added, "removed": lines.removed, "atLeast": lines.at_least}
            if lines is not None
            else None
        ),
    }


def _value_as_json(change: ValueChange) -> Json:
    return {
        "name": change.name,
        "before": {"value": change.before, "where": change.before_where},
        "after": {"value": change.after, "where": change.after_where},
    }


def _metric_as_json(change: MetricChange) -> Json:
    return {
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "difference": as_json(change.difference),
        "relative": as_json(_rounded(change.relative)) if change.relative is not None else None,
    }


def _list(commands: tuple[str, ...] | None) -> Json:
    return list(commands) if commands is not None else None
