"""What `aigf card fill` writes into a card: one table a block."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from aigf_dvc.evidence.card_facts import FileFact, ModelFacts
from aigf_dvc.report.export_values import text_of
from aigf_dvc.report.markdown_cells import table

_UNKNOWN = "not known"
_ABSENT = "not in the file"

Rows = Iterable[tuple[str, ...]]


def card_blocks(facts: Sequence[ModelFacts]) -> Mapping[str, tuple[str, ...]]:
    """Return the lines of each block of a card that speaks of some models, one or more."""
    return {
        "model": tuple(
            table(("model", "path", "SHA-256", "DVC"), ((f.name, *_file(f.model)) for f in facts))
        ),
        "metrics": _block(
            facts,
            ("metric", "value", "file and key"),
            _metrics,
            "No metrics are named in aigf.yaml.",
        ),
        "data": _block(
            facts, ("data set", "SHA-256", "DVC"), _data, "DVC tracks no data behind the model."
        ),
        "parameters": _block(
            facts, ("parameter", "value", "file"), _parameters, "The runs read no parameters."
        ),
    }


def _block(
    facts: Sequence[ModelFacts],
    head: tuple[str, ...],
    rows_of: Callable[[ModelFacts], Rows],
    none: str,
) -> tuple[str, ...]:
    """Return one table; its first column names the model when the card speaks of several."""
    if len(facts) == 1:
        rows = list(rows_of(facts[0]))
    else:
        head = ("model", *head)
        rows = [(one.name, *row) for one in facts for row in rows_of(one)]
    return tuple(table(head, rows)) if rows else (none,)


def _file(fact: FileFact) -> tuple[str, str, str]:
    return fact.path, fact.sha256 or _UNKNOWN, fact.dvc or _UNKNOWN


def _metrics(facts: ModelFacts) -> Iterator[tuple[str, ...]]:
    for fact in facts.metrics:
        yield fact.name, text_of(fact.value) if fact.is_there else _ABSENT, fact.where


def _data(facts: ModelFacts) -> Iterator[tuple[str, ...]]:
    yield from map(_file, facts.data)


def _parameters(facts: ModelFacts) -> Iterator[tuple[str, ...]]:
    for fact in facts.parameters:
        yield fact.name, text_of(fact.value), fact.where
