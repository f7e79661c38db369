"""Run models' stages again in a clean clone of a commit, and compare with what is recorded."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

from aigf_dvc.attestation.reproduction_statement import reproduction_statement
from aigf_dvc.canonical import Json
from aigf_dvc.capture.model_evidence import metric_files, read_metric_files
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.reproductions import keep_reproduction, keep_state_file, trust_under
from aigf_dvc.capture.run_records import FOLDER as RUNS
from aigf_dvc.capture.run_records import FoundRecord
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.lineage import StageTrust
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import find_metric
from aigf_dvc.evidence.pipeline import Makers
from aigf_dvc.evidence.reproduction import (
    ComparedMetric,
    ComparedOutput,
    Digests,
    ReproducedStage,
    Reproduction,
    comparable,
)
from aigf_dvc.evidence.run_record import Recorder
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.numbers import as_number
from aigf_dvc.policy.rules.lineage import tolerance_of
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.running.clean_clone import CleanClone, clean_clone
from aigf_dvc.running.clean_plan import CleanPlan, demand_recorded_inputs, read_clean_plan
from aigf_dvc.running.clean_run import (
    bring_data,
    clean_run_records,
    made_by,
    remove_outputs,
    run_stages,
)
from aigf_dvc.running.environment import capture_environment
from aigf_dvc.settings import ModelSettings
from aigf_dvc.shipped import version
from aigf_dvc.signing.signature import Signer
from aigf_dvc.stores.layout import BUNDLE, Store, Stored
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.working_tree import WorkingTree


class CleanOrder(Struct, frozen=True, kw_only=True):
    """What to run again, and what to do with the outcome."""

    project: Project
    revision: str
    clock: Callable[[], datetime]
    say: Callable[[str], None]  # told what is happening
    models: tuple[str, ...] = ()  # empty: all
    keep: bool = False  # leave the clone
    sign: Signer | None = None  # None: the record is not signed
    store: Store | None = None  # where signed records go


class Reproduced(Struct, frozen=True, kw_only=True):
    """The outcome for one model."""

    record: Reproduction
    commit: str
    kept: str  # where the record is, in the project
    stages: tuple[StageTrust, ...]  # how far they are trusted now, under the commit's own policy
    stored: str = ""  # the name of the signed statement in the store
    unobserved: str = ""  # why the clean run left no run record, if it left none


class _CleanRun(Struct, frozen=True, kw_only=True):
    """What the clean run made, and under which circumstances."""

    made: Mapping[str, Digests]  # by path
    metrics: Mapping[str, Mapping[str, Metric]]  # model -> name -> value
    records: Mapping[str, FoundRecord]  # by address
    environment: Mapping[str, Json]
    started: datetime
    ended: datetime
    unobserved: str


def reproduce(order: CleanOrder) -> tuple[Reproduced, ...]:
    """Run the stages of models again in a clean clone; keep what came of it as evidence.

    One run serves all models. Nothing of the project changes but its own `.aigf` folder; a signed
    record goes to the store.

    Raises:
        InputError: no such commit or model.
        RefusedError: run records came with the commit, or the record holds a secret.
        UndecidedError: the commit contradicts itself, a digest or the data is nowhere, or a stage
            failed.
    """
    project = order.project
    with GitObjects(project.repository) as objects:
        commit = program.resolve_commit(project.repository, order.revision)
        snapshot = CommitSnapshot(objects, commit, prefix=project.prefix)
        plan = read_clean_plan(snapshot, order.models, root=project.root)
        order.say(f"cloning {commit[:12]} into a scratch folder")
        with clean_clone(project, commit, environ=os.environ, keep=order.keep) as clone:
            if order.keep:
                order.say(f"the clone stays in {clone.project.root}")
            run = _run(order, plan, clone)
        return tuple(_conclude(order, plan, model, run) for model in plan.models)


def _run(order: CleanOrder, plan: CleanPlan, clone: CleanClone) -> _CleanRun:
    root = clone.project.root
    remove_outputs(clone, plan.pipeline, plan.stages)
    order.say("bringing the raw data")
    bring_data(clone, order.project, plan.pipeline, plan.stages)
    demand_recorded_inputs(plan, root)
    environment = capture_environment(root, clone.environment)
    order.say(f"running {', '.join(plan.stages)}")
    started = order.clock()
    unobserved = run_stages(clone, plan.pipeline, plan.stages)
    return _CleanRun(
        made=made_by(clone, plan.pipeline, plan.stages),
        metrics={model.name: _made_metrics(model, root) for model in plan.models},
        records=clean_run_records(clone, plan.stages),
        environment=environment,
        started=started,
        ended=order.clock(),
        unobserved=unobserved,
    )


def _made_metrics(model: ModelSettings, root: Path) -> dict[str, Metric]:
    """Return the metrics of the clean run; what cannot be read is no number."""
    tree = WorkingTree(root)
    values: dict[str, Mapping[str, object]] = {}
    for file in metric_files(model):
        try:
            values |= read_metric_files(tree, [file])
        except UndecidedError:
            continue
    found = {
        name: find_metric(values.get(source.file, {}), source.key, path=source.file)
        for name, source in model.metrics.items()
    }
    return {name: metric for name, metric in found.items() if metric is not None}


def _conclude(
    order: CleanOrder, plan: CleanPlan, model: ModelSettings, run: _CleanRun
) -> Reproduced:
    """Keep the record of one model's clean run and the run records; sign it when that is asked."""
    root = order.project.root
    record = _record(plan, model, run)
    payload = reproduction_statement(record)
    refuse_secrets(payload.decode(), where=f"the reproduction of {model.name}")
    for found in run.records.values():
        path = f"{RUNS}/{found.record.key}.json"
        if not (root / path).exists():
            keep_state_file(root, path, found.data)
    kept = keep_reproduction(root, record)
    stored = ""
    if order.sign is not None and order.store is not None:
        item = Stored(model=record.key, ending=BUNDLE, data=order.sign(payload))
        order.store.add((item,))
        stored = item.name
    trust = trust_under(plan.policy)
    return Reproduced(
        record=record,
        commit=plan.snapshot.commit or "",
        kept=kept,
        stages=tuple(trust(plan.pipeline, a, root) for a in plan.scopes[model.name]),
        stored=stored,
        unobserved=run.unobserved,
    )


