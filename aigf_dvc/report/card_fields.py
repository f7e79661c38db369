"""The fields of a model card, as exports read them: ours first, placeholders left out."""

from collections.abc import Mapping

from msgspec import Struct, field

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.placeholders import why_empty
from aigf_dvc.report.export_values import text_of

GOVERNANCE = "governance"


class CardFields(Struct):
    """A card that is read field by field; `rest` is what nobody has asked for."""

    _fields: Mapping[str, Json]
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def text(self, name: str) -> str:
        """Return a field as a text; empty where the card does not say."""
        value = self._take(name)
        return "" if value is None else text_of(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return each text of a field that may be one or a list."""
        value = self._take(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(text_of(item) for item in items)

    def rest(self) -> tuple[tuple[str, str], ...]:
        """Return the dotted name and text of every field that was not asked for."""
        found = {}
        for (block, name), value in self._all().items():
            if (block, name) not in self._taken and not why_empty(value):
                found[f"{block}.{name}" if block else name] = text_of(value)
        return tuple(sorted(found.items()))

    def _take(self, name: str) -> Json:
        """Return a field of `governance:`, or else of the front matter itself."""
        fields = self._all()
        for place in ((GOVERNANCE, name), ("", name)):
            if place in fields and not why_empty(fields[place]):
                self._taken.add(place)
                return fields[place]
        return None

    def _all(self) -> dict[tuple[str, str], Json]:
        governance = self._fields.get(GOVERNANCE)
        inner = governance if isinstance(governance, Mapping) else {}
        return {
            **{("", name): value for name, value in self._fields.items() if name != GOVERNANCE},
            **{(GOVERNANCE, name): value for name, value in inner.items()},
        }
