"""A release index says the same when it is read again, and is read strictly."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.lists.releases import read_releases, release_statement
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import RefusedError
from tests.attestation.list_builders import OTHER, a_release, an_index


def test_what_is_written_is_read_again() -> None:
    index = an_index(
        a_release(attestation=OTHER, allowed=(OTHER,), reason="validated"),
        a_release(model="churn", digest=None, version="", reason="retired"),
    )
    read = read_releases(read_statement(release_statement(index)))
    assert read.head == index.head
    assert set(read.releases) == set(index.releases)


def test_the_environment_is_the_id() -> None:
    document = json.loads(release_statement(an_index()))
    document["predicate"]["environment"] = "staging"
    with pytest.raises(RefusedError, match="as its id"):
        read_releases(read_statement(json.dumps(document).encode()))


@pytest.mark.parametrize(
    "change",
    [
        {"digest": OTHER},
        {"digest": {"md5": "0" * 32}},
        {"attestation": {"sha256": OTHER, "md5": "0" * 32}},
        {"releasedOn": "today"},
        {"allowed": [OTHER]},
        {"allowed": None},
        {"version": 3},
        {"notes": "x"},
    ],
    ids=json.dumps,
)
def test_a_release_of_another_form_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(release_statement(an_index()))
    document["predicate"]["models"]["fraud"] |= change
    with pytest.raises(RefusedError):
        read_releases(read_statement(json.dumps(document).encode()))


def test_a_model_without_a_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="without a name"):
        release_statement(replace(an_index(), releases=(a_release(model=""),)))
