"""Removes the secrets of a command or another text: options, variables, headers, logins."""

import re

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.secret_forms import is_harmless_value, is_secret_name

SECRET_NAME = "secret-name"  # noqa: S105  # the rule's name
LOGIN = "login"
_MARK = f"[redacted:{SECRET_NAME}]"

# Quoted, with what the shell would join to it; or up to the next blank or quote.
_VALUE = lazy_pattern(
    r"(?:'(?:[^']|'\\'')*'|\"(?:[^\"\\]|\\.)*\"|[\"']?(?:[^\s'\"\\]|\\[^\n])+)"
    r"(?:[^\s'\"\\,}\])]|\\[^\n])*",
    re.DOTALL,
)
_PEEK = 512  # characters; a longer value is no harmless one
_JUDGED = lazy_pattern(
    r"'[^']{0,512}'|\"[^\"]{0,512}\"|\$?\{\{[^{}\n]{0,80}\}\}|\\{0,3}[\"']?[^\s'\"]{1,512}"
)

# A word that ends a secret name, and what may stand between name and value.
_ASSIGNED = lazy_pattern(
    r"(?:passw(?:or)?ds?|passphrase|passcode|pass|pwd|secrets?|token|bearer|credentials?|creds?|auth|"
    r"keys?|conn(?:ection)?_?str(?:ing)?|webhook_?url)"
    r"(?P<close>\\{0,3}[\"']?\]?)(?P<sign>[ \t]{0,4}[:=]{1,2}>?[ \t]{0,4}|[ \t]{1,4})(?=[^\s&;|])",
    re.IGNORECASE,
)
_NAME_BEFORE = lazy_pattern(r"[A-Za-z0-9_.-]*\Z")
_LONGEST_NAME = 60
_NETRC = lazy_pattern(r"\blogin[ \t]{1,4}\S{1,80}[ \t\n]{1,4}\Z")
_MIXED = lazy_pattern(r"(?=[^0-9]{0,100}[0-9])(?=[^A-Za-z]{0,100}[A-Za-z])[^\s,;]{6,}")
_LONG_MIXED = lazy_pattern(
    r"(?=[^0-9\s]{0,100}[0-9])(?=[^A-Za-z\s]{0,100}[A-Za-z])[A-Za-z0-9_+/=-]{16,}(?!\S)"
)

_HEADER = lazy_pattern(
    r"(?P<name>(?:authorization|[a-z-]{0,30}-(?:key|token|secret|auth)|api[_-]?key)"
    r"[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?)"
    r"(?:(?:bearer|basic|token|digest|apikey|negotiate)[ \t]{1,4})?(?P<value>[^\s'\"\\]+)",
    re.IGNORECASE,
)
_COOKIE = lazy_pattern(
    r"(?P<name>\bcookie:[ \t]{0,4})(?P<value>[^\s'\"=;]{1,80}=[^'\"\n]*)", re.IGNORECASE
)
_BEARER = lazy_pattern(
    r"(?P<name>\bbearer[ \t]{1,4})(?P<value>(?=[^0-9\s]{0,200}[0-9])[A-Za-z0-9._~+/=-]{16,})",
    re.IGNORECASE,
)
_USER_FLAG = lazy_pattern(
    r"(?P<name>(?<!\S)(?:-u|-U|--user|--proxy-user|--creds?)(?:[ \t]{1,4}|=)?[\"']?"
    r"[^\s:,'\"=/$]{1,100}[:,])"
    r"(?P<value>[^\s'\"]+)"
)
_PASSWORD_FLAG = lazy_pattern(
    r"(?P<name>(?<!\S)-[pa](?P<gap>[ \t]{0,4})[\"']?)(?P<value>[^\s'\"=-][^\s'\"]*)"
)
_TAKES_USER = lazy_pattern(r"\b(?:curl|wget|https?|xh|lftp|skopeo|oras|crane)\s")
_TAKES_PASSWORD = lazy_pattern(r"\b(?:sshpass|redis-cli|login)\s")
_TAKES_JOINED_PASSWORD = lazy_pattern(r"\b(?:sshpass|mysql[a-z]{0,10}|mariadb[a-z-]{0,10}|login)\s")
_ANY_PROGRAM = lazy_pattern("")
_LOGS_IN = lazy_pattern(
    "|".join(form.pattern for form in (_TAKES_USER, _TAKES_PASSWORD, _TAKES_JOINED_PASSWORD))
)
_LOGIN_KEY = lazy_pattern(  # `wandb login KEY`
    r"(?P<name>\blogin[ \t]{1,4}(?:--?[\w-]{1,40}[ \t]{1,4}){0,3})"
    rf"(?P<value>{_LONG_MIXED.pattern})"
)
_COMMAND_BEFORE = 300


