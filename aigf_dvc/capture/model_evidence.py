"""Gathers the evidence about one model from a snapshot."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import is_same_text
from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.data_card import DATA_CARD, DataCard, read_data_card
from aigf_dvc.evidence.data_origin import (
    data_read,
    data_sets_behind,
    described,
    origin_address,
)
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.governance_document import GovernanceDocument, read_governance_document
from aigf_dvc.evidence.lineage import (
    Cause,
    Edge,
    EdgeKind,
    EdgeState,
    Lineage,
    StageTrust,
    TrustLevel,
)
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import find_metric, read_metrics_file
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.parameter import parameters_of
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.evidence.ran_stage import RanStages, ran_stages
from aigf_dvc.settings import ModelSettings
from aigf_dvc.trees.snapshot import Snapshot

Trust = Callable[[Pipeline, str, Path], StageTrust]
"""Tells how far a stage is trusted: from the pipeline, its address and the project's folder."""


def declared(_pipeline: Pipeline, address: str, _root: Path) -> StageTrust:
    """Trust no stage further than its lock: for gates that defer the question, and cost less."""
    return StageTrust(stage=address, level=TrustLevel.DECLARED)


def gather(
    model: ModelSettings,
    comparison: Consistency,
    *,
    root: Path,
    trust: Trust = declared,
    clean_tree: bool | None = None,
) -> ModelEvidence:
    """Return everything that a policy judges about a model.

    Args:
        model: the model's settings.
        comparison: the snapshot, its pipeline, and the data to compare with.
        root: the project's folder on disk: DVC's cache and the run records are there.
        trust: how far each stage is trusted; `run_records.stage_trust` looks for run records.
        clean_tree: whether the working tree is the commit's; None when a commit is judged.

    Raises:
        InputError: no stage makes the model.
        UndecidedError: a file cannot be read.
    """
    snapshot, pipeline = comparison.snapshot, comparison.pipeline
    scope = model_scope(model, pipeline)
    known = _Digests(comparison)
    card = snapshot.read(model.card)
    edges = [edge for address in scope for edge in comparison.edges(address)]
    stages = ran_stages(pipeline)
    return ModelEvidence(
        model=model.name,
        card=read_model_card(card, path=model.card) if card is not None else None,
        card_path=model.card,
        metrics=_metrics(model, snapshot, pipeline, root),
        metric_places={name: source.place for name, source in model.metrics.items()},
        documents=tuple(_documents(model, snapshot)),
        document_places={document.type: document.path for document in model.documents},
        lineage=Lineage(
            edges=(
                *edges,
                *_metric_edges(model, pipeline),
                *_edited_metrics(model, comparison, known=edges),
            ),
            stages=tuple(trust(pipeline, address, root) for address in scope),
            clean_tree=clean_tree,
        ),
        sha256=known.of(pipeline.made().get(model.path)),
        data=known.data(pipeline.ancestors(model.path)),
        parameters=parameters_of(stages.behind((model.path, *metric_files(model)))),
        datasets=known.datasets(model, stages),
    )


class _Digests:
    """Tells the SHA-256 of recorded data: of the bytes here, or what the digest lock knows."""

    def __init__(self, comparison: Consistency) -> None:
        self._comparison = comparison
        self._lock = read_digest_lock(comparison.snapshot.read(FILE_NAME))

    def of(self, recorded: Recorded | None) -> Sha256 | None:
        if recorded is None:
            return None
        seen = self._comparison.data.hash(recorded)
        if seen is not None and seen.md5 == recorded.value:
            return seen.sha256
        return self._lock.sha256(recorded.value, recorded.size)

    def data(self, stages: Iterable[str]) -> dict[str, Sha256]:
        pipeline = self._comparison.pipeline
        reads = (path for address in stages for path in pipeline.stages[address].deps)
        known = {p: self.of(pipeline.tracked[p]) for p in data_read(reads, pipeline.tracked)}
        return {path: digest for path, digest in known.items() if digest is not None}

    def datasets(self, model: ModelSettings, stages: RanStages) -> tuple[Dataset, ...]:
        snapshot, tracked = self._comparison.snapshot, self._comparison.pipeline.tracked
        return described(
            data_sets_behind(stages, [model.path], tracked),
            sha256=lambda name: self.of(tracked[name]) if name in tracked else self._in_git(name),
            is_directory=lambda name: name in tracked and is_folder(tracked[name]),
            origins=import_origins(self._comparison.pipeline),
            cards=data_cards(model, snapshot),
        )

    def _in_git(self, name: str) -> Sha256 | None:
        content = None if is_outside(name) else self._comparison.git_content(name)
        return content.sha256 if content is not None else None


def is_folder(recorded: Recorded) -> bool:
    """Tell whether a folder was recorded, with its list of files or without."""
    return recorded.is_directory or recorded.file_count is not None


