"""What `aigf repro` tells when DVC has ended."""

import signal
from collections.abc import Iterator
from pathlib import Path

from aigf_dvc.actions.repro import ReproResult, address_seen_from
from aigf_dvc.cli.options import talk
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.report.lineage_text import redactions_text
from aigf_dvc.running.left_overs import left_overs

_SIGNAL = 128  # a shell's exit code for a death by a signal is this plus its number


def tell(result: ReproResult, root: Path, *, quiet: bool) -> None:
    """Tell what became of a run; quietly: only what went wrong."""
    for line in _lines(result, root, quiet=quiet):
        talk(f"aigf: {line}")


def _lines(result: ReproResult, root: Path, *, quiet: bool) -> Iterator[str]:
    yield from ended_by(result.exit_code)
    if result.problem:
        yield f"not observed: {result.problem}"
    for stage, reason in result.not_observed:
        yield f"{stage}: not observed: {reason}"
    if not quiet:
        yield from _summary(result, root)
    if result.exit_code != 0:
        yield from left_overs(root)
    if result.redactions:
        yield redactions_text(result.redactions)


def ended_by(exit_code: int) -> Iterator[str]:
    """Yield what to say of a run that a signal ended; DVC's own codes are no such numbers."""
    try:
        number = signal.Signals(exit_code - _SIGNAL)
    except ValueError:
        return
    if number in (signal.SIGTERM, signal.SIGHUP):
        yield f"ended by {number.name}, and with it DVC and the stage that it ran"
    else:
        yield f"DVC was ended by {number.name}: a stage that it ran may still be running"


def _summary(result: ReproResult, root: Path) -> Iterator[str]:
    before = [t.stage for t in result.skipped if t.level is not TrustLevel.DECLARED]
    never = [t.stage for t in result.skipped if t.level is TrustLevel.DECLARED]
    if result.observed:
        yield f"observed now: {', '.join(result.observed)}"
    if before:
        yield f"did not run, observed before: {', '.join(before)}"
    if never:
        typed = address_seen_from(Path.cwd(), never[0], root)
        # Without it DVC runs the stages of the dvc.yaml in the caller's own folder, and no others.
        every = " --all-pipelines" if any(":" in stage for stage in never) else ""
        one = f" {typed}` runs and observes it" if len(never) == 1 else f"{every}` observes all"
        yield f"did not run, never observed: {', '.join(never)} (`aigf repro --force{one})"