def redact_headers(text: str, rules: list[str]) -> str:
    """Return a text without the secrets of its HTTP headers."""

    def replaced(match: re.Match[str]) -> str:
        if is_harmless_value(match["value"]):
            return match.group()
        rules.append(SECRET_NAME)
        return f"{match['name']}{_MARK}"

    for form in (_HEADER, _COOKIE, _BEARER):
        text = form.sub(replaced, text)
    return text


def redact_logins(text: str, rules: list[str]) -> str:
    """Return a text without the passwords of `curl -u NAME:PASSWORD`, `docker login -p` and kin."""

    def replaced(match: re.Match[str], programs: re.Pattern[str]) -> str:
        before = match.string[max(0, match.start() - _COMMAND_BEFORE) : match.start()]
        command = re.split(r"[\n|;&]", before)[-1]
        if programs.search(command) is None or is_harmless_value(match["value"]):
            return match.group()
        rules.append(LOGIN)
        return f"{match['name']}[redacted:{LOGIN}]"

    if _LOGS_IN.search(text) is None:
        return text
    text = _LOGIN_KEY.sub(lambda match: replaced(match, _ANY_PROGRAM), text)
    text = _USER_FLAG.sub(lambda match: replaced(match, _TAKES_USER), text)
    return _PASSWORD_FLAG.sub(
        lambda match: replaced(match, _TAKES_PASSWORD if match["gap"] else _TAKES_JOINED_PASSWORD),
        text,
    )


def redact_assignments(text: str, rules: list[str]) -> str:
    """Return a text without the values of secret options, variables and fields.

    `--api-key=VALUE`, `--token VALUE`, `WANDB_API_KEY=VALUE`, `"password": "VALUE"`.
    """
    parts: list[str] = []
    kept = at = 0
    while (match := _ASSIGNED.search(text, at)) is not None:
        at = match.end()
        if not _names_a_secret(match):
            continue
        end = _end_of_secret(match)
        if end is not None:
            rules.append(SECRET_NAME)
            parts += [text[kept : match.end()], _MARK]
            kept = at = end
    return "".join([*parts, text[kept:]])


def _name_before(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LONGEST_NAME) : match.start()]
    found = _NAME_BEFORE.search(before)
    return found.group() if found else ""


def _names_a_secret(match: re.Match[str]) -> bool:
    word = match.string[match.start() : match.start("close")]
    name = _name_before(match)
    return is_secret_name((name.removeprefix("-D") + word).lstrip("-"))


def _end_of_secret(match: re.Match[str]) -> int | None:
    """Return where the secret that follows a secret name ends, or None when there is none."""
    text, start = match.string, match.end()
    judged = _JUDGED.match(text, start)
    value = judged.group() if judged else text[start : start + _PEEK]
    if is_harmless_value(value) or not _is_assigned(match, value):
        return None
    whole = _VALUE.match(text, start)
    return whole.end() if whole else None


def _is_assigned(match: re.Match[str], value: str) -> bool:
    """Tell whether a value is the name's, and not the next word of a sentence."""
    sign, is_option = match["sign"].strip(), _name_before(match).startswith("-")
    if "=" in sign:
        return not sign.startswith("==")
    if sign:  # a colon
        quoted = match["close"].strip("]") != "" and value[0] in "\"'\\"
        return is_option or quoted or _MIXED.match(value.strip("\"'")) is not None
    before = match.string[max(0, match.start() - _LONGEST_NAME * 2) : match.start()]
    if is_option:
        return not value.startswith("-")
    is_config = "_" in _name_before(match) and _LONG_MIXED.match(value) is not None
    return is_config or _NETRC.search(before) is not None
