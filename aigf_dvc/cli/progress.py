"""Shows how much was read, how fast, and how long it will take: on a terminal only."""

import sys
from time import monotonic

import click

_QUIET_S = 1.0  # what takes less time needs no bar
_EVERY_S = 0.2
_BAR = 20  # characters
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


class Reading:
    """Counts bytes that are read, and shows them on standard error when that is a terminal."""

    def __init__(self) -> None:
        """Start the clock."""
        self._shows = sys.stderr.isatty()
        self._started_s = monotonic()
        self._shown_s = 0.0  # when the last line was shown, counted from the start
        self._done = 0
        self._total: int | None = None

    def expect(self, total: int) -> None:
        """Take how many bytes there will be, and start the clock anew."""
        self._total = total
        self._started_s = monotonic()

    def __call__(self, count: int) -> None:
        """Count some bytes that were just read."""
        self._done += count
        seconds = monotonic() - self._started_s
        if self._shows and seconds >= max(_QUIET_S, self._shown_s + _EVERY_S):
            self._shown_s = seconds
            text = progress_line(self._done, self._total, seconds)
            width = _columns()
            click.echo(f"\r{text[:width].ljust(width)}", err=True, nl=False)

    def end(self) -> None:
        """Take the line away."""
        if self._shown_s:
            width = _columns()
            click.echo(f"\r{' ' * width}\r", err=True, nl=False)


def _columns() -> int:
    import shutil  # loads all of Python's compressors

    return shutil.get_terminal_size().columns - 1


def progress_line(done: int, total: int | None, seconds: float) -> str:
    """Return one line: plain characters, no colour.

    Args:
        done: bytes so far.
        total: bytes in all; None when that is not known.
        seconds: since the start; > 0.
    """
    rate = done / seconds
    speed = f"{in_units(rate)}/s"
    if not total or done > total:
        return f"  read {in_units(done)}  {speed}"
    filled = _BAR * done // total
    bar = "#" * filled + "-" * (_BAR - filled)
    left = f"  {_duration((total - done) / rate)} left" if rate else ""
    return (
        f"  read [{bar}] {100 * done // total:3d} %  {in_units(done)} of {in_units(total)}"
        f"  {speed}{left}"
    )


def in_units(size: float) -> str:
    """Return a number of bytes for people."""
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} {_UNITS[-1]}"


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
