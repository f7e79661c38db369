"""Set up governance in a DVC repository: plan what to write, keeping all that is there."""

import os
import posixpath
from collections.abc import Callable, Iterator

from msgspec import Struct

from aigf_dvc.actions.gate_deps import note_lacking_deps
from aigf_dvc.actions.hook_install import HookStatus, demand_room, hook_status, install_hook
from aigf_dvc.actions.init_ci import CI_FILES, ci_file
from aigf_dvc.actions.init_files import (
    DOCUMENT_FOLDER,
    ModelEntry,
    card_file,
    card_path,
    document_file,
    policy_file,
    settings_file,
)
from aigf_dvc.actions.init_plan import (
    InitPlan,
    PlannedFile,
    apply,
    demand_writable,
    open_todos,
    planned,
    read_plain,
)
from aigf_dvc.actions.init_stage import STAGE_FILE, plan_stage
from aigf_dvc.capture.find_metrics import FoundMetrics, find_metrics
from aigf_dvc.capture.find_models import FoundModel, find_models, read_extras
from aigf_dvc.capture.gate_stage import gate_of
from aigf_dvc.capture.gitignore_edit import add_lines, ignore_line, unignored
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.policy import snapshot_policy
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.digest_lock import MERGE_ATTRIBUTE
from aigf_dvc.evidence.model_card import read_front_matter, read_model_card
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.git import program
from aigf_dvc.policy.wanted import wanted_numbers
from aigf_dvc.settings import DEFAULT_POLICY, FILE_NAME, DocumentSource, Settings, read_settings
from aigf_dvc.trees.working_tree import WorkingTree

_OWN_STATE = "/.aigf/"


class InitOptions(Struct, frozen=True, kw_only=True):
    """What the person asked for."""

    stage_file: str = STAGE_FILE
    ci: str | None = None  # a name of CI_FILES: write a file for it
    hook: bool = True
    documents: tuple[str, ...] = ()  # types of documents to start


class Initialised(Struct, frozen=True, kw_only=True):
    """What `init` did."""

    plan: InitPlan
    hook: HookStatus | None  # None: not asked for
    first_check: str  # what the first check said; empty when there was none


def init(
    project: Project,
    options: InitOptions,
    *,
    first_check: Callable[[Project, bool], str] | None = None,
) -> Initialised:
    """Write the files, install the hook, and check for the first time.

    Args:
        project: where.
        options: what the person asked for.
        first_check: called with the project, and whether the policy was written just now.

    Raises:
        AigfError: as `plan_init` and `apply`; nothing is written when the plan fails.
    """
    plan = plan_init(project, options)
    if options.hook:
        demand_room(hook_status(project))
    apply(plan)
    hook = install_hook(project) if options.hook else None
    name = posixpath.basename(DEFAULT_POLICY)
    new_policy = any(file.path.name == name and file.before is None for file in plan.files)
    said = first_check(project, new_policy) if first_check else ""
    return Initialised(plan=plan, hook=hook, first_check=said)


def plan_init(project: Project, options: InitOptions) -> InitPlan:
    """Return everything that `aigf init` would write, without writing it.

    Raises:
        InputError: no DVC project, no pipeline, no model in it, an invalid aigf.yaml or option, or
            a file that cannot be written.
        UndecidedError: the pipeline cannot be read.
    """
    planner = _Planner(project, options)
    files = planner.files()
    plan = InitPlan(files=files, todos=open_todos(files), notes=tuple(dict.fromkeys(planner.notes)))
    for file in plan.changes:
        demand_writable(file, repository=project.repository)
    return plan


