"""What is wrong in a card: where, what was found, what is expected, and how to mend it."""

from msgspec import Struct

from aigf_dvc.errors import AigfError


class CardProblem(Struct, frozen=True, kw_only=True):
    """One thing that is wrong in one card or document."""

    where: str  # `file:line`
    found: str
    expected: str
    remedy: str = ""

    @property
    def line(self) -> int:
        """Return the line; 0 where the whole file is meant."""
        number = self.where.rpartition(":")[2]
        return int(number) if number.isdecimal() else 0


def as_problem(error: AigfError) -> CardProblem:
    """Return what an error says of the file that it is about."""
    return CardProblem(
        where=error.where, found=error.found, expected=error.expected, remedy=error.hint
    )
