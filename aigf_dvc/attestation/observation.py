"""How far a judge trusts an attested lineage who trusts others than the attester to observe.

The attester's word about a stage counts for nothing here. A stage is observed when a run record,
signed by one whom the judge trusts to observe, is about the very run that the manifest names.
"""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment, ModelKind, StatementHead
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.observed import Observation
from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256, tree_digest
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import MD5, Out, Pipeline, Stage
from aigf_dvc.evidence.run_record import RunRecord, record_key

_HELD_BY_DVC = ("model", "dataset", "intermediate")  # git may change the line ends of the rest
MAX_MANIFEST = 64 * 2**20


class SignedRecord(Struct, frozen=True, kw_only=True):
    """A run record, and who signed it."""

    record: RunRecord
    observer: str  # a key's fingerprint, or an identity


def observe_again(
    statement: StatementHead,
    deployment: Deployment,
    *,
    manifest: bytes,
    signed: Callable[[Sha256], SignedRecord],
) -> Observation:
    """Return how far each stage that the model depends on is trusted.

    Args:
        statement: the attestation; its subjects are the model's files.
        deployment: its predicate.
        manifest: the lineage manifest that the predicate names by digest.
        signed: returns the run record behind a piece of evidence, by its digest; a RefusedError
            says why it does not count, an UndecidedError that the evidence is not at hand.

    Raises:
        RefusedError: the manifest has another form, or no stage that makes the model.
        UndecidedError: evidence is not at hand.
    """
    lineage = ManifestLineage(Fields.read(manifest, "manifest", max_bytes=MAX_MANIFEST))
    maker = lineage.pipeline.producers().get(deployment.path)
    if maker is None:
        raise RefusedError(
            "no stage of the manifest makes the model", where=f"{deployment.path!r:.100}"
        )
    evidence = {stage.stage: stage.run_record for stage in deployment.lineage_verification.stages}
    stages, reasons = [], {}
    for address in dict.fromkeys((*stages_behind(lineage.pipeline, deployment), *evidence)):
        try:
            digest = evidence.get(address)
            if digest is None:
                raise RefusedError("no run record")
            found = signed(digest)
            lineage.refuse_other_run(address, found.record)
            if address == maker:
                _refuse_other_model(found.record, statement, deployment)
        except RefusedError as error:
            stages.append(StageTrust(stage=address, level=TrustLevel.DECLARED))
            reasons[address] = str(error)
        else:
            stages.append(
                StageTrust(
                    stage=address,
                    level=TrustLevel.OBSERVED,
                    run_record=digest,
                    observer=found.observer,
                )
            )
    return Observation(stages=tuple(stages), reasons=reasons)


def stages_behind(pipeline: Pipeline, deployment: Deployment) -> Iterator[str]:
    """Yield the stages that a model or its metrics depend on, whatever the attester listed."""
    yield from pipeline.ancestors(deployment.path)
    places = [metric.where for metric in deployment.metrics.values()]
    for path in pipeline.producers():
        if any(place.startswith((f"{path}:", f"{path}/")) for place in places):
            yield from pipeline.ancestors(path)


def _refuse_other_model(
    record: RunRecord, statement: StatementHead, deployment: Deployment
) -> None:
    seen = record.outputs.get(deployment.path)
    if seen is None or seen.sha256 != model_digest(statement, deployment):
        raise RefusedError("its run record is of another model")


def model_digest(statement: StatementHead, deployment: Deployment) -> Sha256:
    """Return the SHA-256 of the attested model; of a directory, its tree digest."""
    folder = f"{deployment.path}/"
    files = statement.subjects
    if deployment.kind is ModelKind.FILE:
        return files[0].sha256
    return tree_digest((file.name.removeprefix(folder).encode(), file.sha256) for file in files)


class ManifestLineage:
    """The stages and artifacts of a manifest, as far as runs are compared with them."""

    def __init__(self, manifest: Fields) -> None:
        self._stages = {
            stage.text("name"): stage for stage in manifest.mapping("pipeline").objects("stages")
        }
        self._artifacts = {item.text("name"): item for item in manifest.objects("artifacts")}
        self.pipeline = Pipeline(
            stages={name: _stage(stage) for name, stage in self._stages.items()},
            locks={},
            tracked={},
            definitions=(),
            lock_files=(),
            dvc_files=(),
        )

    def refuse_other_run(self, address: str, record: RunRecord) -> None:
        """Refuse a record of another run than the manifest has of this stage."""
        if (record.key, record.directory) != self.run_of(address):
            raise RefusedError("its run record is of another run")
        for path, seen in {**record.inputs, **record.outputs}.items():
            if self._sha256(path) not in (None, seen.sha256):
                raise RefusedError(f"its run record saw other bytes of {path} with the same MD5")

    def run_of(self, address: str) -> tuple[Sha256, str]:
        """Return the key of the run that the manifest has of a stage, and the folder it ran in."""
        fields = self._stages.get(address)
        if fields is None:
            raise RefusedError("the manifest has no such stage")
        stage = self.pipeline.stages[address]
        key = record_key(
            stage.commands,
            {path: self._md5(path) for path in stage.deps},
            _parameters(fields),
            {out.path: self._md5(out.path) for out in stage.outs},
        )
        return key, stage.directory

    def sha256_of(self, path: str) -> Sha256 | None:
        """Return the SHA-256 of an artifact that DVC holds; None: unknown, or git holds it."""
        return self._sha256(path)

    def _md5(self, path: str) -> str:
        artifact = self._artifacts.get(path)
        recorded = artifact.optional_mapping("dvc") if artifact else None
        if recorded is None or recorded.values.get("hash") != MD5:
            raise RefusedError(f"{path} has no MD5 in the manifest, by which runs are compared")
        return recorded.text("value")

    def _sha256(self, path: str) -> Sha256 | None:
        artifact = self._artifacts.get(path)
        if artifact is None or artifact.values.get("role") not in _HELD_BY_DVC:
            return None
        return as_sha256(artifact.mapping("digest").values.get("sha256"))


def _stage(fields: Fields) -> Stage:
    command = fields.values.get("command")
    commands: list[Json] = [command] if isinstance(command, str) else fields.items("command")
    return Stage(
        address=fields.text("name"),
        file="",
        commands=_texts(commands, fields.at("command")),
        directory=fields.any_text("directory"),
        deps=_texts(fields.items("inputs"), fields.at("inputs")),
        outs=tuple(
            Out(path=path, kind="outs")
            for path in _texts(fields.items("outputs"), fields.at("outputs"))
        ),
        parameters={},
    )


def _texts(values: list[Json], where: str) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise RefusedError("no text", where=where, expected="texts")
    return tuple(map(str, values))


def _parameters(fields: Fields) -> dict[str, Mapping[str, Json]]:
    files = fields.mapping("parameters")
    return {file: files.mapping(file).values for file in files.values}
