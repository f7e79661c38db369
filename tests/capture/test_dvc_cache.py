"""DVC's cache is read wherever DVC keeps it, and an object counts only by its MD5."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.digests import md5, md5_dos2unix, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.pipeline import LEGACY, Recorded
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.file_hashing import Hashed, hash_path
from aigf_dvc.trees.cache_folder import cached_objects
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import MODEL, Playground


def recorded(playground: Playground, path: str) -> Recorded:
    pipeline = read_pipeline(WorkingTree(playground.root))
    outs = {p: r for lock in pipeline.locks.values() for p, r in lock.outs.items()}
    return (outs | dict(pipeline.tracked))[path]


def place(value: str) -> str:
    return f".dvc/cache/files/md5/{value[:2]}/{value[2:]}"


def put(playground: Playground, data: bytes, *, value: str | None = None) -> Recorded:
    """Put an object into the cache, under its own name or another."""
    value = value or md5(data)
    playground.write(place(value), data)
    return Recorded(path="pool", algorithm="md5", value=value)


def test_a_file_is_read_when_it_is_gone_from_the_workspace(playground: Playground) -> None:
    data = (playground.root / MODEL).read_bytes()
    (playground.root / MODEL).unlink()
    assert DvcCache(playground.root).read(recorded(playground, MODEL)) == data
    assert DvcCache(playground.root).read(recorded(playground, MODEL), most=3) is None


def _settings(playground: Playground, cache: Path) -> None:
    shutil.move(playground.root / ".dvc/cache", cache)
    playground.dvc("cache", "dir", str(cache))


def _local_settings(playground: Playground, cache: Path) -> None:
    playground.dvc("cache", "dir", "elsewhere")
    shutil.move(playground.root / ".dvc/cache", cache)
    playground.dvc("cache", "dir", "--local", os.path.relpath(cache, playground.root))


def _user_settings(playground: Playground, cache: Path) -> None:
    shutil.move(playground.root / ".dvc/cache", cache)
    playground.dvc("cache", "dir", "--global", str(cache))


def _link(playground: Playground, cache: Path) -> None:
    shutil.move(playground.root / ".dvc/cache", cache)
    (playground.root / ".dvc/cache").symlink_to(cache)


def _dvc_2(playground: Playground, cache: Path) -> None:
    (playground.root / ".dvc/cache/files/md5").rename(cache)
    shutil.rmtree(playground.root / ".dvc/cache")
    cache.rename(playground.root / ".dvc/cache")


@pytest.mark.parametrize(
    "move", [_settings, _local_settings, _user_settings, _link, _dvc_2], ids=lambda f: f.__name__
)
def test_the_cache_is_found_where_dvc_keeps_it(
    playground: Playground, move: Callable[[Playground, Path], None]
) -> None:
    data = (playground.root / MODEL).read_bytes()
    move(playground, playground.root.parent / "cache")
    found = DvcCache(playground.root).read(recorded(playground, MODEL))
    shutil.rmtree(playground.root.parent / "home/.config", ignore_errors=True)
    assert found == data


def test_a_linked_worktree_reads_the_cache_of_the_main_one(playground: Playground) -> None:
    linked = playground.root.parent / "linked"
    playground.git("worktree", "add", "--quiet", str(linked))
    assert not (linked / ".dvc/cache").exists()
    assert DvcCache(linked).read(recorded(playground, MODEL)) == (
        (playground.root / MODEL).read_bytes()
    )


def test_dvc_2s_object_of_a_text_is_known_by_its_text(playground: Playground) -> None:
    data = b"a\r\nb\r\n"
    value = md5_dos2unix(data)
    playground.write(f".dvc/cache/{value[:2]}/{value[2:]}", data)
    record = Recorded(path="t", algorithm=LEGACY, value=value)
    assert DvcCache(playground.root).read(record) == data
    assert DvcCache(playground.root).read(Recorded(path="t", algorithm="md5", value=value)) is None


def _other_bytes(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link_out(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "spoil", [_other_bytes, _pipe, _link_out, _directory, _gone], ids=lambda f: f.__name__
)
def test_what_is_not_the_object_is_not_here(
    playground: Playground, spoil: Callable[[Path], None]
) -> None:
    record = recorded(playground, MODEL)
    spoil(playground.root / place(record.value))
    assert DvcCache(playground.root).read(record) is None


def test_a_directory_is_known_file_by_file(playground: Playground) -> None:
    for name in ("b", "a", "sub/ü"):
        playground.write(f"pool/{name}", name)
    playground.dvc("add", "--quiet", "pool")
    shutil.rmtree(playground.root / "pool")
    files = DvcCache(playground.root).directory(recorded(playground, "pool"))
    assert files is not None
    assert [(f.name, f.md5) for f in files] == [
        ("a", md5(b"a")), ("b", md5(b"b")), ("sub/ü", md5("sub/ü".encode())),
    ]  # fmt: skip
    assert DvcCache(playground.root).directory(recorded(playground, MODEL)) is None


def test_a_listing_that_leads_out_is_refused(playground: Playground) -> None:
    listing = json.dumps([{"md5": "a" * 32, "relpath": "../../x"}]).encode()
    record = put(playground, listing, value=md5(listing) + ".dir")
    with pytest.raises(UndecidedError, match="the name") as error:
        DvcCache(playground.root).directory(record)
    assert str(playground.root) not in str(error.value)


def test_a_listing_with_other_bytes_than_its_name_is_not_here(playground: Playground) -> None:
    record = put(playground, b"[]", value=md5(b"other") + ".dir")
    assert DvcCache(playground.root).directory(record) is None


def test_only_an_objects_own_name_is_one(playground: Playground) -> None:
    objects = cached_objects(playground.root)
    value = recorded(playground, MODEL).value
    assert objects.match(str(playground.root / place(value)))
    for other in (".dvc/cache/passwd", ".dvc/cache/aa/" + "g" * 30, "aa/" + "b" * 30):
        assert not objects.match(str(playground.root / other))
    assert not objects.match(str(playground.root / f".dvc/cache/../cache/aa/{'b' * 30}"))


def digests(playground: Playground, record: Recorded) -> Hashed | None:
    return DvcCache(playground.root).hash(record, DigestCache(playground.root))


def pool(playground: Playground) -> Recorded:
    """Put a directory of two files into the cache, as DVC writes it."""
    files = [("a", put(playground, b"1").value), ("sub/b", put(playground, b"22").value)]
    listing = json.dumps([{"md5": value, "relpath": name} for name, value in files])
    return put(playground, listing.encode(), value=md5(listing.encode()) + ".dir")


def test_a_directory_is_hashed_as_it_would_be_in_the_workspace(playground: Playground) -> None:
    record = pool(playground)
    playground.write("pool/a", "1")
    playground.write("pool/sub/b", "22")
    assert digests(playground, record) == hash_path(playground.root, "pool")


@pytest.mark.parametrize(
    "spoil", [_other_bytes, _pipe, _directory, _gone], ids=lambda f: f.__name__
)
def test_a_directory_with_one_wrong_file_is_not_here(
    playground: Playground, spoil: Callable[[Path], None]
) -> None:
    record = pool(playground)
    spoil(playground.root / place(md5(b"22")))
    assert digests(playground, record) is None


def test_a_listing_that_names_the_right_bytes_in_another_form_is_not_the_directory(
    playground: Playground,
) -> None:
    """Its MD5 is its name, but it is not the listing that DVC makes of these files."""
    one, two = put(playground, b"1").value, put(playground, b"22").value
    entries = [{"md5": two, "relpath": "b"}, {"md5": one, "relpath": "a"}]  # not sorted
    listing = json.dumps(entries).encode()
    record = put(playground, listing, value=md5(listing) + ".dir")
    assert DvcCache(playground.root).directory(record) is not None
    assert digests(playground, record) is None


def test_dvc_2s_text_in_the_cache_is_known_by_its_text(playground: Playground) -> None:
    data = b"a\r\nb\r\n"
    value = md5_dos2unix(data)
    playground.write(f".dvc/cache/{value[:2]}/{value[2:]}", data)
    found = digests(playground, Recorded(path="t", algorithm=LEGACY, value=value))
    assert found is not None
    assert (found.md5, found.md5_as_text, found.sha256) == (md5(data), value, sha256(data))
    assert digests(playground, Recorded(path="t", algorithm="md5", value=value)) is None


def test_what_has_another_size_than_recorded_is_not_read(playground: Playground) -> None:
    record = replace(put(playground, b"1"), size=2)
    assert DvcCache(playground.root).find(record) is None
    assert digests(playground, record) is None


def test_an_object_that_is_a_link_to_the_right_bytes_is_good(playground: Playground) -> None:
    """Shared caches are made of links; what counts is the bytes."""
    record = put(playground, b"1")
    path = playground.root / place(record.value)
    path.rename(playground.root.parent / "elsewhere")
    path.symlink_to(playground.root.parent / "elsewhere")
    found = digests(playground, record)
    assert found is not None
    assert found.sha256 == sha256(b"1")


def test_dvc_2s_object_with_other_bytes_under_its_name_is_not_here(playground: Playground) -> None:
    value = md5_dos2unix(b"a\r\n")
    playground.write(f".dvc/cache/{value[:2]}/{value[2:]}", b"b\r\n")
    assert digests(playground, Recorded(path="t", algorithm=LEGACY, value=value)) is None
    listing = json.dumps([{"md5": value, "relpath": "t"}]).encode()
    folder = md5(listing) + ".dir"
    playground.write(f".dvc/cache/{folder[:2]}/{folder[2:]}", listing)
    assert digests(playground, Recorded(path="d", algorithm=LEGACY, value=folder)) is None
