"""Installs, removes and describes the git pre-push hook of a repository.

A hook that stands there already is kept beside ours and runs after it. Ours says in its second
line whose it is, and calls one Python by its absolute path; without that Python it refuses. Where
another program's hook calls our gate, or runs our hook, that is in force as well.
"""

import os
import shlex
import subprocess
import sys
from enum import Enum, unique
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc import shipped
from aigf_dvc.actions.other_hooks import calling_file, calls_ours, calls_ours_first, who_wrote
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import Json
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern

_NAME = "pre-push"
_KEPT = "pre-push.before-aigf"
_TEMPLATE = "pre-push.sh"
_PLACEHOLDER = "@PYTHON@"
_MARK = b"# aigf pre-push hook"  # how the second line begins
_MODE = 0o755
_INSTALL = "`aigf hook install` adds ours; a hook that is there runs after it"
_MOVE_UP = (
    "let the line that calls aigf be the first command: what reads standard input before it takes "
    "the list of refs away, and then nothing is judged"
)
_DRIVE = lazy_pattern(r"[A-Za-z]:[\\/]|\\\\")  # how an absolute path begins on Windows


@unique
class HookState(Enum):
    """What stands in the place of the pre-push hook."""

    INSTALLED = "installed"
    CALLED = "called by another hook"  # which the team's own files say
    NOT_INSTALLED = "not installed"
    FOREIGN = "foreign"  # somebody else's hook, without ours
    OUTDATED = "outdated"  # ours, but its Python is gone, or another version wrote it
    ELSEWHERE = "managed elsewhere"  # core.hooksPath leads where we must not write


class HookStatus(Struct, frozen=True, kw_only=True):
    """The state of the hook, and where it is."""

    state: HookState
    path: Path
    detail: str = ""
    hint: str = ""
    chained: bool = False  # a hook that was here before runs after ours
    beside: str = ""  # the program whose hook was found there as well
    changed: bool = False  # by the call that returned this

    @property
    def is_active(self) -> bool:
        """Tell whether a push runs our gate."""
        return self.state in (HookState.INSTALLED, HookState.CALLED)

    @property
    def text(self) -> str:
        """Return state, place and what to do, for people."""
        extra = [self.detail] if self.detail else []
        owner = f", {self.beside}'s," if self.beside else ""
        extra += [f"the hook that was here before{owner} runs after it"] if self.chained else []
        line = f"pre-push hook: {self.state.value}, {self.path}"
        line += f" ({'; '.join(extra)})" if extra else ""
        return line + (f"\n  hint: {self.hint}" if self.hint else "")

    def as_json(self) -> dict[str, Json]:
        """Return it for machines."""
        return {
            "state": self.state.value,
            "active": self.is_active,
            "path": str(self.path),
            "changed": self.changed,
            "chained": self.chained,
            "beside": self.beside,
            "detail": self.detail,
            "hint": self.hint,
        }


class _Place(Struct, frozen=True, kw_only=True):
    """The folder where git looks for hooks."""

    folder: Path
    refusal: str = ""  # why we do not write there


def hook_status(project: Project) -> HookStatus:
    """Return the state of a repository's pre-push hook."""
    place = _place(project)
    path = place.folder / _NAME
    if place.refusal:
        return _elsewhere(path, place.refusal)
    if not os.path.lexists(path):
        return HookStatus(state=HookState.NOT_INSTALLED, path=path, hint=_INSTALL)
    text = _read(path)
    return _own(path, text) if _is_ours(text) else _foreign(path, text, project.repository)


