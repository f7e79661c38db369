"""What an export is made from: one model, its lineage, and the evidence about it.

It is made from a commit or from an attestation alike: both have a manifest, the judged evidence,
and the run records behind it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256, sha256, tree_digest
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.lineage import Lineage, StageTrust
from aigf_dvc.evidence.manifest import MANIFEST
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.pipeline import MD5, Makers
from aigf_dvc.evidence.run_record import Observed, RunRecord
from aigf_dvc.lazy_pattern import lazy_pattern

_MAX_BYTES = 64 * 2**20
_COMMIT = lazy_pattern(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
_MD5 = lazy_pattern(r"[0-9a-f]{32}\Z")
_DIRECTORY = ".dir"  # ends DVC's name for a directory


class Origin(Struct, frozen=True, kw_only=True):
    """Where the evidence was read from."""

    repository: str | None  # as SPDX writes it, `git+https://...`; None: it has no remote
    commit: str
    folder: str  # the project's, in the repository; empty when they are one, or it is not known
    at: datetime  # UTC: the commit's own time; of an attestation, when it was issued


class ExportedArtifact(Struct, frozen=True, kw_only=True):
    """One path that a stage reads or makes; what is not known is None or empty."""

    name: str
    role: str  # as in the manifest; what a stage reads from elsewhere is data, not code
    sha256: Sha256 | None  # of the file's bytes
    tree: Sha256 | None  # of a directory: the tree digest of its files
    dvc: Mapping[str, Json]  # hash, value, size, nfiles as DVC recorded them

    @property
    def md5(self) -> str | None:
        """Return the MD5 of the file's bytes: not that of a directory, nor DVC 2's of a text."""
        value = self.dvc.get("value")
        named = self.dvc.get("hash") == MD5 and isinstance(value, str) and _MD5.match(value)
        return str(value) if named else None


class ExportedStage(Struct, frozen=True, kw_only=True):
    """One stage: as it last ran, or as it is defined when it never ran."""

    name: str
    commands: tuple[str, ...]
    directory: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Json]]  # file -> key -> value
    trust: StageTrust
    run: RunRecord | None  # None: nobody observed it


class ExportSource(Struct, frozen=True, kw_only=True):
    """Everything that an export says about one model; secrets are redacted already."""

    model: str
    path: str
    files: tuple[ModelFile, ...]  # the model's; empty when their digests are not known
    origin: Origin
    tree: Sha256
    manifest: Sha256
    stages: tuple[ExportedStage, ...]  # that the model or a metric depends on, in running order
    artifacts: Mapping[str, ExportedArtifact]  # of these stages, by path
    card_fields: Mapping[str, Json]  # the card's front matter; empty when there is none
    evidence: ModelEvidence
    lineage: Lineage

    def makers(self) -> Makers:
        """Return what finds the stage that made a path."""
        return _makers(self.stages)

    def behind(self, path: str) -> frozenset[str]:
        """Return every path that a path's bytes depend on: of the model, what it learned from."""
        stages, makers = {stage.name: stage for stage in self.stages}, self.makers()
        waiting, found = list(makers.of(path)), set[str]()
        seen = set(waiting)
        while waiting:
            inputs = stages[waiting.pop()].inputs
            found.update(inputs)
            new = {maker for item in inputs for maker in makers.of(item)} - seen
            seen |= new
            waiting.extend(new)
        return frozenset(found)


def read_export_source(
    evidence: ModelEvidence,
    manifest: bytes,
    *,
    origin: Origin,
    files: tuple[ModelFile, ...],
    records: Mapping[Sha256, RunRecord],
) -> ExportSource:
    """Return what an export of one model is made from.

    Args:
        evidence: what a policy judges; its lineage names the stages.
        manifest: the lineage manifest's bytes.
        origin: where both were read from.
        files: the model's files; empty to take a single file's digest from the evidence.
        records: the run records, by the digest of their bytes.

    Raises:
        RefusedError: the manifest has another form, or contradicts the files or the records.
    """
    top = Fields.read(manifest, "manifest", max_bytes=_MAX_BYTES)
    if top.text("manifestType") != MANIFEST:
        raise RefusedError(
            f"{top.text('manifestType')!r:.100}", where=top.at("manifestType"), expected=MANIFEST
        )
    if not _COMMIT.match(origin.commit):
        raise RefusedError(
            f"{origin.commit!r:.100}", where="source.digest.gitCommit", expected="a commit's name"
        )
    model = _by_name(top.objects("models"), evidence.model)
    lineage = evidence.lineage or Lineage(edges=(), stages=())
    stages = _in_order(_stages(top.mapping("pipeline").objects("stages"), lineage, records))
    wanted = {path for stage in stages for path in (*stage.inputs, *stage.outputs)}
    path = model.text("path")
    artifacts = {
        item.any_text("name"): _artifact(item)
        for item in top.objects("artifacts")
        if item.any_text("name") in wanted | {path}
    }
    artifacts = _with_observed(artifacts, stages, path)
    _demand_same_model(files, path, artifacts.get(path))
    card = model.optional_mapping("modelCard")
    known = artifacts[path].sha256 if path in artifacts else None
    return ExportSource(
        model=evidence.model,
        path=path,
        files=files or ((ModelFile(name=path, sha256=known),) if known else ()),
        origin=origin,
        tree=top.mapping("tree").sha256("digest"),
        manifest=sha256(manifest),
        stages=stages,
        artifacts=artifacts,
        card_fields=card.mapping("fields").values if card else {},
        evidence=evidence,
        lineage=lineage,
    )


