"""The `model-index` of a model card: the results that Hugging Face shows beside the model."""

from collections.abc import Iterator, Mapping

from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.model_card import ModelCard

MODEL_INDEX = "model-index"

_LONGEST = 60


def model_index_problems(card: ModelCard) -> Iterator[CardProblem]:
    """Yield the first fault of each entry of the model-index.

    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    fields: Mapping[str, object] = card.document.value
    index = fields.get(MODEL_INDEX)
    if index is None:
        return
    at: tuple[str | int, ...] = (MODEL_INDEX,)
    if not isinstance(index, list) or len(index) != 1:
        yield _malformed(card, at, shown(index), "a list of one entry: `- name:` and `results:`")
        return
    fault = _text_fault(index[0], "name") or _list_fault(index[0], "results")
    if fault:
        yield _malformed(card, (*at, 0), fault, "`name:` and a list `results:`")
        return
    for number, result in enumerate(index[0]["results"]):
        fault = _result_fault(result)
        if fault:
            yield _malformed(
                card, (*at, 0, "results", number), fault,
                "task: {type}, dataset: {type, name}, metrics: [{type, value}]",
            )  # fmt: skip


def _result_fault(result: object) -> str:
    """Return what a result lacks, or an empty text."""
    if not isinstance(result, Mapping):
        return shown(result)
    return (
        _text_fault(result.get("task"), "type", of="task")
        or _text_fault(result.get("dataset"), "type", of="dataset")
        or _text_fault(result.get("dataset"), "name", of="dataset")
        or _list_fault(result, "metrics")
        or next(filter(None, map(_metric_fault, result["metrics"])), "")
        or _source_fault(result.get("source"))
    )


def _metric_fault(metric: object) -> str:
    fault = _text_fault(metric, "type", of="metric")
    if not fault and isinstance(metric, Mapping) and metric.get("value") is None:
        return "a metric without `value:`"
    return fault


def _source_fault(source: object) -> str:
    if source is not None and not isinstance(source, Mapping):
        return f"`source:` is {shown(source)}"
    if source and source.get("name") is not None and source.get("url") is None:
        return "a source with a name and no `url:`"
    return ""


def _text_fault(value: object, key: str, *, of: str = "entry") -> str:
    if not isinstance(value, Mapping):
        return f"no `{of}:` with fields" if value is None else f"{of} is {shown(value)}"
    text = value.get(key)
    return "" if isinstance(text, str) and text.strip() else f"{of} without a text `{key}:`"


def _list_fault(value: object, key: str) -> str:
    items = value.get(key) if isinstance(value, Mapping) else None
    return "" if isinstance(items, list) and items else f"no list `{key}:`"


def _malformed(
    card: ModelCard, at: tuple[str | int, ...], found: str, expected: str
) -> CardProblem:
    return CardProblem(
        where=card.document.place(*at),
        found=f"a malformed {MODEL_INDEX}: {found}",
        expected=expected,
        remedy="correct it, or leave it out: the metrics files of the pipeline are what is judged",
    )


def shown(value: object) -> str:
    """Return a value in a few words."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    return repr(value)[:_LONGEST]
