"""A time as people are told it, in the one form that all texts have."""

from datetime import datetime


def told_time(time: datetime) -> str:
    """Return a time in UTC, in whole seconds; strftime is slower by far.

    Args:
        time: in UTC.
    """
    return f"{str(time)[:19]} UTC"
