"""Show the versions of a model over a history: what each was made from, and what was said of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.stored_attestations import bundles, read_unverified
from aigf_dvc.capture.baselines import gather_baselines
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.history import History, Reading, is_shallow, list_commits
from aigf_dvc.capture.known_digests import KnownDigests
from aigf_dvc.capture.model_evidence import gather, model_scope
from aigf_dvc.capture.policy import folder_policy, snapshot_policy
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.refs import TAGS, refs_by_commit, short_ref
from aigf_dvc.capture.reproductions import trust_under
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.evidence.pipeline import Pipeline, Recorded
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.evaluate import evaluate, undecided
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.model_history import (
    ModelHistory,
    ModelVersion,
    SeenAt,
    StoredAttestation,
)
from aigf_dvc.settings import FILE_NAME, ModelSettings, Settings
from aigf_dvc.stores.layout import Store
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands

_GTO = lazy_pattern(r"(.+?)(?:@v?[0-9]|#)")  # `model@v1.2.0`, `model#prod#3`


class HistoryQuestion(Struct, frozen=True, kw_only=True):
    """Which model's versions to show, from where."""

    project: Project
    model: str
    revision: str = "HEAD"
    first_parent: bool = True
    limit: int = 20  # versions; the newest ones
    policy: Path | None = None  # None: the one of each commit
    stores: tuple[Store, ...] = ()


class _Version(Struct):
    """A version while its history is read, newest commit first."""

    newest: Reading
    oldest: Reading
    path: str
    recorded: Recorded
    commits: list[str] = field(default_factory=list)
    problems: tuple[Edge, ...] = ()
    unread: str = ""


def show_history(question: HistoryQuestion) -> ModelHistory:
    """Return the versions of a model in a history, and whether each commit's lineage is sound.

    Raises:
        InputError: no such model or revision, or an invalid aigf.yaml or policy.
    """
    project = question.project
    commit = program.resolve_commit(project.repository, question.revision)
    commits = list_commits(project.repository, (commit,), first_parent=question.first_parent)
    with GitObjects(project.repository) as objects:
        walk = _Walk(question, objects, commit)
        for reading in walk.history.read_all(commits):
            walk.take(reading)
        shown = list(walk.versions.values())[: question.limit]
        judge = _Judge(question, walk)
        return ModelHistory(
            model=question.model,
            revision=question.revision,
            commits=len(commits),
            sound=walk.sound,
            stale=dict(walk.stale.most_common()),
            versions=tuple(judge.version(version) for version in shown),
            hidden=len(walk.versions) - len(shown),
            unread=tuple(walk.unread),
            shallow=is_shallow(project.repository),
        )


class _Walk:
    """One walk from the newest commit to the oldest."""

    def __init__(self, question: HistoryQuestion, objects: GitObjects, commit: str) -> None:
        prefix = question.project.prefix
        self.history = History(objects, prefix=prefix)
        self.versions: dict[str, _Version] = {}  # by the recorded value
        self.sound = 0
        self.stale: Counter[str] = Counter()
        self.unread: list[tuple[str, str]] = []
        self._name = question.model
        # The newest commit says what the model is; where an older one is silent, that stays.
        settings = load_settings(CommitSnapshot(objects, commit, prefix=prefix))
        self._model = settings.model(question.model)
        self._settings: dict[Stands, Settings | None] = {}
        self._scoped: tuple[Pipeline, ModelSettings, tuple[str, ...]] | None = None

    def take(self, reading: Reading) -> None:
        """Add one commit."""
        if reading.problem is not None:
            self.unread.append((reading.commit.id, str(reading.problem)))
        if reading.snapshot is None or reading.pipeline is None:
            return
        self._model = self.model_at(reading.snapshot) or self._model
        path = self._model.path
        recorded = record_of(reading.pipeline, path)
        if recorded is None:
            return
        problems, unread = self._problems(reading)
        known = self.versions.setdefault(
            recorded.value,  # DVC 2 and 3 give most files one hash, under two names
            _Version(
                newest=reading,
                oldest=reading,
                path=path,
                recorded=recorded,
                problems=problems,
                unread=unread,
            ),
        )
        known.oldest = reading
        known.commits.append(reading.commit.id)

    def model_at(self, snapshot: CommitSnapshot) -> ModelSettings | None:
        """Return the model as a commit's aigf.yaml has it, or None when it says nothing of it."""
        settings = self.settings_at(snapshot)
        models = settings.models if settings is not None else ()
        return next((model for model in models if model.name == self._name), None)

    def settings_at(self, snapshot: CommitSnapshot) -> Settings | None:
        """Return a commit's aigf.yaml, or None when it is not there or cannot be read."""
        stands = snapshot.stands[FILE_NAME]
        if stands not in self._settings:
            try:
                self._settings[stands] = load_settings(snapshot)
            except AigfError:
                self._settings[stands] = None
        return self._settings[stands]

    def _problems(self, reading: Reading) -> tuple[tuple[Edge, ...], str]:
        """Return the edges that speak against the model's lineage, and why it was not compared."""
        try:
            scope = self._scope(reading.pipeline)
            edges = (edge for address in scope for edge in self.history.edges(reading, address))
            problems = tuple(edge for edge in edges if not edge.state.is_sound)
        except AigfError as error:
            self.unread.append((reading.commit.id, str(error)))
            return (), str(error)
        if problems:
            self.stale[problems[0].cause.value] += 1
        else:
            self.sound += 1
        return problems, ""

    def _scope(self, pipeline: Pipeline | None) -> tuple[str, ...]:
        """Return the stages that the model depends on; the same while definitions are the same."""
        if pipeline is None:
            return ()
        known = self._scoped
        if (
            known is None
            or known[0].stages is not pipeline.stages
            or known[0].tracked is not pipeline.tracked
            or known[1] is not self._model
        ):
            known = self._scoped = pipeline, self._model, model_scope(self._model, pipeline)
        return known[2]


