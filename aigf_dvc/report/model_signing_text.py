"""An OpenSSF Model Signing v1 statement as text for people: its files in few lines.

See: https://github.com/ossf/model-signing-spec
"""

from collections.abc import Iterator

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import MAX_BYTES
from aigf_dvc.report.export_values import text_of
from aigf_dvc.report.statement_text import line

MODEL_SIGNING = "https://model_signing/signature/v1.0"
_SHOWN = 10


def model_signing_lines(payload: bytes) -> Iterator[str]:
    """Yield how the model's files were named and hashed, and the first of them.

    Raises:
        RefusedError: a required field is missing or has another form.
    """
    predicate = Fields.read(payload, "statement", max_bytes=MAX_BYTES).mapping("predicate")
    for key, value in predicate.mapping("serialization").values.items():
        yield from line("serialised", f"{key}: {text_of(value):.500}").split("\n")
    resources = predicate.objects("resources")
    yield line("files", f"{len(resources):,}")
    for item in resources[:_SHOWN]:
        named = f"{item.text('algorithm')}:{item.text('digest')}  {item.text('name')}"
        yield from line("", named).split("\n")
    if len(resources) > _SHOWN:
        yield line("", f"and {len(resources) - _SHOWN:,} more")
