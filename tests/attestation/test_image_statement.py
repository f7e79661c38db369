"""The statement about an image says what was found in it, and nothing else is read as one."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from aigf_dvc.attestation.image_statement import BoundImage, image_statement, read_image_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import dumps
from aigf_dvc.errors import RefusedError
from tests.attestation.image_builders import AMD, ARM, INDEX, a_bound_image, for_two_platforms
from tests.test_schemas import validator


@pytest.mark.parametrize("bound", [a_bound_image(), for_two_platforms()])
def test_what_is_written_is_read_again_and_is_what_the_schema_says(bound: BoundImage) -> None:
    payload = image_statement(bound)
    assert read_image_statement(read_statement(payload)) == bound
    validator("image-v1").validate(json.loads(payload))


def test_the_subjects_are_the_image_and_the_image_of_each_platform() -> None:
    subjects = {s.name: s.sha256 for s in read_statement(image_statement(a_bound_image())).subjects}
    assert subjects == {"registry.example/acme/scorer": AMD}
    subjects = {
        s.name: s.sha256 for s in read_statement(image_statement(for_two_platforms())).subjects
    }
    name = "registry.example/acme/scorer"
    assert subjects == {name: INDEX, f"{name}@sha256:{AMD}": AMD, f"{name}@sha256:{ARM}": ARM}


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(statement: dict[str, Any]) -> None:
        place: Any = statement
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("predicateType", to="https://aigf-dvc.readthedocs.io/predicates/image/v2"),
        _set("predicate", "verdict", to="denied"),
        _set("predicate", "environment", to=""),
        _set("predicate", "issuedOn", to="today"),
        _set("predicate", "attestation", "digest", "sha256", to="abc"),
        _set("predicate", "image", "platforms", to=[]),
        _set("predicate", "image", "platforms", 0, "paths", to=[]),
        _set("predicate", "image", "platforms", 0, "paths", to=["app/model.bin"]),
        _set("predicate", "image", "platforms", 0, "platform", to=""),
        _set("predicate", "image", "ref", to="registry.example/acme/scorer"),
        _set("predicate", "image", "ref", to=f"@sha256:{AMD}"),
        _set("predicate", "model", "kind", to="model"),
        _set("predicate", "model", to={"name": "scorer", "kind": "directory", "files": {}}),
        _set("predicate", "model", "files", to={}),
        _set("predicate", "model", "files", "model.bin", to={"md5": "abc"}),
        _set("predicate", "policy", "digest", to={}),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(
    change: Callable[[dict[str, Any]], None],
) -> None:
    statement = json.loads(image_statement(a_bound_image()))
    change(statement)
    assert not validator("image-v1").is_valid(statement)
    with pytest.raises(RefusedError):
        read_image_statement(read_statement(dumps(statement)))


@pytest.mark.parametrize(
    "change",
    [
        _set("subject", 0, "digest", "sha256", to=ARM),
        _set("predicate", "image", "digest", "sha256", to=ARM),
        _set("predicate", "image", "ref", to=f"registry.example/acme/scorer@sha256:{ARM}"),
        _set("predicate", "image", "platforms", 0, "digest", "sha256", to=ARM),
        _set(
            "predicate", "model", "files",
            to={"a": {"sha256": AMD}, "b": {"sha256": AMD}},
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    statement = json.loads(image_statement(a_bound_image()))
    change(statement)
    with pytest.raises(RefusedError):
        read_image_statement(read_statement(dumps(statement)))


def test_a_statement_about_no_platform_is_not_written() -> None:
    with pytest.raises(RefusedError, match="no platform"):
        image_statement(a_bound_image(platforms=()))
