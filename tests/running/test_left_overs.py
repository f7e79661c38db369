"""What a killed run leaves half written is named, with the way to be rid of it."""

from pathlib import Path

import pytest
from dvc.schema import COMPILED_LOCKFILE_SCHEMA  # type: ignore[import-untyped]
from voluptuous import Invalid

from aigf_dvc.errors import AigfError
from aigf_dvc.running.left_overs import left_overs
from aigf_dvc.strict_yaml import read_dvc
from tests.playground import Playground

LOCK = b"""\
schema: '2.0'
stages:
  a:
    cmd: cp src one
    deps:
    - path: src
      hash: md5
      md5: e620ee756c958249da159416868af6a3
      size: 200
    params:
      params.yaml:
        rate: 1
    outs:
    - path: one
      hash: md5
      md5: e620ee756c958249da159416868af6a3
      size: 200
"""


def dvc_reads(data: bytes) -> bool:
    try:
        COMPILED_LOCKFILE_SCHEMA(read_dvc(data, where="") or {})
    except (AigfError, Invalid):
        return False
    return True


def test_each_part_of_a_lock_that_dvc_cannot_read_is_named(tmp_path: Path, home: Path) -> None:  # noqa: ARG001  # the home is set
    place = Playground(tmp_path)
    place.git("init", "-q")
    place.write("dvc.yaml", "stages: {a: {cmd: cp src one, deps: [src], outs: [one]}}\n")
    place.write("dvc.lock", LOCK)
    assert left_overs(place.root) == ()
    silent = []
    for length in range(0, len(LOCK), 2):
        place.write("dvc.lock", LOCK[:length])
        told = left_overs(place.root)
        if not told and not dvc_reads(LOCK[:length]):
            silent.append(LOCK[:length][-30:])
        assert all(line.startswith("dvc.lock") and line.endswith("remove it") for line in told)
    assert silent == []


def test_a_lock_that_git_has_can_be_put_back(playground: Playground) -> None:
    playground.write("dvc.lock", "")
    (told,) = left_overs(playground.root)
    assert told == (
        "dvc.lock ends too early, as a killed run leaves it: `git checkout HEAD -- dvc.lock` puts"
        " it back"
    )
    playground.git("checkout", "HEAD", "--", "dvc.lock")
    assert left_overs(playground.root) == ()


@pytest.mark.parametrize("half", ["", "{", '{"write": {"/tmp', "[]"])
def test_half_a_list_of_locks_is_named(half: str, playground: Playground) -> None:
    playground.write(".dvc/tmp/rwlock", half)
    (told,) = left_overs(playground.root)
    assert told.startswith(".dvc/tmp/rwlock is half written")
    playground.write(".dvc/tmp/rwlock", '{"write": {}, "read": {}}')
    assert left_overs(playground.root) == ()


def test_a_merge_conflict_is_no_left_over(playground: Playground) -> None:
    playground.write("dvc.lock", "<<<<<<< ours\n=======\n>>>>>>> theirs\n")
    assert left_overs(playground.root) == ()


def test_a_mistake_in_another_file_is_no_left_over(playground: Playground) -> None:
    playground.write("dvc.yaml", "stages: [")
    assert left_overs(playground.root) == ()
