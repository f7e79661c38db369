"""Leaves Ctrl-C to the program that it is meant for; only our own reading ends by it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from aigf_dvc.stage_run import NotObservedError


class Interrupts:
    """Answers Ctrl-C while a program runs that gets it too, and decides."""

    def __init__(self) -> None:
        """Answer nothing yet."""
        self._reading = False
        self.ended_reading = False  # whether Ctrl-C has ended what was read last

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Answer Ctrl-C in here; where it is ignored it stays so."""
        here = threading.current_thread() is threading.main_thread()
        if not here or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            yield
            return
        before = signal.signal(signal.SIGINT, self._answer)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def end_reading(self) -> Iterator[None]:
        """Let Ctrl-C end what runs in here with a NotObservedError: it may take long."""
        self.ended_reading = False
        self._reading = True
        try:
            yield
        finally:
            self._reading = False

    def _answer(self, _number: int, _frame: FrameType | None) -> None:
        if self._reading:
            self._reading = False
            self.ended_reading = True
            raise NotObservedError("interrupted while its inputs or outputs were read")
