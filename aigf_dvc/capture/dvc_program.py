"""The only place that runs DVC, as a program: it may live in another environment than ours."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from aigf_dvc.errors import InputError

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
    program: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    output: int | None = None,
) -> int:
    """Run DVC, talking to the terminal directly, and return its exit code.

    Args:
        program: as `find_dvc` returns it.
        arguments: DVC's own.
        folder: where it runs.
        env: its whole environment.
        output: where its standard output goes, such as `subprocess.DEVNULL`; ours by default.
    """
    process = subprocess.Popen([program, *arguments], cwd=folder, env=env, stdout=output)
    with process, _leaving_interrupts_to_dvc():
        code = process.wait()
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


@contextmanager
def _leaving_interrupts_to_dvc() -> Iterator[None]:
    """Ignore Ctrl-C, which DVC gets too: it decides; we wait, then tell what was observed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
