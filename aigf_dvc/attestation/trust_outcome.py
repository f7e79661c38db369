"""What a trust file says of one bundle, line by line."""

from msgspec import Struct

from aigf_dvc.errors import RefusedError, UndecidedError


class LineOutcome(Struct, frozen=True, kw_only=True):
    """What one line of the trust file says of a bundle."""

    where: str
    owner: str
    refusal: str  # empty: it accepts


class BundleOutcome(Struct, frozen=True, kw_only=True):
    """What a trust file says of a bundle, and by which lines."""

    name: str
    role: str  # in which it was looked at; empty: it could not be told
    signed_with: str
    lines: tuple[LineOutcome, ...] = ()
    problem: str = ""  # why no line was asked
    undecided: bool = False

    @property
    def accepted(self) -> bool:
        """Tell whether a line accepts it."""
        return not self.problem and any(not line.refusal for line in self.lines)

    @property
    def exit_code(self) -> int:
        """Return 0 for accepted, 3 for undecided, else 1."""
        if self.undecided:
            return UndecidedError.exit_code
        return 0 if self.accepted else RefusedError.exit_code
