"""The highest number of each list is kept, whoever writes at the same time."""

import json
import threading
from pathlib import Path

import pytest

from aigf_dvc.actions.list_memory import ListMemory, default_file
from aigf_dvc.attestation.lists.head import SignedList
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.lists.revocations import REVOCATIONS, RevocationList
from aigf_dvc.errors import UndecidedError
from tests.attestation.list_builders import BY, a_list, signed


def a_memory(tmp_path: Path) -> ListMemory:
    return ListMemory(tmp_path / "state" / "lists.json")


def number(sequence: int, **head: object) -> SignedList[RevocationList]:
    return signed(a_list(sequence=sequence, **head))


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    assert a_memory(tmp_path).highest(REVOCATIONS, BY.__eq__) == {}


def test_the_highest_number_of_each_list_and_signer_is_kept(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    memory.note(REVOCATIONS, [number(3), number(7), number(5)])
    memory.note(REVOCATIONS, [number(6), number(2, identifier="data")])
    memory.note(REVOCATIONS, [signed(a_list(sequence=9), signer="eve")])
    memory.note(RELEASES, [number(4)])
    assert memory.highest(REVOCATIONS, BY.__eq__) == {"revocations": 7, "data": 2}
    assert memory.highest(REVOCATIONS, {BY, "eve"}.__contains__)["revocations"] == 9
    assert memory.highest(REVOCATIONS, "eve".__eq__) == {"revocations": 9}
    assert memory.highest(RELEASES, BY.__eq__) == {"revocations": 4}


def test_many_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    memory = a_memory(tmp_path)
    threads = [
        threading.Thread(
            target=memory.note, args=(REVOCATIONS, [number(index + 1, identifier=f"list {index}")])
        )
        for index in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {f"list {index}": index + 1 for index in range(12)}
    assert memory.highest(REVOCATIONS, BY.__eq__) == wanted


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
        memory.highest(REVOCATIONS, BY.__eq__)
    with pytest.raises(UndecidedError, match="damaged"):
        memory.note(REVOCATIONS, [number(3)])
    assert memory.path.read_text() == text


def test_a_file_that_cannot_be_read_is_undecided(tmp_path: Path) -> None:
    with pytest.raises(UndecidedError, match="cannot be read"):
        ListMemory(tmp_path).highest(REVOCATIONS, BY.__eq__)


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
        {"list": REVOCATIONS, "id": "revocations", "signer": BY, "sequence": 3}
    ]
