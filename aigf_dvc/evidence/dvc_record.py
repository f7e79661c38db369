"""Reads one recorded path of dvc.lock or a .dvc file, in every form that DVC has written."""

from collections.abc import Iterable, Mapping
from typing import Any

from aigf_dvc.canonical import dumps, user_data_as_json
from aigf_dvc.digests import dvc_directory, sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.pipeline import LEGACY, MD5, NO_HASH, Recorded, RecordedFile
from aigf_dvc.lazy_pattern import lazy_pattern

_MD5 = lazy_pattern(r"[0-9a-f]{32}(\.dir)?\Z")
_LARGEST = 10**18 - 1  # bytes; as many digits as a line of the digest lock has
_CLOUD_HASHES = ("etag", "checksum")


def recorded_by_path(value: object, directory: str, where: str) -> dict[str, Recorded]:
    """Return a list of records, by path.

    Raises:
        UndecidedError: a record has another shape than DVC's, or a path stands twice.
    """
    found: dict[str, Recorded] = {}
    for item in read.sequence(value, where):
        record = recorded(item, directory, where)
        if record.path in found:
            raise UndecidedError(
                f"{record.path} stands twice", where=where, expected="each path once"
            )
        found[record.path] = record
    return found


def recorded(item: object, directory: str, where: str) -> Recorded:
    """Return one record: an MD5, what a cloud says of the data, or no hash at all.

    Raises:
        UndecidedError: it has another shape than DVC's.
    """
    entry = read.mapping(item, where, "`path` and `md5`")
    path = read.place(directory, entry.get("path"), where)
    here = f"{where}: {path}"
    files = tuple(_files(entry["files"], here)) if "files" in entry else ()
    algorithm, value = _hash(entry, files, here)
    if algorithm in _CLOUD_HASHES and not read.is_outside(path):
        raise UndecidedError(f"{algorithm} of a local file", where=here, expected="an md5")
    return Recorded(
        path=path,
        algorithm=algorithm,
        value=value,
        size=_size(entry, files, here),
        file_count=_count(entry.get("nfiles"), here) if "nfiles" in entry else len(files) or None,
        files=files,
        cloud=tuple(sorted(_versions(entry["cloud"], here))) if "cloud" in entry else (),
    )


def _hash(entry: Mapping[Any, Any], files: tuple[RecordedFile, ...], where: str) -> tuple[str, str]:
    """Return the algorithm and value; DVC names a directory of known files by their MD5s."""
    named = entry.get("hash", LEGACY if "md5" in entry else MD5)
    if named not in ((MD5, LEGACY) if "md5" in entry else (MD5, *_CLOUD_HASHES)):
        raise read.unsupported(where, f"the hash {read.shown(named)}")
    if "md5" in entry:
        return named, _md5(entry["md5"], where)
    if files and all(file.md5 for file in files):
        return MD5, dvc_directory((file.name, file.md5) for file in files)
    return _cloud_hash(entry, where)


def _cloud_hash(entry: Mapping[Any, Any], where: str) -> tuple[str, str]:
    """Return what a cloud says of the data; several details make one digest."""
    for key in _CLOUD_HASHES:
        if key in entry:
            return key, _text(entry[key], f"{where}: {key}")
    for key in ("dataset", "files", "cloud"):
        if entry.get(key):
            return key, sha256(dumps(user_data_as_json(entry[key])))
    return NO_HASH, ""


def _md5(value: object, where: str) -> str:
    if isinstance(value, str) and _MD5.match(value):
        return value
    raise UndecidedError(f"md5: {read.shown(value)}", where=where, expected="32 hexadecimal digits")


def _text(value: object, where: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise UndecidedError(read.shown(value), where=where, expected="a text")


def _files(value: object, where: str) -> Iterable[RecordedFile]:
    for item in read.sequence(value, where):
        entry = read.mapping(item, where, "`relpath` and `md5`")
        name = read.inside("", entry.get("relpath"), where)
        digest = _md5(entry["md5"], f"{where}/{name}") if "md5" in entry else ""
        yield RecordedFile(name=name, md5=digest, size=_count(entry.get("size"), where))


def _size(entry: Mapping[Any, Any], files: tuple[RecordedFile, ...], where: str) -> int | None:
    if "size" in entry or not files or any(file.size is None for file in files):
        return _count(entry.get("size"), where)
    return sum(file.size or 0 for file in files)


def _versions(value: object, where: str) -> Iterable[str]:
    """Yield each remote's own version of the data."""
    for remote, version in read.mapping(value or {}, where, "remotes").items():
        details = read.mapping(version, where, "`etag` and `version_id`")
        known = (f"{key}={details[key]}" for key in ("etag", "version_id") if key in details)
        yield " ".join((str(remote), *known))


def _count(value: object, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return value
    raise UndecidedError(f"size: {read.shown(value)}", where=where, expected="a whole number")
