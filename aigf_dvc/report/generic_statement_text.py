"""A statement of a kind that nothing is known of: its subjects, and its predicate as it stands."""

from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.report.export_values import text_of
from aigf_dvc.report.statement_text import line

_MOST_SUBJECTS = 20
_MOST_VALUES = 500
_LONGEST = 300


def subject_lines(top: Fields) -> Iterator[str]:
    """Yield the subjects of any statement, whatever their form."""
    subjects = top.values.get("subject")
    items = subjects if isinstance(subjects, list) else []
    for index, item in enumerate(items[:_MOST_SUBJECTS]):
        yield from line("" if index else "subject", _subject(item)).split("\n")
    if not items:
        yield line("subject", "none")
    if len(items) > _MOST_SUBJECTS:
        yield line("", f"and {len(items) - _MOST_SUBJECTS:,} more")


def _subject(item: Json) -> str:
    fields = item if isinstance(item, Mapping) else {}
    digests = fields.get("digest")
    named = digests.items() if isinstance(digests, Mapping) else ()
    shown = " ".join(f"{algorithm}:{value!s:.130}" for algorithm, value in named)
    return f"{shown or 'no digest'}  {fields.get('name') or '':.{_LONGEST}}".strip()


def generic_lines(top: Fields) -> Iterator[str]:
    """Yield every value of a predicate by its place, bounded."""
    values = _values(top.values.get("predicate"), "")
    for count, (place, value) in enumerate(values):
        if count == _MOST_VALUES:
            yield line("", "and more: --format json shows all")
            return
        label = "predicate" if count == 0 else ""
        yield from line(label, f"{place:.{_LONGEST}}: {value:.{_LONGEST}}".lstrip(": ")).split("\n")


def _values(value: Json, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _values(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _values(item, f"{place}[{index}]")
    else:
        yield place, text_of(value)
