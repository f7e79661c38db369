"""A dvc.lock that is read in parts says what it says when it is read as a whole, or nothing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aigf_dvc.capture.lock_entries import LockEntries
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_lock import read_lock
from aigf_dvc.evidence.pipeline import Stage, StageLock
from aigf_dvc.strict_yaml import read_dvc

FILE = "dvc.lock"
LOCK = """\
schema: '2.0'
stages:
  prepare:
    cmd: sh src/prepare.sh
    deps:
    - path: data/raw.csv
      hash: md5
      md5: 33159815e5e95b63d00ddb12a6cc6459
      size: 25
    - path: data/images
      hash: md5
      md5: 43159815e5e95b63d00ddb12a6cc645a.dir
      size: 25
      nfiles: 2
    - path: src/prepare.sh
      hash: md5
      md5: 53159815e5e95b63d00ddb12a6cc645b
      size: 12
      isexec: true
    params:
      params.yaml:
        prepare.seed: 1
        rate: 0.001
        quick: false
        odd: 1e-05
        name: some words
    outs:
    - path: data/clean.csv
      hash: md5
      md5: 63159815e5e95b63d00ddb12a6cc645c
      size: 15
  train:
    cmd:
    - echo one
    - echo two
    outs:
    - path: models/model.bin
      hash: md5
      md5: 73159815e5e95b63d00ddb12a6cc645d
      size: 21
"""
ODD = (
    "    - path: true\n",
    "    - path: 1e5\n",
    "    - path: 'a\n",
    "      md5: 12345678901234567890123456789012\n",
    "      md5: 0b010101010101010101010101010101\n",
    "      md5: 123456e8901234567890123456789012\n",
    "      size: 017\n",
    "      size: 1_000\n",
    "    outs:\n",
    "    deps:\n",
    "  train:\n",
    "  prepare:\n",
    "  ? a\n  : b\n",
    "  'x': \"\n",
    "\n",
    "#\n",
    "# words\n",
    "---\n",
    "...\n",
    "        key: ~\n",
    "        key: yes\n",
    "        key: &a 1\n",
    "        other: *a\n",
    "        true: 1\n",
    "      params.yaml:\n",
    "      false:\n",
    "\t\n",
    "    cmd: |\n      a\n\n      b\n",
    "    cmd: a\u2028  other:\n",
    "    cmd: a\r  x: 1\n",
    "        rate: -0.50\n",
    "        rate: -0\n",
    "        rate: 00.5\n",
    "<<<<<<< ours\n",
    "datasets: []\n",
    "    surprise: 1\n",
    "      nfiles: 1\n",
    "    cmd:a: b\n",
    "    deps:a:\n",
    "    outs: []\n",
    "    params:\n",
)


def stages() -> dict[str, Stage]:
    return {
        name: Stage(
            address=name,
            file="dvc.yaml",
            commands=(),
            directory="",
            deps=(),
            outs=(),
            parameters={},
        )
        for name in ("prepare", "train")
    }


def whole(data: bytes) -> dict[str, StageLock] | None:
    """Read the whole file; None: it is refused."""
    try:
        return read_lock(read_dvc(data, where=FILE), file=FILE, stages=stages())
    except UndecidedError:
        return None


def in_parts(data: bytes) -> dict[str, StageLock] | None:
    """Read the file in parts; None: it has another layout, or is refused."""
    try:
        return LockEntries().read(data, file=FILE, stages=stages())
    except UndecidedError:
        return None


def typed(locks: dict[str, StageLock]) -> object:
    """Tell 1, 1.0 and true apart, which Python calls equal."""
    return {name: repr(lock) for name, lock in locks.items()}


def test_what_dvc_writes_is_read_in_parts() -> None:
    found = in_parts(LOCK.encode())
    assert found is not None
    assert typed(found) == typed(whole(LOCK.encode()) or {})
    assert found["prepare"].deps["data/images"].file_count == 2
    assert found["prepare"].parameters["params.yaml"] == {
        "prepare.seed": 1, "rate": 0.001, "quick": False, "odd": 1e-05, "name": "some words",
    }  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 50), st.sampled_from(("insert", "replace", "drop")), st.sampled_from(ODD)
        ),
        min_size=1,
        max_size=3,
    )
)
@example([(2, "insert", "  ? a\n  : b\n")])
@example([(7, "replace", "      md5: 12345678901234567890123456789012\n")])
@example([(7, "replace", "      md5: 0b010101010101010101010101010101\n")])
@example([(7, "replace", "      md5: 123456e8901234567890123456789012\n")])
@example([(5, "replace", "    - path: true\n")])
@example([(8, "replace", "      size: 017\n")])
@example([(22, "replace", "        rate: -0\n")])
@example([(23, "replace", "        quick: yes\n")])
@example([(23, "replace", "        rate: false\n")])
@example([(47, "insert", "  prepare:\n")])
@example([(3, "replace", "    cmd:a: b\n")])
@example([(4, "replace", "    deps:a:\n")])
@example([(4, "insert", "    outs: []\n")])
@example([(8, "insert", "    - path: data/raw.csv\n")])
@example([(3, "replace", "    cmd: 'a\n"), (44, "replace", "    cmd: b'\n")])
def test_no_edit_is_read_in_parts_other_than_as_a_whole(edits: list[tuple[int, str, str]]) -> None:
    lines = LOCK.splitlines(keepends=True)
    for place, how, text in edits:
        at = place % len(lines)
        lines[at : at + (how != "insert")] = [text] if how != "drop" else []
    data = "".join(lines).encode()
    found = in_parts(data)
    if found is not None:
        expected = whole(data)
        assert expected is not None, data.decode()
        assert typed(found) == typed(expected), data.decode()


def test_a_stage_that_is_gone_cannot_swallow_the_next() -> None:
    data = LOCK.replace("  prepare:", "  gone:").replace("sh src/prepare.sh", "'a")
    edited = data.replace("echo one", "echo 'one'").encode()
    assert in_parts(edited) is None
    assert whole(edited) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(LOCK) - 1), st.characters(max_codepoint=0x2030))
def test_no_character_is_read_in_parts_other_than_as_a_whole(at: int, character: str) -> None:
    data = (LOCK[:at] + character + LOCK[at + 1 :]).encode(errors="replace")
    found = in_parts(data)
    if found is not None:
        expected = whole(data)
        assert expected is not None, data.decode()
        assert typed(found) == typed(expected), data.decode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"schema: '2.0'\nstages:\n",
        b"prepare:\n  cmd: echo\n",
        LOCK.replace("\n", "\r\n").encode(),
    ],
)
def test_another_layout_is_left_to_others(data: bytes) -> None:
    assert in_parts(data) is None


def test_other_definitions_are_read_anew() -> None:
    entries = LockEntries()
    first = stages()
    assert set(entries.read(LOCK.encode(), file=FILE, stages=first) or {}) == {"prepare", "train"}
    other = {"train": first["train"]}
    assert set(entries.read(LOCK.encode(), file=FILE, stages=other) or {}) == {"train"}
