"""Keeps what others wrote from steering the terminal: a file name can hold an escape sequence."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from aigf_dvc.lazy_pattern import lazy_pattern

# All control characters but tab and line feed; C1 too, which some terminals obey. Our own colours
# (ESC [ digits m) stay: the colour of a text is all that they can change.
_CONTROL = lazy_pattern(
    r"\x1b\[[0-9;]{0,8}m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)


class _Harmless(io.TextIOWrapper):
    """A text stream that writes control characters as `\\u001b`, which JSON can hold too."""

    def write(self, text: str, /) -> int:
        """Write a text, its control characters made visible."""
        super().write(_CONTROL.sub(_visible, text))
        return len(text)


@contextmanager
def harmless_output() -> Iterator[None]:
    """Let standard output and error write nothing that could steer a terminal, for a while.

    Characters that the place cannot show become `?`, so that no output ends in an error.
    """
    before = sys.stdout, sys.stderr
    ours = [_harmless(stream) for stream in before]
    sys.stdout, sys.stderr = ours
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in ours:
            if isinstance(stream, _Harmless):
                stream.detach()  # writes what is left, and leaves the place open


def _harmless(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    return _Harmless(
        stream.buffer,
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _visible(match: re.Match[str]) -> str:
    text = match.group()
    return text if len(text) > 1 else f"\\u{ord(text):04x}"
