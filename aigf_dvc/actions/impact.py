"""Find what descends from some data: models and attestations, in every commit of every project."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from msgspec import Struct

from aigf_dvc.actions.impact_trees import AttestedTree, ProjectTrees, RecordedTree, attested_trees
from aigf_dvc.capture.history import Commit
from aigf_dvc.capture.project import Project
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.impact import Descent, Hit, Search, Sought, Tree, records
from aigf_dvc.evidence.pipeline import Recorded, RecordedFile
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.report.impact_text import (
    AffectedAttestation,
    AffectedModel,
    FoundData,
    Impact,
)
from aigf_dvc.report.model_history import SeenAt
from aigf_dvc.stores.layout import Store

_SHOWN = 3


class ImpactQuestion(Struct, frozen=True, kw_only=True):
    """What to look for, and where."""

    sought: Sought
    projects: tuple[Project, ...]  # a path that is sought is one of the first's
    stores: tuple[Store, ...]
    revisions: tuple[str, ...] = ()  # of the first project; none: every ref


def find_impact(question: ImpactQuestion) -> Impact:
    """Return every model and attestation that descends from the data.

    Raises:
        InputError: no such revision, or no such store.
        UndecidedError: a repository or store cannot be listed at all.
    """
    with ExitStack() as stack:
        projects = [
            ProjectTrees(
                project,
                stack.enter_context(GitObjects(project.repository)),
                revisions=question.revisions if number == 0 else (),
                label=label,
            )
            for number, (project, label) in enumerate(_labelled(question.projects))
        ]
        search = Search(question.sought)
        answer = _Answer(question, projects, search)
        answer.search()
        if not answer.is_found and question.sought.path is not None:
            answer.search_for_bytes()
        return answer.impact()


def _labelled(projects: Sequence[Project]) -> Iterator[tuple[Project, str]]:
    """Yield each project with the name of its folder, or its whole path where two have one name."""
    names = Counter(project.root.name for project in projects)
    for project in projects:
        name = project.root.name
        yield project, name if names[name] == 1 else str(project.root)


class _Answer:
    """The trees, and what was found in them."""

    def __init__(
        self, question: ImpactQuestion, projects: Sequence[ProjectTrees], search: Search
    ) -> None:
        self._question = question
        self._projects = projects
        self._search = search
        self._trees = [tree for project in projects for tree in project.trees]
        self._unread = {what: why for project in projects for what, why in project.unread}
        self._commits = {commit for project in projects for commit in project.commits}
        self._attested = [
            item for store in question.stores for item in attested_trees(store, self._files)
        ]
        self._found: list[tuple[RecordedTree, Descent]] = []
        self._found_attested: list[tuple[AttestedTree, Descent]] = []
        self._notes: list[str] = []

    def _files(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        """Return the files of a directory, from the cache of any of the projects."""
        listings = (project.files(recorded) for project in self._projects)
        return next((files for files in listings if files is not None), None)

    @property
    def is_found(self) -> bool:
        """Tell whether the data is recorded anywhere."""
        descents = [*self._found, *self._found_attested]
        return any(descent.hits or descent.stages for _, descent in descents)

    def search(self) -> None:
        """Go through all trees until nothing new is found."""
        memory = self._search.memory
        size = -1
        while size != memory.size:
            size = memory.size
            memory.unread.clear()
            memory.idle.clear()
            self._found = [(tree, self._descend(tree)) for tree in self._trees]
            memory.derived[""] = set().union(*memory.derived.values())
            self._found_attested = [
                (item, self._descend_attested(item, item.tree))
                for item in self._attested
                if item.tree is not None
            ]

    def search_for_bytes(self) -> None:
        """Look for the bytes that lie at the path now: it was never recorded."""
        path, root = self._search.sought.path, self._question.projects[0].root
        try:
            hashed = hash_path(root, path or "")
        except FileNotFoundError:
            self._unread[self._search.sought.text] = (
                "no commit, no attestation and no file here has this name; is it spelt right? "
                "A digest, `etag:...` or a URI is sought for what it is"
            )
            return
        self._notes.append(f"{path} was never recorded: looked for its bytes, md5 {hashed.md5}")
        self._search.memory.values.add(hashed.md5)
        self.search()

    def _descend(self, recorded: RecordedTree) -> Descent:
        project, memory = recorded.project, self._search.memory
        first = project is self._projects[0]
        hits = self._search.hits(recorded.tree, with_path=first)
        descent = self._search.descend(recorded.tree, project.label, hits, with_path=first)
        derived = memory.derived[project.label]
        tracked = recorded.tree.pipeline.tracked
        imported = (path for path, record in tracked.items() if (path, record.value) in derived)
        paths = frozenset((*(hit.path for hit in hits), *descent.outputs, *imported))
        for commit in recorded.commits if paths else ():
            memory.at_commit[commit.id] = paths
        return descent

    def _descend_attested(self, item: AttestedTree, tree: Tree) -> Descent:
        is_here = item.commit in self._commits or not self._projects
        hits = self._search.hits(tree, with_path=is_here)
        return self._search.descend(tree, "", hits, with_path=is_here)

    def impact(self) -> Impact:
        """Return the answer."""
        models = tuple(self._models())
        attestations = tuple(self._attestations(models))
        self._see_what_is_unknown()
        unread = self._unread | self._search.memory.unread
        return Impact(
            sought=self._search.sought.text,
            values=tuple(sorted(filter(None, self._search.memory.values))),
            commits=len(self._commits),
            data=tuple(self._data()),
            outputs=tuple(
                sorted(
                    {
                        (tree.project.label, path, value)
                        for tree, descent in self._found
                        for path, value in descent.outputs.items()
                    }
                )
            ),
            models=models,
            attestations=attestations,
            unread=tuple(sorted(unread.items())),
            notes=(*self._notes, *self._idle(unread), *self._beyond()),
        )

    def _data(self) -> Iterator[FoundData]:
        groups: dict[tuple[str, str, str], tuple[Hit, list[Commit]]] = {}
        for tree, descent in self._found:
            for hit in descent.hits:
                key = (tree.project.label, hit.path, hit.recorded.value)
                groups.setdefault(key, (hit, []))[1].extend(tree.commits)
        for (label, path, _), (hit, found) in groups.items():
            commits = _distinct(found)
            first, last = _ends(commits)
            yield FoundData(
                project=label,
                path=path,
                recorded=hit.recorded,
                how=hit.how,
                first=first,
                last=last,
                commits=len(commits),
            )

    def _models(self) -> Iterator[AffectedModel]:
        groups: dict[tuple[str, str, str], list[tuple[RecordedTree, Descent, str, Recorded]]] = {}
        for tree, descent in self._found:
            for name, recorded in descent.models:
                key = (tree.project.label, recorded.path, recorded.value)
                groups.setdefault(key, []).append((tree, descent, name, recorded))
        for (label, path, _), members in groups.items():
            tree, descent, name, recorded = members[0]
            commits = _distinct(commit for member in members for commit in member[0].commits)
            ancestors = set(tree.tree.pipeline.ancestors(path))
            first, last = _ends(commits)
            digests = (member[0].tree.sha256(member[3]) for member in members)
            yield AffectedModel(
                project=label,
                name=name,
                recorded=recorded,
                sha256=next((digest for digest in digests if digest is not None), None),
                stages=tuple(stage for stage in descent.stages if stage in ancestors),
                first=first,
                last=last,
                commits=len(commits),
                refs=tuple(sorted(ref for c in commits for ref in tree.project.refs.get(c.id, ()))),
            )

    def _attestations(self, models: Sequence[AffectedModel]) -> Iterator[AffectedAttestation]:
        digests = {model.sha256 for model in models} | {self._search.sought.sha256}
        at = {
            (commit.id, recorded.path)
            for tree, descent in self._found
            for _, recorded in descent.models
            for commit in tree.commits
        }
        descents = {id(item): descent for item, descent in self._found_attested}
        for item in self._attested:
            how = _why_affected(item, descents.get(id(item)), digests, at)
            if not how and item.problem:
                self._unread[f"{item.store}: {item.said.name}"] = item.problem
            if how:
                statement, deployment = item.said.statement, item.said.deployment
                subjects = statement.subjects if statement is not None else ()
                yield AffectedAttestation(
                    store=item.store,
                    name=item.said.name,
                    model=deployment.model if deployment else "another kind of statement",
                    subjects=tuple((file.name, file.sha256) for file in subjects),
                    environment=deployment.environment if deployment else None,
                    signer=item.said.signer,
                    how=how,
                )

    def _see_what_is_unknown(self) -> None:
        """Say so when objects have no SHA-256 on record, and nothing told the data's MD5."""
        if self._search.sought.sha256 is None or self._search.memory.values:
            return
        unknown = {
            f"{tree.project.label}: {recorded.path}"
            for tree in self._trees
            for recorded in records(tree.tree.pipeline)
            if self._search.can_miss(tree.tree, recorded)
        }
        unknown |= {
            f"{item.store}: {recorded.path}"
            for item in self._attested
            if item.tree is not None and item.commit not in self._commits
            for recorded in records(item.tree.pipeline)
            if self._search.can_miss(item.tree, recorded)
        }
        if unknown:
            named = ", ".join(sorted(unknown)[:_SHOWN]) + (", ..." if len(unknown) > _SHOWN else "")
            self._unread[f"{len(unknown)} recorded paths ({named})"] = (
                "no SHA-256 is on record of them, or of the files in them: ask by the data's MD5 or"
                " path"
            )

    def _idle(self, unread: Mapping[str, str]) -> Iterator[str]:
        """Say what was not looked into, and need not be."""
        for what, why in sorted(self._search.memory.idle.items()):
            if what not in unread:
                yield f"not looked into, as nothing was made from it: {what}: {why}"

    def _beyond(self) -> Iterator[str]:
        """Say which imports lead to repositories that were not given."""
        sources = {
            f"not followed: {source.url} at {source.commit[:12]} (`--repo` adds a clone of it)"
            for tree, _ in self._found
            for source in tree.tree.pipeline.imports.values()
            if source.commit and source.commit not in self._commits
        }
        yield from sorted(sources)


def _why_affected(
    item: AttestedTree,
    descent: Descent | None,
    digests: set[Sha256 | None],
    at: set[tuple[str, str]],
) -> str:
    """Return why an attestation speaks of something affected; empty when it does not."""
    statement, deployment = item.said.statement, item.said.deployment
    subjects = statement.subjects if statement is not None else ()
    if any(file.sha256 in digests for file in subjects):
        return "its subject is affected"
    if descent is not None and descent.models:
        return "its lineage manifest says so"
    if deployment is not None and (deployment.source.git_commit, deployment.path) in at:
        return f"it attests commit {deployment.source.git_commit[:12]}"
    return ""


def _distinct(commits: Iterable[Commit]) -> list[Commit]:
    return list({commit.id: commit for commit in commits}.values())


def _ends(commits: Sequence[Commit]) -> tuple[SeenAt, SeenAt]:
    ordered = sorted(commits, key=lambda commit: commit.time_s)
    first, last = ordered[0], ordered[-1]
    return (
        SeenAt(commit=first.id, time_s=first.time_s),
        SeenAt(commit=last.id, time_s=last.time_s),
    )
