"""Gathers the trees that data is followed through: of commits, and of attested manifests."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from aigf_dvc.actions.stored_attestations import Unverified, read_unverified
from aigf_dvc.capture.contents import git_listing, sees_all
from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.capture.find_models import find_models, read_extras
from aigf_dvc.capture.git_folders import GitFolders
from aigf_dvc.capture.history import ALL_REFS, Commit, History, Reading, is_shallow, list_commits
from aigf_dvc.capture.known_digests import KnownDigests
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.refs import NAMED, refs_by_commit, short_ref
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.digest_lock import FILE_NAME as DIGEST_LOCK
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.impact import Files, Tree, kept_paths
from aigf_dvc.evidence.manifest_reading import ReadManifest, read_manifest
from aigf_dvc.evidence.pipeline import Pipeline, Recorded, RecordedFile
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.stores.layout import BUNDLE, Store, Stored, Unreadable
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands

_Models = tuple[tuple[str, str], ...]


class RecordedTree(Struct, frozen=True, kw_only=True):
    """What one or several commits of a project recorded."""

    project: "ProjectTrees"
    tree: Tree
    commits: list[Commit] = field(default_factory=list)


class ProjectTrees:
    """Every tree in the history of one project, each once."""

    def __init__(
        self, project: Project, objects: GitObjects, *, revisions: Sequence[str], label: str
    ) -> None:
        """Read a project's history.

        Args:
            project: where.
            objects: its repository.
            revisions: the commits whose history is read; none: of every ref.
            label: what people call it.

        Raises:
            InputError: no such revision.
        """
        self.label = label
        repository = project.repository
        ids = [program.resolve_commit(repository, revision) for revision in revisions]
        commits = list_commits(repository, ids or ALL_REFS, first_parent=False)
        self.commits = {commit.id for commit in commits}
        self.unread: list[tuple[str, str]] = []
        if not commits:
            self.unread.append((label, "no commit yet, so nothing was recorded"))
        if is_shallow(repository):
            why = "a shallow clone: older commits are not here (`git fetch --unshallow`)"
            self.unread.append((label, why))
        self.refs: Mapping[str, tuple[str, ...]] = {
            commit: tuple(map(short_ref, names))
            for commit, names in refs_by_commit(repository, NAMED).items()
        }
        self._cache = DvcCache(project.root)
        self._folders = GitFolders(project, objects, (*ids, *ALL_REFS))
        self._in_git: dict[Stands, tuple[RecordedFile, ...]] = {}
        self._digests = KnownDigests()
        self._models: dict[tuple[int, Stands], _Models] = {}
        self._trees: dict[tuple[int, Stands, Stands], RecordedTree] = {}
        history = History(objects, prefix=project.prefix)
        for reading in history.read_all(commits):
            self._take(reading)

    @property
    def trees(self) -> tuple[RecordedTree, ...]:
        """The trees, newest first."""
        return tuple(self._trees.values())

    def files(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a recorded directory, or None when neither DVC nor git tells them."""
        files = self._cache.directory(recorded)
        return self._folders.files(recorded) if files is None else files

    def _files_in(
        self, snapshot: CommitSnapshot, pipeline: Pipeline, recorded: Recorded
    ) -> tuple[RecordedFile, ...] | None:
        """Return the files of a directory: by its hash, or those of git around DVC's own data."""
        files = self.files(recorded)
        if files is None and any(_is_below(path, recorded) for path in kept_paths(pipeline)):
            return self._git_files(snapshot, recorded)
        return files

    def _git_files(
        self, snapshot: CommitSnapshot, recorded: Recorded
    ) -> tuple[RecordedFile, ...] | None:
        """Return what git has in a folder; the data that is in it too has records of its own."""
        if is_outside(recorded.path):
            return None
        stands = snapshot.stands[recorded.path]
        if stands not in self._in_git:
            listed = git_listing(snapshot, recorded.path, sees_all)
            self._in_git[stands] = tuple(RecordedFile(name=name, md5=md5) for name, md5 in listed)
        return self._in_git[stands] or None

    def _take(self, reading: Reading) -> None:
        snapshot, pipeline = reading.snapshot, reading.pipeline
        if reading.problem is not None:
            what = f"{self.label}: commit {reading.commit.id[:12]}"
            self.unread.append((what, str(reading.problem)))
        if snapshot is None or pipeline is None:
            return
        settings, lock = snapshot.stands[FILE_NAME], snapshot.stands[DIGEST_LOCK]
        key = (id(pipeline), settings, lock)
        if key not in self._trees:  # the tree holds the pipeline, so its id stays its own
            tree = Tree(
                pipeline=pipeline,
                models=self._models_of(snapshot, pipeline, settings),
                sha256=lambda recorded: self._digests.sha256(snapshot, recorded),
                files=lambda recorded: self._files_in(snapshot, pipeline, recorded),
            )
            self._trees[key] = RecordedTree(project=self, tree=tree)
        self._trees[key].commits.append(reading.commit)

    def _models_of(self, snapshot: CommitSnapshot, pipeline: Pipeline, settings: Stands) -> _Models:
        """Return the models that aigf.yaml names; without it, the outputs that look like one."""
        key = (id(pipeline.stages), settings)
        if key not in self._models:
            try:
                named = load_settings(snapshot).models
                self._models[key] = tuple((model.name, model.path) for model in named)
            except AigfError:
                extras = read_extras(snapshot, pipeline.definitions)
                found = find_models(pipeline, extras).models
                self._models[key] = tuple((model.name, model.path) for model in found)
        return self._models[key]


