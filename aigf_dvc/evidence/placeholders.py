"""Tells a value that says something from an empty one and from a placeholder."""

from collections.abc import Iterator, Mapping

from aigf_dvc.lazy_pattern import lazy_pattern

# Marks of unfinished work. Lower-case `todo` may begin a sentence in Spanish, so it needs more.
_UNFINISHED = lazy_pattern(
    r"(?:TODO|TBD|FIXME|XXX)\b"
    r"|(?i:todo|tbd|tba|tbc|fixme|xxx+)\s*(?:[^\w\s]|\Z)"
    r"|(?i:to be (?:done|determined|defined|decided|added|completed|confirmed|written|filled))\b"
    r"|(?i:fill (?:in|me|this|out)|lorem ipsum|placeholder|change ?me)\b"
)
_NEEDED = "[more information needed]"  # of Hugging Face's template, in lower case
# `<your name>`, but not `<team@bank.example>` or `<https://bank.example>`
_SLOT = lazy_pattern(r"<[^<>@:]*>\Z")
_NOTHING = frozenset(
    {"n/a", "na", "none", "null", "nil", "unknown", "undefined", "not applicable", "not available"}
)
_WRAPPING = " \t\r\n.!?*_`'\"()[]"


def why_empty(value: object) -> str:
    """Return why a value says nothing, or an empty text when it says something.

    A mark of unfinished work anywhere in a list or mapping leaves the whole value unfinished;
    an empty part, or one that says "none", only when all the other parts are so, too.
    """
    if isinstance(value, str) and value[:1].isalnum() and _says_something(value):
        return ""
    leaves = list(_leaves(value))
    unfinished = next((leaf for leaf in leaves if is_unfinished(leaf)), None)
    if unfinished is not None:
        return f'is the placeholder "{unfinished[:60].strip()}"'
    if any(not is_nothing(leaf) for leaf in leaves):
        return ""
    word = next((leaf.strip() for leaf in leaves if leaf.strip()), "")
    return f'is only "{word[:60]}"' if word else "is empty"


def is_unfinished(text: str) -> bool:
    """Tell whether a text is a mark of unfinished work, or begins with one."""
    bare = text.strip(_WRAPPING)
    return bool(
        _UNFINISHED.match(bare)
        or _SLOT.match(bare)
        or _NEEDED in text.lower()
        or _has_template(text)
    )


def is_nothing(text: str) -> bool:
    """Tell whether a text is empty, punctuation, or a word such as "none"."""
    bare = text.strip(_WRAPPING)
    return bare.casefold() in _NOTHING or not any(character.isalnum() for character in bare)


def _says_something(text: str) -> bool:
    """Tell so of most texts that do, at once: a policy asks every card for its fields."""
    return not is_unfinished(text) and text.strip(_WRAPPING).casefold() not in _NOTHING


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)


def _has_template(text: str) -> bool:
    """Tell whether a text holds `{{ ... }}`; a pattern would need hours for many `{{` alone."""
    start = text.find("{{")
    return start >= 0 and text.find("}}", start + 2) >= 0