def _record(plan: CleanPlan, model: ModelSettings, run: _CleanRun) -> Reproduction:
    tolerance = tolerance_of(plan.policy)
    recorded, made = plan.metrics[model.name], run.metrics[model.name]
    return Reproduction(
        model=model.name,
        tree=plan.snapshot.tree_digest(),
        stages=tuple(_stages(plan, plan.scopes[model.name], run)),
        metrics={
            name: ComparedMetric(
                recorded=_number(recorded.get(name)),
                made=_number(made.get(name)),
                tolerance=comparable(tolerance.get(name)),
            )
            for name in sorted({*model.metrics, *tolerance})
        },
        environment=run.environment,
        started=run.started,
        ended=run.ended,
        recorder=Recorder(name="aigf-dvc", version=version()),
    )


def _stages(plan: CleanPlan, scope: tuple[str, ...], run: _CleanRun) -> Iterator[ReproducedStage]:
    makers = Makers(plan.pipeline.producers())
    for address in scope:
        stage = plan.pipeline.stages[address]
        observed = run.records.get(address)
        yield ReproducedStage(
            name=address,
            key=plan.keys[address],
            directory=stage.directory,
            inputs=tuple(sorted({out for dep in stage.deps for out in makers.outs(dep)})),
            outputs=tuple(
                ComparedOutput(name=path, recorded=plan.recorded[path], made=run.made[path])
                for path in sorted(plan.pipeline.locks[address].outs)
            ),
            run_record=observed.sha256 if observed is not None else None,
        )


def _number(metric: Metric | None) -> Decimal | None:
    return comparable(as_number(metric.value)) if metric is not None else None
