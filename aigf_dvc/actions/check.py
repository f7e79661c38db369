"""Check models against a policy: the verdict at one gate."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.capture.asked_evidence import with_asked
from aigf_dvc.capture.baselines import Production, gather_baselines
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import Data, NoData, WorkspaceData
from aigf_dvc.capture.dirty import dirty_paths
from aigf_dvc.capture.model_evidence import Trust, declared, gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import folder_policy, read_snapshot_policy
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.run_records import FoundRecord
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import all_metrics, read_metrics_file
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.policy.evaluate import evaluate, undecided
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.lineage import DataDemand, EdgeDemand, RequiredLineage
from aigf_dvc.policy.verdict import Gate, Verdict
from aigf_dvc.report.verdict_report import ModelReport, model_report
from aigf_dvc.settings import ModelSettings, Settings
from aigf_dvc.trees.snapshot import Snapshot


class Question(Struct, frozen=True, kw_only=True):
    """What to judge: which models of which state of a project, at which gate."""

    project: Project
    at: Gate
    today: date
    models: tuple[str, ...] = ()  # empty: all
    revision: str | None = None  # None: the working tree
    policy: Path | None = None  # None: the one that aigf.yaml names
    environment: str | None = None  # None: the one that aigf.yaml names
    trust: Callable[[Policy], Trust] | None = None  # None: no further than the lock
    production: Production | None = None  # None: nobody says which model is in production
    records: Mapping[Sha256, FoundRecord] = field(default_factory=dict)  # that `trust` counted
    consent: Callable[[ModelEvidence], ModelEvidence] | None = None  # None: nobody's counts
    progress: Progress | None = None


def check(question: Question) -> tuple[Verdict, ...]:
    """Return the verdict on each model.

    Raises:
        InputError: no project, no such model, or an invalid aigf.yaml or policy.
        UndecidedError: the pipeline cannot be read.
    """
    return tuple(model.verdict for model in report(question))


def report(question: Question) -> tuple[ModelReport, ...]:
    """Return the verdict on each model, and what a reader of a report wants to see beside it.

    Raises:
        InputError, UndecidedError: as `check` does.
    """
    with GitObjects(question.project.repository) as objects:
        snapshot = question.project.snapshot(objects, question.revision)
        settings = load_settings(snapshot)
        policy = _policy(question, snapshot, settings)
        return report_snapshot(question, snapshot, settings, policy, objects=objects)


def check_snapshot(
    question: Question,
    snapshot: Snapshot,
    settings: Settings,
    policy: Policy,
    *,
    objects: GitObjects,
) -> tuple[Verdict, ...]:
    """Return the verdict on each model of a snapshot under settings and policy from elsewhere."""
    models = report_snapshot(question, snapshot, settings, policy, objects=objects)
    return tuple(model.verdict for model in models)


def report_snapshot(
    question: Question,
    snapshot: Snapshot,
    settings: Settings,
    policy: Policy,
    *,
    objects: GitObjects,
) -> tuple[ModelReport, ...]:
    """Return the report of each model of a snapshot under settings and policy from elsewhere."""
    chosen = [settings.model(name) for name in question.models] or list(settings.models)
    pipeline = read_pipeline(snapshot)
    cache = DigestCache(question.project.root)
    data = _data(question, chosen, policy, cache)
    comparison = Consistency(snapshot, pipeline, data)
    clean = _clean_tree(question, policy, objects)
    environment = question.environment or settings.environment
    models = tuple(
        _judge(
            model, comparison, question, policy=policy, environment=environment, clean_tree=clean
        )
        for model in chosen
    )
    if question.revision is None:
        cache.save()
    return models


def check_files(
    *,
    card: Path,
    metrics: Sequence[Path],
    policy: Path,
    at: Gate,
    today: date,
    environment: str = "",
) -> ModelReport:
    """Judge a model card and metrics files alone: no DVC, no git, no lineage.

    Raises:
        InputError, UndecidedError: a file cannot be read.
    """
    rules = folder_policy(read_file(policy), policy)
    found: dict[str, Metric] = {}
    for file in metrics:
        values = read_metrics_file(read_file(file), path=str(file))
        found |= all_metrics(values, path=str(file))
    evidence = ModelEvidence(
        model=card.stem,
        card=read_model_card(read_file(card), path=str(card)),
        card_path=str(card),
        metrics=found,
        metric_places={},
    )
    verdict = evaluate(rules, evidence, at=at, today=today, environment=environment)
    return model_report(verdict, evidence, rules)


def _policy(question: Question, snapshot: Snapshot, settings: Settings) -> Policy:
    if question.policy is not None:
        return folder_policy(read_file(question.policy), question.policy)
    return read_snapshot_policy(snapshot, settings.policy)


def _data(
    question: Question, models: Sequence[ModelSettings], policy: Policy, cache: DigestCache
) -> Data:
    """Return what to hash: the model alone, unless a rule wants all data verified."""
    if question.revision is not None:
        return NoData()
    only = None if _wants(policy, verified_data=True) else frozenset(model.path for model in models)
    return WorkspaceData(question.project.root, cache, only=only, progress=question.progress)


def _wants(policy: Policy, *, verified_data: bool) -> bool:
    """Tell whether a rule wants all data verified, or else a clean tree: both cost reading."""
    demands = [rule.demand for rule in policy.rules if isinstance(rule.demand, RequiredLineage)]
    if verified_data:
        return any(d.data is DataDemand.VERIFIED or d.edges is EdgeDemand.VERIFIED for d in demands)
    return any(d.clean_tree for d in demands)


def _clean_tree(question: Question, policy: Policy, objects: GitObjects) -> bool | None:
    if question.revision is not None or not _wants(policy, verified_data=False):
        return None
    return not dirty_paths(question.project, objects)


def _judge(
    model: ModelSettings,
    comparison: Consistency,
    question: Question,
    *,
    policy: Policy,
    environment: str,
    clean_tree: bool | None,
) -> ModelReport:
    wanted = with_policy_metrics(model, policy)
    project = question.project
    try:
        evidence = gather(
            wanted,
            comparison,
            root=project.root,
            trust=question.trust(policy) if question.trust is not None else declared,
            clean_tree=clean_tree,
        )
        baselines = gather_baselines(policy, wanted, comparison, project, question.production)
        evidence = with_asked(
            evidence,
            comparison,
            policy,
            project=project,
            at=question.at,
            records=question.records,
        )
        if question.consent is not None:
            # It reads who wrote what is made: half of all modules, which no push needs.
            from aigf_dvc.capture.consent_binding import bind  # noqa: PLC0415

            evidence = question.consent(bind(evidence, model, comparison, question.project))
    except AigfError as error:
        return ModelReport(
            verdict=undecided(policy, model.name, error, at=question.at),
            policy_description=policy.description,
        )
    evidence = replace(evidence, baselines=baselines)
    verdict = evaluate(
        policy, evidence, at=question.at, today=question.today, environment=environment
    )
    return model_report(verdict, evidence, policy)