class _Planner:
    """Plans file after file; what it notices on the way goes into `notes`."""

    def __init__(self, project: Project, options: InitOptions) -> None:
        self.notes: list[str] = []
        self._project = project
        self._options = options
        self._tree = WorkingTree(project.root)
        self._pipeline = _pipeline(project, self._tree)
        self._extras = read_extras(self._tree, self._pipeline.definitions)

    def files(self) -> tuple[PlannedFile, ...]:
        """Return every file, in the order of writing: what protects the data comes first."""
        before = self._tree.read(FILE_NAME)
        if before is not None:
            settings = read_settings(before)
            self._note_ungoverned(settings)
            documents = tuple(self._new_documents(tuple(m.name for m in settings.models)))
            self.notes.extend(
                f"list {file.path.name} under `documents:` in {FILE_NAME}"
                for file in documents
                if file.before is None
            )
            data = before
        else:
            models = self._models()
            documents = tuple(self._new_documents(tuple(model.name for model in models)))
            data = settings_file(tuple(self._entries(models, documents)))
            settings = read_settings(data)
        self.notes += note_lacking_deps(self._tree, self._pipeline, settings)
        self.notes += self._note_reach()
        metrics = [f for m in settings.models for f in self._metrics(m.path, ()).files]
        return (
            *self._ignore_files(),
            self._attributes(),
            self._unless_there(settings.policy, policy_file(), "the rules"),
            *documents,
            *self._cards(settings),
            planned(self._project.root / FILE_NAME, before, data, _summary(settings)),
            plan_stage(
                self._project.root,
                self._options.stage_file,
                self._pipeline,
                settings,
                metrics=metrics,
            ),
            *self._workflow(settings),
        )

    def _note_reach(self) -> tuple[str, ...]:
        """Tell when the plainest way to run the pipeline leaves the stage out."""
        gate = gate_of(self._pipeline)
        file = gate.file if gate is not None else self._options.stage_file
        if file == STAGE_FILE:
            return ()
        return (
            f"`dvc repro` does not run the stage in {file}: `dvc repro -P` does, and `aigf repro`"
            " judges the models in any case",
        )

    def _attributes(self) -> PlannedFile:
        """Plan the line that lets git join two versions of the digest lock."""
        file = self._project.root / ".gitattributes"
        before = read_plain(file)
        after = add_lines(before, [MERGE_ATTRIBUTE])
        return planned(file, before, after, "two branches' digest locks merge by themselves")

    def _unless_there(self, name: str, data: bytes, why: str) -> PlannedFile:
        path = self._project.root / name
        before = read_plain(path)
        return planned(path, before, data if before is None else before, why)

    def _models(self) -> tuple[FoundModel, ...]:
        found = find_models(self._pipeline, self._extras)
        if not found.models:
            raise InputError(
                "no output looks like a model",
                where=", ".join(self._pipeline.definitions),
                expected="a stage that makes the model",
                hint="nothing was written; name the out of a stage that is the model in dvc.yaml: "
                "`artifacts: {NAME: {path: PATH, type: model}}`",
            )
        self.notes.extend(found.notes)
        self.notes.extend(f"{m.path} is the model {m.name}: {m.why}" for m in found.models)
        return found.models

    def _note_ungoverned(self, settings: Settings) -> None:
        governed = {model.path for model in settings.models}
        for model in find_models(self._pipeline, self._extras).models:
            if model.path not in governed:
                self.notes.append(
                    f"{model.path} looks like a model ({model.why}), and {FILE_NAME} does not"
                    " govern it: add it under `models:` if it is one"
                )

    def _entries(
        self, models: tuple[FoundModel, ...], documents: tuple[PlannedFile, ...]
    ) -> Iterator[ModelEntry]:
        wanted = self._wanted_metrics()
        sources = tuple(self._document_sources(documents))
        for model in models:
            metrics = self._metrics(model.path, wanted)
            self.notes.extend(metrics.notes)
            self.notes.extend(
                f"the policy asks for {name} of {model.name}: no metrics file has it"
                + (f"; is it {near}? Mind the unit" if near else "")
                for name, near in metrics.missing.items()
            )
            yield ModelEntry(
                model=model,
                card=card_path(model.name, count=len(models)),
                metrics=metrics,
                documents=tuple(s for s, about in sources if not about or model.name in about),
            )

    def _metrics(self, model: str, wanted: tuple[str, ...]) -> FoundMetrics:
        listed = self._extras.metrics
        return find_metrics(model, self._pipeline, self._tree, listed=listed, wanted=wanted)

    def _wanted_metrics(self) -> tuple[str, ...]:
        """Return the metrics that the policy asks for."""
        data = read_plain(self._project.root / DEFAULT_POLICY)
        policy = snapshot_policy(
            policy_file() if data is None else data, self._tree, DEFAULT_POLICY
        )
        return wanted_numbers(policy)

    def _new_documents(self, names: tuple[str, ...]) -> Iterator[PlannedFile]:
        for kind in dict.fromkeys(self._options.documents):
            path = f"{DOCUMENT_FOLDER}/{kind}.md"
            yield self._unless_there(path, document_file(kind, names), "a document")

    def _document_sources(
        self, new: tuple[PlannedFile, ...]
    ) -> Iterator[tuple[DocumentSource, tuple[str, ...]]]:
        """Yield each document, and the models that it says it is about."""
        texts = {
            path: self._tree.read(path) or b""
            for path in self._tree.files(DOCUMENT_FOLDER)
            if path.endswith(".md") and posixpath.dirname(path) == DOCUMENT_FOLDER
        }
        texts |= {file.path.relative_to(self._project.root).as_posix(): file.data for file in new}
        for path, data in sorted(texts.items()):
            try:
                front = read_front_matter(data, path=path).value
            except InputError as error:
                self.notes.append(f"left out: {error}")
                continue
            kind = front.get("type") if isinstance(front, dict) else None
            if not isinstance(kind, str) or not kind.strip():
                self.notes.append(f"left out: {path} has no `type:` in its front matter")
                continue
            about = front.get("models")
            names = tuple(map(str, about)) if isinstance(about, list) else ()
            yield DocumentSource(type=kind, path=path), names

    def _cards(self, settings: Settings) -> Iterator[PlannedFile]:
        for model in settings.models:
            new = card_file(model.name, model.path)
            card = self._unless_there(model.card, new, f"the card of {model.name}")
            try:
                read_model_card(card.data, path=model.card)
            except AigfError as error:
                self.notes.append(f"`aigf check` cannot read this card: {error}")
            yield card

    def _ignore_files(self) -> Iterator[PlannedFile]:
        """Plan the .gitignore lines without which a failing stage lets data into git.

        DVC takes its own lines back when a stage fails; `git add` then finds the data.
        """
        stages = self._pipeline.stages.values()
        cached = [out.path for stage in stages for out in stage.outs if out.cached]
        lines: dict[str, list[str]] = {"": [_OWN_STATE]}
        for path in unignored(self._project.root, cached):
            folder, name = posixpath.split(path)
            lines.setdefault(folder, []).append(ignore_line(name))
        for folder, wanted in lines.items():
            file = self._project.root / folder / ".gitignore"
            before = read_plain(file)
            only_ours = wanted == [_OWN_STATE]
            why = "aigf's own state" if only_ours else "DVC's outs, so that none gets into git"
            yield planned(file, before, add_lines(before, wanted), why)

    def _workflow(self, settings: Settings) -> Iterator[PlannedFile]:
        ci = self._options.ci
        if ci is not None:
            file = CI_FILES[ci]
            path = self._project.repository / file.path
            data = ci_file(
                ci,
                tuple(model.path for model in settings.models),
                branch=_branch(self._project),
                folder=self._project.prefix,
                policy=settings.policy,
            )
            name = os.path.relpath(path, self._project.root)
            yield self._unless_there(name, data, file.why)
            self.notes.extend(filter(None, (file.next_step, file.before_it_runs)))


def _summary(settings: Settings) -> str:
    """Return what aigf.yaml governs: the models, and how much evidence about each."""
    found = [
        f"{model.name} with {len(model.metrics)} metrics and {len(model.documents)} documents"
        for model in settings.models
    ]
    return f"the governed models: {', '.join(found)}"


def _pipeline(project: Project, tree: WorkingTree) -> Pipeline:
    if not (project.root / ".dvc").is_dir():
        raise InputError(
            "not a DVC project",
            where=str(project.root),
            expected="a `.dvc` folder",
            hint="run `dvc init` first",
        )
    pipeline = read_pipeline(tree)
    if not pipeline.stages:
        raise InputError(
            "no stages",
            where=", ".join(pipeline.definitions),
            expected="a pipeline that makes a model",
            hint="`dvc stage add -n train -d train.py -o model.pkl python train.py` adds one",
        )
    return pipeline


def _branch(project: Project) -> str:
    """Return the branch that deployments come from: main, or an older repository's master."""
    listed = program.git(project.repository, "for-each-ref", "--format=%(refname)", "refs/heads/")
    names = listed.decode(errors="replace").split("\n")
    is_old = "refs/heads/master" in names and "refs/heads/main" not in names
    return "master" if is_old else "main"
