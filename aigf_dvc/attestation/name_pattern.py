"""Patterns of identities, repositories and refs: `*` stands for characters of one step.

A pattern always speaks of the whole text, as it is spelt: nothing is decoded, folded or followed,
and no `*` crosses a `/` or an `@`. What other readers might follow or decode (`..`, `//`, `%2f`,
control characters) matches no pattern at all: implementations of in-toto differed there
(CVE-2021-41087), and whoever may choose a name must not choose how it is read.
"""

from aigf_dvc.lazy_pattern import lazy_pattern

_LONGEST = 512
_SEPARATOR = lazy_pattern(r"([/@])")
_ODD = lazy_pattern(r"[^!-~]|[%\\?#]")  # blanks, what is not ASCII, and what is decoded elsewhere


def is_pattern(text: str) -> bool:
    """Tell whether a text has a wildcard in it."""
    return "*" in text


def why_no_pattern(pattern: str) -> str:
    """Return why a text is no pattern that may be trusted, or an empty text."""
    if len(pattern) > _LONGEST:
        return f"{len(pattern)} characters, at most {_LONGEST} are read"
    if "**" in pattern:
        return "`**`: a `*` never crosses a `/` or an `@`"
    if _is_odd(pattern):
        return "a pattern that no plain name has: with `..`, `//`, `%` or blanks"
    if "*" in _origin(pattern):
        return "a `*` where the name's origin stands: anybody could have one that matches"
    return ""


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern, or an exact name, is that of a text."""
    if not is_pattern(pattern):
        return text == pattern
    if len(text) > 2 * _LONGEST or _is_odd(text):
        return False
    wanted, steps = _SEPARATOR.split(pattern), _SEPARATOR.split(text)
    return len(wanted) == len(steps) and all(map(_step_matches, wanted, steps))


def _origin(pattern: str) -> str:
    """Return the part that says whose name it is: a host, a mail's domain, or the first step."""
    scheme, colons, rest = pattern.partition("://")
    if colons:
        return scheme + rest.partition("/")[0]
    if "@" in pattern and "/" not in pattern:
        return pattern.rpartition("@")[2]
    return pattern.partition("/")[0]


def _is_odd(text: str) -> bool:
    scheme, colons, rest = text.partition("://")
    steps = (rest if colons else scheme).split("/")
    return bool(_ODD.search(text)) or any(step in ("", ".", "..") for step in steps)


def _step_matches(pattern: str, step: str) -> bool:
    """Match one step; each part is looked for once, from the left: never slow."""
    first, *others = pattern.split("*")
    if not others:
        return step == pattern
    *middle, last = others
    at, end = len(first), len(step) - len(last)
    for part in middle:
        found = step.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return step.startswith(first) and step.endswith(last) and at <= end
