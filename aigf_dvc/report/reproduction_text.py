"""What a clean run came to, as text for people and as JSON."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from aigf_dvc.canonical import Json
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.reproduction import ComparedMetric, Reproduction, Result

_SHOWN_DIGITS = 12
_SAID = {
    Result.IDENTICAL: ("32", "every output has the recorded bytes"),
    Result.WITHIN_TOLERANCE: ("33", "other bytes, and every metric within the policy's tolerance"),
    Result.DIFFERENT: ("31", "the clean run does not come to what the commit records"),
}


def reproduction_text(record: Reproduction, stages: Sequence[StageTrust], *, color: bool) -> str:
    """Return the outcome of one model's clean run: its outputs, metrics and trust levels."""
    shade, said = _SAID[record.result]
    result = f"\x1b[{shade}m{record.result}\x1b[0m" if color else str(record.result)
    lines = [f"{record.model}: {result}: {said}", ""]
    lines += _table(("stage", "output", "recorded", "made"), _output_rows(record))
    if record.metrics and record.result is not Result.IDENTICAL:
        head = ("metric", "recorded", "made", "difference", "tolerance", "")
        lines += ["", *_table(head, _metric_rows(record))]
    lines += ["", *_trust_lines(record, stages)]
    return "\n".join(lines)


def _output_rows(record: Reproduction) -> Iterable[tuple[str, ...]]:
    for stage in record.stages:
        for output in stage.outputs:
            made = "the same" if output.is_identical else output.made.sha256[:_SHOWN_DIGITS]
            yield stage.name, output.name, output.recorded.sha256[:_SHOWN_DIGITS], made


def _metric_rows(record: Reproduction) -> Iterable[tuple[str, ...]]:
    for name, metric in record.metrics.items():
        numbers = (metric.recorded, metric.made, metric.difference)
        yield (name, *map(_number, numbers), _tolerance(metric), _judged(metric))


def _number(number: Decimal | None) -> str:
    return "no number" if number is None else str(number)


def _tolerance(metric: ComparedMetric) -> str:
    return "none" if metric.tolerance is None else str(metric.tolerance)


def _judged(metric: ComparedMetric) -> str:
    return "within" if metric.is_within(metric.tolerance) else "NOT WITHIN"


def _trust_lines(record: Reproduction, stages: Sequence[StageTrust]) -> Iterable[str]:
    weak = [stage for stage in stages if stage.level is not TrustLevel.REPRODUCED]
    if not weak:
        yield "every stage is reproduced"
        return
    named = ", ".join(f"{stage.stage} ({stage.level})" for stage in weak)
    yield f"not reproduced: {named}"
    if record.result is Result.WITHIN_TOLERANCE:
        yield (
            "near numbers do not show that these bytes came from the pipeline: let it be observed,"
            " `aigf repro --force`, and commit"
        )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def reproduction_as_json(
    record: Reproduction, stages: Sequence[StageTrust], *, commit: str, kept: str, stored: str
) -> Json:
    """Return a clean run's record, and beside it what is true of this machine only."""
    return {
        "result": record.result,
        "reproduction": record.as_json(),
        "reproductionDigest": {"sha256": sha256(record.to_bytes())},
        "source": {"gitCommit": commit},
        "kept": kept,
        "stored": stored or None,
        "stages": [{"name": stage.stage, "trustLevel": stage.level.value} for stage in stages],
    }
