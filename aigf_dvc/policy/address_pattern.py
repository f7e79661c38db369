"""Patterns of addresses and paths: `*` for a part of one step, `**` for any number of steps.

An allow list has to know what it lets in: only an address in its one plain form can match. A deny
list has to find what hides: an address matches when any way to read it does.
"""

import posixpath
import re
import unicodedata
from collections.abc import Iterator

from aigf_dvc.lazy_pattern import lazy_pattern

_WEB = ("http", "https")
_PORTS = {"http": ":80", "https": ":443"}
_ENCODED = lazy_pattern(r"%([0-9A-Fa-f]{2})")
_MOST_LAYERS = 5  # of percent-encoding
_ANY_STEPS = "**"


def why_no_pattern(pattern: str) -> str:
    """Return why a text is no pattern, or an empty text."""
    if any("**" in step and step != _ANY_STEPS for step in pattern.split("/")):
        return "`**` beside other characters"
    if "*" in pattern.partition("://")[0] and "://" in pattern:
        return "`*` in the scheme"
    if _odd_steps(pattern) or pattern != _normal(pattern):
        return "a pattern that no plain address has: with `..`, `//`, `%`, a user or a query"
    return ""


def allows(pattern: str, address: str) -> bool:
    """Tell whether a pattern lets an address in. One with `why_odd` is let in by none."""
    if why_odd(address):
        return False
    plain = _normal(address)
    # No wildcard leads out of the project: where an address starts is always spelt out.
    return _start(pattern) == _start(plain) and _matches(pattern, plain)


def denies(pattern: str, address: str) -> bool:
    """Tell whether a pattern is that of an address, however it is spelt."""
    return any(_matches(pattern, reading) for reading in set(_readings(address)))


def why_odd(address: str) -> str:
    """Return why an address is not in its plain form, or an empty text."""
    if address.startswith("ds://"):
        return "DVC pins it under a name, and where it comes from is not on record here"
    return _odd_steps(_normal(address))


def _odd_steps(address: str) -> str:
    scheme, colons, rest = address.partition("://")
    path = rest if colons else address
    steps = path.lstrip("/").split("/") if not colons else path.split("/")
    while not colons and steps[0] == "..":  # `../shared/x.csv`: the folder beside this project
        steps = steps[1:] or [""]
    if any(step in ("", ".", "..") for step in steps) or path.startswith("//"):
        return "it has empty steps or `..` in it"
    if any(character in address for character in "%\\?#") or "@" in (steps[0] if colons else ""):
        return "it has encoded or special characters (% \\ ? #) in it"
    if any(unicodedata.category(character).startswith("C") for character in address):
        return "it has invisible characters in it"
    return "" if scheme else "it has no scheme"


def _normal(address: str) -> str:
    """Return an address without user, and without the query of a web address."""
    scheme, colons, rest = address.partition("://")
    if not colons:
        return address
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    host, path = rest[:end].rpartition("@")[2], rest[end:]
    if scheme.lower() in _WEB:
        path = re.split(r"[?#]", path, maxsplit=1)[0]
        host = host.removesuffix(_PORTS[scheme.lower()]).removesuffix(".")
    return f"{scheme}://{host}{path.removesuffix('/')}"


def _start(text: str) -> str:
    """Return where an address starts: the scheme, the root, or so many folders up."""
    scheme, colons, _ = text.partition("://")
    if colons:
        return f"{scheme}://"
    ups = 0
    while text.startswith("../", 3 * ups):
        ups += 1
    return "/" if text.startswith("/") else "../" * ups


def _readings(address: str) -> Iterator[str]:
    """Yield every way to read an address: decoded, with `..` followed, in lower case."""
    text = address
    for _ in range(_MOST_LAYERS):
        for spelt in (text, text.replace("\\", "/")):
            plain = _normal(spelt)
            yield plain
            yield _followed(plain)
            yield _followed(plain.lower())
        decoded = _ENCODED.sub(lambda match: chr(int(match[1], 16)), text)
        if decoded == text:
            return
        text = decoded


def _followed(address: str) -> str:
    scheme, colons, rest = address.partition("://")
    if not colons:  # two slashes at the start mean one, whatever POSIX reserves them for
        return posixpath.normpath(re.sub(r"\A//+", "/", address))
    host, _, path = rest.partition("/")
    followed = posixpath.normpath(f"/{path}").lstrip("/")
    return f"{scheme}://{host}/{followed}".removesuffix("/")


def _matches(pattern: str, address: str) -> bool:
    """Match step by step; of several `**` only the last one is ever tried again: never slow."""
    wanted, steps = pattern.split("/"), address.split("/")
    at, step = 0, 0
    back: tuple[int, int] | None = None
    while step < len(steps):
        if at < len(wanted) and wanted[at] == _ANY_STEPS:
            back = (at, step)
            at += 1
        elif at < len(wanted) and _step_matches(wanted[at], steps[step]):
            at, step = at + 1, step + 1
        elif back is not None:
            back = (back[0], back[1] + 1)
            at, step = back[0] + 1, back[1]
        else:
            return False
    return all(rest == _ANY_STEPS for rest in wanted[at:])


def _step_matches(pattern: str, step: str) -> bool:
    first, *others = pattern.split("*")
    if not others:
        return step == pattern
    *middle, last = others
    if not step.startswith(first):
        return False
    at, end = len(first), len(step) - len(last)
    for part in middle:
        at = step.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return at <= end and step.endswith(last)
