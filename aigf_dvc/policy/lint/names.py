"""Names that nothing in the project has: a rule about them can only deny."""

from collections.abc import Iterable, Iterator

from aigf_dvc.close_names import close_names
from aigf_dvc.policy.lint.model import Draft, Level, ProjectFacts, Remark, WrittenRule


def metrics(draft: Draft, project: ProjectFacts) -> Iterator[Remark]:
    """Find names of metrics that aigf.yaml does not define."""
    for written in draft.rules:
        for key, name in _metric_names(written):
            if ":" in name:
                if name.rpartition(":")[0] in project.files and not _stands(name, project.places):
                    yield written.remark(
                        Level.WARNING, "unknown-metric", f"nothing stands at {name}",
                        _meant(name, project.places, "let the pipeline write it"), key,
                    )  # fmt: skip
            elif name not in project.metrics:
                yield written.remark(
                    Level.WARNING, "unknown-metric",
                    f"no model in aigf.yaml has a metric named {name}",
                    _unnamed(name, project), key,
                )  # fmt: skip


def _metric_names(written: WrittenRule) -> Iterator[tuple[str, str]]:
    # Beside `slices`, `metric` is only what the groups' numbers are called.
    for key in ("slices",) if "slices" in written.keys else ("metric",):
        name = written.keys.get(key)
        if isinstance(name, str):
            yield key, name
    tolerance = written.keys.get("tolerance")
    for name in tolerance if isinstance(tolerance, dict) else ():
        yield "tolerance", name


def _stands(name: str, places: Iterable[str]) -> bool:
    """Tell whether a value stands at a place, or groups of values do below it."""
    return any(place == name or place.startswith(f"{name}.") for place in places)


def _unnamed(name: str, project: ProjectFacts) -> str:
    """Return what to do about a metric without a name in aigf.yaml."""
    places = [place for place in project.places if place.rpartition(":")[2] == name]
    if places:
        file = places[0].rpartition(":")[0]
        return f'{file} has it: name it in aigf.yaml: `metrics: {{{name}: "{places[0]}"}}`'
    return _meant(name, project.metrics, "name it in aigf.yaml, with its file and key")


def documents(draft: Draft, project: ProjectFacts) -> Iterator[Remark]:
    """Find types of documents that aigf.yaml does not list."""
    for written in draft.rules:
        kind = written.keys.get("document")
        if isinstance(kind, str) and kind not in project.documents:
            yield written.remark(
                Level.WARNING, "unlisted-document",
                f"no model in aigf.yaml lists a document of the type {kind}",
                _meant(kind, project.documents, "list it in aigf.yaml under `documents:`"),
                "document",
            )  # fmt: skip


def fields(draft: Draft, known: frozenset[str]) -> Iterator[Remark]:
    """Find required fields that neither the template of the card nor a card has."""
    for written in draft.rules:
        for name in written.texts("fields"):
            if name not in known:
                yield written.remark(
                    Level.INFO, "unknown-field",
                    f"neither the template of the card nor a card here has the field {name}",
                    _meant(name, known, "tell the authors of cards about it"), "fields",
                )  # fmt: skip


def _meant(name: str, known: Iterable[str], otherwise: str) -> str:
    close = close_names(name, known)
    return f"did you mean `{close[0]}`? Otherwise {otherwise}" if close else otherwise
