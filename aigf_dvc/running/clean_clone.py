"""Makes a clean clone of a commit in a scratch folder, and takes it away again.

The clone has the commit's files and nothing else: no output, no data, no cache, no remote to push
to. DVC in it writes to a cache of its own, never to the project's.
"""

import configparser
import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from msgspec import Struct

from aigf_dvc.capture.project import Project
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git import program
from aigf_dvc.programs.dvc_program import without_signing_secrets

_OF_A_STAGE = ("DVC_STAGE", "DVC_ROOT", "DVC_EXP_NAME", "DVC_EXP_BASELINE_REV", "OLDPWD", "PWD")
_TERMINATED = 128 + signal.SIGTERM


class CleanClone(Struct, frozen=True, kw_only=True):
    """A clone of one commit, in a scratch folder of its own."""

    project: Project  # the clone's
    scratch: Path  # holds the clone, and what DVC and the recorder keep beside it
    environment: Mapping[str, str]  # for DVC and the stages in the clone

    @property
    def cache(self) -> Path:
        """Return the clone's own DVC cache; beside it, where no link in the commit can lead."""
        return self.scratch / "cache"


@contextmanager
def clean_clone(
    project: Project, commit: str, *, environ: Mapping[str, str], keep: bool = False
) -> Iterator[CleanClone]:
    """Clone a commit, and remove the clone at the end, whatever happens.

    Args:
        project: where the commit is; nothing in it is changed.
        commit: its full id.
        environ: the caller's environment variables.
        keep: leave the scratch folder where it is.

    Raises:
        InputError: the folder for temporary files is inside the repository.
        UndecidedError: git cannot make the clone.
    """
    place = Path(os.path.realpath(tempfile.gettempdir()))
    if place.is_relative_to(project.repository):
        raise InputError(
            "the folder for temporary files is inside the repository", where=str(place),
            expected="a scratch folder outside of it", hint="set TMPDIR to another folder",
        )  # fmt: skip
    with _ending_on_sigterm():
        scratch = Path(tempfile.mkdtemp(prefix="aigf-clean-", dir=place))
        try:
            yield _make(project, commit, scratch, environ)
        finally:
            if not keep:
                shutil.rmtree(scratch, onerror=_make_removable)


def _make(project: Project, commit: str, scratch: Path, environ: Mapping[str, str]) -> CleanClone:
    top = scratch / "clone" / project.repository.name
    top.parent.mkdir()
    # --shared: objects that no branch leads to are there too, and nothing is copied.
    program.git(
        project.repository, "clone", "--quiet", "--shared", "--no-checkout", "--template=",
        "--config", "core.autocrlf=false", "--", str(project.repository), str(top),
        extra={"GIT_ALLOW_PROTOCOL": "file"},
    )  # fmt: skip
    program.git(top, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit)
    program.git(top, "remote", "remove", "origin")  # a stage must not push into the project
    root = top / project.prefix
    clone = Project(root=root, repository=top, prefix=project.prefix)
    inside(clone, ".dvc/config.local").parent.mkdir(exist_ok=True)
    environment = clean_environment(environ, original=project.repository, clone=top)
    environment["DVC_SITE_CACHE_DIR"] = str(scratch / "site-cache")
    return CleanClone(project=clone, scratch=scratch, environment=environment)


def clean_environment(environ: Mapping[str, str], *, original: Path, clone: Path) -> dict[str, str]:
    """Return the environment for DVC and the stages in a clone.

    It is the caller's, without what signs, what steers git, and what a stage finds set. A folder
    of the original repository in PYTHONPATH becomes the clone's.
    """
    kept = {
        name: value
        for name, value in without_signing_secrets(environ).items()
        if not name.startswith("GIT_") and name not in _OF_A_STAGE
    }
    if "PYTHONPATH" in kept:
        folders = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(
            _moved(folder, original=original, clone=clone) for folder in folders
        )
    return kept


def _moved(folder: str, *, original: Path, clone: Path) -> str:
    real = Path(os.path.realpath(folder))
    if not folder or not Path(folder).is_absolute() or not real.is_relative_to(original):
        return folder
    return str(clone / real.relative_to(original))


def inside(project: Project, path: str) -> Path:
    """Return where a path of a project is on disk; what is in the commit may not lead out of it.

    Raises:
        UndecidedError: it leads out, or a folder on the way is a link that does.
    """
    full = project.root / path
    if not Path(os.path.realpath(full.parent)).is_relative_to(os.path.realpath(project.root)):
        raise UndecidedError(
            "it leads out of the clone", where=path, expected="a path in the project"
        )
    return full


def write_dvc_settings(clone: CleanClone, original: Project, *, with_secrets: bool) -> None:
    """Write the clone's `.dvc/config.local`: a cache of its own, and the remotes where they are.

    Args:
        clone: the clone.
        original: the project; a relative path of a remote is seen from there.
        with_secrets: add the original's `.dvc/config.local`, where credentials are. It is for
            `dvc pull` only: write the settings again without, before a stage runs.
    """
    mine = _read_settings(original.root / ".dvc/config.local" if with_secrets else None)
    _put(mine, "core", {"analytics": "false", "check_update": "false"})
    _put(mine, "cache", {"dir": str(clone.cache), "type": "copy"})
    shared = _read_settings(inside(clone.project, ".dvc/config"))
    for settings in (shared, _read_settings(original.root / ".dvc/config.local")):
        for name in settings.sections():
            url = settings.get(name, "url", fallback="")
            if name.startswith("'remote ") and url and "://" not in url:
                _put(mine, name, {"url": os.path.normpath(original.root / ".dvc" / url)})
    path = inside(clone.project, ".dvc/config.local")
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        mine.write(file)


def _put(settings: configparser.RawConfigParser, section: str, values: Mapping[str, str]) -> None:
    if not settings.has_section(section):
        settings.add_section(section)
    for key, value in values.items():
        settings.set(section, key, value)


def _read_settings(path: Path | None) -> configparser.RawConfigParser:
    """Read a DVC settings file, as far as it is one; DVC itself complains about the rest."""
    settings = configparser.RawConfigParser(strict=False)
    if path is not None and path.is_file():
        try:
            settings.read_string(path.read_text(encoding="utf-8"))
        except (configparser.Error, UnicodeDecodeError, OSError):
            return configparser.RawConfigParser()
    return settings


def _make_removable(remove: Callable[[str], object], path: str, _: object) -> None:
    """Try once more after a stage has made a folder read-only."""
    parent = Path(path).parent
    parent.chmod(parent.stat().st_mode | stat.S_IRWXU)
    if Path(path).is_dir() and not Path(path).is_symlink():
        Path(path).chmod(stat.S_IRWXU)
        shutil.rmtree(path)
    else:
        remove(path)


@contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end us as an exception does, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_TERMINATED)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
