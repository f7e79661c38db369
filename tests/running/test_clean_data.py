"""Raw data is copied from the cache when it is what its name says, and never linked."""

import shutil
from pathlib import Path

import pytest

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import MD5, Pipeline, Recorded
from aigf_dvc.running.clean_data import copy_from_cache, raw_data
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground


def a_pipeline(*deps: str, tracked: tuple[str, ...]) -> Pipeline:
    stages = {"train": {"cmd": "x", "deps": list(deps), "outs": ["model"]}}
    return Pipeline(
        stages=read_definition({"stages": stages}, file="dvc.yaml"),
        locks={},
        tracked={p: Recorded(path=p, algorithm=MD5, value="0" * 32) for p in tracked},
        definitions=("dvc.yaml",),
        lock_files=(),
        dvc_files=(),
    )


@pytest.mark.parametrize(
    ("dep", "wanted"),
    [
        ("data/raw.csv", ("data/raw.csv",)),
        ("data", ("data/other.csv", "data/raw.csv")),
        ("images/cats/1.png", ("images",)),
        ("src/train.py", ()),
        ("data/raw", ()),
    ],
)
def test_raw_data_is_what_the_stages_read_and_nothing_else(
    dep: str, wanted: tuple[str, ...]
) -> None:
    pipeline = a_pipeline(dep, tracked=("data/raw.csv", "data/other.csv", "images"))
    assert tuple(r.path for r in raw_data(pipeline, ["train"])) == wanted
    assert raw_data(pipeline, []) == ()


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Return the cache to copy to."""
    return tmp_path / "cache"


def tracked(place: Playground) -> tuple[Recorded, ...]:
    return tuple(read_pipeline(WorkingTree(place.root)).tracked.values())


def objects(cache: Path) -> dict[str, bytes]:
    files = [path for path in cache.rglob("*") if path.is_file()]
    return {path.relative_to(cache).as_posix(): path.read_bytes() for path in files}


def test_a_file_and_a_directory_are_copied_and_not_linked(playground: Playground, to: Path) -> None:
    playground.write("images/a/1", "one")
    playground.write("images/2", "two")
    playground.dvc("add", "--quiet", "images")
    assert copy_from_cache(tracked(playground), playground.project, to)
    copied = objects(to)
    assert len(copied) == 4  # the file, the listing, and its two files
    original = objects(playground.root / ".dvc/cache")
    assert copied.items() <= original.items()
    for name in copied:
        status = (to / name).stat()
        assert status.st_nlink == 1
        assert status.st_mode & 0o222 == 0
    assert copy_from_cache(tracked(playground), playground.project, to)  # once more: no harm


def test_an_object_that_is_not_what_its_name_says_is_left(playground: Playground, to: Path) -> None:
    (recorded,) = tracked(playground)
    path = playground.root / f".dvc/cache/files/md5/{recorded.value[:2]}/{recorded.value[2:]}"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert not copy_from_cache([recorded], playground.project, to)
    assert objects(to) == {}


def test_an_object_that_is_not_here_is_not_copied(playground: Playground, to: Path) -> None:
    shutil.rmtree(playground.root / ".dvc/cache")
    assert not copy_from_cache(tracked(playground), playground.project, to)
    assert objects(to) == {}


def test_a_hash_that_is_no_md5_is_left_to_dvc(playground: Playground, to: Path) -> None:
    etag = Recorded(path="x", algorithm="etag", value="abc")
    assert not copy_from_cache([etag], playground.project, to)
