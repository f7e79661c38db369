"""Who we are to a registry is found where `docker login` and its helpers leave it."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.stores.oci_credentials import find_credentials

HUB = "https://index.docker.io/v1/"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take the place of the configuration of whoever runs these tests."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for name in ("AIGF_OCI_USERNAME", "AIGF_OCI_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def configure(folder: Path, **config: object) -> None:
    (folder / "config.json").write_text(json.dumps(config))


def login(name: str) -> dict[str, str]:
    return {"auth": b64encode(f"{name}:secret of {name}".encode()).decode()}


def named(host: str) -> str | None:
    found = find_credentials(host)
    assert found is None or found.password == f"secret of {found.username}"
    return found.username if found is not None else None


def test_a_login_is_found_by_its_host_and_no_other(folder: Path) -> None:
    assert named("ghcr.io") is None
    configure(folder, auths={"ghcr.io": login("a"), "ghcr.io.evil.example": login("b")})
    assert named("ghcr.io") == "a"
    assert named("quay.io") is None
    assert named("docker.io") is None


def test_docker_hub_is_found_by_the_key_that_docker_gives_it_before_that_of_podman(
    folder: Path,
) -> None:
    configure(folder, auths={"docker.io": login("podman"), "ghcr.io": login("other")})
    assert named("docker.io") == "podman"
    configure(folder, auths={"docker.io": login("podman"), HUB: login("docker")})
    assert named("docker.io") == "docker"


def test_a_helper_is_asked_for_the_name_that_docker_hub_has(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = folder / "docker-credential-test"
    helper.write_text(
        "#!/bin/sh\nread -r name || :\n"
        f'[ "$name" = {HUB} ] || exit 1\n'
        'printf \'{"Username": "kept", "Secret": "secret of kept"}\'\n'
    )
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    configure(folder, credsStore="test")
    assert named("docker.io") == "kept"
    assert named("ghcr.io") is None
    configure(folder, credHelpers={HUB: "test"}, auths={"ghcr.io": login("a")})
    assert named("docker.io") == "kept"
    assert named("ghcr.io") == "a"


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": {"h.io": {"auth": "!"}}}'])
def test_a_configuration_that_cannot_be_read_is_an_error(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"config\.json"):
        find_credentials("h.io")
