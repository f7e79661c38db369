"""A model card as text for people and as JSON: each governance field, and where it stands."""

from collections.abc import Iterator, Mapping

from aigf_dvc.canonical import Json, as_json
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.redaction import redact
from aigf_dvc.report.one_line import as_lines

_OURS = "governance"


def card_fields(card: ModelCard) -> Mapping[str, tuple[Json, str]]:
    """Return the governance fields of a card by dotted name: value and `file:line`.

    They stand under `governance:`; a card without that key has them at its top.
    """
    own = card.document.value.get(_OURS)
    path: tuple[str, ...] = (_OURS,) if isinstance(own, dict) else ()
    return dict(_leaves(card, own if path else card.document.value, path, ()))


def _leaves(
    card: ModelCard, value: object, above: tuple[str, ...], steps: tuple[str, ...]
) -> Iterator[tuple[str, tuple[Json, str]]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(card, item, above, (*steps, str(key)))
    elif steps:
        shown = redact(as_json(value), name=steps[-1])
        yield ".".join(steps), (shown, card.document.place(*above, *steps))


def model_card_text(card: ModelCard) -> str:
    """Return one line a field: name, value, place."""
    fields = card_fields(card)
    width = max((len(name) for name in fields), default=0)
    lines = [f"{card.path}  sha256:{card.sha256}"]
    lines += [f"  {name:<{width}}  {value}  ({where})" for name, (value, where) in fields.items()]
    return as_lines(lines)


def model_card_as_json(card: ModelCard) -> Json:
    """Return the fields with their places."""
    return {
        "name": card.path,
        "digest": {"sha256": card.sha256},
        "fields": {
            name: {"value": value, "where": where}
            for name, (value, where) in card_fields(card).items()
        },
    }
