"""The forms that the keys of a policy have, as JSON Schema: one for each reader of `Section`."""

from collections.abc import Mapping
from enum import StrEnum

from aigf_dvc.canonical import Json

TEXT: Mapping[str, Json] = {"type": "string", "pattern": r"\S"}
TEXTS: Mapping[str, Json] = {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}
NUMBER: Mapping[str, Json] = {"type": "number"}
FLAG: Mapping[str, Json] = {"type": "boolean"}
DAY: Mapping[str, Json] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
PERIOD: Mapping[str, Json] = {"type": "string", "pattern": "^[1-9][0-9]{0,4}[dw]$"}


def one_of(options: type[StrEnum]) -> dict[str, Json]:
    """Return the form of a key that holds one of a closed set of words."""
    return {"enum": [option.value for option in options]}


def some_of(options: type[StrEnum]) -> dict[str, Json]:
    """Return the form of a key that holds a list of such words."""
    return {"type": "array", "items": one_of(options), "minItems": 1}


def key(form: Mapping[str, Json], description: str, **more: Json) -> dict[str, Json]:
    """Return a form with what an editor shows beside the key, such as its default."""
    return {**form, "description": description, **more}
