"""Removes secrets from what is written or signed, and tells what was removed and where; pure.

A secret is recognised by the form of a token, by the name of its key, or by its place in a URL or
a command. A value that is nothing but a secret becomes `{"$redacted": "<rule>"}`; inside a longer
text it is replaced by `[redacted:<rule>]`. Users and passwords of URLs are left out.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.secret_forms import has_hint, is_harmless_value, is_secret_name, token, token_kind
from aigf_dvc.secret_text import SECRET_NAME, redact_assignments, redact_headers, redact_logins
from aigf_dvc.secret_urls import redact_urls

# `db_password: hunter2` in a card or a policy: letters and digits mixed, so not a word or a number.
_NAMED_SECRET = lazy_pattern(
    r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key)[\"']?"
    r"[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?![0-9.+-]{1,40}(?:e[+-]?[0-9]{1,4})?(?![^\s,}\"']))"
    r"(?=[^\s\"']{0,100}[0-9])(?=[^\s\"']{0,100}[A-Za-z])[A-Za-z0-9+/=_.!@#%^&*~-]{8,}",
    re.IGNORECASE,
)
_OUR_MARK = {"$redacted"}
_RULE = lazy_pattern(r"[a-z]{2,20}(?:-[a-z]{2,20}){0,3}\Z")


class Redaction(Struct, frozen=True, kw_only=True, order=True):
    """One value that was taken out: by which rule, and where it stood; never the value itself."""

    where: str
    rule: str


def redact(value: Json, *, name: str = "") -> Json:
    """Return a value without its secrets.

    Args:
        value: plain JSON types.
        name: the key under which it stands; a secret-looking one redacts what is below it.
    """
    return _redact(value, name, "", [])


def find_secrets(value: Json, *, where: str, name: str = "") -> tuple[Redaction, ...]:
    """Return what `redact` takes out of a value.

    Args:
        value: plain JSON types.
        where: its place; that of a value below it has the keys added.
        name: as for `redact`.
    """
    found: list[Redaction] = []
    _redact(value, name, where, found)
    return tuple(found)


def _redact(value: Json, name: str, where: str, found: list[Redaction]) -> Json:
    if isinstance(value, str):
        return _redact_string(value, name, where, found)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _marked(where, found) if name and is_secret_name(name) else value
    if isinstance(value, Mapping):
        return _redact_mapping(value, name, where, found)
    return [_redact(item, name, where, found) for item in value]


def _redact_string(value: str, name: str, where: str, found: list[Redaction]) -> Json:
    if not (name and value and is_secret_name(name)):
        return _redact_text(value, where, found)
    if is_harmless_value(value) and _redact_text(value, "", []) == value:
        return value
    return _marked(where, found)


def _redact_mapping(
    value: Mapping[str, Json], name: str, where: str, found: list[Redaction]
) -> Json:
    if value.keys() == _OUR_MARK and _is_rule(value["$redacted"]):
        return dict(value)
    inherited = name if name and is_secret_name(name) else ""
    named = value.get("name", value.get("key")) if "value" in value else None
    of_value = named if isinstance(named, str) else ""  # `{name: API_KEY, value: ...}`
    redacted: dict[str, Json] = {}
    for key, item in value.items():
        safe = _redact_text(key, where, found)
        below = inherited or (of_value if key == "value" else "") or key
        redacted[safe] = _redact(item, below, _below(where, safe) if where else "", found)
    return redacted


def _is_rule(value: Json) -> bool:
    return isinstance(value, str) and _RULE.match(value) is not None


def _below(where: str, key: str) -> str:
    return f"{where}{key}" if where.endswith(":") else f"{where}.{key}"


def _marked(where: str, found: list[Redaction]) -> Json:
    found.append(Redaction(where=where, rule=SECRET_NAME))
    return {"$redacted": SECRET_NAME}


def redact_text(text: str) -> str:
    """Return a text with the tokens, secret options and URL credentials in it replaced."""
    return _redact_text(text, "", [])


def find_secrets_in_text(text: str, *, where: str) -> tuple[Redaction, ...]:
    """Return what `redact_text` takes out of a text."""
    found: list[Redaction] = []
    _redact_text(text, where, found)
    return tuple(found)


def redact_url(url: str) -> str:
    """Return a URL without password, token user, signed query parameters or tokens."""
    rules: list[str] = []
    return _redact_tokens(redact_urls(url, rules), rules)


def has_url_secret(text: str) -> bool:
    """Tell whether `redact_url` would take something out of an address in a text."""
    rules: list[str] = []
    _redact_tokens(redact_urls(text, rules), rules)
    return bool(rules)


def _redact_tokens(text: str, rules: list[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        rules.append(token_kind(match))
        return f"[redacted:{rules[-1]}]"

    return token().sub(replaced, text)


_STEPS = (redact_urls, _redact_tokens, redact_headers, redact_logins, redact_assignments)
_MOST_ROUNDS = 5  # what is taken out can bare what stood beside it


def _redact_text(text: str, where: str, found: list[Redaction]) -> str:
    if not has_hint(text):
        return text
    rules: list[str] = []
    for _ in range(_MOST_ROUNDS):
        before = text
        for step in _STEPS:
            text = step(text, rules)
        if text == before:
            break
    found.extend(Redaction(where=where, rule=rule) for rule in rules)
    return text


def refuse_secrets(text: str, *, where: str) -> None:
    """Refuse to go on with a text that still holds a secret: what is signed is public for ever.

    Raises:
        RefusedError: names the kind of token, never the token.
    """
    plain = text.replace("\0", "")  # the ASCII of UTF-16
    match = token().search(plain)
    kind = token_kind(match) if match else ""
    if match is None and _NAMED_SECRET.search(plain):
        kind = SECRET_NAME
    if kind:
        raise RefusedError(
            f"it holds what looks like a secret ({kind})",
            where=where,
            expected="no secrets in what is signed",
            hint="remove it from the model card, parameters, commands or documents, and revoke it",
        )
