"""Hold a stage against the policy before it runs: no hours of training on data that is denied."""

from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.planned_evidence import Bytes, gather_planned, stages_named
from aigf_dvc.capture.policy import folder_policy, read_snapshot_policy
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.close_names import close_names
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.policy.before_run import evaluate_before
from aigf_dvc.policy.evaluate import undecided
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.rules.datasets import RequiredDatasets
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.verdict_report import ModelReport, model_report
from aigf_dvc.settings import ModelSettings, Settings


class PlannedRun(Struct, frozen=True, kw_only=True):
    """Which stage of the working tree is about to run, and for which models."""

    project: Project
    stage: str
    today: date
    models: tuple[str, ...] = ()  # empty: all that the stage leads to
    policy: Path | None = None  # None: the one that aigf.yaml names
    environment: str | None = None  # None: the one that aigf.yaml names
    progress: Progress | None = None


def report_before(planned: PlannedRun) -> tuple[ModelReport, ...]:
    """Return the verdict on the data and parameters of a run, for each model it is part of.

    Raises:
        InputError: no such stage, or it leads to no model of aigf.yaml.
        UndecidedError: the pipeline cannot be read.
    """
    project = planned.project
    with GitObjects(project.repository) as objects:
        snapshot = project.snapshot(objects, None)
        settings = load_settings(snapshot)
        policy = (
            folder_policy(read_file(planned.policy), planned.policy)
            if planned.policy is not None
            else read_snapshot_policy(snapshot, settings.policy)
        )
        pipeline = read_pipeline(snapshot)
        stages = _stages(pipeline, planned.stage)
        models = _models(planned, settings, pipeline, stages)
        named = replace(planned, environment=planned.environment or settings.environment)
        cache = DigestCache(project.root)
        data = Bytes(
            project.root, cache, look_inside=_looks_inside(policy), progress=planned.progress
        )
        comparison = Consistency(snapshot, pipeline, NoData())
        judged = []
        for model in models:
            mine = tuple(s for s in stages if s in pipeline.ancestors(model.path))
            judged.append(_judge(model, comparison, mine, named, policy=policy, data=data))
        cache.save()
    return tuple(judged)


def _judge(
    model: ModelSettings,
    comparison: Consistency,
    stages: tuple[str, ...],
    planned: PlannedRun,
    *,
    policy: Policy,
    data: Bytes,
) -> ModelReport:
    try:
        evidence = gather_planned(model, comparison, stages, data=data)
    except AigfError as error:
        return ModelReport(
            verdict=undecided(policy, model.name, error, at=Gate.STAGE),
            policy_description=policy.description,
        )
    verdict = evaluate_before(
        policy, evidence, today=planned.today, environment=planned.environment or ""
    )
    return model_report(verdict, evidence, policy)


def _stages(pipeline: Pipeline, name: str) -> tuple[str, ...]:
    found = stages_named(pipeline, name)
    if not found:
        close = close_names(name, pipeline.stages)
        raise InputError(
            f"no stage {name!r}",
            where="dvc.yaml",
            expected=f"one of {', '.join(list(pipeline.stages)[:20])}",
            hint=f"did you mean `{close[0]}`?" if close else "`dvc stage list` lists them",
        )
    return found


def _models(
    planned: PlannedRun, settings: Settings, pipeline: Pipeline, stages: tuple[str, ...]
) -> tuple[ModelSettings, ...]:
    """Return the models that the stages lead to, of those that were asked for."""
    asked = [settings.model(name) for name in planned.models] or list(settings.models)
    found = tuple(m for m in asked if not set(stages).isdisjoint(pipeline.ancestors(m.path)))
    if not found:
        names = ", ".join(model.name for model in asked)
        raise InputError(
            f"the stage {planned.stage!r} leads to none of the models {names}",
            where="aigf.yaml: models",
            expected="a stage that a model is made from",
        )
    return found


def _looks_inside(policy: Policy) -> bool:
    demands = [rule.demand for rule in policy.rules if isinstance(rule.demand, RequiredDatasets)]
    return any(demand.deny_digests for demand in demands)
