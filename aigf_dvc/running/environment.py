"""Describes the environment that stages run in: their Python and its packages, never our own.

No environment variables, no host or user names, no absolute paths.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.canonical import Json, loads
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

_TIMEOUT_SECONDS = 60
_LOCK_FILES = (
    "conda-lock.yml", "pdm.lock", "Pipfile.lock", "poetry.lock", "pylock.toml", "pylock.*.toml",
    "requirements*.lock", "requirements*.txt", "uv.lock",
)  # fmt: skip

# Runs in the stage's Python, of any version since 3.6. The packages are those that a stage can
# import: -I leaves PYTHONPATH and the user's own folder out, so they are put back. Reading the
# folder names takes a sixth of the time of importlib.metadata. The RECORD files list the digest of
# every installed file; they make one digest, as each differs from one folder to the next anyway
# (scripts name their Python), and 115 of them fill 11 KiB.
_PROBE = """
import hashlib, json, os, platform, re, site, sys
folders = os.environ.get("PYTHONPATH", "").split(os.pathsep) + sys.path
if sys.prefix == sys.base_prefix and not os.environ.get("PYTHONNOUSERSITE"):
    folders.append(site.getusersitepackages())
found = {}
for folder in folders:
    if not folder or not os.path.isdir(folder):
        continue
    for entry in sorted(os.listdir(folder)):
        match = re.match(r"(.+?)-([^-]+)(?:-py[0-9.]+)?[.](dist|egg)-info$", entry)
        if match is None:
            continue
        name = re.sub(r"[-_.]+", "-", match.group(1)).lower()
        found.setdefault(name, (match.group(2), os.path.join(folder, entry, "RECORD")))
digest = hashlib.sha256()
for name, (version, path) in sorted(found.items()):
    try:
        with open(path, "rb") as record:
            content = hashlib.sha256(record.read()).hexdigest()
    except OSError:
        content = "-"
    digest.update("{}  {}=={}\\n".format(content, name, version).encode())
print(json.dumps({
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "packages": {name: version for name, (version, _) in found.items()},
    "packagesDigest": {"sha256": digest.hexdigest()},
}))
"""


def capture_environment(
    root: Path,
    variables: Mapping[str, str],
    *,
    container_image: Json = None,
    proc: Path = Path("/proc"),
) -> Mapping[str, Json]:
    """Return what a project's stages run in, as plain JSON; what is not known is null.

    Args:
        root: the project's folder.
        variables: the environment variables of the stages; PATH finds their Python.
        container_image: as `stated_image` returns it.
        proc: where the system tells about itself.
    """
    return {
        "python": _python(root, variables),
        "lockFiles": _lock_files(root),
        "system": {
            "name": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "distribution": _distribution(),
            "libc": _libc(),
        },
        "cpu": {"model": _first_match(proc / "cpuinfo", _CPU_MODEL), "count": os.cpu_count()},
        "containerImage": container_image,
        "gpuDriver": _first_match(proc / "driver/nvidia/version", _GPU_DRIVER),
    }


def stated_image(text: str) -> Json:
    """Return a container image as a record holds it: nothing in a container tells its image.

    Args:
        text: what the caller states: `REFERENCE@sha256:HEX`.

    Raises:
        InputError: the image is not named by its digest.
    """
    match = _IMAGE.match(text)
    if match is None:
        raise InputError(
            f"{text!r:.100}",
            where="the container image",
            expected="REFERENCE@sha256:HEX: a tag may name another image tomorrow",
        )
    return {"statedByCaller": True, "name": match[1], "digest": {"sha256": match[2]}}


_IMAGE = lazy_pattern(r"([\w.:/-]{1,512})@sha256:([0-9a-f]{64})\Z", re.ASCII)
_CPU_MODEL = lazy_pattern(r"^model name\s*:\s*(.+?)\s*$", re.MULTILINE)
_GPU_DRIVER = lazy_pattern(
    r"^NVRM version:.*?Kernel Module.*?\s([0-9]+(?:\.[0-9]+)+)\s", re.MULTILINE
)


def _python(root: Path, variables: Mapping[str, str]) -> Json:
    path = variables.get("PATH", os.defpath)
    program = shutil.which("python", path=path) or shutil.which("python3", path=path)
    if program is None:
        return None
    try:
        outcome = subprocess.run(
            [program, "-I", "-c", _PROBE],
            cwd=root,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
        return loads(outcome.stdout, where=program) if outcome.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, UndecidedError):
        return None


def _lock_files(root: Path) -> dict[str, Json]:
    found = {path for pattern in _LOCK_FILES for path in root.glob(pattern) if path.is_file()}
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(found)}


def _distribution() -> Json:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return platform.mac_ver()[0] or None
    return f"{release['ID']} {release.get('VERSION_ID', '')}".strip()


def _libc() -> Json:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (OSError, ValueError, AttributeError):
        return None


def _first_match(file: Path, pattern: re.Pattern[str]) -> Json:
    try:
        match = pattern.search(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return match[1] if match else None
