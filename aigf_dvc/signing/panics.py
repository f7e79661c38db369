"""Tells what went wrong inside a library from what must not be held up, such as Ctrl-C.

A library that is written in Rust can panic, as cryptography and rfc3161-client do at damaged
certificates. That comes as a `pyo3_runtime.PanicException`, which is no `Exception` and cannot be
imported.
"""


def pass_on_others(error: BaseException) -> None:
    """Raise an error again that is neither an `Exception` nor a panic."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        raise error
