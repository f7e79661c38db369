"""A signed run record as text for people."""

from collections.abc import Iterator

from aigf_dvc.attestation.run_statement import read_run_statement
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.report.export_values import text_of
from aigf_dvc.report.statement_text import line

_SHOWN = 30


def run_lines(payload: bytes) -> Iterator[str]:
    """Yield what the recorder saw of one run.

    Raises:
        RefusedError: no statement about a run, or of another form.
    """
    record = read_run_statement(payload)
    where = f" (in {record.directory})" if record.directory else ""
    yield from line("stage", f"{record.stage}{where}").split("\n")
    for command in record.commands:
        yield from line("command", command).split("\n")
    yield line("ran", f"{told_time(record.started)} to {told_time(record.ended)}")
    for label, seen in (("read", record.inputs), ("made", record.outputs)):
        for path, observed in list(seen.items())[:_SHOWN]:
            yield from line(label, f"sha256:{observed.sha256}  {path}").split("\n")
        if len(seen) > _SHOWN:
            yield line("", f"and {len(seen) - _SHOWN} more")
    for file, values in record.parameters.items():
        for key, value in values.items():
            yield from line("parameter", f"{file}:{key} = {text_of(value)}").split("\n")
    yield line("recorder", f"{record.recorder.name} {record.recorder.version}")
