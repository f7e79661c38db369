"""Regular expressions that are compiled when they are first used.

To compile one takes up to milliseconds, and most commands load many that they never need.
"""

import re
from typing import AnyStr


def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what stands for `re.compile(text, flags)`; a mistake in it shows at the first use."""
    return _LazyPattern(text, flags)  # type: ignore[return-value]  # it gives every attribute of one


class _LazyPattern:
    """A pattern that is not compiled yet, and passes on what is asked of it."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        found = getattr(re.compile(self.pattern, self._flags), name)
        self.__dict__[name] = found  # asked again, it is found at once
        return found
