"""Tell what changed between two versions of a model."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.canonical import Json, as_json
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.dvc_cache import DvcCache
from aigf_dvc.capture.manifest import capture_manifest
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.capture.run_records import find_run_record
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError, InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.difference import compare
from aigf_dvc.evidence.difference_values import Difference, Side
from aigf_dvc.evidence.manifest_reading import ReadManifest, ReadModel, read_manifest
from aigf_dvc.evidence.pipeline import Pipeline, Recorded, RecordedFile
from aigf_dvc.evidence.run_record import RunRecord, key_of_lock, parse_run_record
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.signing.bundle import parse_bundle, split_bundles
from aigf_dvc.stores.git_ref import GitRefStore
from aigf_dvc.stores.layout import EVIDENCE, Stored
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.snapshot import Snapshot

WORKTREE = "WORKTREE"
_RUN_RECORD = "run-record/"


class _Version(Struct, frozen=True, kw_only=True):
    """One side before a model is chosen."""

    label: str
    manifest: ReadManifest
    metrics: Callable[[str], Mapping[str, Json] | None]  # by the model's name; None: see manifest
    records: Mapping[str, RunRecord]  # by stage
    snapshot: Snapshot | None  # None: the tree is not at hand


def diff(
    project: Project | None, before: str, after: str, *, model: str | None = None
) -> tuple[Difference, ...]:
    """Compare two versions, model by model.

    Args:
        project: the project here; None: both sides are files.
        before: a git revision, `WORKTREE`, a manifest file or a bundle file.
        after: as `before`.
        model: one model; None: all that both sides have, or the only ones.

    Raises:
        InputError: no such revision or model, or a file of another kind.
        UndecidedError: a side cannot be read.
    """
    with ExitStack() as stack:
        reader = _Reader(project, stack)
        old, new = reader.version(before), reader.version(after)
        return tuple(
            compare(reader.side(old, first), reader.side(new, second))
            for first, second in _pairs(old, new, model)
        )


def _pairs(
    old: _Version, new: _Version, wanted: str | None
) -> tuple[tuple[ReadModel, ReadModel], ...]:
    """Return the models to compare; one model on each side is one model, whatever its name."""
    olds = {model.name: model for model in old.manifest.models}
    news = {model.name: model for model in new.manifest.models}
    if wanted is not None and wanted not in {**olds, **news}:
        known = ", ".join(sorted({**olds, **news}))
        raise InputError(f"no model named {wanted!r}", expected=f"one of {known}")
    if len(olds) == len(news) == 1:
        return ((old.manifest.models[0], new.manifest.models[0]),)
    names = [wanted] if wanted is not None else sorted(olds.keys() & news.keys())
    for name in names:
        for version, models in ((old, olds), (new, news)):
            if name not in models:
                raise InputError(f"no model named {name!r}", where=version.label)
    if not names:
        raise InputError(
            "no model is in both", expected=f"one of {', '.join(sorted(olds))} on both sides"
        )
    return tuple((olds[name], news[name]) for name in names)


class _Reader:
    """Reads the two sides."""

    def __init__(self, project: Project | None, stack: ExitStack) -> None:
        self._project = project
        self._objects = (
            stack.enter_context(GitObjects(project.repository)) if project is not None else None
        )
        self._cache = DvcCache(project.root) if project is not None else None

    def version(self, text: str) -> _Version:
        """Read what a text names."""
        path = Path(text)
        if text != WORKTREE and path.suffix == ".json" and path.is_file():
            return self._from_file(path)
        if self._project is None or self._objects is None:
            raise InputError(
                f"no project here to look for {text!r} in", expected="a DVC project, or two files"
            )
        revision = None if text == WORKTREE else text
        return self._from_tree(self._project.snapshot(self._objects, revision), text)

    def side(self, version: _Version, model: ReadModel) -> Side:
        """Return one side for one model."""
        snapshot = version.snapshot
        listed = {name: as_json(value) for name, (_, value) in model.metrics.items()}
        return Side(
            label=version.label,
            manifest=version.manifest,
            model=model,
            metrics=version.metrics(model.name) or listed,
            packages=_packages(version, model),
            read=_reading(snapshot),
            list_files=snapshot.files if snapshot is not None else lambda _: (),
            directory=self._directory,
        )

    def _directory(self, recorded: Recorded) -> tuple[RecordedFile, ...] | None:
        return self._cache.directory(recorded) if self._cache is not None else None

    def _from_tree(self, snapshot: Snapshot, label: str) -> _Version:
        settings, pipeline = load_settings(snapshot), read_pipeline(snapshot)
        manifest = capture_manifest(snapshot, pipeline, settings)
        root = self._project.root if self._project is not None else Path()
        comparison = Consistency(snapshot, pipeline, NoData())

        def metrics(name: str) -> Mapping[str, Json] | None:
            try:
                found = gather(settings.model(name), comparison, root=root).metrics
            except AigfError:
                return None
            return {key: as_json(metric.value) for key, metric in found.items()}

        return _Version(
            label="the working tree" if label == WORKTREE else label,
            manifest=read_manifest(manifest, where=label),
            metrics=metrics,
            records=_records_here(pipeline, root),
            snapshot=snapshot,
        )

    def _from_file(self, path: Path) -> _Version:
        data = read_file(path)
        try:
            manifest = read_manifest(data, where=str(path))
        except UndecidedError as not_manifest:
            bundles = split_bundles(data)
            if len(bundles) > 1:
                raise InputError(
                    f"{len(bundles)} bundles", where=str(path), expected="one bundle in the file"
                ) from None
            try:
                bundle = parse_bundle(bundles[0])
                deployment = read_deployment(read_statement(bundle.payload))
            except RefusedError as not_bundle:
                raise InputError(
                    f"neither a lineage manifest ({not_manifest}) nor a bundle ({not_bundle})",
                    where=str(path),
                ) from None
            return self._from_bundle(path, deployment)
        return _Version(
            label=str(path), manifest=manifest, metrics=lambda _: None, records={}, snapshot=None
        )

    def _from_bundle(self, path: Path, deployment: Deployment) -> _Version:
        lineage = deployment.lineage
        data = lineage.content or self._beside(path, lineage.sha256)
        if data is None:
            raise UndecidedError(
                "the bundle names its lineage manifest by digest only, and it is not at hand",
                where=str(path),
                expected=f"{lineage.sha256}{EVIDENCE} beside the bundle, or in the store here",
                hint="`aigf pull` fetches attestations with their evidence",
            )
        manifest = read_manifest(data, where=str(path))
        metrics = {name: as_json(metric.value) for name, metric in deployment.metrics.items()}
        return _Version(
            label=str(path),
            manifest=manifest,
            metrics=lambda name: metrics if name == deployment.model else None,
            records=_records_of(deployment),
            snapshot=self._attested_tree(deployment),
        )

    def _beside(self, bundle: Path, digest: Sha256) -> bytes | None:
        """Return evidence that lies beside a bundle, or in the store of the project here."""
        candidates = []
        near = bundle.parent / f"{digest}{EVIDENCE}"
        if near.is_file():
            candidates.append(near.read_bytes())
        if self._project is not None:
            store = GitRefStore(self._project.repository)
            candidates += [item.data for item in store.all() if isinstance(item, Stored)]
        return next((data for data in candidates if sha256(data) == digest), None)

    def _attested_tree(self, deployment: Deployment) -> Snapshot | None:
        """Return the commit that was attested, when it is here and is what the bundle says."""
        if self._project is None or self._objects is None:
            return None
        try:
            snapshot = CommitSnapshot(
                self._objects, deployment.source.git_commit, prefix=self._project.prefix
            )
            return snapshot if snapshot.tree_digest() == deployment.tree else None
        except AigfError:
            return None


def _reading(snapshot: Snapshot | None) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        try:
            return snapshot.read(path) if snapshot is not None else None
        except AigfError:  # a link or a folder: it has no lines
            return None

    return read


def _records_here(pipeline: Pipeline, root: Path) -> dict[str, RunRecord]:
    """Return this machine's run records of the stages as they last ran."""
    found = {}
    for address, lock in pipeline.locks.items():
        key = key_of_lock(lock)
        record = find_run_record(root, key) if key is not None else None
        if record is not None:
            found[address] = record.record
    return found


def _records_of(deployment: Deployment) -> dict[str, RunRecord]:
    """Return the run records that a bundle carries."""
    found = {}
    for item in deployment.evidence:
        if item.name.startswith(_RUN_RECORD) and item.content is not None:
            try:
                record = parse_run_record(item.content, where=item.name)
            except AigfError:
                continue
            found[item.name.removeprefix(_RUN_RECORD)] = record
    return found


def _packages(version: _Version, model: ReadModel) -> dict[str, str] | None:
    """Return the packages that the model's stages ran with; the nearest stage to it has the word.

    None when no stage has a run record that tells.
    """
    found: dict[str, str] = {}
    for address in reversed(version.manifest.pipeline.ancestors(model.path)):
        record = version.records.get(address)
        python = record.environment.get("python") if record is not None else None
        packages = python.get("packages") if isinstance(python, Mapping) else None
        if isinstance(packages, Mapping) and isinstance(python, Mapping):
            found |= {name: str(value) for name, value in packages.items()}
            found["python"] = str(python.get("version"))
    return found or None
