"""Looks at the programs that governance needs: ourselves, git and DVC."""

import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata

from aigf_dvc.errors import UndecidedError
from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.programs.dvc_program import find_dvc, without_signing_secrets
from aigf_dvc.report.doctor_text import Health, Line
from aigf_dvc.shipped import version

_GIT = (2, 26)  # `git config --show-scope`
_DVC = (3, 50)
_SIGSTORE = (4, 2)  # CVE-2026-24408
_SECONDS = 60
_NUMBER = lazy_pattern(r"(\d+)\.(\d+)[\w.+-]*")


def look_at_ourselves() -> Iterator[Line]:
    """Say which aigf and Python run, whether `aigf` is on PATH, and whether sigstore is there."""
    text = f"aigf {version()}, Python {platform.python_version()}"
    if shutil.which("aigf") is None:
        yield Line(
            health=Health.WARNING, subject="aigf", text=f"{text}; `aigf` is not on the PATH",
            fix="activate its environment: the stage `governance`, husky, lefthook and pre-commit "
            "call it by that name",
        )  # fmt: skip
    else:
        yield Line(health=Health.OK, subject="aigf", text=text)
    try:
        found = metadata.version("sigstore")  # importing it takes half a second
    except metadata.PackageNotFoundError:
        yield Line(
            health=Health.PROBLEM, subject="sigstore", text="it is not installed",
            fix="pip install --upgrade aigf-dvc",
        )  # fmt: skip
    else:
        yield _at_least("sigstore", found, _SIGSTORE, "pip install --upgrade sigstore")


def look_at_git() -> Iterator[Line]:
    """Say which git runs."""
    yield _at_least("git", program.git_version(), _GIT, "install a newer git")


def look_at_dvc() -> Iterator[Line]:
    """Say which DVC is on PATH."""
    path = find_dvc()
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=_SECONDS, env=without_signing_secrets(program.environment()),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UndecidedError(
            f"it does not start: {type(error).__name__}",
            where=path,
            hint="pip install --upgrade dvc",
        ) from None
    said = done.stdout.decode(errors="replace")
    if done.returncode:
        raise UndecidedError(
            f"`dvc --version` ended with {done.returncode}", where=path,
            hint="pip install --upgrade dvc",
        )  # fmt: skip
    yield _at_least("dvc", said, _DVC, "pip install --upgrade dvc")


def _at_least(name: str, said: str, oldest: tuple[int, int], fix: str) -> Line:
    """Return a line for a version: a problem when it is too old, or is none."""
    match = _NUMBER.search(said)
    needed = f"{oldest[0]}.{oldest[1]}"
    if match is None:
        text = f"its version cannot be read; {needed} or newer is needed"
        return Line(health=Health.WARNING, subject=name, text=text, fix=fix)
    if (int(match[1]), int(match[2])) < oldest:
        text = f"{match[0]} is too old: {needed} or newer is needed"
        return Line(health=Health.PROBLEM, subject=name, text=text, fix=fix)
    return Line(health=Health.OK, subject=name, text=match[0])
