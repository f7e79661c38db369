"""An image is named by its host, its repository and its digest."""

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.images.reference import ImageReference, TagReference, read_reference

HEX = "a" * 64


@pytest.mark.parametrize(
    "host", ["registry.example.com", "127.0.0.1:5000", "localhost", "localhost:5000", "[::1]:5000"]
)
def test_a_digest_names_an_image_and_a_tag_beside_it_says_nothing(host: str) -> None:
    for text in (f"{host}/acme/scorer@sha256:{HEX}", f"{host}/acme/scorer:v1@sha256:{HEX}"):
        found = read_reference(text)
        assert isinstance(found, ImageReference)
        assert str(found) == f"{host}/acme/scorer@sha256:{HEX}"


# As `docker pull` has it: the rule of github.com/distribution/reference, splitDockerDomain.
@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("ubuntu", "docker.io/library/ubuntu"),
        ("library/ubuntu", "docker.io/library/ubuntu"),
        ("docker.io/ubuntu", "docker.io/library/ubuntu"),
        ("docker.io/library/ubuntu", "docker.io/library/ubuntu"),
        ("index.docker.io/ubuntu", "docker.io/library/ubuntu"),
        ("index.docker.io/acme/scorer", "docker.io/acme/scorer"),
        ("acme/scorer", "docker.io/acme/scorer"),
        ("acme/team/scorer", "docker.io/acme/team/scorer"),
        ("foo-bar.com/bar", "foo-bar.com/bar"),
        ("docker.io", "docker.io/library/docker.io"),
        ("localhost/scorer", "localhost/scorer"),
        ("acme:5000/scorer", "acme:5000/scorer"),
        ("Acme/scorer", "Acme/scorer"),
        ("registry-1.docker.io/acme/scorer", "registry-1.docker.io/acme/scorer"),
    ],
)  # fmt: skip
def test_a_name_without_a_host_is_one_of_docker_hub(short: str, whole: str) -> None:
    assert str(read_reference(f"{short}@sha256:{HEX}")) == f"{whole}@sha256:{HEX}"
    found = read_reference(f"{short}:v1")
    assert isinstance(found, TagReference)
    assert f"{found.host}/{found.repository}:{found.tag}" == f"{whole}:v1"


def test_a_tag_or_nothing_is_no_digest() -> None:
    assert read_reference("localhost/a:v1") == TagReference(
        host="localhost", repository="a", tag="v1"
    )
    assert read_reference("a.b/c") == TagReference(host="a.b", repository="c", tag="latest")


@pytest.mark.parametrize(
    "text",
    [
        "", "/", HEX, f"{HEX}:v1", "docker.io/", f"Acme@sha256:{HEX}",
        f"localhost/a@sha256:{HEX[1:]}", f"acme/Scorer@sha256:{HEX}", f"a_b.io/c@sha256:{HEX}",
        f"localhost/A@sha256:{HEX}", f"localhost/a@sha512:{HEX}", f"https://localhost/a@sha256:{HEX}",
        f"u:p@localhost/a@sha256:{HEX}", f"localhost/../a@sha256:{HEX}",
        f"localhost/a@sha256:{HEX}\n", f"localhost/a@sha256:{HEX.upper()}",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="HOST/REPOSITORY@sha256:HEX"):
        read_reference(text)
