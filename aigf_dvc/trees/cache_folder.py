"""Finds the folder of DVC's local cache, as DVC does: from its settings, else `.dvc/cache`.

A repository under judgement names this folder itself, and can make it a link to anywhere. So what
is read there counts only by its MD5, and no message names the place.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from aigf_dvc.lazy_pattern import lazy_pattern

_MAX_CONFIG_BYTES = 1 << 20
_MAX_POINTER_BYTES = 4096
_SECTION = lazy_pattern(r"\s*\[\s*(?P<name>.*?)\s*\]")
_CACHE_DIR = lazy_pattern(r"\s*dir\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^#\n]*)", re.IGNORECASE)
_OBJECT = "(?:files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}"


def cache_folders(root: Path) -> tuple[Path, ...]:
    """Return where the objects of a project may be, in the order to look; they need not exist.

    In a linked worktree of git, the cache of the main one comes second: DVC's settings for one
    machine (`.dvc/config.local`) and its cache are not in git, so they are there.
    """
    main = _main_worktree(root)
    found = (_cache_folder(root),) if main is None else (_cache_folder(root), _cache_folder(main))
    return tuple(dict.fromkeys(found))


def cached_objects(root: Path) -> re.Pattern[str]:
    """Return what the absolute path of an object in the project's cache looks like.

    DVC can check out links to them. No other name is let in, wherever the settings point.
    """
    folders = [str(folder) for folder in cache_folders(root)]
    places = dict.fromkeys((*folders, *map(os.path.realpath, folders)))
    return re.compile(f"(?:{'|'.join(map(re.escape, places))})/{_OBJECT}\\Z")


def _cache_folder(root: Path) -> Path:
    folder = root / ".dvc" / "cache"
    for config in (*_settings_of_the_machine(), root / ".dvc/config", root / ".dvc/config.local"):
        value = _configured(_text(config, _MAX_CONFIG_BYTES))
        if value:
            folder = config.parent / os.path.expanduser(value)  # noqa: PTH111  # as DVC does
    return Path(os.path.abspath(folder))  # noqa: PTH100  # links stay: DVC names objects so


def _settings_of_the_machine() -> Iterator[Path]:
    """Yield DVC's settings for the system and for the user.

    Source: dvc.dirs, with the places that platformdirs knows.
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  # Path.home() raises where there is none
    if sys.platform == "darwin":
        system, user = Path("/Library/Application Support"), home / "Library/Application Support"
    else:
        system = Path(os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)[0] or "/etc/xdg")
        user = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    yield Path(os.environ.get("DVC_SYSTEM_CONFIG_DIR") or system / "dvc") / "config"
    yield Path(os.environ.get("DVC_GLOBAL_CONFIG_DIR") or user / "dvc") / "config"


def _configured(text: str) -> str:
    """Return `dir` of the section `[cache]`; empty when there is none."""
    section = value = ""
    for line in text.splitlines():
        start = _SECTION.match(line)
        if start:
            section = start["name"].lower()
        elif section == "cache" and (found := _CACHE_DIR.match(line)):
            value = found["value"].strip().strip("\"'")
    return "" if "\0" in value else value


def _main_worktree(root: Path) -> Path | None:
    """Return the project's folder in the main worktree, when this is a linked one."""
    top = next((p for p in (root, *root.parents) if os.path.lexists(p / ".git")), None)
    if top is None or (top / ".git").is_dir():
        return None
    pointer = _text(top / ".git", _MAX_POINTER_BYTES)
    if not pointer.startswith("gitdir: "):
        return None
    own = top / pointer.removeprefix("gitdir: ").strip()
    common = _text(own / "commondir", _MAX_POINTER_BYTES).strip()
    if not common:  # a submodule
        return None
    return Path(os.path.realpath(own / common)).parent / root.relative_to(top)


def _text(path: Path, most: int) -> str:
    """Return the text of a small regular file; empty when there is none."""
    try:
        if not path.is_file():  # a pipe would make its reader wait for ever
            return ""
        with path.open("rb") as file:
            return file.read(most).decode(errors="replace")
    except (OSError, ValueError):
        return ""
