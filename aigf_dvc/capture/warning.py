"""Warnings to whoever reads the log, or the terminal where nobody set one up."""


def warn(message: str, *values: object) -> None:
    """Warn, in the words of a message with `%s` for each value."""
    import logging  # noqa: PLC0415  # slow to load, and most commands have nothing to warn of

    logging.getLogger("aigf_dvc").warning(message, *values)
