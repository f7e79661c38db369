"""Tells a panic of a library that is written in Rust.

It comes as a `pyo3_runtime.PanicException`, which is no `Exception` and cannot be imported. Damaged
certificates make cryptography and rfc3161-client panic.
"""


def is_panic(error: BaseException) -> bool:
    """Tell whether an error is a panic."""
    return type(error).__name__ == "PanicException"
