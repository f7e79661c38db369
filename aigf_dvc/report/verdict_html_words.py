"""How texts of others come onto the page of a report: as text, and nowhere else."""

from collections.abc import Iterable, Iterator

from aigf_dvc.report.graph_svg import escaped
from aigf_dvc.report.visible import visible

_MONO = ("where", "rule", "Policy digest", "File", "Digest", "Commit", "Model card")
_TO_DO = "to do"
_NUMBERS = ("Denied", "Warned", "Waived", "Passed", "Value")


def attribute(text: str) -> str:
    """Return a text for a quoted attribute or a title."""
    return escaped(visible(text))


def shown(text: str) -> str:
    """Return a text that also cannot turn the direction of what stands beside it."""
    return f"<bdi>{attribute(text)}</bdi>"


def rows(told: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a list of names and what they say; the names are ours."""
    yield "<dl>"
    for name, text in told:
        kind = ' class="mono"' if name in _MONO else ' class="todo"' if name == _TO_DO else ""
        yield f"<dt>{name[:1].upper()}{name[1:]}</dt><dd{kind}>{shown(text)}</dd>"
    yield "</dl>"


def heads(*names: str) -> Iterator[str]:
    """Yield the head of a table and the start of its body."""
    yield "<thead><tr>"
    for name in names:
        kind = ' class="number"' if name in _NUMBERS else ""
        yield f'<th scope="col"{kind}>{name}</th>'
    yield "</tr></thead><tbody>"