class AttestedTree(Struct, frozen=True, kw_only=True):
    """An attestation, and the tree that its lineage manifest describes."""

    store: str
    said: Unverified
    tree: Tree | None = None  # None: the manifest is not at hand, or it is about something else
    problem: str = ""  # what could not be read

    @property
    def commit(self) -> str:
        """The commit that was attested, as the statement says; empty when it says none."""
        return self.said.deployment.source.git_commit if self.said.deployment else ""


def attested_trees(store: Store, files: Files) -> Iterator[AttestedTree]:
    """Yield every attestation of a store with the tree that it speaks of.

    Raises:
        InputError, UndecidedError: the store cannot be listed.
    """
    waiting: list[Stored] = []
    for item in store.all():
        if isinstance(item, Unreadable):
            said = Unverified(name=item.name, signer="")
            problem = "damaged: its bytes are not what its name says"
            yield AttestedTree(store=store.place, said=said, problem=problem)
            continue
        if waiting and item.model != waiting[0].model:
            yield from _of_model(store.place, waiting, files)
            waiting = []
        waiting.append(item)
    yield from _of_model(store.place, waiting, files)


def _of_model(place: str, items: Sequence[Stored], files: Files) -> Iterator[AttestedTree]:
    beside = {sha256(item.data): item.data for item in items if item.ending != BUNDLE}
    for item in items:
        if item.ending == BUNDLE:
            yield _attested(place, read_unverified(item), beside, files)


def _attested(
    place: str, said: Unverified, beside: Mapping[Sha256, bytes], files: Files
) -> AttestedTree:
    deployment = said.deployment
    if said.problem or deployment is None:
        return AttestedTree(store=place, said=said, problem=said.problem)
    lineage = deployment.lineage
    data = lineage.content if lineage.content is not None else beside.get(lineage.sha256)
    if data is None:
        why = "its lineage manifest is named by digest only and does not lie beside it"
        return AttestedTree(store=place, said=said, problem=why)
    try:
        manifest = read_manifest(data, where=lineage.name)
    except AigfError as error:
        return AttestedTree(store=place, said=said, problem=str(error))
    tree = Tree(
        pipeline=manifest.pipeline,
        models=((deployment.model, deployment.path),),
        sha256=_digests_of(manifest),
        files=files,
    )
    return AttestedTree(store=place, said=said, tree=tree)


def _digests_of(manifest: ReadManifest) -> Callable[[Recorded], Sha256 | None]:
    return lambda recorded: manifest.digests.get(recorded.path)


def _is_below(path: str, recorded: Recorded) -> bool:
    return path.startswith(f"{recorded.path}/")
