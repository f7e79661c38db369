"""Gathers what a policy can judge before a stage runs: the data it would read, the parameters.

The bytes that count are those that stand here now, for these the stage would read, whatever a
.dvc file recorded of them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.model_evidence import (
    data_cards,
    import_origins,
    is_folder,
    metric_files,
)
from aigf_dvc.capture.parameters import ABSENT, look_up, read_parameters
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.data_origin import data_sets_behind, described
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.parameter import parameters_of
from aigf_dvc.evidence.pipeline import Pipeline, Stage
from aigf_dvc.evidence.ran_stage import planned_stages
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.hashing.scan import walk
from aigf_dvc.settings import ModelSettings
from aigf_dvc.trees.snapshot import Snapshot


class Bytes:
    """The data sets as they lie in the working tree.

    Args:
        root: the project's folder.
        digests: the remembered digests.
        look_inside: whether the files of folders are wanted, too.
        progress: called with each number of bytes read.
    """

    def __init__(
        self,
        root: Path,
        digests: DigestCache,
        *,
        look_inside: bool,
        progress: Progress | None = None,
    ) -> None:
        self._root = root
        self._digests = digests
        self._look_inside = look_inside
        self._progress = progress

    def sha256(self, path: str) -> Sha256 | None:
        """Return the SHA-256 of what stands at a path; None when nothing does."""
        try:
            return self._digests.hash(path, progress=self._progress).sha256
        except (FileNotFoundError, NotADirectoryError):
            return None

    def with_files(self, data: Dataset) -> Dataset:
        """Return a folder of data with its files, where they are wanted and here."""
        if not (self._look_inside and (self._root / data.name).is_dir()):
            return data
        files = tuple(
            (name, self._digests.hash(f"{data.name}/{name}", progress=self._progress).sha256)
            for name in walk(self._root, data.name)
        )
        return replace(data, is_directory=True, files=files)


def gather_planned(
    model: ModelSettings, comparison: Consistency, stages: Iterable[str], *, data: Bytes
) -> ModelEvidence:
    """Return what is known of a model before some of its stages run.

    Args:
        model: the model's settings.
        comparison: the snapshot and its pipeline.
        stages: the stages that are about to run; data that leads to them counts, too, and the
            parameters of all the model's stages, which stand in their files already.
        data: the bytes that they would read.

    Raises:
        UndecidedError: a file cannot be read.
    """
    snapshot, pipeline = comparison.snapshot, comparison.pipeline
    wanted = [pipeline.stages[address] for address in stages]
    planned = planned_stages(pipeline, _parameters(pipeline.stages.values(), snapshot))
    outs = [out.path for stage in wanted for out in stage.outs]
    card = snapshot.read(model.card)
    found = described(
        data_sets_behind(planned, outs, pipeline.tracked),
        sha256=lambda name: _sha256(name, comparison, data),
        is_directory=lambda name: name in pipeline.tracked and is_folder(pipeline.tracked[name]),
        origins=import_origins(pipeline),
        cards=data_cards(model, snapshot),
    )
    return ModelEvidence(
        model=model.name,
        card=read_model_card(card, path=model.card) if card is not None else None,
        card_path=model.card,
        parameters=parameters_of(planned.behind((model.path, *metric_files(model)))),
        datasets=tuple(map(data.with_files, found)),
    )


def _sha256(name: str, comparison: Consistency, data: Bytes) -> Sha256 | None:
    """Return the digest of the bytes here; of absent data, what aigf.lock knows of its record."""
    if is_outside(name):
        return None
    recorded = comparison.pipeline.tracked.get(name)
    if recorded is None:
        content = comparison.git_content(name)
        return content.sha256 if content is not None else None
    lock = read_digest_lock(comparison.snapshot.read(FILE_NAME))
    return data.sha256(name) or lock.sha256(recorded.value, recorded.size)


def _parameters(
    stages: Iterable[Stage], snapshot: Snapshot
) -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return {stage.address: _of_stage(stage, snapshot) for stage in stages}


def _of_stage(stage: Stage, snapshot: Snapshot) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for file, keys in stage.parameters.items():
        content = snapshot.read(file)
        values = read_parameters(content, path=file) if content is not None else {}
        named = {key: look_up(values, key) for key in keys or map(str, values)}
        found[file] = {key: value for key, value in named.items() if value is not ABSENT}
    return found


def stages_named(pipeline: Pipeline, name: str) -> tuple[str, ...]:
    """Return the stages that a name means: one, or each that a template made of it."""
    if name in pipeline.stages:
        return (name,)
    return tuple(a for a in pipeline.stages if a.partition("@")[0] == name)
