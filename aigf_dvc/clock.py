"""The only reader of the machine's clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present time in UTC, cut to whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