class _Judge:
    """Completes the versions that are shown."""

    def __init__(self, question: HistoryQuestion, walk: _Walk) -> None:
        self._question = question
        self._walk = walk
        self._digests = KnownDigests()
        self._tags = refs_by_commit(question.project.repository, (TAGS,))
        policy = question.policy
        self._policy = folder_policy(read_file(policy), policy) if policy is not None else None

    def version(self, version: _Version) -> ModelVersion:
        """Return a version with its verdict, attestations and tags."""
        snapshot, commit = version.newest.snapshot, version.newest.commit
        if snapshot is None:  # not reachable: a version was read from one
            raise UndecidedError("no tree", where=commit.id)
        sha256 = self._digests.sha256(snapshot, version.recorded)
        plain = ModelVersion(
            path=version.path,
            recorded=version.recorded,
            sha256=sha256,
            first=_seen(version.oldest),
            last=_seen(version.newest),
            commits=len(version.commits),
            problems=version.problems,
            unread=version.unread,
            attestations=tuple(self._attestations(sha256)) if sha256 is not None else (),
            tags=tuple(self._tags_of(version)),
        )
        return self._judged(plain, snapshot, version)

    def _judged(
        self, plain: ModelVersion, snapshot: CommitSnapshot, version: _Version
    ) -> ModelVersion:
        model, pipeline = self._walk.model_at(snapshot), version.newest.pipeline
        if model is None or pipeline is None:
            return replace(plain, no_verdict=f"the commit's {FILE_NAME} does not have the model")
        root = self._question.project.root
        try:
            policy = self._policy_at(snapshot)
        except AigfError as error:
            return replace(plain, no_verdict=str(error))
        try:
            comparison = Consistency(snapshot, pipeline, NoData())
            wanted = with_policy_metrics(model, policy)
            evidence = gather(wanted, comparison, root=root, trust=trust_under(policy))
            baselines = gather_baselines(policy, wanted, comparison, self._question.project)
        except AigfError as error:
            verdict = undecided(policy, model.name, error, at=Gate.PUSH)
            return replace(plain, verdict=verdict)
        today = plain.last.date or date.min
        return replace(
            plain,
            verdict=evaluate(
                policy, replace(evidence, baselines=baselines), at=Gate.PUSH, today=today
            ),
            metrics={name: metric.value for name, metric in evidence.metrics.items()},
            trust=evidence.lineage.level if evidence.lineage else plain.trust,
        )

    def _policy_at(self, snapshot: CommitSnapshot) -> Policy:
        if self._policy is not None:
            return self._policy
        settings = self._walk.settings_at(snapshot)
        path = settings.policy if settings is not None else ""
        data = snapshot.read(path) if path else None
        if data is None:
            raise InputError("the commit has no policy", where=path)
        return snapshot_policy(data, snapshot, path)

    def _attestations(self, model: Sha256) -> Iterator[StoredAttestation]:
        for store in self._question.stores:
            for stored in bundles(store.find(model)):
                said = read_unverified(stored)
                deployment = said.deployment
                if deployment is None and said.statement is not None:
                    continue  # an approval, or another engine's verdict
                yield StoredAttestation(
                    name=said.name,
                    signer=said.signer,
                    environment=deployment.environment if deployment else None,
                    problem=said.problem,
                )

    def _tags_of(self, version: _Version) -> Iterator[str]:
        for commit in version.commits:
            for ref in self._tags.get(commit, ()):
                tag = short_ref(ref)
                about = _GTO.match(tag)  # a promotion names its model
                if about is None or about[1] == self._question.model:
                    yield tag


def _seen(reading: Reading) -> SeenAt:
    return SeenAt(commit=reading.commit.id, time_s=reading.commit.time_s)


def record_of(pipeline: Pipeline, path: str) -> Recorded | None:
    """Return what a pipeline records of a path that it makes or tracks."""
    for lock in pipeline.locks.values():
        if path in lock.outs:
            return lock.outs[path]
    return pipeline.tracked.get(path)
