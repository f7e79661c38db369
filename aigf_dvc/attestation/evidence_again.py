"""Rebuilds a model's evidence from a signed statement, so that another policy can judge it."""

from collections.abc import Iterator, Mapping, Sequence

from aigf_dvc.attestation.attested_data import MEDIA_TYPE as FILES_TYPE
from aigf_dvc.attestation.attested_data import with_files_again
from aigf_dvc.attestation.attested_packages import advisories_again, packages_again
from aigf_dvc.attestation.baseline_item import read_baselines
from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, ModelKind
from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.data_card import DATA_CARD, DataCard, read_data_card
from aigf_dvc.evidence.data_origin import data_of_manifest, datasets_of_manifest
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, Lineage
from aigf_dvc.evidence.manifest import MEDIA_TYPE as MANIFEST_TYPE
from aigf_dvc.evidence.model_card import ModelCard, read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.parameter import Parameter, parameters_of
from aigf_dvc.evidence.ran_stage import ran_stages_of


def evidence_again(
    deployment: Deployment, beside: Mapping[Sha256, bytes], subjects: Sequence[ModelFile] = ()
) -> ModelEvidence:
    """Return the evidence that a statement carries.

    Args:
        deployment: what the verified statement says.
        subjects: the model's files that it says it of.
        beside: evidence that lay beside the bundle, by its digest.

    Raises:
        RefusedError: a baseline in it has another form than ours.
        UndecidedError: the statement names evidence by digest, and it is not at hand.
    """
    manifest = read_manifest(deployment, beside)

    def at_hand(item: EvidenceItem) -> bytes | None:
        return item.content if item.content is not None else beside.get(item.sha256)

    return ModelEvidence(
        model=deployment.model,
        card=_card(deployment.model_card, beside),
        card_path=deployment.model_card.name if deployment.model_card else "the model card",
        metrics=deployment.metrics,
        documents=tuple(
            GovernanceDocument(
                type=document.type,
                path=document.file.name,
                sha256=document.file.sha256,
                date=document.date,
                models=document.models,
                digests=document.digests,
            )
            for document in deployment.documents
        ),
        lineage=_lineage(deployment),
        sha256=model_digest(deployment, subjects),
        data=data_of_manifest(manifest, deployment.path),
        parameters=_parameters(deployment, manifest),
        datasets=with_files_again(
            datasets_of_manifest(manifest, deployment.path, _data_cards(deployment, beside)),
            next((at_hand(i) for i in deployment.evidence if i.media_type == FILES_TYPE), None),
        ),
        packages=packages_again(deployment, at_hand),
        advisories=advisories_again(deployment, at_hand),
        commit=Commit(
            sha=deployment.source.git_commit,
            authors=deployment.source.authors,
            protected=deployment.source.protected,
        ),
        files=tuple(subjects),
        tree=deployment.tree,
        baselines=tuple(read_baselines(deployment, beside)),
        absent=tuple(
            item.name
            for item in (deployment.lineage, *deployment.evidence)
            if item.media_type in (MANIFEST_TYPE, FILES_TYPE) and at_hand(item) is None
        ),
    )


def model_digest(deployment: Deployment, subjects: Sequence[ModelFile]) -> Sha256 | None:
    """Return the SHA-256 of a statement's model: of its file, or the tree digest of its files."""
    if deployment.kind is ModelKind.FILE:
        return subjects[0].sha256 if len(subjects) == 1 else None
    start = f"{deployment.path}/"
    names = ((file.name.removeprefix(start).encode(), file.sha256) for file in subjects)
    return tree_digest(names) if subjects else None


def read_manifest(deployment: Deployment, beside: Mapping[Sha256, bytes]) -> Json:
    """Return the statement's lineage manifest, or None when it is not at hand.

    Raises:
        UndecidedError: it is no strict JSON.
    """
    item = deployment.lineage
    content = item.content if item.content is not None else beside.get(item.sha256)
    return None if content is None else loads(content, where=item.name)


def _card(item: EvidenceItem | None, beside: Mapping[Sha256, bytes]) -> ModelCard | None:
    if item is None:
        return None
    return read_model_card(content_of(item, beside), path=item.name)


def content_of(item: EvidenceItem, beside: Mapping[Sha256, bytes]) -> bytes:
    """Return the bytes of evidence: those in the statement, or those beside the bundle.

    Raises:
        UndecidedError: they are neither here nor there.
    """
    content = item.content if item.content is not None else beside.get(item.sha256)
    if content is None:
        raise UndecidedError(
            "the statement names it by digest only, and it is not at hand",
            where=item.name,
            expected=f"the bytes with sha256:{item.sha256}",
            hint="verify with `--from STORE`: large evidence lies beside the bundle there",
        )
    return content


def _parameters(deployment: Deployment, manifest: Json) -> tuple[Parameter, ...]:
    """Return what the stages ran with that the model or its metrics depend on."""
    stages = ran_stages_of(manifest)
    metrics = stages.outputs_at(metric.where for metric in deployment.metrics.values())
    return parameters_of(stages.behind((deployment.path, *metrics)))


def _data_cards(deployment: Deployment, beside: Mapping[Sha256, bytes]) -> Iterator[DataCard]:
    """Yield each data card; one whose bytes are not at hand may speak of anything."""
    for document in deployment.documents:
        if document.type == DATA_CARD:
            file = document.file
            data = file.content if file.content is not None else beside.get(file.sha256)
            if data is None:
                yield DataCard(path=file.name, at_hand=False)
            else:
                yield read_data_card(data, path=file.name)


def _lineage(deployment: Deployment) -> Lineage:
    """Return the lineage as attested: each bad edge, and as many sound ones as were counted."""
    attested = deployment.lineage_verification
    sound = [
        Edge(stage="", kind=EdgeKind.INPUT, name="", state=state, reason="as attested")
        for state in (EdgeState.VERIFIED, EdgeState.RECORDED)
        for _ in range(attested.edges.get(state, 0))
    ]
    return Lineage(
        edges=(*sound, *attested.problems), stages=attested.stages, behind=attested.behind
    )
