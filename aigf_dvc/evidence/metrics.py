"""Metrics: the numbers that a pipeline wrote, each with the file and key it came from."""

from collections.abc import Mapping

from aigf_dvc.canonical import Json, loads
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.strict_yaml import read_dvc

_YAML = (".yaml", ".yml")
_FORMS = (".json", *_YAML)


def read_metrics_file(data: bytes, *, path: str) -> Mapping[str, object]:
    """Read a metrics file: JSON, or YAML as DVC reads it.

    Raises:
        UndecidedError: the file cannot be read, or does not hold a mapping.
    """
    name = path.lower()
    if name.endswith(_YAML):
        values: object = read_dvc(data, where=path)
    elif name.endswith(".json"):
        values = loads(data, where=path)
    else:
        raise UndecidedError(
            "a metrics file of an unknown form", where=path, expected="a .json, .yaml or .yml file"
        )
    if not isinstance(values, dict):
        raise UndecidedError("no named values", where=path, expected="a mapping of names to values")
    return values


def find_metric(values: Mapping[str, object], key: str, *, path: str) -> Metric | None:
    """Return the value under a key, dots for nesting; a key that holds the dots itself wins."""
    if key in values:
        return Metric(value=values[key], where=f"{path}:{key}")
    value: object = values
    for step in key.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return Metric(value=value, where=f"{path}:{key}")


def is_place(name: str) -> bool:
    """Tell whether a name is a place itself: `file:key`, the file of a form that can be read."""
    file, _, key = name.rpartition(":")
    return bool(key) and file.lower().endswith(_FORMS)


def look_up(metrics: Mapping[str, Metric], name: str) -> Metric | None:
    """Return the metric with a name, or the one that was read at a place.

    A place is believed by where its value was read, never by the name that somebody gave it.
    """
    if is_place(name):
        return next((metric for metric in metrics.values() if metric.where == name), None)
    return metrics.get(name)


def all_metrics(values: Mapping[str, object], *, path: str) -> dict[str, Metric]:
    """Return every value under its dotted name, mappings such as groups of numbers too."""
    found: dict[str, Metric] = {}

    def walk(value: object, name: str) -> None:
        if name:
            found[name] = Metric(value=value, where=f"{path}:{name}")
        if isinstance(value, Mapping):
            for key, item in value.items():
                walk(item, f"{name}.{key}" if name else str(key))

    walk(values, "")
    return found


def leaf_metrics(
    values: Mapping[str, Json] | Mapping[str, object], *, path: str
) -> dict[str, Metric]:
    """Return every value that is not a mapping, under its dotted name."""
    found = all_metrics(values, path=path)
    return {name: metric for name, metric in found.items() if not isinstance(metric.value, Mapping)}
