"""Installs, removes and describes the git pre-push hook of a repository.

A hook that stands there already is kept beside ours and runs after it. Ours says in its second
line whose it is, and calls one Python by its absolute path; without that Python it refuses.
"""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path

from aigf_dvc import shipped
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.git import program

_NAME = "pre-push"
_KEPT = "pre-push.before-aigf"
_TEMPLATE = "pre-push.sh"
_PLACEHOLDER = "@PYTHON@"
_MARK = b"# aigf pre-push hook"  # how the second line begins
_MODE = 0o755


@unique
class HookState(Enum):
    """What stands in the place of the pre-push hook."""

    INSTALLED = "installed"
    NOT_INSTALLED = "not installed"
    FOREIGN = "foreign"  # somebody else's hook, without ours
    OUTDATED = "outdated"  # ours, but its Python is gone, or another version wrote it
    ELSEWHERE = "managed elsewhere"  # core.hooksPath leads where we must not write


@dataclass(frozen=True, slots=True, kw_only=True)
class HookStatus:
    """The state of the hook, and where it is."""

    state: HookState
    path: Path
    detail: str = ""
    hint: str = ""
    chained: bool = False  # a hook that was here before runs after ours
    changed: bool = False  # by the call that returned this

    @property
    def is_active(self) -> bool:
        """Tell whether our hook stands there and can run."""
        return self.state is HookState.INSTALLED

    @property
    def text(self) -> str:
        """Return state, place and what to do, for people."""
        extra = [self.detail] if self.detail else []
        extra += ["the hook that was here before runs after it"] if self.chained else []
        line = f"pre-push hook: {self.state.value}, {self.path}"
        line += f" ({'; '.join(extra)})" if extra else ""
        return line + (f"\n  hint: {self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The folder where git looks for hooks."""

    folder: Path
    refusal: str = ""  # why we do not write there


def hook_status(project: Project) -> HookStatus:
    """Return the state of a repository's pre-push hook."""
    place = _place(project)
    path = place.folder / _NAME
    chained = (place.folder / _KEPT).exists()
    if place.refusal:
        return _elsewhere(path, place.refusal)
    if not os.path.lexists(path):
        return HookStatus(state=HookState.NOT_INSTALLED, path=path)
    text = _read(path)
    if not _is_ours(text):
        return HookStatus(state=HookState.FOREIGN, path=path, detail="another hook stands there")
    python = _python_of(text)
    detail = ""
    if not os.access(python, os.X_OK):
        detail = f"its Python is gone: {python or 'none'}"
    elif text != _script(python) or not os.access(path, os.X_OK):
        detail = "another version wrote it, or it was edited"
    return HookStatus(
        state=HookState.OUTDATED if detail else HookState.INSTALLED,
        path=path,
        detail=detail,
        hint="`aigf hook install` renews it" if detail else "",
        chained=chained,
    )


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
    if before.state is HookState.ELSEWHERE:
        return before
    if before.state is HookState.INSTALLED and _read(path) == _script(python):
        return before
    demand_room(before)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, kept, _script(python), foreign=before.state is HookState.FOREIGN)
    except OSError as error:
        raise AigfError(f"cannot be written: {error.strerror}", where=str(path)) from None
    return HookStatus(
        state=HookState.INSTALLED, path=path, chained=os.path.lexists(kept), changed=True
    )


def demand_room(status: HookStatus) -> None:
    """Refuse when a foreign hook cannot be kept, because another one is kept already.

    Raises:
        InputError: so it is.
    """
    if status.state is HookState.FOREIGN and os.path.lexists(status.path.with_name(_KEPT)):
        raise InputError(
            f"another hook, and the one kept as {_KEPT} as well",
            where=str(status.path),
            expected="at most one of them",
            hint=f"join both into {_KEPT}, remove {_NAME}, and run it again",
        )


def uninstall_hook(project: Project) -> HookStatus:
    """Remove our hook, and put back the one that stood there before; a foreign hook is left alone.

    Raises:
        AigfError: it cannot be removed.
    """
    before = hook_status(project)
    if before.state not in (HookState.INSTALLED, HookState.OUTDATED):
        return before
    kept = before.path.with_name(_KEPT)
    try:
        if os.path.lexists(kept):
            kept.replace(before.path)
            return HookStatus(
                state=HookState.FOREIGN, path=before.path, detail="as it was before", changed=True
            )
        before.path.unlink()
    except OSError as error:
        raise AigfError(f"cannot be removed: {error.strerror}", where=str(before.path)) from None
    return HookStatus(state=HookState.NOT_INSTALLED, path=before.path, changed=True)


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
    return HookStatus(
        state=HookState.ELSEWHERE,
        path=own,
        detail=f"core.hooksPath is {path.parent} ({reason})",
        hint=f'add this line to {own}: aigf hook pre-push "$@" || exit',
    )


def _script(python: str) -> bytes:
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
