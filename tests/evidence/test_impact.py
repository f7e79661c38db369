"""Descent is by what the runs recorded: versions, directories, cycles, sources."""

import pytest

from aigf_dvc.evidence.impact import Descent, Search, Sought, Tree
from aigf_dvc.evidence.pipeline import (
    Import,
    Out,
    Pipeline,
    Recorded,
    RecordedFile,
    Stage,
    StageLock,
)

RAW, OTHER = "a" * 32, "b" * 32


def recorded(path: str, value: str, algorithm: str = "md5") -> Recorded:
    return Recorded(path=path, algorithm=algorithm, value=value)


def a_stage(name: str, deps: dict[str, str], outs: dict[str, str]) -> tuple[Stage, StageLock]:
    stage = Stage(
        address=name, file="dvc.yaml", commands=("run",), directory="", deps=tuple(deps),
        outs=tuple(Out(path=path, kind="outs") for path in outs), parameters={},
    )  # fmt: skip
    lock = StageLock(
        commands=("run",), parameters={},
        deps={path: recorded(path, value) for path, value in deps.items()},
        outs={path: recorded(path, value) for path, value in outs.items()},
    )  # fmt: skip
    return stage, lock


def a_tree(
    *stages: tuple[Stage, StageLock],
    tracked: tuple[Recorded, ...] = (),
    imports: tuple[Import, ...] = (),
    listing: dict[str, str] | None = None,
    model: str = "model",
) -> Tree:
    files = tuple(RecordedFile(name=name, md5=md5) for name, md5 in (listing or {}).items())
    return Tree(
        pipeline=Pipeline(
            stages={stage.address: stage for stage, _ in stages},
            locks={stage.address: lock for stage, lock in stages},
            tracked={item.path: item for item in tracked},
            definitions=(), lock_files=(), dvc_files=(),
            imports={item.path: item for item in imports},
        ),
        models=(("m", model),),
        sha256=lambda _: None,
        files=lambda item: files if listing is not None and item.is_directory else None,
    )  # fmt: skip


def descend(sought: Sought, tree: Tree) -> tuple[Search, Descent]:
    search = Search(sought)
    hits = search.hits(tree, with_path=True)
    return search, search.descend(tree, "p", hits, with_path=True)


def md5_of(value: str) -> Sought:
    return Sought(text=value, values=frozenset({value, f"{value}.dir"}))


def test_a_run_on_another_version_does_not_descend() -> None:
    chain = (
        a_stage("second", {"mid": "2" * 32}, {"model": "3" * 32}),
        a_stage("first", {"raw": OTHER}, {"mid": "2" * 32}),
    )
    tree = a_tree(*chain, tracked=(recorded("raw", RAW),))
    _, none = descend(md5_of(RAW), tree)
    assert (len(none.hits), none.stages, none.models) == (1, (), ())
    _, all_of_it = descend(md5_of(OTHER), tree)
    assert all_of_it.stages == ("first", "second")
    assert [item.path for _, item in all_of_it.models] == ["model"]


def test_a_stage_that_ran_before_its_upstream_ran_again_is_told_from_history() -> None:
    before = a_tree(a_stage("first", {"raw": RAW}, {"mid": "2" * 32}))
    after = a_tree(
        a_stage("first", {"raw": OTHER}, {"mid": "4" * 32}),
        a_stage("second", {"mid": "2" * 32}, {"model": "3" * 32}),
    )
    search = Search(md5_of(RAW))
    assert (
        search.descend(after, "p", search.hits(after, with_path=False), with_path=False).models
        == ()
    )
    search.descend(before, "p", search.hits(before, with_path=False), with_path=False)
    found = search.descend(after, "p", search.hits(after, with_path=False), with_path=False)
    assert found.stages == ("second",)
    assert len(found.models) == 1


@pytest.mark.parametrize(
    ("dep", "reached"),
    [("images", True), ("images/bad", True), ("images/bad/b.txt", True), ("images/good", False)],
)
def test_a_file_inside_a_directory_reaches_what_read_around_it(dep: str, reached: bool) -> None:
    value = "8" * 32 + ".dir" if dep == "images" else "9" * 32
    tree = a_tree(
        a_stage("train", {dep: value}, {"model": "3" * 32}),
        tracked=(recorded("images", "8" * 32 + ".dir"),),
        listing={"bad/b.txt": RAW, "good/a.txt": OTHER},
    )
    for sought in (md5_of(RAW), Sought(text="x", path="images/bad/b.txt")):
        search, found = descend(sought, tree)
        assert [hit.path for hit in found.hits if hit.recorded.path == "images"] == [
            "images/bad/b.txt"
        ]
        assert bool(found.models) is reached
        assert search.memory.values >= {RAW}
        assert search.memory.unread == {}


def test_a_directory_without_its_list_is_named() -> None:
    tree = a_tree(tracked=(recorded("images", "8" * 32 + ".dir"),))
    search, found = descend(md5_of(RAW), tree)
    assert found.hits == ()
    assert list(search.memory.unread) == [f"images/ ({'8' * 32}.dir)"]
    search, _ = descend(md5_of("8" * 32), tree)
    assert search.memory.unread == {}


def test_imports_are_found_by_url_etag_and_commit() -> None:
    raw = recorded("raw", OTHER)
    url = "https://example.com/raw.csv"
    source = Import(path="raw", url=url, recorded=recorded(url, '"e1"', "etag"))
    tree = a_tree(
        a_stage("train", {"raw": OTHER}, {"model": RAW}), tracked=(raw,), imports=(source,)
    )
    for sought in (
        Sought(text=url, uri=url),
        Sought(text="x", uri="https://example.com"),
        Sought(text="e1", values=frozenset({'"e1"'})),
    ):
        assert len(descend(sought, tree)[1].models) == 1
    assert descend(Sought(text="x", uri="https://example.org"), tree)[1].models == ()
    other = Import(path="raw", url="git@host:a", source="data/clean.csv", commit="c1")
    tree = a_tree(
        a_stage("train", {"raw": OTHER}, {"model": RAW}), tracked=(raw,), imports=(other,)
    )
    search = Search(md5_of("7" * 32))
    assert search.descend(tree, "p", (), with_path=False).models == ()
    search.memory.at_commit["c1"] = frozenset({"data/clean.csv"})
    assert len(search.descend(tree, "p", (), with_path=False).models) == 1


def test_versions_in_a_cloud_are_found() -> None:
    item = Recorded(path="raw", algorithm="md5", value=OTHER, cloud=("s3 etag=e1 version_id=v7",))
    tree = a_tree(tracked=(item,))
    for value in ("e1", "v7"):
        assert len(descend(Sought(text=value, values=frozenset({value})), tree)[1].hits) == 1
    assert descend(Sought(text="s3", values=frozenset({"s3"})), tree)[1].hits == ()


def test_a_cycle_ends() -> None:
    tree = a_tree(
        a_stage("one", {"b": RAW}, {"a": "1" * 32}), a_stage("two", {"a": "1" * 32}, {"b": OTHER})
    )
    search, first = descend(md5_of(RAW), tree)
    again = search.descend(tree, "p", first.hits, with_path=True)
    assert set(again.stages) == {"one", "two"}
