"""Removes secrets from what is written or signed; pure functions.

A secret is recognised by the form of a token, by the name of its key, or by its place in a URL.
A value that is nothing but a secret becomes `{"$redacted": "<rule>"}`; inside a longer text it is
replaced by `[redacted:<rule>]`.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError

# Token forms as their issuers document them, each with few false alarms on hexadecimal digests.
# Repetitions that a hostile text could make the search retry from every place are bounded.
_TOKENS = {
    "private-key": (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    ),
    "github-token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "gitlab-token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "aws-access-key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "slack-token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "openai-key": r"\bsk-[A-Za-z0-9_-]{20,}",
    "hugging-face-token": r"\bhf_[A-Za-z0-9]{30,}",
    "google-key": r"\bAIza[0-9A-Za-z_-]{35}",
    "npm-token": r"\bnpm_[A-Za-z0-9]{36}",
    "pypi-token": r"\bpypi-[A-Za-z0-9_-]{50,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+",
}
_TOKEN = re.compile(
    "|".join(f"(?P<{name.replace('-', '_')}>{form})" for name, form in _TOKENS.items()), re.ASCII
)

_NAMES = (
    r"(?:[A-Za-z0-9_.-]{0,40}[_.-])?(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|"
    r"private[_-]?key|credential|credentials|auth)"
)
_SECRET_KEY = re.compile(rf"(?:.*[_.-])?{_NAMES}\Z", re.IGNORECASE | re.DOTALL)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # dbPassword
_HEADER = re.compile(
    r"(?P<name>\bauthorization:\s*)(?:(?:bearer|basic|token)\s+)?[^\s'\"]+", re.IGNORECASE
)
# `--api-key=VALUE`, `--token VALUE`, `WANDB_API_KEY=VALUE` in a command.
_ASSIGNMENT = re.compile(
    rf"(?<![A-Za-z0-9])(?P<name>{_NAMES})(?P<sign>=|\s+|:\s*)(?P<value>'[^']*'|\"[^\"]*\"|[^\s'\"-][^\s'\"]*)",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{0,30}://)(?P<authority>[^/?#\s'\"]*)(?P<rest>[^\s'\"]*)"
)
_SIGNED_QUERY = re.compile(
    r"(?P<name>[?&#](?:X-Amz-[A-Za-z-]+|sig|signature|se|sp|sv|Expires|"
    rf"AWSAccessKeyId|GoogleAccessId|key|{_NAMES})=)[^&#\s]*",
    re.IGNORECASE,
)
# `db_password: hunter2` in a card or a policy: letters and digits mixed, so not a word or a number.
_NAMED_SECRET = re.compile(
    r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key)[\"']?"
    r"[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?![0-9.+-]{1,40}(?:e[+-]?[0-9]{1,4})?(?![^\s,}\"']))"
    r"(?=[^\s\"']{0,100}[0-9])(?=[^\s\"']{0,100}[A-Za-z])[A-Za-z0-9+/=_.!@#%^&*~-]{8,}",
    re.IGNORECASE,
)
_KEEPS_USER = ("ssh://", "git+ssh://", "sftp://")


def redact(value: Json, *, name: str = "") -> Json:
    """Return a value without its secrets.

    Args:
        value: plain JSON types.
        name: the key under which it stands; a secret-looking one redacts what is below it.
    """
    secret = _is_secret_name(name)
    match value:
        case Mapping():
            inherited = name if secret else ""
            return {
                _redact_tokens(key): redact(item, name=inherited or key)
                for key, item in value.items()
            }
        case str() if not (secret and value):
            return redact_text(value)
        case str() | int() | float() | Decimal() if secret and not isinstance(value, bool):
            return {"$redacted": "secret-name"}
        case Sequence():
            return [redact(item, name=name) for item in value]
        case _:
            return value


def redact_text(text: str) -> str:
    """Return a text with the tokens, secret options and URL credentials in it replaced."""
    text = _URL.sub(lambda m: redact_url(m.group()), text)
    text = _redact_tokens(text)
    text = _HEADER.sub(lambda m: f"{m['name']}[redacted:secret-name]", text)
    return _ASSIGNMENT.sub(_redact_assignment, text)


def _is_secret_name(name: str) -> bool:
    return _SECRET_KEY.match(_HUMP.sub("_", name)) is not None


def _redact_tokens(text: str) -> str:
    return _TOKEN.sub(lambda m: f"[redacted:{str(m.lastgroup).replace('_', '-')}]", text)


def _redact_assignment(match: re.Match[str]) -> str:
    is_option = match["name"].startswith("-") or match["sign"] == "="
    if not is_option or "[redacted:" in match["value"]:
        return match.group()
    return f"{match['name']}{match['sign']}[redacted:secret-name]"


def redact_url(url: str) -> str:
    """Return a URL without password, token user or signed query parameters."""
    match = _URL.match(url)
    if match is None:
        return url
    user, at, host = match["authority"].rpartition("@")
    scheme = match["scheme"]
    kept = f"{user.partition(':')[0]}@" if at and scheme.lower() in _KEEPS_USER else ""
    rest = _SIGNED_QUERY.sub(lambda m: f"{m['name']}[redacted:signed-query]", match["rest"])
    return f"{scheme}{kept}{host}{rest}"


def refuse_secrets(text: str, *, where: str) -> None:
    """Refuse to go on with a text that still holds a secret: what is signed is public for ever.

    Raises:
        RefusedError: names the kind of token, never the token.
    """
    plain = text.replace("\0", "")  # the ASCII of UTF-16
    match = _TOKEN.search(plain)
    kind = str(match.lastgroup).replace("_", "-") if match else ""
    if match is None and _NAMED_SECRET.search(plain):
        kind = "secret-name"
    if kind:
        raise RefusedError(
            f"it holds what looks like a secret ({kind})",
            where=where,
            expected="no secrets in what is signed",
            hint="remove it from the model card, parameters, commands or documents, and revoke it",
        )
