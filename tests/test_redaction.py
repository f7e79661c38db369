"""No secret is written or signed; what is not one stays as it is."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError
from aigf_dvc.redaction import (
    Redaction,
    find_secrets,
    find_secrets_in_text,
    redact,
    redact_text,
    redact_url,
    refuse_secrets,
)
from aigf_dvc.secret_forms import is_secret_name
from tests.playground import PACKAGE, run
from tests.redaction_corpus import HARMLESS, LEAKS, Harmless, Leak, Place
from tests.redaction_corpus import TOKENS as CORPUS_TOKENS

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


def redacted(place: Place, text: str) -> str:
    """Return what becomes of a text of the corpus."""
    if place is not Place.PARAMETER:
        return redact_text(text)
    name, _, value = text.partition("=")
    return f"{name}={redact({name: value})[name]}"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: f"{leak.place}: {leak.name}")
def test_a_leak_is_gone_and_what_stands_around_it_stays(leak: Leak) -> None:
    text = redacted(leak.place, leak.text)
    assert [secret for secret in leak.gone if secret in text] == []
    assert [kept for kept in leak.stays if kept not in text] == []
    assert redact_text(text) == text
    assert found(leak.place, leak.text)


@pytest.mark.parametrize("item", HARMLESS, ids=lambda item: f"{item.place}: {item.text[:60]}")
def test_what_only_looks_like_a_leak_does_not_change(item: Harmless) -> None:
    assert redacted(item.place, item.text) == item.text
    assert found(item.place, item.text) == ()


def found(place: Place, text: str) -> tuple[Redaction, ...]:
    if place is not Place.PARAMETER:
        return find_secrets_in_text(text, where="here")
    name, _, value = text.partition("=")
    return find_secrets({name: value}, where="here")


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(LEAKS) >= 80
    assert len(HARMLESS) >= 80
    assert {leak.place for leak in LEAKS} == set(Place)


def test_a_finding_says_the_rule_and_the_place_and_never_the_secret() -> None:
    token = TOKENS["github-token"]
    value: Json = {
        "train": {"note": token, "urls": ["https://u:p@h.org"], "api_key": {"a": "b1"}, token: 1}
    }
    assert find_secrets(value, where="params.yaml:") == (
        Redaction(where="params.yaml:train.note", rule="github-token"),
        Redaction(where="params.yaml:train.urls", rule="user-info"),
        Redaction(where="params.yaml:train.api_key.a", rule="secret-name"),
        Redaction(where="params.yaml:train", rule="github-token"),
    )
    assert find_secrets_in_text("run --token abc https://h.org/x?sig=1", where="stage a") == (
        Redaction(where="stage a", rule="signed-query"),
        Redaction(where="stage a", rule="secret-name"),
    )


def test_the_value_of_a_named_pair_is_redacted() -> None:
    pairs = [{"name": "HF_TOKEN", "value": "abc"}, {"name": "DEPTH", "value": "3"}]
    marked = {"name": "HF_TOKEN", "value": {"$redacted": "secret-name"}}
    assert redact({"env": pairs}) == {"env": [marked, pairs[1]]}


SURROUNDING = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
SECRETS = st.sampled_from(list(CORPUS_TOKENS.values()))


@settings(deadline=None)
@given(before=SURROUNDING, token=SECRETS, after=SURROUNDING)
def test_no_token_is_left_whatever_stands_around_it(before: str, token: str, after: str) -> None:
    text = f"{before} {token} {after}"
    assert token not in redact_text(text)
    assert token not in repr(redact({text: [text]}))


WORD = st.sampled_from(
    ["--token", "TOKEN=", "password", ":", "=", " ", "'", '"', "\\", "://", "@", "?sig=", "&", "a1",
     "\n", "-p", "login", "curl -u", "[redacted:jwt]", "$", "{", "}", "eyJ", "Bearer ",
     "cookie: a=", *CORPUS_TOKENS.values()]
)  # fmt: skip


@settings(deadline=None)
@given(pieces=st.lists(WORD | st.text(max_size=8), max_size=12))
def test_redacting_again_changes_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    once = redact_text(text)
    assert redact_text(once) == once
    value = redact({"a": [text], "password": text, text: 1})
    assert redact(value) == value
    assert (once == text) == (not find_secrets_in_text(text, where="x"))


HARMLESS_WORD = st.sampled_from(
    [word for item in HARMLESS if item.place is Place.COMMAND for word in item.text.split(" ")
     if not is_secret_name(word.lstrip("-")) and ":" not in word and "=" not in word]
)  # fmt: skip


@settings(deadline=None)
@given(words=st.lists(HARMLESS_WORD | st.integers().map(str), max_size=10))
def test_a_text_without_secrets_never_changes(words: list[str]) -> None:
    text = " ".join(words)
    assert redact_text(text) == text


HOSTILE = (
    "a", "a.", "a-", "a1", "aA", "A_", "a/", "--", "'", "\\", "{", "<", "http", "sk-", "hf_", "://",
    "password ", "-----BEGIN ", "-----BEGIN A PRIVATE KEY", "-----BEGIN PRIVATE KEY-----", "eyJ",
    "-eyJ", "eyJaaaaaaaaaaa-", "SG.aaaaaaaaaaaaaaaa.", "token=", "secret=", "secret:0.", "token='",
    'token="', "token: '", "token:a:", "token a/a", 'token:"\\', "token=\\'", 'token\\"',
    "token={{", "token=$a ", "pad_token=", "$token=$a", "://a@", "://a:b/", "?key=", "?a=1&sig=",
    "<a", "curl -u a", "-u a:b ", "login -p a", "login a ", "authorization: ", "x-key:", "bearer ",
    "cookie: a=", "password login a password ", "a_key ", "https://a:b@c/",
)  # fmt: skip
REDACT_ALL = """
import json, sys
from aigf_dvc.errors import AigfError
from aigf_dvc.redaction import redact_text, refuse_secrets
for piece in json.loads(sys.argv[2]):
    text = piece * (int(sys.argv[1]) // len(piece))
    redact_text(text)
    try:
        refuse_secrets(text, where="")
    except AigfError:
        pass
    print(piece.encode())
"""


def searched(pieces: tuple[str, ...], size: int, folder: Path) -> list[str]:
    """Search long texts of each piece in a program that is stopped when it hangs."""
    arguments = [sys.executable, "-c", REDACT_ALL, str(size), json.dumps(pieces)]
    extra = {"PYTHONPATH": str(PACKAGE)}
    return run(arguments, folder, extra=extra).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, len(HOSTILE), 11))
def test_a_long_hostile_text_does_not_make_the_search_start_over_for_ever(
    start: int, tmp_path: Path
) -> None:
    pieces = HOSTILE[start : start + 11]
    assert len(searched(pieces, 100_000, tmp_path)) == len(pieces)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["a", "eyJ", "-----BEGIN A PRIVATE KEY", "?key="])
def test_a_megabyte_of_it_does_not_either(piece: str, tmp_path: Path) -> None:
    assert len(searched((piece,), 1_000_000, tmp_path)) == 1
