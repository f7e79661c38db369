"""Reads the lock files of Python's package managers: which packages they pin.

What is not understood is refused, never skipped: a package that was left out could be the bad one.
"""

import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aigf_dvc.canonical import loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.package import Package, PackageList, PackageSource, normal_name
from aigf_dvc.evidence.package_versions import read_pin
from aigf_dvc.evidence.requirements_file import read_requirements
from aigf_dvc.strict_yaml import read_dvc

_OURS = ("editable", "virtual")  # uv: the project itself, and its other members


def is_lock_file(path: str) -> bool:
    """Tell whether a path has the name of a lock file in the project's folder."""
    return "/" not in path and _reader(path) is not None


def read_lock_file(data: bytes, *, path: str) -> PackageList | None:
    """Return the packages that a file pins; None when it pins nothing, so that it is no lock file.

    A file that cannot be read has a `problem`.
    """
    reader = _reader(path)
    if reader is None:
        return None
    problem = ""
    packages: tuple[Package, ...] | None = ()
    try:
        packages = reader(data, path)
    except AigfError as error:
        problem = str(error)
    except (ValueError, RecursionError) as error:
        problem = f"{path}: not readable: {error}"
    if packages is None:
        return None
    return PackageList(
        source=PackageSource.LOCK_FILE, where=path, packages=packages, sha256=sha256(data),
        problem=problem,
    )  # fmt: skip


_Reader = Callable[[bytes, str], "tuple[Package, ...] | None"]


def _reader(path: str) -> _Reader | None:
    name = posixpath.basename(path)
    return next((reader for pattern, reader in _READERS if pattern.fullmatch(name)), None)


def _requirements(data: bytes, path: str) -> tuple[Package, ...] | None:
    return read_requirements(data, where=path)


def _poetry(data: bytes, path: str) -> tuple[Package, ...]:
    top = tomllib.loads(data.decode())
    metadata = _mapping(top.get("metadata"), path, "metadata")
    # poetry writes `lock-version`, pdm `lock_version`.
    version = metadata.get("lock-version", metadata.get("lock_version"))
    _expect_version(version, ("1.", "2.", "4."), path)
    return _sorted(_package(item, path) for item in _list(top.get("package"), path, "package"))


def _uv(data: bytes, path: str) -> tuple[Package, ...]:
    top = tomllib.loads(data.decode())
    _expect_version(str(top.get("version")), ("1",), path)
    items = [_mapping(i, path, "package") for i in _list(top.get("package"), path, "package")]
    return _sorted(
        _package(item, path)
        for item in items
        if not any(key in _mapping(item.get("source"), path, "source") for key in _OURS)
    )


def _pylock(data: bytes, path: str) -> tuple[Package, ...]:
    top = tomllib.loads(data.decode())
    _expect_version(top.get("lock-version"), ("1.",), path)
    items = [_mapping(i, path, "packages") for i in _list(top.get("packages"), path, "packages")]
    return _sorted(
        _package(item, path)
        for item in items
        if "version" in item or "directory" not in item  # the project itself
    )


def _pipfile(data: bytes, path: str) -> tuple[Package, ...]:
    top = _mapping(loads(data, where=path), path, "the file")
    sections = [_mapping(top[key], path, key) for key in top if key != "_meta"]
    return _sorted(
        _pinned(f"{name}{_mapping(item, path, name).get('version', '')}", path)
        for section in sections
        for name, item in section.items()
    )


def _conda(data: bytes, path: str) -> tuple[Package, ...]:
    top = _mapping(read_dvc(data, where=path), path, "the file")
    _expect_version(str(top.get("version")), ("1",), path)
    return _sorted(_package(item, path) for item in _list(top.get("package"), path, "package"))


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(r"requirements.*\.(?:txt|lock)"), _requirements),
    (re.compile(r"poetry\.lock|pdm\.lock"), _poetry),
    (re.compile(r"uv\.lock"), _uv),
    (re.compile(r"pylock(?:\.[^.]+)?\.toml"), _pylock),
    (re.compile(r"Pipfile\.lock"), _pipfile),
    (re.compile(r"conda-lock\.ya?ml"), _conda),
)


def _package(value: object, path: str) -> Package:
    item = _mapping(value, path, "a package")
    name, version = item.get("name"), item.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        raise InputError(
            f"a package with the name {name!r:.60} and the version {version!r:.60}", where=path,
            expected="both as texts: a package without a version cannot be judged",
        )  # fmt: skip
    return Package(name=normal_name(name), version=version)


def _pinned(text: str, path: str) -> Package:
    pin = read_pin(text)
    if pin is None or not pin.version:
        raise InputError(f"{text!r:.80}", where=path, expected="a package pinned with `==`")
    return Package(name=pin.name, version=pin.version)


def _sorted(found: Iterator[Package]) -> tuple[Package, ...]:
    return tuple(sorted(set(found)))


def _expect_version(version: object, known: tuple[str, ...], path: str) -> None:
    text = version if isinstance(version, str) else ""
    if not any(text == item or (item.endswith(".") and text.startswith(item)) for item in known):
        raise InputError(
            f"the lock version {version!r:.40}", where=path,
            expected=f"a version that is known: {' or '.join(known)}",
        )  # fmt: skip


def _mapping(value: object, path: str, what: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{what} is {value!r:.60}", where=path, expected="a mapping")
    return value


def _list(value: object, path: str, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"`{what}` is {value!r:.60}", where=path, expected="a list")
    return value
