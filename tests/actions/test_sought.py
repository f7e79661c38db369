"""What a person writes names data in one way: a digest, a URI, an etag or a path."""

import pytest

from aigf_dvc.actions.sought import read_sought
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.impact import Sought
from tests.playground import Playground

MD5, SHA256 = "0a" * 16, "0b" * 32


def sought(playground: Playground, text: str, folder: str = "") -> Sought:
    return read_sought(text, project=playground.project, start=playground.root / folder)


@pytest.mark.parametrize("text", [MD5, f"md5:{MD5}", f"{MD5}.dir", MD5.upper()])
def test_an_md5_may_be_a_file_a_directory_or_an_etag(playground: Playground, text: str) -> None:
    assert sought(playground, text).values == {MD5, f"{MD5}.dir", f'"{MD5}"'}


def test_a_sha256_is_one_with_or_without_its_name(playground: Playground) -> None:
    assert (
        sought(playground, SHA256).sha256 == sought(playground, f"sha256:{SHA256}").sha256 == SHA256
    )


def test_credentials_in_a_uri_are_not_repeated(playground: Playground) -> None:
    found = sought(playground, "https://jane:hunter2@example.com/raw.csv")
    assert found.uri == found.text == "https://example.com/raw.csv"


def test_a_path_is_relative_to_where_one_stands(playground: Playground) -> None:
    assert sought(playground, "raw.csv", "data").path == "data/raw.csv"
    assert sought(playground, "../src/train.sh", "data").path == "src/train.sh"
    assert sought(playground, str(playground.root / "data/raw.csv")).path == "data/raw.csv"
    assert sought(playground, "/mnt/data/x.csv").path == "/mnt/data/x.csv"
    assert sought(playground, "../shared.csv").path == "../shared.csv"


def test_what_is_nothing_else_may_be_an_etag_too(playground: Playground) -> None:
    assert sought(playground, "abc-5").values == {"abc-5", '"abc-5"'}
    assert sought(playground, 'etag:"abc-5"').values == {"abc-5", '"abc-5"'}
    assert sought(playground, "etag:abc").path is None


def test_nothing_is_refused(playground: Playground) -> None:
    with pytest.raises(InputError, match="a path, an MD5"):
        sought(playground, " ")
