"""The only place that runs DVC, as a program: it may live in another environment than ours."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from types import FrameType

from aigf_dvc.errors import InputError
from aigf_dvc.programs.process_end import end_with_children

# A stage runs code that nobody has reviewed yet. Whoever can read these can sign in our name, so
# neither DVC nor a stage ever sees them: tokens for an OIDC identity, signing keys, passphrases.
SIGNING_SECRETS = (
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "AIGF_*KEY*",
    "AIGF_*PASSPHRASE*",
    "AIGF_*PASSWORD*",
    "AIGF_*PIN*",
    "AIGF_*TOKEN*",
    "BUILDKITE_AGENT_*TOKEN",
    "CIRCLE_OIDC_TOKEN*",
    "CI_JOB_JWT*",
    "COSIGN_KEY",
    "COSIGN_PASSWORD",
    "COSIGN_PRIVATE_KEY",
    "COSIGN_PKCS11_PIN",
    "SIGSTORE_IDENTITY_TOKEN",
    "SIGSTORE_ID_TOKEN",
)

_PATIENCE_SECONDS = 10


def without_signing_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what signs."""
    return {
        name: value
        for name, value in environment.items()
        if not any(fnmatchcase(name.upper(), secret) for secret in SIGNING_SECRETS)
    }


def find_dvc() -> str:
    """Return the `dvc` program: from PATH, or from beside our own Python.

    Raises:
        InputError: there is none.
    """
    found = shutil.which("dvc") or shutil.which("dvc", path=str(Path(sys.executable).parent))
    if found is None:
        raise InputError(
            "dvc is not installed",
            expected="`dvc` on the PATH",
            hint="activate the environment that has it, or install it: pip install dvc",
        )
    return found


def run_dvc(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    output: int | None = None,
    on_end: Callable[[], None] | None = None,
    holds: Sequence[int] = (),
) -> int:
    """Run DVC, talking to the terminal directly, and return its exit code.

    Args:
        command: the program, as `find_dvc` returns it, and its arguments.
        folder: where it runs.
        env: its whole environment.
        output: where its standard output goes, such as `subprocess.DEVNULL`; ours by default.
        on_end: called when we are asked to end, before DVC is.
        holds: open files that it inherits, such as the lock of a `RunFolder`.
    """
    with _leaving_interrupts_to_dvc():
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, pass_fds=holds)
        with process:
            code = _wait(process, on_end)
    return code if code >= 0 else 128 - code  # as a shell tells of a death by a signal


def run_dvc_aside(
    program: str, arguments: Sequence[str], *, folder: Path, env: Mapping[str, str]
) -> int:
    """Run DVC with all that it says on standard error, and return its exit code.

    It has a process group of its own: whatever ends us ends it first, with the stage that it runs.
    """
    process = subprocess.Popen(
        [program, *arguments],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=2,
        process_group=0,
    )
    try:
        code = process.wait()
    except BaseException:
        _end_group(process)
        raise
    return code if code >= 0 else 128 - code


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask a program and its children to stop, as Ctrl-C does; then insist."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE_SECONDS)


class EndedError(SystemExit):
    """Somebody asks us to end: uncaught, it does so with the exit code of a death by a signal."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(128 + number)


def _wait(process: subprocess.Popen[bytes], on_end: Callable[[], None] | None) -> int:
    """Return the code of a program; when we are asked to end, it ends first, with its children."""
    try:
        return process.wait()
    except EndedError as ended:
        if on_end is not None:
            on_end()
        end_with_children(process)
        process.wait()
        return -ended.number


@contextmanager
def leaving_in_order() -> Iterator[None]:
    """Let a SIGTERM, as CI systems send it, and a lost terminal unwind what is open: once."""
    with _handling({signal.SIGTERM: _end_once, signal.SIGHUP: _end_once}):
        yield


@contextmanager
def _leaving_interrupts_to_dvc() -> Iterator[None]:
    """Do nothing upon Ctrl-C, which DVC gets too: it decides; we wait, then tell what it did."""
    with leaving_in_order(), _handling({signal.SIGINT: _nothing}):
        yield


@contextmanager
def _handling(
    handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]],
) -> Iterator[None]:
    """Set handlers: what is ignored instead, DVC would ignore too. What was ignored stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in handlers}
    try:
        for number, handler in handlers.items():
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, handler)
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    pass


def _end_once(number: int, _frame: FrameType | None) -> None:
    for other in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise EndedError(number)