def model_scope(model: ModelSettings, pipeline: Pipeline) -> tuple[str, ...]:
    """Return the stages that the model or one of its metrics depends on.

    Raises:
        InputError: no stage makes the model.
        UndecidedError: two records claim to make it.
    """
    refuse_two_claims(model, pipeline)
    scope = list(pipeline.ancestors(model.path))
    if not scope:
        raise InputError(
            f"no stage makes the model {model.path}",
            where=f"aigf.yaml: models.{model.name}.path",
            expected="an output of a stage in dvc.yaml",
            hint=f"`dvc stage add -n train -o {model.path} ... COMMAND` records how it is made",
        )
    for file in metric_files(model):
        scope.extend(a for a in pipeline.ancestors(file) if a not in scope)
    return tuple(scope)


def refuse_two_claims(model: ModelSettings, pipeline: Pipeline) -> None:
    """Refuse a model of which two records claim to say what its bytes are.

    Raises:
        UndecidedError: two stages, or a stage and a .dvc file, make it.
    """
    claimants = pipeline.claims().get(model.path)
    if claimants is not None:
        raise UndecidedError(
            f"{' and '.join(claimants)} both claim to make the model",
            where=model.path,
            expected="one record for each path",
            hint="`dvc remove` the one that does not make it",
        )


def metric_files(model: ModelSettings) -> tuple[str, ...]:
    """Return the files that the model's metrics are in."""
    return tuple(dict.fromkeys(source.file for source in model.metrics.values()))


def read_metric_files(
    snapshot: Snapshot, files: Iterable[str]
) -> Mapping[str, Mapping[str, object]]:
    """Read the metrics files that are there, by path."""
    return {
        file: read_metrics_file(data, path=file)
        for file in files
        if (data := snapshot.read(file)) is not None
    }


def _metrics(
    model: ModelSettings, snapshot: Snapshot, pipeline: Pipeline, root: Path
) -> dict[str, Metric]:
    values = dict(read_metric_files(snapshot, metric_files(model)))
    for file in metric_files(model):
        if file not in values and (data := _cached(file, pipeline, root)) is not None:
            values[file] = read_metrics_file(data, path=file)
    found = {}
    for name, source in model.metrics.items():
        if source.file in values:
            metric = find_metric(values[source.file], source.key, path=source.file)
            if metric is not None:
                found[name] = metric
    return found


def _cached(file: str, pipeline: Pipeline, root: Path) -> bytes | None:
    """Return a metrics file from DVC's cache, when its bytes are what the lock records."""
    recorded = pipeline.made().get(file)
    if recorded is None or recorded.is_directory:
        return None
    return DvcCache(root).read(recorded)


def _documents(model: ModelSettings, snapshot: Snapshot) -> Iterable[GovernanceDocument]:
    for document in model.documents:
        data = snapshot.read(document.path)
        if data is not None:
            yield read_governance_document(data, path=document.path, kind=document.type)


def import_origins(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Return where each imported data set came from, by its path."""
    imports = pipeline.imports.values()
    return {i.path: (origin_address(i.url, i.source),) for i in imports}


def data_cards(model: ModelSettings, snapshot: Snapshot) -> Iterable[DataCard]:
    """Yield the data cards among a model's documents."""
    for document in model.documents:
        data = snapshot.read(document.path) if document.type == DATA_CARD else None
        if data is not None:
            yield read_data_card(data, path=document.path)


def _metric_edges(model: ModelSettings, pipeline: Pipeline) -> Iterable[Edge]:
    """Yield a missing edge for each metrics file that nothing ties to this model.

    A stage ties it that reads the model, or the one run that made them both.
    """
    maker = pipeline.producers().get(model.path)
    for file in metric_files(model):
        stages = pipeline.ancestors(file)
        computed = any(model.path in pipeline.stages[address].deps for address in stages)
        if computed or (maker is not None and stages[:1] == (maker,)):
            continue
        reason = (
            f"no stage between {model.path} and it: these numbers may be about another model"
            if stages
            else "no stage makes it: nothing shows which model these numbers are about"
        )
        yield Edge(
            stage=stages[0] if stages else "",
            kind=EdgeKind.OUTPUT,
            name=file,
            state=EdgeState.MISSING,
            reason=reason,
            cause=Cause.UNRELATED,
        )


def _edited_metrics(
    model: ModelSettings, comparison: Consistency, *, known: Iterable[Edge]
) -> Iterable[Edge]:
    """Yield an edge for each metrics file whose numbers are not those of the run.

    Other data need not be looked at, but these numbers are judged, wherever they are read from.
    """
    pipeline = comparison.pipeline
    bad = {edge.name for edge in known if not edge.state.is_sound}
    for file in metric_files(model):
        stages, data = pipeline.ancestors(file), comparison.snapshot.read(file)
        if data is None or file in bad or not stages or stages[0] not in pipeline.locks:
            continue
        recorded = comparison.made_record(file)
        if recorded is None:
            yield _metrics_edge(
                stages[0], file, EdgeState.MISSING, Cause.NOT_HERE,
                "what the run wrote is not known here: its folder's list of files is not here",
            )  # fmt: skip
        elif not is_same_text(data, recorded.value):
            yield _metrics_edge(
                stages[0], file, EdgeState.MISMATCHED, Cause.OUTPUT_EDITED, "edited after the run"
            )


def _metrics_edge(stage: str, file: str, state: EdgeState, cause: Cause, reason: str) -> Edge:
    return Edge(
        stage=stage, kind=EdgeKind.OUTPUT, name=file, state=state, reason=reason, cause=cause
    )
