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


def test_a_tag_or_nothing_is_no_digest() -> None:
    assert read_reference("localhost/a:v1") == TagReference(
        host="localhost", repository="a", tag="v1"
    )
    assert read_reference("a.b/c") == TagReference(host="a.b", repository="c", tag="latest")


@pytest.mark.parametrize(
    "text",
    [
        "", "scorer", f"acme/scorer@sha256:{HEX}", f"localhost/a@sha256:{HEX[1:]}",
        f"localhost/A@sha256:{HEX}", f"localhost/a@sha512:{HEX}", f"https://localhost/a@sha256:{HEX}",
        f"u:p@localhost/a@sha256:{HEX}", f"localhost/../a@sha256:{HEX}",
        f"localhost/a@sha256:{HEX}\n", f"localhost/a@sha256:{HEX.upper()}",
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="HOST/REPOSITORY@sha256:HEX"):
        read_reference(text)
