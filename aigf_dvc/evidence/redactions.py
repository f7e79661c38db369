"""What was taken out of a project's commands, parameters, cards and metrics, and where it stood."""

from collections.abc import Iterator

from aigf_dvc.canonical import user_data_as_json
from aigf_dvc.evidence.manifest import ManifestModel
from aigf_dvc.evidence.pipeline import Stage, StageLock
from aigf_dvc.redaction import Redaction, find_secrets, find_secrets_in_text, redact_text


def stage_redactions(stage: Stage, lock: StageLock | None) -> Iterator[Redaction]:
    """Yield what the manifest and a run record leave out of a stage: as it ran, or is defined."""
    name = redact_text(stage.address.rpartition(":")[2])
    for command in lock.commands if lock else stage.commands:
        yield from find_secrets_in_text(command, where=f"{stage.file} stage {name}, command")
    for file, values in lock.parameters.items() if lock else ():
        for found in find_secrets(user_data_as_json(values), where=f"{file}:"):
            yield Redaction(where=f"{found.where} (stage {name})", rule=found.rule)


def model_redactions(model: ManifestModel) -> Iterator[Redaction]:
    """Yield what the manifest leaves out of a model's card and metrics."""
    if model.card is not None:
        yield from find_secrets(user_data_as_json(model.card_fields), where=f"{model.card.name}:")
    for place, value in model.metrics.values():
        yield from find_secrets(user_data_as_json(value), where=place)
