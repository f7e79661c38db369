"""The errors that a caller of this package may meet.

AigfError            every error of ours; exit code 3, "cannot decide"
├── InputError       the caller's own mistake: an option, an invalid file of theirs; exit code 2
├── UndecidedError   evidence that cannot be read, so that no verdict is possible; exit code 3
└── RefusedError     something was judged and is refused: a bad bundle, a dirty tree; exit code 1

A policy's "no" is not an error but a verdict. Whoever catches an AigfError treats it as a no.
"""


class AigfError(Exception):
    """Say where something is wrong, what was found, what was expected and what to do."""

    exit_code = 3

    def __init__(self, found: str, *, where: str = "", expected: str = "", hint: str = "") -> None:
        self.found = found
        self.where = where
        self.expected = expected
        self.hint = hint
        super().__init__(found)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        wanted = f" (expected {self.expected})" if self.expected else ""
        return f"{place}{self.found}{wanted}"

    @property
    def told(self) -> str:
        """Return the message, and on a line of its own what to do."""
        return f"{self}\nto do: {self.hint}" if self.hint else str(self)


class InputError(AigfError):
    """The caller's own input is wrong: an option, or a file that they wrote."""

    exit_code = 2


class UndecidedError(AigfError):
    """Evidence cannot be read, so nothing can be decided."""

    exit_code = 3


class RefusedError(AigfError):
    """Something was judged and is refused."""

    exit_code = 1
