"""Fetches recorded data with DVC into a scratch project: no file of the judged one is run or read.

The scratch project has one .dvc file for each record, and the remotes that the judged commit, the
judge's clone or the judge's own words name.
"""

import configparser
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.canonical import pretty
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.pipeline import MD5, Recorded
from aigf_dvc.programs.dvc_program import find_dvc, run_dvc_aside, without_signing_secrets
from aigf_dvc.trees.snapshot import Snapshot

_SHARED = ".dvc/config"
_OWN = ".dvc/config.local"  # of one machine: credentials are here
_GIVEN = "given"


class Remote(Struct, frozen=True, kw_only=True):
    """Where DVC finds the data."""

    snapshot: Snapshot  # its `.dvc/config` names remotes
    root: Path | None  # the project in the judge's clone; None: there is no clone
    wanted: str = ""  # a remote's name, a URL or a path; empty for the default remote


def fetch_records(records: Sequence[Recorded], remote: Remote, scratch: Path) -> None:
    """Let DVC fetch some records into the cache of a new project in a scratch folder.

    Raises:
        InputError: there is no DVC.
        UndecidedError: DVC could not fetch them.
    """
    (scratch / ".dvc").mkdir()
    settings = configparser.RawConfigParser()
    for section, values in _settings(remote, scratch).items():
        settings[section] = values
    with (scratch / _SHARED).open("w", encoding="utf-8") as file:
        settings.write(file)
    for index, recorded in enumerate(records):
        (scratch / f"{index}.dvc").write_text(_tracked(recorded, f"data-{index}"), encoding="utf-8")
    environment = without_signing_secrets(os.environ)
    environment["DVC_SITE_CACHE_DIR"] = str(scratch / "site-cache")
    code = run_dvc_aside(find_dvc(), ["fetch", "--quiet"], folder=scratch, env=environment)
    if code:
        raise UndecidedError(
            f"`dvc fetch` ended with exit code {code}", where=remote.wanted or "the default remote",
            expected="the data that the commit records",
            hint="what DVC said is above; --remote names another remote, or its URL",
        )  # fmt: skip


def _tracked(recorded: Recorded, path: str) -> str:
    """Return a .dvc file; JSON is YAML too."""
    known = {"size": recorded.size, "nfiles": recorded.file_count}
    out = {"md5": recorded.value, "path": path}
    out |= {"hash": MD5} if recorded.algorithm == MD5 else {}  # DVC 2's records have no `hash`
    return pretty({"outs": [out | {k: v for k, v in known.items() if v is not None}]})


def _settings(remote: Remote, scratch: Path) -> Mapping[str, Mapping[str, str]]:
    core = {"no_scm": "true", "analytics": "false", "check_update": "false"}
    found = {"core": core, "cache": {"dir": str(scratch / "cache")}}
    if "://" in remote.wanted or Path(remote.wanted).is_absolute():
        core["remote"] = _GIVEN
        return found | {f"'remote \"{_GIVEN}\"'": {"url": remote.wanted}}
    default = ""
    for settings in _read(remote):
        default = settings.get("core", "remote", fallback=default)
        for section in settings.sections():
            if section.startswith("'remote "):
                known = found.get(section, {}) | dict(settings[section])
                found[section] = _absolute(known, remote.root)
    name = remote.wanted or default
    if name:
        core["remote"] = name
    return found


def _read(remote: Remote) -> Iterator[configparser.RawConfigParser]:
    """Yield the judged commit's settings, then those of the judge's machine."""
    shared = remote.snapshot.read(_SHARED) or b""
    texts = [shared.decode(errors="replace")]
    own = remote.root / _OWN if remote.root is not None else None
    if own is not None and own.is_file():
        texts.append(own.read_text(encoding="utf-8", errors="replace"))
    for text in texts:
        settings = configparser.RawConfigParser(strict=False)
        try:
            settings.read_string(text)
        except configparser.Error:
            continue  # DVC says what it misses
        yield settings


def _absolute(values: Mapping[str, str], root: Path | None) -> dict[str, str]:
    """Return a remote's settings with a relative path seen from the judge's clone."""
    url = values.get("url", "")
    if "://" in url or root is None:
        return dict(values)
    return {**values, "url": os.path.normpath(root / ".dvc" / url)}
