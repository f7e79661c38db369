"""Progress is shown on a terminal only, in plain characters, with speed and time left."""

import contextlib
import os
import sys

import pytest

from aigf_dvc.cli import progress
from aigf_dvc.cli.progress import Reading, in_units, progress_line

GIB = 2**30


def test_a_line_tells_how_much_how_fast_and_how_long() -> None:
    assert progress_line(GIB, 4 * GIB, 2.0) == (
        "  read [#####---------------]  25 %  1.0 GiB of 4.0 GiB  512.0 MiB/s  0:06 left"
    )
    assert progress_line(1, 4 * GIB, 2.0).endswith(" left")
    assert progress_line(0, 4 * GIB, 2.0).endswith("0 B/s")


@pytest.mark.parametrize("total", [None, 0, 5])
def test_without_a_true_total_no_share_is_claimed(total: int | None) -> None:
    assert progress_line(10, total, 1.0) == "  read 10 B  10 B/s"


def test_sizes_are_told_in_units() -> None:
    assert [in_units(n) for n in (0, 1023, 1024, 1536 * 1024, 3 * 2**50)] == [
        "0 B", "1023 B", "1.0 KiB", "1.5 MiB", "3072.0 TiB",
    ]  # fmt: skip


def test_nothing_is_shown_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    reading = Reading()
    reading.expect(10)
    reading(10)
    reading.end()
    assert capfd.readouterr().err == ""


def test_a_terminal_sees_the_line_and_then_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    monkeypatch.setattr(progress, "_QUIET_S", 0)
    with open(theirs, "w", encoding="utf-8") as terminal:  # noqa: PTH123  # a handle
        monkeypatch.setattr(sys, "stderr", terminal)
        reading = Reading()
        reading.expect(10)
        reading._started_s -= 1
        reading(5)
        reading(1)  # so soon after the last, it is not shown
        reading.end()
    shown = b""
    with contextlib.suppress(OSError):  # the terminal's end
        while data := os.read(ours, 4096):
            shown += data
    os.close(ours)
    assert shown.count(b"read [") == 1
    assert b" 50 %" in shown
    assert shown.endswith(b" \r")
    assert b"\x1b" not in shown
