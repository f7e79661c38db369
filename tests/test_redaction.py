"""No secret is written or signed; what is not one stays as it is."""

import sys
from pathlib import Path

import pytest

from aigf_dvc.errors import RefusedError
from aigf_dvc.redaction import redact, redact_text, redact_url, refuse_secrets
from tests.playground import PACKAGE, run

TOKENS = {
    "github-token": "ghp_" + "A1b2" * 9,
    "gitlab-token": "glpat-" + "a1B2" * 5,
    "aws-access-key": "AKIA" + "ABCD" * 4,
    "slack-token": "xoxb-" + "1234567890",
    "openai-key": "sk-proj-" + "a1B2" * 6,
    "hugging-face-token": "hf_" + "a1B2" * 9,
    "google-key": "AIza" + "a1B2c" * 7,
    "npm-token": "npm_" + "a1B2" * 9,
    "pypi-token": "pypi-" + "a1B2" * 14,
    "jwt": "eyJ" + "a" * 12 + ".eyJ" + "b" * 12 + ".c2ln",
    "private-key": "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----",
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_is_replaced_wherever_it_stands(kind: str) -> None:
    token = TOKENS[kind]
    assert redact_text(f"run --with {token} now") == f"run --with [redacted:{kind}] now"
    assert token not in str(redact({"a": [{"b": token}], token: 1}))
    with pytest.raises(RefusedError, match=kind) as error:
        refuse_secrets(f"x {token} y", where="the card")
    assert token not in str(error.value) + error.value.hint


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "API_KEY", "api-key", "train.api_key", "secret", "client_secret",
     "auth", "aws_secret_access_key", "dbPassword", "clientSecret", "accessToken", "WANDB_API_KEY"],
)  # fmt: skip
def test_a_value_under_a_secret_name_is_redacted_however_deep(name: str) -> None:
    marked = {"$redacted": "secret-name"}
    assert redact({name: "hunter2"}) == {name: marked}
    assert redact({name: ["hunter2"]}) == {name: [marked]}
    assert redact({name: {"value": "hunter2", "deep": [{"x": "hunter2"}]}}) == {
        name: {"value": marked, "deep": [{"x": marked}]}
    }
    assert redact({name: 12345}) == {name: marked}


@pytest.mark.parametrize(
    "name", ["max_tokens", "tokenizer", "author", "keyboard", "secretary", "n_keys"]
)
def test_a_name_that_only_resembles_one_is_kept(name: str) -> None:
    assert redact({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("run --api-key=abc x", "run --api-key=[redacted:secret-name] x"),
        ("run --token abc x", "run --token [redacted:secret-name] x"),
        ("WANDB_API_KEY=abc run", "WANDB_API_KEY=[redacted:secret-name] run"),
        ("run --password 'a b'", "run --password [redacted:secret-name]"),
        (
            'curl -H "Authorization: Bearer abc.def" x',
            'curl -H "Authorization: [redacted:secret-name]" x',
        ),
        ("python train.py --depth 3", "python train.py --depth 3"),
        ("count the token of each line", "count the token of each line"),
    ],
)
def test_secret_options_of_a_command_are_redacted(command: str, expected: str) -> None:
    assert redact_text(command) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:p@h.org/x", "https://h.org/x"),
        ("https://token@h.org/x", "https://h.org/x"),
        ("https://a@b@h.org/x", "https://h.org/x"),
        ("HTTPS://u:p@h.org", "HTTPS://h.org"),
        ("ssh://git:pw@h.org/x", "ssh://git@h.org/x"),
        ("https://h.org/x?a=1&sig=abc&b=2", "https://h.org/x?a=1&sig=[redacted:signed-query]&b=2"),
        ("s3://b/x?X-Amz-Signature=abc", "s3://b/x?X-Amz-Signature=[redacted:signed-query]"),
        ("https://h.org/x#frag", "https://h.org/x#frag"),
        (
            "https://h.org/x?private_token=a1",
            "https://h.org/x?private_token=[redacted:signed-query]",
        ),
        ("https://h.org/x#api_key=a1", "https://h.org/x#api_key=[redacted:signed-query]"),
        ("plain text", "plain text"),
    ],
)
def test_credentials_in_urls_are_removed(url: str, expected: str) -> None:
    assert redact_url(url) == expected
    assert redact_text(f"get {url} now") == f"get {expected} now"


def test_numbers_truth_and_nothing_are_kept() -> None:
    value = {"a": 1, "b": True, "c": None, "d": [1.5], "e": ""}
    assert redact(value) == value
    assert redact({"password": ""}) == {"password": ""}
    assert redact({"token": True, "auth": None}) == {"token": True, "auth": None}


@pytest.mark.parametrize(
    "text",
    [
        "---\ndb_password: hunter2hunter2\n---\n",
        '{"client_secret": "a1b2c3d4e5"}',
        "API-KEY = 'a1b2c3d4e5'",
        ("ghp_" + "A1b2" * 9).encode("utf-16").decode("latin-1"),
    ],
)
def test_a_secret_by_its_name_or_in_utf_16_is_not_signed(text: str) -> None:
    with pytest.raises(RefusedError, match="looks like a secret"):
        refuse_secrets(text, where="the card")


@pytest.mark.parametrize(
    "text",
    [
        "password: ask the owner",
        "password: ${DB_PASSWORD_2}",
        '"secret":0.1234567e-05,',
        '"secret":12345678901,',
        '"api_key":{"$redacted":"secret-name"}',
        "--api-key=[redacted:secret-name] x1",
        "secret: responsibly-kept",
        "token: model_v2_final_2026",
        "the secret: see section4",
    ],
)
def test_what_only_stands_beside_such_a_name_is_kept(text: str) -> None:
    refuse_secrets(text, where="the card")


def test_a_digest_is_not_taken_for_a_secret() -> None:
    text = "0123456789abcdef" * 4
    assert redact_text(text) == text
    refuse_secrets(text * 100, where="x")


HOSTILE = ("a", "a.", "a-", "://", "password ", "--", "-----BEGIN ", "eyJ", "eyJaaaaaaaaaaa-",
           "-----BEGIN PRIVATE KEY-----", "token=", "secret=", "secret:0.", "a1")  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_does_not_make_the_search_start_over_for_ever(
    piece: str, tmp_path: Path
) -> None:
    program = (
        "import sys; from aigf_dvc.redaction import redact_text, refuse_secrets; "
        "text = sys.stdin.read(); redact_text(text)\n"
        "try:\n    refuse_secrets(text, where='')\nexcept Exception:\n    pass\n"
    )
    text = piece * (200_000 // len(piece))
    extra = {"PYTHONPATH": str(PACKAGE)}
    assert run([sys.executable, "-c", program], tmp_path, stdin=text, extra=extra).stdout == ""
