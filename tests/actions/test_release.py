"""The next index names what is asked, and keeps all that it said of other models."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.release import PreparedIndex, ReleaseRequest, prepare_release
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex, read_releases
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from tests.attestation.builders import ISSUED
from tests.attestation.list_builders import (
    MODEL,
    OTHER,
    a_head,
    a_release,
    an_index,
    indexes_at_hand,
    seen,
)


def prepared(
    known: AtHand[ReleaseIndex] | None = None,
    **changes: Any,  # noqa: ANN401 (fields of the request)
) -> PreparedIndex:
    request = ReleaseRequest(
        environment="production",
        at=ISSUED,
        good_for=timedelta(days=30),
        model="fraud",
        digest=OTHER,
        attestation=MODEL,
        version=" 1.5 ",
    )
    return prepare_release(known or AtHand(), replace(request, **changes))


def releases(found: PreparedIndex) -> dict[str, Release]:
    read = read_releases(read_statement(found.payload))
    assert set(read.releases) == set(found.index.releases)
    assert read.head == found.index.head
    return {release.model: release for release in read.releases}


def test_the_first_index_names_the_model() -> None:
    found = prepared()
    assert found.index.head.sequence == 1
    assert releases(found)["fraud"] == Release(
        model="fraud", digest=OTHER, attestation=MODEL, released_on=ISSUED, version="1.5"
    )
    assert found.before is None


def test_the_next_one_takes_the_place_of_the_version_and_keeps_the_other_models() -> None:
    known = indexes_at_hand(an_index(a_release(), a_release(model="churn")))
    found = prepared(known, allowed=(MODEL, OTHER))
    assert found.index.head.sequence == 4
    assert found.before == a_release()
    assert releases(found)["churn"] == a_release(model="churn")
    assert releases(found)["fraud"].allowed == (MODEL,)


def test_two_who_release_at_once_lose_nothing() -> None:
    known = indexes_at_hand(an_index(a_release()), an_index(a_release(model="churn")))
    assert set(releases(prepared(known, model="", digest=None))) == {"fraud", "churn"}


def test_the_index_of_another_environment_is_left_alone() -> None:
    staging = replace(an_index(), head=a_head("staging"))
    found = prepared(indexes_at_hand(staging), model="churn")
    assert (found.index.head.sequence, set(releases(found))) == (1, {"churn"})


def test_a_withdrawn_model_stays_named() -> None:
    found = prepared(indexes_at_hand(an_index()), digest=None, attestation=None, reason="retired")
    assert releases(found)["fraud"].digest is None
    assert releases(found)["fraud"].reason == "retired"
    with pytest.raises(InputError, match="never released"):
        prepared(digest=None)


def test_two_versions_of_one_moment_are_settled_by_releasing_one_again() -> None:
    known = indexes_at_hand(an_index(), an_index(a_release(digest=OTHER)))
    assert releases(prepared(known))["fraud"].released_on > a_release().released_on
    with pytest.raises(InputError, match="two versions of 'fraud'"):
        prepared(known, model="churn")


def test_nothing_is_signed_on_top_of_an_old_index_or_with_a_secret() -> None:
    with pytest.raises(UndecidedError, match="number 4 was seen"):
        prepared(indexes_at_hand(an_index(), remembered=seen(4, "production")))
    with pytest.raises(RefusedError):
        prepared(reason="token ghp_" + "a1B2" * 9)