def _own(path: Path, text: bytes) -> HookStatus:
    """Return the state of a hook of ours, wherever it stands."""
    python = _python_of(text)
    detail = ""
    if not os.access(python, os.X_OK):
        detail = f"its Python is gone: {python or 'none'}"
    elif text != _script(python) or not os.access(path, os.X_OK):
        detail = "another version wrote it, or it was edited"
    kept = path.with_name(_KEPT)
    other = who_wrote(_read(kept))
    # One that runs what it puts aside cannot put ours out of force, nor does it name our refs.
    hint = other.advice if other is not None and not other.runs_aside else ""
    return HookStatus(
        state=HookState.OUTDATED if detail else HookState.INSTALLED,
        path=path,
        detail=detail,
        hint="`aigf hook install` renews it" if detail else hint,
        chained=os.path.lexists(kept),
        beside=other.name if other is not None else "",
    )


def _foreign(path: Path, text: bytes, top: Path) -> HookStatus:
    """Return the state where another hook stands: it may call our gate, or run our hook."""
    other = who_wrote(text)
    name = other.name if other is not None else ""
    aside = path.with_name(other.aside) if other is not None and other.aside else None
    is_aside = aside is not None and _is_ours(_read(aside))
    if other is not None and aside is not None and is_aside and other.runs_aside:
        found = _own(aside, _read(aside))
        chained = found.chained and not _stands_again(aside.with_name(_KEPT))
        detail = found.detail or f"{name} runs it"
        return replace(found, detail=detail, beside=name, chained=chained)
    caller = path if calls_ours(text) else calling_file(top, other)
    if caller is not None:
        detail = f"{caller} names it"
        hint = other.advice if other is not None and other.runs_aside else ""
        if caller == path and other is None and not calls_ours_first(text):
            hint = _MOVE_UP
        return HookStatus(state=HookState.CALLED, path=path, detail=detail, hint=hint, beside=name)
    detail = f"the hook of {name} stands there" if name else "another hook stands there"
    detail += f"; it has put ours aside as {aside.name}" if aside and is_aside else ""
    return HookStatus(state=HookState.FOREIGN, path=path, detail=detail, hint=_INSTALL, beside=name)


def install_hook(project: Project, *, python: str = sys.executable) -> HookStatus:
    """Install the pre-push hook; a second time changes nothing.

    Args:
        project: whose repository.
        python: the absolute path of a Python that has this package.

    Raises:
        InputError: two foreign hooks stand in the way.
        AigfError: the hook cannot be written.
    """
    before = hook_status(project)
    path, kept = before.path, before.path.with_name(_KEPT)
    if before.state in (HookState.ELSEWHERE, HookState.CALLED):
        return before
    if before.state is HookState.INSTALLED and _read(path) == _script(python):
        return before
    demand_room(before)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, kept, _script(python), foreign=before.state is HookState.FOREIGN)
    except OSError as error:
        raise AigfError(f"cannot be written: {error.strerror}", where=str(path)) from None
    return replace(hook_status(project), changed=True)


def demand_room(status: HookStatus) -> None:
    """Refuse when a foreign hook cannot be kept, because another one is kept already.

    Raises:
        InputError: so it is.
    """
    kept = status.path.with_name(_KEPT)
    if status.state is not HookState.FOREIGN or not os.path.lexists(kept):
        return
    other = who_wrote(_read(status.path))
    if other is None or who_wrote(_read(kept)) is not other:  # else that program writes it anew
        raise InputError(
            f"another hook, and the one kept as {_KEPT} as well",
            where=str(status.path),
            expected="at most one of them",
            hint=f"join both into {_KEPT}, remove {_NAME}, and run it again",
        )


def uninstall_hook(project: Project) -> HookStatus:
    """Remove our hook, and put back the one that stood there before; a foreign hook is left alone.

    What a team's own files say is left to the team.

    Raises:
        AigfError: it cannot be removed.
    """
    before = hook_status(project)
    path = before.path
    if before.state not in (HookState.INSTALLED, HookState.OUTDATED):
        path = _common_folder(project) / "hooks" / _NAME  # left there when core.hooksPath was set
        if not _is_ours(_read(path)):
            return before
    kept = path.with_name(_KEPT)
    try:
        if os.path.lexists(kept) and not _stands_again(kept):
            kept.replace(path)
        else:
            path.unlink()
            kept.unlink(missing_ok=True)
    except OSError as error:
        raise AigfError(f"cannot be removed: {error.strerror}", where=str(path)) from None
    return replace(hook_status(project), changed=True)


