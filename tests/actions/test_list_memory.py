"""The highest number of each list is kept by its place, whoever writes at the same time."""

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.list_memory import Forgotten, ListMemory, default_file
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.lists.revocations import REVOCATIONS
from aigf_dvc.attestation.lists.seen import Seen
from aigf_dvc.errors import UndecidedError
from tests.attestation.list_builders import BY
from tests.waiting import error_of


def a_memory(tmp_path: Path) -> ListMemory:
    return ListMemory(tmp_path / "state" / "lists.json")


def number(
    sequence: int, identifier: str = "revocations", *, signer: str = BY, place: str = "s3://a"
) -> Seen:
    return Seen(id=identifier, signer=signer, place=place, sequence=sequence)


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    assert a_memory(tmp_path).seen(REVOCATIONS, BY.__eq__) == ()


def test_the_highest_number_of_each_list_signer_and_place_is_kept(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    elsewhere = number(4, place="s3://b")
    memory.note(REVOCATIONS, [number(3), number(7), number(5), elsewhere])
    memory.note(REVOCATIONS, [number(6), number(2, "data")])
    memory.note(REVOCATIONS, [number(9, signer="eve")])
    memory.note(RELEASES, [number(4)])
    own = {number(7), elsewhere, number(2, "data")}
    assert set(memory.seen(REVOCATIONS, BY.__eq__)) == own
    both = memory.seen(REVOCATIONS, {BY, "eve"}.__contains__)
    assert set(both) == own | {number(9, signer="eve")}
    assert memory.seen(RELEASES, BY.__eq__) == (number(4),)


def test_a_file_that_is_gone_is_left_out_and_its_number_stays(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    here = tmp_path / "here.json"
    here.write_text("{}")
    gone = [number(n, place=str(tmp_path / f"run-{n}.json")) for n in (3, 5, 5, 2)]
    store = number(9, place="s3://a")  # whose numbers are its own
    memory.note(REVOCATIONS, [*gone, number(1, place=str(here)), number(1, place="/gone/"), store])
    kept = memory.seen(REVOCATIONS, BY.__eq__)
    assert {(Path(one.place).name, one.sequence) for one in kept} == {
        ("run-5.json", 5), ("here.json", 1), ("gone", 1), ("a", 9),
    }  # fmt: skip


def test_what_is_forgotten_at_a_place_stays_at_others(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    memory.note(REVOCATIONS, [number(3), number(4, place="s3://b"), number(2, "data")])
    on = datetime(2026, 11, 20, tzinfo=UTC)
    what = Forgotten(id="revocations", place="s3://a", reason="moved", on=on)
    assert memory.forget(what) == replace(what, sequence=3)
    assert memory.forget(what) is None
    assert set(memory.seen(REVOCATIONS, BY.__eq__)) == {
        number(4, place="s3://b"),
        number(2, "data"),
    }
    everywhere = Forgotten(id="revocations", place="", reason="moved", on=on)
    assert memory.forget(everywhere) == replace(everywhere, sequence=4)
    written = json.loads(memory.path.read_text())["forgotten"]
    assert [one["place"] for one in written] == ["s3://a", None]


def test_what_was_kept_without_its_place_still_counts(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    memory.note(REVOCATIONS, [number(3)])
    document = json.loads(memory.path.read_text())
    del document["seen"][0]["place"]
    memory.path.write_text(json.dumps(document))
    assert memory.seen(REVOCATIONS, BY.__eq__) == (number(3, place=""),)


def test_many_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    threads = [
        threading.Thread(
            target=memory.note, args=(REVOCATIONS, [number(index + 1, f"list {index}")])
        )
        for index in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = memory.seen(REVOCATIONS, BY.__eq__)
    assert set(found) == {number(index + 1, f"list {index}") for index in range(12)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": "other", "seen": []}',
        '{"schema": "https://aigf-dvc.readthedocs.io/seen-lists/v1"}',
        '{"schema": "https://aigf-dvc.readthedocs.io/seen-lists/v1", "seen": [{"id": "x"}]}',
    ],
)
def test_a_damaged_file_is_undecided_and_stays_as_it_is(tmp_path: Path, text: str) -> None:
    memory = a_memory(tmp_path)
    memory.path.parent.mkdir()
    memory.path.write_text(text)
    with pytest.raises(UndecidedError, match="damaged"):
        memory.seen(REVOCATIONS, BY.__eq__)
    with pytest.raises(UndecidedError, match="damaged"):
        memory.note(REVOCATIONS, [number(3)])
    assert memory.path.read_text() == text


def test_a_file_that_cannot_be_read_is_undecided(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="cannot be read"):
        ListMemory(tmp_path).seen(REVOCATIONS, BY.__eq__)


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    memory.path.parent.mkdir()
    os.mkfifo(memory.path)
    assert "damaged" in error_of(lambda: memory.seen(REVOCATIONS, BY.__eq__))


def test_a_place_that_cannot_be_written_to_is_an_error_only_when_there_is_news(
    tmp_path: Path,
) -> None:
    nowhere = ListMemory(Path("/proc/nowhere/lists.json"))
    nowhere.note(REVOCATIONS, [])
    with pytest.raises(OSError, match="nowhere"):
        nowhere.note(REVOCATIONS, [number(3)])
    memory = a_memory(tmp_path)
    memory.note(REVOCATIONS, [number(3)])
    before = memory.path.stat().st_mtime_ns
    memory.note(REVOCATIONS, [number(2), number(3)])
    assert memory.path.stat().st_mtime_ns == before


def test_the_file_is_where_the_system_keeps_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert default_file() == tmp_path / ".local/state/aigf/lists.json"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert default_file() == tmp_path / ".local/state/aigf/lists.json"
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert default_file() == Path("/var/state/aigf/lists.json")


def test_what_is_written_can_be_read_by_people(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    memory.note(REVOCATIONS, [number(3)])
    assert json.loads(memory.path.read_text())["seen"] == [
        {"list": REVOCATIONS, "id": "revocations", "signer": BY, "place": "s3://a", "sequence": 3}
    ]
