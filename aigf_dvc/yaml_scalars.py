"""What a plain scalar of DVC's YAML means: the rules of YAML 1.2, as ruamel.yaml (DVC) has them.

Both readers of DVC's files ask here, so that they cannot differ.
"""

import re

from aigf_dvc.lazy_pattern import lazy_pattern

_PREFIX = "tag:yaml.org,2002:"
TEXT = f"{_PREFIX}str"
INTEGER = f"{_PREFIX}int"
FLOAT = f"{_PREFIX}float"
BOOLEAN = f"{_PREFIX}bool"
NOTHING = f"{_PREFIX}null"
MERGE = f"{_PREFIX}merge"

_MAX_DIGITS = 4000
_SHORT = 20  # characters; longer scalars, such as hashes, seldom stand twice
_MOST_KNOWN = 10_000
_BASES = {"0b": 2, "0x": 16, "0o": 8}

_RULES = (
    (BOOLEAN, r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    (
        FLOAT,
        r"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+0123456789.",
    ),
    (
        INTEGER,
        r"^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$",
        "-+0123456789",
    ),
    (MERGE, r"^<<$", "<"),
    (NOTHING, r"^(?:~|null|Null|NULL|)$", ("~", "n", "N", "")),
    (
        f"{_PREFIX}timestamp",
        r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}"
        r":[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$",
        "0123456789",
    ),
)
_BY_FIRST: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _tag, _text, _first in _RULES:
    _pattern = lazy_pattern(_text)
    for _letter in _first:
        _BY_FIRST.setdefault(_letter, []).append((_tag, _pattern))
_known: dict[str, str] = {}  # scalar -> tag: the same few words stand everywhere


def tag_of(text: str) -> str:
    """Return the tag of a plain scalar."""
    found = _known.get(text)
    if found is None:
        rules = _BY_FIRST.get(text[:1], ())
        found = next((tag for tag, pattern in rules if pattern.match(text)), TEXT)
        if len(text) < _SHORT and len(_known) < _MOST_KNOWN:
            _known[text] = found
    return found


def integer(text: str) -> int:
    """Return the value of an integer, in any of its bases.

    Raises:
        ValueError: it is too long, or not a number after all, such as `0o8`.
    """
    text = text.replace("_", "")
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if len(digits) > _MAX_DIGITS:  # int() itself bounds decimal digits only
        raise ValueError("a number of more than 4000 digits")
    base = _BASES.get(digits[:2])
    return sign * (int(digits[2:], base) if base else int(digits))


def decimal(text: str) -> float:
    """Return the value of a number with a fraction or an exponent, of an infinity or of NaN."""
    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