def _stands_again(kept: Path) -> bool:
    """Tell whether the program that wrote the kept hook has written it again, in its place."""
    other, standing = who_wrote(_read(kept)), _read(kept.with_name(_NAME))
    return other is not None and not _is_ours(standing) and who_wrote(standing) is other


def _write(path: Path, kept: Path, script: bytes, *, foreign: bool) -> None:
    """Write our hook; a foreign one is first moved aside, and moved back when that fails."""
    if foreign:
        path.replace(kept)
    try:
        write_atomically(path, script, mode=_MODE)
    except OSError:
        if foreign:
            kept.replace(path)
        raise


def _place(project: Project) -> _Place:
    """Return where git looks for hooks: in the common folder of all work trees, unless set."""
    common = _common_folder(project)
    scope, setting = _hooks_path(project)
    if not setting:
        return _Place(folder=common / "hooks")
    folder = Path(os.path.normpath(project.repository / setting))
    if folder.is_relative_to(common):
        return _Place(folder=folder)
    if folder.is_relative_to(project.repository):
        return _Place(folder=folder, refusal="in the work tree, so its hooks are files of the team")
    if scope not in ("local", "worktree"):
        return _Place(
            folder=folder, refusal=f"{scope} setting, so it serves other repositories too"
        )
    return _Place(folder=folder)


def _common_folder(project: Project) -> Path:
    out = program.git(project.repository, "rev-parse", "--git-common-dir")
    folder = project.repository / os.fsdecode(out.removesuffix(b"\n"))
    return Path(os.path.realpath(folder))


def _hooks_path(project: Project) -> tuple[str, str]:
    """Return scope and value of core.hooksPath, empty when it is not set.

    Asked without the fixed options of `git.program`, which set core.hooksPath themselves.
    """
    outcome = subprocess.run(
        ["git", "-C", str(project.repository), "config", "--show-scope", "--type=path", "-z",
         "--get", "core.hooksPath"],
        capture_output=True, check=False, env=program.environment(),
    )  # fmt: skip
    scope, _, value = outcome.stdout.partition(b"\0")
    return scope.decode(), os.fsdecode(value.rstrip(b"\0"))


def _elsewhere(path: Path, reason: str) -> HookStatus:
    is_husky = path.parent.name == "_"  # git looks in .husky/_, people write in .husky
    own = path.parent.with_name(_NAME) if is_husky else path
    beside = "husky" if is_husky else ""
    text = _read(own)
    if calls_ours(text):
        first = calls_ours_first(text)
        return HookStatus(
            state=HookState.CALLED,
            path=own,
            detail="it has the line" if first else "it has the line, after other commands",
            hint="" if first else _MOVE_UP,
            beside=beside,
        )
    return HookStatus(
        state=HookState.ELSEWHERE,
        path=own,
        detail=f"core.hooksPath is {path.parent} ({reason})",
        hint=f'let this be the first command in {own}: aigf hook pre-push "$@" || exit',
        beside=beside,
    )


def _script(python: str) -> bytes:
    """Return our hook; the shell of Git for Windows wants forward slashes in paths."""
    if _DRIVE.match(python):
        python = python.replace("\\", "/")
    text = shipped.text("templates", _TEMPLATE)
    return os.fsencode(text.replace(_PLACEHOLDER, shlex.quote(python)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a dangling link, a folder: not ours
        return b""


def _is_ours(text: bytes) -> bool:
    return any(line.startswith(_MARK) for line in text.split(b"\n")[1:2])


def _python_of(text: bytes) -> str:
    """Return the Python that one of our hooks calls."""
    line = next((line for line in text.split(b"\n") if line.startswith(b"python=")), b"")
    try:
        words = shlex.split(os.fsdecode(line.removeprefix(b"python=")))
    except ValueError:
        return ""
    return words[0] if words else ""
