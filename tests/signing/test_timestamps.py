import pytest

from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.signing.timestamps import MAX_BYTES, request_timestamp
from tests.signing.own_pki import timestamp_server


def test_an_authority_that_is_not_there_leaves_it_undecided() -> None:
    with pytest.raises(UndecidedError, match="did not answer"):
        request_timestamp(b"signature", "http://127.0.0.1:9/tsa")


@pytest.mark.parametrize("answer", [b"", b"<html>", b"0" * (MAX_BYTES + 1)])
def test_an_answer_that_is_no_timestamp_leaves_it_undecided(answer: bytes) -> None:
    with (
        timestamp_server(lambda _query: answer) as url,
        pytest.raises(UndecidedError, match="is no timestamp"),
    ):
        request_timestamp(b"signature", url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x", "tsa.example"])
def test_only_http_is_asked(url: str) -> None:
    with pytest.raises(InputError, match="an http or https URL"):
        request_timestamp(b"signature", url)


def test_a_password_in_the_url_is_not_told() -> None:
    with pytest.raises(UndecidedError) as refused:
        request_timestamp(b"signature", "http://jane:s3cret@127.0.0.1:9/tsa")
    assert "s3cret" not in str(refused.value)
