"""A signed record of a clean run as text for people."""

from collections.abc import Iterator

from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import dumps
from aigf_dvc.evidence.reproduction import parse_reproduction
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.report.statement_text import line


def reproduction_lines(payload: bytes) -> Iterator[str]:
    """Yield what a clean run came to.

    Raises:
        UndecidedError, RefusedError: it has another form.
    """
    predicate = read_statement(payload).predicate
    record = parse_reproduction(dumps(dict(predicate)), where="predicate")
    yield line("model", record.model)
    yield line("result", f"{record.result}, under the tolerance of the time")
    yield line("tree", f"sha256:{record.tree}")
    for stage in record.stages:
        for output in stage.outputs:
            made = "the same bytes" if output.is_identical else f"sha256:{output.made.sha256}"
            yield from line("stage", f"{stage.name}: {output.name}: {made}").split("\n")
    for name, metric in record.metrics.items():
        said = f"{name}: recorded {metric.recorded}, made {metric.made}"
        yield from line("metric", said).split("\n")
    yield line("ran", f"{told_time(record.started)} to {told_time(record.ended)}")
