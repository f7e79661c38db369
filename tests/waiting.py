"""Calls what must not wait for somebody who never comes."""

import threading
from collections.abc import Callable

_SECONDS = 30  # by then it waits for ever


def error_of(call: Callable[[], object]) -> str:
    """Return the words of the error that a call ends with; empty when it ends with none."""
    said: list[str] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # of any kind: the test reads the words
            said.append(str(error))
        else:
            said.append("")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    assert said, "it waits"
    return said[0]
