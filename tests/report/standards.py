"""What the standards' own schemas and libraries make of an export; all of it offline."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft7Validator
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.serde import Serde
from referencing import Registry, Resource

Json = dict[str, Any]  # Any: a document that tests edit at will


@cache
def cyclonedx_schema() -> Draft7Validator:
    """The schema that the CycloneDX library carries, with those that it refers to; offline."""
    folder = resources.files("cyclonedx.schema") / "_res"
    names = ("bom-1.6", "spdx", "jsf-0.82")
    loaded = [json.loads((folder / f"{n}.SNAPSHOT.schema.json").read_text()) for n in names]
    known = [
        (uri, Resource.from_contents(schema))
        for name, schema in zip(names, loaded, strict=True)
        for uri in (schema["$id"], f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json")
    ]
    return Draft7Validator(
        loaded[0],
        registry=Registry().with_resources(known),
        format_checker=Draft7Validator.FORMAT_CHECKER,
    )


def cyclonedx_problems(document: Json) -> list[str]:
    """Return what is wrong with a bill of materials, also what the schema does not see."""
    known = Counter(refs(document, "bom-ref"))
    named = {*refs(document, "ref"), *refs(document, "dependsOn")}
    return [
        *(error.message for error in cyclonedx_schema().iter_errors(document)),
        *(f"{ref} stands twice" for ref, count in known.items() if count > 1),
        *(f"{ref} is nowhere" for ref in named - known.keys()),
    ]


def refs(value: Any, key: str) -> Iterator[str]:  # noqa: ANN401 (a JSON document)
    """Yield every text under a key."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key:
                yield from [item] if isinstance(item, str) else item
            else:
                yield from refs(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item, key)


def without_empty(value: Any) -> Any:  # noqa: ANN401 (a JSON document)
    """Return a document without what the library leaves in and we leave out: empty parts."""
    if isinstance(value, dict):
        kept = {key: without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [])}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def as_openlineage_has_it(event: Json) -> Any:  # noqa: ANN401 (a JSON document)
    """Return an event after OpenLineage's own classes have held it, without empty parts."""
    return without_empty(Serde.to_dict(_rebuilt(event)))


def _rebuilt(event: Json) -> Any:  # noqa: ANN401 (an event of the library's)
    """Return the event as OpenLineage's own classes have it; an unknown field is an error."""
    known: Json = {key: value for key, value in event.items() if key in ("eventTime", "producer")}
    if "dataset" in event:
        return DatasetEvent(**known, dataset=StaticDataset(**event["dataset"]))
    known["job"] = Job(**event["job"])
    known["inputs"] = [InputDataset(**item) for item in event.get("inputs", [])]
    known["outputs"] = [OutputDataset(**item) for item in event.get("outputs", [])]
    if "run" not in event:
        return JobEvent(**known)
    return RunEvent(**known, eventType=RunState(event["eventType"]), run=Run(**event["run"]))
