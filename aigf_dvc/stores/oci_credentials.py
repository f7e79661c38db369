"""Who we are to an OCI registry: from the environment, or as `docker login` left it."""

import json
import os
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from msgspec import Struct

from aigf_dvc.errors import InputError

_SECONDS = 30
# Of all registries Docker Hub alone is kept under another name; the second is Podman's.
_KEYS = {"docker.io": ("https://index.docker.io/v1/", "docker.io")}


class Credentials(Struct, frozen=True, kw_only=True):
    """A name and its password or token."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Keep the password out of logs."""
        return f"Credentials(username={self.username!r})"

    def basic(self) -> str:
        """Return the value of an Authorization header."""
        return "Basic " + b64encode(f"{self.username}:{self.password}".encode()).decode()


def find_credentials(host: str) -> Credentials | None:
    """Return who we are to a registry, or None: nobody.

    AIGF_OCI_USERNAME and AIGF_OCI_PASSWORD come first, then Docker's configuration with its
    credential helpers.

    Raises:
        InputError: Docker's configuration cannot be read, or a helper fails.
    """
    name, password = os.environ.get("AIGF_OCI_USERNAME"), os.environ.get("AIGF_OCI_PASSWORD")
    if name and password:
        return Credentials(username=name, password=password)
    folder = os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    path = Path(folder) / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        raise InputError("cannot be read", where=str(path), expected="JSON") from None
    if not isinstance(config, dict):
        raise InputError("no JSON object", where=str(path), expected="Docker's configuration")
    return _from_config(config, host, path)


def _from_config(config: dict[str, Any], host: str, path: Path) -> Credentials | None:  # Any: JSON
    for key in _KEYS.get(host, (host,)):
        helper = _mapping(config, "credHelpers").get(key) or config.get("credsStore")
        if isinstance(helper, str) and helper:
            found = _from_helper(helper, key)
        else:
            found = _from_entry(_mapping(config, "auths").get(key), f"{path}: auths.{key}", host)
        if found is not None:
            return found
    return None


def _from_entry(entry: object, where: str, host: str) -> Credentials | None:
    text = entry.get("auth") if isinstance(entry, dict) else None
    if not isinstance(text, str):
        return None
    try:
        decoded = b64decode(text, validate=True).decode()
    except ValueError:
        decoded = ""
    name, colon, password = decoded.partition(":")
    if not colon:
        raise InputError("a damaged `auth`", where=where, hint=f"`docker login {host}` again")
    return Credentials(username=name, password=password)


def _mapping(config: dict[str, Any], key: str) -> dict[str, Any]:  # Any: JSON
    value = config.get(key)
    return value if isinstance(value, dict) else {}


def _from_helper(helper: str, host: str) -> Credentials | None:
    if not helper.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"the helper {helper!r:.60}", expected="a plain name")
    try:
        run = subprocess.run(
            [f"docker-credential-{helper}", "get"], input=host.encode(), capture_output=True,
            check=False, timeout=_SECONDS,
        )  # fmt: skip
        said = json.loads(run.stdout) if run.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise InputError("the helper failed", where=f"docker-credential-{helper}") from None
    name, password = said.get("Username"), said.get("Secret")
    if not (isinstance(name, str) and isinstance(password, str)):
        return None
    return Credentials(username=name, password=password)
