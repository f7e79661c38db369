"""A list is about itself, has a number, and is good for a while."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.lists.head import read_head, store_key
from aigf_dvc.attestation.lists.releases import RELEASES, release_statement
from aigf_dvc.attestation.lists.revocations import (
    REVOCATIONS,
    read_revocations,
    revocation_statement,
)
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from tests.attestation.list_builders import MODEL, ON, a_head, a_list, an_index


def test_the_subject_is_the_list_itself_whatever_it_holds() -> None:
    one = read_statement(revocation_statement(a_list()))
    other = read_statement(revocation_statement(a_list(sequence=4)))
    named = read_statement(revocation_statement(a_list(identifier="data")))
    assert one.subjects == other.subjects
    assert one.subjects[0].name == f"{REVOCATIONS}#revocations"
    assert one.subjects != named.subjects


def test_a_list_with_the_subject_of_another_or_of_a_model_is_refused() -> None:
    statement = read_statement(revocation_statement(a_list()))
    named = read_statement(revocation_statement(a_list(identifier="data")))
    about_a_model = (ModelFile(name="m", sha256=MODEL),)
    for subjects in (named.subjects, about_a_model, (*statement.subjects, *about_a_model)):
        with pytest.raises(RefusedError, match="not the list itself"):
            read_revocations(replace(statement, subjects=subjects))


def test_a_list_of_another_kind_is_refused() -> None:
    index = read_statement(release_statement(an_index()))
    with pytest.raises(RefusedError, match="releases"):
        read_revocations(index)
    with pytest.raises(RefusedError):
        read_head(index, "https://example.com/other")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sequence": 0}, "from 1"),
        ({"next_update": ON}, "stale before it is issued"),
        ({"next_update": ON - timedelta(days=1)}, "stale before it is issued"),
    ],
)
def test_a_number_below_one_or_no_time_to_count_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        revocation_statement(replace(a_list(), head=a_head(**changes)))


def test_stores_keep_each_kind_under_a_key_of_its_own() -> None:
    assert store_key(REVOCATIONS) != store_key(RELEASES)
