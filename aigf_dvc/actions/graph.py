"""Gather the lineage graph of a project: of a commit, or of the working tree."""

from collections.abc import Sequence

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import Data, NoData, WorkspaceData
from aigf_dvc.capture.manifest import capture_artifacts
from aigf_dvc.capture.model_evidence import metric_files
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.reproductions import trust_in
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.graph import LineageGraph, Role
from aigf_dvc.evidence.graph_build import Facts, build_graph
from aigf_dvc.evidence.graph_scope import lineage_scope
from aigf_dvc.evidence.manifest import Artifact
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.settings import FILE_NAME, ModelSettings, Settings, read_settings
from aigf_dvc.trees.snapshot import Snapshot


def graph(
    project: Project,
    *,
    models: tuple[str, ...] = (),
    revision: str | None = None,
    progress: Progress | None = None,
    everything: bool = False,
) -> LineageGraph:
    """Return the lineage graph of models, as the records and the bytes stand.

    From the working tree, all bytes of the graph that are here are hashed, as `aigf capture` does;
    nothing is written but the cache of digests.

    Args:
        project: where.
        models: names from aigf.yaml, or paths that a stage makes; empty: all models of aigf.yaml,
            or the whole pipeline when there is no aigf.yaml.
        revision: a commit; None for the working tree.
        progress: called with each number of bytes read.
        everything: the whole pipeline, and tracked data that no stage reads.

    Raises:
        InputError: no such commit, model or pipeline.
        UndecidedError: something cannot be read, or has an unsupported shape.
    """
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, revision)
        pipeline = read_pipeline(snapshot)
        settings = _settings(snapshot)
        chosen = [_model(name, settings, pipeline) for name in models] or list(settings.models)
        whole = everything or not chosen
        scope = tuple(pipeline.stages) if whole else _scope(pipeline, chosen)
        cache = DigestCache(project.root)
        data: Data = NoData()
        if revision is None:
            data = WorkspaceData(project.root, cache, only=None, progress=progress)
        comparison = Consistency(snapshot, pipeline, data)
        trust = trust_in(snapshot, settings, project.root)
        facts = Facts(
            pipeline=pipeline,
            edges={address: tuple(comparison.edges(address)) for address in scope},
            trust={address: trust(pipeline, address, project.root) for address in scope},
            artifacts={
                **_parameter_files(comparison, scope),
                **{a.name: a for a in capture_artifacts(snapshot, pipeline, settings)},
            },
            models=_names_by_path((*settings.models, *chosen)),
            loose=_loose(pipeline, chosen, whole=whole),
        )
        if revision is None:
            cache.save()
        names = () if whole else tuple(model.name for model in chosen)
        return build_graph(facts, models=names, commit=snapshot.commit)


def _settings(snapshot: Snapshot) -> Settings:
    """Return what aigf.yaml says; a project without one governs nothing yet."""
    data = snapshot.read(FILE_NAME)
    return Settings(models=()) if data is None else read_settings(data)


def _model(name: str, settings: Settings, pipeline: Pipeline) -> ModelSettings:
    """Return the settings of a model by its name, or of a path that a stage makes."""
    if any(model.name == name for model in settings.models):
        return settings.model(name)
    if pipeline.ancestors(name):
        return ModelSettings(name=name, path=name, card="", metrics={}, documents=())
    known = ", ".join(model.name for model in settings.models)
    raise InputError(
        f"no model named {name!r}, and no stage makes such a path",
        where=FILE_NAME,
        expected=f"one of {known}" if known else "an output of a stage",
    )


def _scope(pipeline: Pipeline, models: Sequence[ModelSettings]) -> tuple[str, ...]:
    for model in models:
        if not pipeline.ancestors(model.path):
            raise InputError(
                f"no stage makes the model {model.path}",
                where=f"{FILE_NAME}: models.{model.name}.path",
                expected="an output of a stage in dvc.yaml",
                hint="`aigf graph --all` shows the whole pipeline",
            )
    metrics = (file for model in models for file in metric_files(model))
    return lineage_scope(pipeline, (*(model.path for model in models), *metrics))


def _parameter_files(comparison: Consistency, scope: Sequence[str]) -> dict[str, Artifact]:
    """Return the parameter files in git: the manifest has their values, not their bytes."""
    stages = [comparison.pipeline.stages[address] for address in scope]
    found = {}
    for file in sorted({file for stage in stages for file in stage.parameters}):
        content = comparison.git_content(file)
        if content is not None:
            role = Role.PARAMETERS.value
            found[file] = Artifact(name=file, role=role, sha256=content.sha256, recorded=None)
    return found


def _loose(pipeline: Pipeline, models: Sequence[ModelSettings], *, whole: bool) -> tuple[str, ...]:
    """Return what is to be shown although no stage may name it: a model of several outputs."""
    tracked = pipeline.tracked if whole else ()
    return (*tracked, *(model.path for model in models if pipeline.ancestors(model.path)))


def _names_by_path(models: Sequence[ModelSettings]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for model in models:
        if model.name not in found.get(model.path, ()):
            found[model.path] = (*found.get(model.path, ()), model.name)
    return found
