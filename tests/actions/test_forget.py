"""A list is forgotten by its place as people name it, and only one that was seen."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.actions.forget import forget
from aigf_dvc.actions.list_memory import ListMemory
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.lists.revocations import REVOCATIONS
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.errors import InputError

ON = datetime(2026, 11, 20, tzinfo=UTC)


def a_state(tmp_path: Path, *places: str) -> Path:
    path = tmp_path / "lists.json"
    seen = [Seen(id="security", signer="sec", place=place, sequence=3) for place in places]
    ListMemory(path).note(REVOCATIONS, seen)
    return path


def places(path: Path) -> list[str]:
    return [one.place for one in ListMemory(path).seen(REVOCATIONS, lambda _: True)]


@pytest.mark.parametrize("how", ["s3://a", "s3://a/"])
def test_a_place_is_named_as_for_verify(tmp_path: Path, how: str) -> None:
    path = a_state(tmp_path, "s3://a", "s3://b")
    forget(path, "security", place=how, reason="moved", at=ON)
    assert places(path) == ["s3://b"]


def test_a_place_that_is_gone_is_named_by_its_whole_name(tmp_path: Path) -> None:
    path = a_state(tmp_path, "git:/gone/.git", "/gone/store/")
    forget(path, "security", place="git:/gone/.git", reason="moved", at=ON)
    forget(path, "security", place="/gone/store/", reason="moved", at=ON)
    assert places(path) == []


def test_without_a_place_it_is_forgotten_everywhere(tmp_path: Path) -> None:
    path = a_state(tmp_path, "s3://a", "s3://b")
    assert forget(path, "security", place="", reason="moved", at=ON).sequence == 3
    assert places(path) == []


def test_what_was_never_seen_cannot_be_forgotten(tmp_path: Path) -> None:
    path = a_state(tmp_path, "s3://a")
    with pytest.raises(InputError, match="no list 'security' was seen at s3://b"):
        forget(path, "security", place="s3://b", reason="moved", at=ON)
    with pytest.raises(InputError, match="no list 'data' was seen"):
        forget(path, "data", place="", reason="moved", at=ON)
    assert places(path) == ["s3://a"]


def test_what_can_be_forgotten_is_listed_and_the_name_that_was_asked_for_first(
    tmp_path: Path,
) -> None:
    path = a_state(tmp_path, "s3://b", "s3://a")
    other = Seen(id="a\x1b[2Jb", signer="ops", place="", sequence=1)
    ListMemory(path).note(RELEASES, [other])
    with pytest.raises(InputError) as refused:
        forget(path, "security", place="s3://c", reason="moved", at=ON)
    assert refused.value.hint.split("\n") == [
        "choose from what was seen:",
        "    security at s3://a, signed by sec, number 3",
        "    security at s3://b, signed by sec, number 3",
        "    a\\u001b[2Jb at a place that has no name, signed by ops, number 1",
    ]
    many = [Seen(id=f"list-{number}", signer="ops", place="", sequence=1) for number in range(30)]
    ListMemory(path).note(RELEASES, many)
    with pytest.raises(InputError) as refused:
        forget(path, "nonesuch", place="", reason="moved", at=ON)
    assert len(refused.value.hint.split("\n")) == 22
    assert "and 13 more" in refused.value.hint
    with pytest.raises(InputError) as refused:
        forget(tmp_path / "none.json", "security", place="", reason="moved", at=ON)
    assert "no list was seen yet" in refused.value.hint
