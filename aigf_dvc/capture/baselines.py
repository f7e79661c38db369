"""Gathers the baselines that a policy compares with: a file, a revision, or what is deployed."""

from collections.abc import Callable, Collection, Iterator

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.model_evidence import gather, metric_files
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metrics import find_metric, read_metrics_file
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.pipeline import Makers
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.no_regression import BaselineSource
from aigf_dvc.policy.wanted import wanted_baselines
from aigf_dvc.settings import ModelSettings
from aigf_dvc.trees.commit_snapshot import CommitSnapshot

Production = Callable[[str, Collection[str]], Baseline]
"""Finds the production model's baseline: from a model's name and the metrics to compare."""


def gather_baselines(
    policy: Policy,
    model: ModelSettings,
    comparison: Consistency,
    project: Project,
    production: Production | None = None,
) -> tuple[Baseline, ...]:
    """Return every baseline that a rule compares with; one that cannot be read says why.

    Args:
        policy: its rules say which.
        model: the model that is judged, with the metrics that the policy names.
        comparison: the snapshot that is judged.
        project: where revisions are looked up.
        production: finds the production model's; None: nobody said where it is.
    """
    return tuple(
        baseline
        for source in wanted_baselines(policy)
        for baseline in _read(source, policy, model, comparison, project, production)
    )


def _read(
    source: BaselineSource,
    policy: Policy,
    model: ModelSettings,
    comparison: Consistency,
    project: Project,
    production: Production | None,
) -> Iterator[Baseline]:
    if source.file:
        yield _from_file(source, model, comparison)
    elif source.tag:
        yield _from_revision(source, policy, model, comparison.snapshot.commit, project)
    elif production is not None:
        yield production(model.name, tuple(model.metrics))


def _from_file(source: BaselineSource, model: ModelSettings, comparison: Consistency) -> Baseline:
    path = source.file
    if Makers(comparison.pipeline.producers()).of(path) or path in metric_files(model):
        reason = f"{path} is written by the pipeline itself: it would be compared with itself"
        return Baseline(name=source.name, where=path, problem=reason)
    try:
        data = comparison.snapshot.read(path)
        if data is None:
            return Baseline(
                name=source.name, where=path, absent=True, problem=f"{path} is not there"
            )
        values = read_metrics_file(data, path=path)
    except AigfError as error:
        return Baseline(name=source.name, where=path, problem=str(error))
    found = {}
    for name, metric in model.metrics.items():
        # By its name, or where the metrics file has it: a copy of that makes a baseline too.
        value = find_metric(values, name, path=path) or find_metric(values, metric.key, path=path)
        if value is not None:
            found[name] = value
    return Baseline(name=source.name, where=path, metrics=found)


def _from_revision(
    source: BaselineSource,
    policy: Policy,
    model: ModelSettings,
    judged: str | None,
    project: Project,
) -> Baseline:
    try:
        commit = program.resolve_commit(project.repository, source.tag)
    except InputError:
        reason = f"no revision named {source.tag} here (`git fetch --tags` may bring it)"
        return Baseline(name=source.name, where=source.tag, absent=True, problem=reason)
    where = f"commit {commit[:12]}"
    if commit == judged:
        reason = f"{source.tag} is the commit that is judged: it would be compared with itself"
        return Baseline(name=source.name, where=where, problem=reason)
    try:
        evidence, known = _evidence_at(commit, policy, model.name, project)
    except AigfError as error:
        return Baseline(name=source.name, where=where, problem=str(error))
    return Baseline(
        name=source.name,
        where=where,
        metrics=evidence.metrics,
        model=evidence.sha256,
        problem=_unsound(evidence, metric_files(known)),
    )


def _evidence_at(
    commit: str, policy: Policy, name: str, project: Project
) -> tuple[ModelEvidence, ModelSettings]:
    """Return what a commit has of a model, by that commit's own aigf.yaml."""
    with GitObjects(project.repository) as objects:
        snapshot = CommitSnapshot(objects, commit, prefix=project.prefix)
        model = with_policy_metrics(load_settings(snapshot).model(name), policy)
        comparison = Consistency(snapshot, read_pipeline(snapshot), NoData())
        return gather(model, comparison, root=project.root), model


def _unsound(evidence: ModelEvidence, files: Collection[str]) -> str:
    """Return why metrics are not those that a run made of the model, or an empty text."""
    edges = evidence.lineage.edges if evidence.lineage else ()
    bad = [edge for edge in edges if not edge.state.is_sound and edge.name in files]
    return f"its {bad[0].name}: {bad[0].reason}" if bad else ""