def _by_name(items: Iterable[Fields], name: str) -> Fields:
    for item in items:
        if item.text("name") == name:
            return item
    raise RefusedError(f"no entry named {name!r:.100}", where="manifest", expected="the model")


def _stages(
    items: tuple[Fields, ...], lineage: Lineage, records: Mapping[Sha256, RunRecord]
) -> Iterable[ExportedStage]:
    by_name = {item.text("name"): item for item in items}
    for trust in sorted(lineage.stages, key=lambda trust: trust.stage):
        if trust.stage not in by_name:
            raise RefusedError(
                f"no stage named {trust.stage!r:.100}", where="manifest.pipeline.stages"
            )
        item = by_name[trust.stage]
        several = isinstance(item.values.get("command"), list)
        files = item.mapping("parameters")
        stage = ExportedStage(
            name=trust.stage,
            commands=_texts(item, "command") if several else (item.text("command"),),
            directory=item.any_text("directory"),
            inputs=_texts(item, "inputs"),
            outputs=_texts(item, "outputs"),
            parameters={file: files.mapping(file).values for file in files.values},
            trust=trust,
            run=records.get(trust.run_record) if trust.run_record else None,
        )
        _demand_its_own_record(stage)
        yield stage


def _demand_its_own_record(stage: ExportedStage) -> None:
    run = stage.run
    if run is None:
        return
    named = (stage.commands, {*stage.inputs}, {*stage.outputs})
    if (run.commands, {*run.inputs}, {*run.outputs}) != named:
        raise RefusedError(
            "its run record is of other commands or paths",
            where=f"the stage {stage.name}",
            expected="the record of the run that the manifest names",
        )


def _makers(stages: Iterable[ExportedStage]) -> Makers:
    return Makers({out: stage.name for stage in stages for out in stage.outputs})


def _in_order(stages: Iterable[ExportedStage]) -> tuple[ExportedStage, ...]:
    """Return each stage after those that it depends on; of several that could be next, by name.

    Raises:
        RefusedError: they go round in a circle.
    """
    by_name = {stage.name: stage for stage in stages}
    makers = _makers(by_name.values())
    order = TopologicalSorter(
        {
            name: {maker for path in stage.inputs for maker in makers.of(path)}
            for name, stage in by_name.items()
        }
    )
    found: list[ExportedStage] = []
    try:
        order.prepare()
    except CycleError:
        raise RefusedError("stages that depend on themselves", where="manifest.pipeline") from None
    while order.is_active():
        ready = sorted(order.get_ready())
        found += [by_name[name] for name in ready]
        order.done(*ready)
    return tuple(found)


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    items = fields.items(key)
    if not all(isinstance(item, str) for item in items):
        raise RefusedError("an item is no text", where=fields.at(key), expected="texts")
    return tuple(map(str, items))


def _artifact(item: Fields) -> ExportedArtifact:
    dvc = item.optional_mapping("dvc")
    recorded = dvc.values if dvc else {}
    known = as_sha256(item.mapping("digest").values.get("sha256"))
    is_directory = "nfiles" in recorded or str(recorded.get("value")).endswith(_DIRECTORY)
    name, role = item.any_text("name"), item.text("role")
    # What no run recorded is a file or a folder: its digest is of one or the other.
    return ExportedArtifact(
        name=name,
        role="dataset" if role == "code" and is_outside(name) else role,
        sha256=known if recorded and not is_directory else None,
        tree=known if is_directory else None,
        dvc=recorded,
    )


def _with_observed(
    artifacts: Mapping[str, ExportedArtifact], stages: Iterable[ExportedStage], model: str
) -> dict[str, ExportedArtifact]:
    """Add the digests that the recorder saw, of the bytes that DVC recorded.

    Raises:
        RefusedError: it saw another model under the same MD5.
    """
    found = dict(artifacts)
    for stage in stages:
        seen = {**stage.run.inputs, **stage.run.outputs} if stage.run else {}
        for path, observed in seen.items():
            artifact = found.get(path)
            if artifact is None or artifact.dvc.get("value") != observed.md5:
                continue
            known = artifact.sha256 or artifact.tree
            if path == model and known not in (None, observed.sha256):
                raise RefusedError(
                    "its run record saw other bytes with the same MD5",
                    where=path,
                    expected=f"sha256:{known}",
                    hint="somebody made two files with one MD5: do not deploy this model",
                )
            found[path] = _as_seen(artifact, observed)
    return found


def _demand_same_model(
    files: tuple[ModelFile, ...], path: str, artifact: ExportedArtifact | None
) -> None:
    """Refuse files that are not the model which the manifest and the run records speak of."""
    known = (artifact.sha256 or artifact.tree) if artifact is not None else None
    if not files or known is None:
        return
    is_file = [file.name for file in files] == [path]
    inside = ((file.name.removeprefix(f"{path}/").encode(), file.sha256) for file in files)
    found = files[0].sha256 if is_file else tree_digest(inside)
    if found != known:
        raise RefusedError(
            f"the files are another model (sha256:{found})",
            where=path,
            expected=f"sha256:{known}, which the lineage speaks of",
        )


def _as_seen(artifact: ExportedArtifact, observed: Observed) -> ExportedArtifact:
    if observed.md5.endswith(_DIRECTORY):
        return replace(artifact, tree=observed.sha256)
    return replace(artifact, sha256=observed.sha256)
