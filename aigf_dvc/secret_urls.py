"""Removes the secrets of a URL: its user, its password, its signed query."""

import re

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.secret_forms import is_harmless_value, is_secret_name

USER_INFO = "user-info"
SIGNED_QUERY = "signed-query"

# Up to the next URL: one can stand inside another.
_URL = lazy_pattern(r"://(?P<authority>[^/?#\s'\"]*)(?P<rest>(?:(?!://)[^\s'\"])*)")
_SCHEME = lazy_pattern(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}\Z")
_LONGEST_SCHEME = 31
_QUERY = lazy_pattern(r"(?P<name>[?&#;][^=&#;?\s]{1,80}=)(?P<value>[^&#\s]*)")
_SIGNATURE_NAME = lazy_pattern(
    r"(?:x-(?:amz|goog)-[a-z-]+|sig|signature|awsaccesskeyid|googleaccessid|key-pair-id|hmac|"
    r"code_verifier|__token__|hdnea)\Z",
    re.IGNORECASE,
)
# These say how long a signature holds and for what: of no use and no harm without one.
_BESIDE_A_SIGNATURE = frozenset({"se", "sp", "sv", "sr", "st", "expires", "policy", "key"})
_KEY_VALUE = lazy_pattern(r"(?=[^0-9]{0,200}[0-9])[A-Za-z0-9_-]{24,}\Z")
_KEEPS_USER = ("ssh", "git+ssh", "sftp")
_WEB = ("http", "https")


def redact_urls(text: str, rules: list[str]) -> str:
    """Return a text with the secrets of its URLs removed; add the rule of each to `rules`."""
    if "://" not in text:
        return _redact_query(text, rules) if "sig=" in text else text
    return _URL.sub(lambda match: _redact_url(match, rules), text)


def _redact_url(match: re.Match[str], rules: list[str]) -> str:
    authority, rest = match["authority"], match["rest"]
    user, at, host = authority.rpartition("@")
    if not at and _is_cut_password(authority) and "@" in rest:  # `user:pa/ss@host`
        end = rest.rfind("@")
        user, at, host, rest = authority + rest[:end], "@", "", rest[end + 1 :]
    kept = _kept_user(match, user) if at else ""
    if at and kept != f"{user}@":
        rules.append(USER_INFO)
    return f"://{kept}{host}{_redact_query(rest, rules)}"


def _is_cut_password(authority: str) -> bool:
    """Tell whether what stands behind the host's colon is no port, so part of a password."""
    _, colon, port = authority.rpartition(":")
    return bool(colon and port) and not port.isdigit() and port[0] not in "${" and port[-1] != "]"


def _kept_user(match: re.Match[str], user: str) -> str:
    """Return the user who may stay: git's over ssh, a container's name, never one of the web's."""
    before = match.string[max(0, match.start() - _LONGEST_SCHEME) : match.start()]
    found = _SCHEME.search(before)
    scheme = found.group().lower() if found else ""
    name, colon, _ = user.partition(":")
    if scheme in _KEEPS_USER:
        return f"{name}@"
    is_web = scheme.rpartition("+")[2] in _WEB
    return "" if is_web or colon else f"{name}@"


def _redact_query(rest: str, rules: list[str]) -> str:
    if "=" not in rest:
        return rest
    pairs = _QUERY.findall(rest)
    signed = any(_SIGNATURE_NAME.match(name[1:-1]) for name, _ in pairs)

    def replaced(pair: re.Match[str]) -> str:
        name, value = pair["name"][1:-1], pair["value"]
        if not value or is_harmless_value(value) or not _is_secret_pair(name, value, signed=signed):
            return pair.group()
        rules.append(SIGNED_QUERY)
        return f"{pair['name']}[redacted:{SIGNED_QUERY}]"

    return _QUERY.sub(replaced, rest)


def _is_secret_pair(name: str, value: str, *, signed: bool) -> bool:
    if _SIGNATURE_NAME.match(name) or is_secret_name(name):
        return True
    if signed and name.lower() in _BESIDE_A_SIGNATURE:
        return True
    return name.lower() in ("key", "code") and _KEY_VALUE.match(value) is not None
