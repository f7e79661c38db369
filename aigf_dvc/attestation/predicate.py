"""The deployment predicate as JSON, and back: reading what was written gives equal values.

See: https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
"""

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, date
from enum import StrEnum
from typing import TypeVar

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import (
    AttestedDocument,
    Deployment,
    EvidenceItem,
    LineageVerification,
    ModelKind,
    Source,
    Statement,
)
from aigf_dvc.attestation.fields import TIME, Fields
from aigf_dvc.canonical import Json, user_data, user_data_as_json
from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.policy.verdict import PolicyReference

INLINE_EACH = 16 * 2**10
INLINE_TOGETHER = 64 * 2**10
TOOL = "aigf-dvc"
_SHA256 = "sha256:"
_Choice = TypeVar("_Choice", bound=StrEnum)
_MOST_EDGES = 1_000_000  # a judge holds one value for each


def predicate_as_json(deployment: Deployment) -> dict[str, Json]:
    """Return the predicate; small evidence carries its bytes, larger stands by digest only."""
    d = with_small_evidence(deployment)
    lineage = d.lineage_verification
    return {
        "model": {"name": d.model, "path": d.path, "kind": d.kind},
        "environment": d.environment,
        "verdict": dict(d.verdict),
        "policy": {
            "id": d.policy.id,
            "version": d.policy.version,
            "digest": {"sha256": d.policy.sha256},
            "evidence": d.policy_evidence,
        },
        "source": _source(d.source),
        "tree": {"digest": {"sha256": d.tree}},
        "lineage": _descriptor(d.lineage),
        "lineageVerification": {
            "trustLevel": lineage.level,
            "edges": {state: lineage.edges.get(state, 0) for state in EdgeState},
            "stages": [_stage(stage) for stage in lineage.stages],
            "problems": [_edge(edge) for edge in lineage.problems],
            **_known("behind", lineage.behind),
        },
        "modelCard": _descriptor(d.model_card) if d.model_card else None,
        "metrics": {
            name: {"value": user_data_as_json(metric.value), "where": metric.where}
            for name, metric in d.metrics.items()
        },
        "documents": [_document(document) for document in d.documents],
        "evidence": [_descriptor(item) for item in d.evidence],
        "waivers": [_descriptor(item) for item in d.waivers],
        "approvals": [_descriptor(item) for item in d.approvals],
        "issuedOn": d.issued_on.astimezone(UTC).strftime(TIME),
        "tool": {"name": TOOL, "version": d.tool_version},
    }


def _source(source: Source) -> dict[str, Json]:
    return {
        "uri": source.uri,
        "digest": {"gitCommit": source.git_commit},
        "ref": source.ref,
        **_known("authors", source.authors or None),
        **_known("protectedBranches", source.protected),
    }


def _known(key: str, texts: tuple[str, ...] | None) -> dict[str, Json]:
    """Return a list under its key, or nothing where nobody looked; older readers pass it by."""
    return {} if texts is None else {key: list(texts)}


def with_small_evidence(deployment: Deployment) -> Deployment:
    """Drop the bytes of evidence that is too large to travel inside a statement.

    What a judge needs most comes first: lineage, model card, policy and run records, waivers and
    approvals, documents.
    An item that would pass a limit is left out; smaller ones after it may still fit.
    """
    left = INLINE_TOGETHER

    def fit(item: EvidenceItem) -> EvidenceItem:
        nonlocal left
        size = len(item.content or b"")
        if size > min(left, INLINE_EACH):
            return replace(item, content=None)
        left -= size
        return item

    return replace(
        deployment,
        lineage=fit(deployment.lineage),
        model_card=fit(deployment.model_card) if deployment.model_card else None,
        evidence=tuple(fit(item) for item in deployment.evidence),
        waivers=tuple(fit(item) for item in deployment.waivers),
        approvals=tuple(fit(item) for item in deployment.approvals),
        documents=tuple(replace(item, file=fit(item.file)) for item in deployment.documents),
    )


def _descriptor(item: EvidenceItem) -> dict[str, Json]:
    described: dict[str, Json] = {
        "name": item.name,
        "mediaType": item.media_type,
        "digest": {"sha256": item.sha256},
    }
    if item.content is not None:
        described["content"] = b64encode(item.content).decode()
    return described


def _document(document: AttestedDocument) -> dict[str, Json]:
    day: dict[str, Json] = {"date": document.date.isoformat()} if document.date else {}
    models: list[Json] = list(document.models)
    about: list[Json] = [f"{_SHA256}{digest}" for digest in document.digests]
    digests: dict[str, Json] = {"digests": about} if about else {}
    return {"type": document.type, "models": models, **day, **digests, **_descriptor(document.file)}


def _stage(stage: StageTrust) -> dict[str, Json]:
    digests = {"runRecord": stage.run_record, "reproduction": stage.reproduction}
    records: dict[str, Json] = {
        key: {"sha256": digest} for key, digest in digests.items() if digest
    }
    observer: dict[str, Json] = {"observer": stage.observer} if stage.observer else {}
    return {"name": stage.stage, "trustLevel": stage.level, **records, **observer}


def _edge(edge: Edge) -> dict[str, Json]:
    return {
        "stage": edge.stage,
        "kind": edge.kind,
        "name": edge.name,
        "state": edge.state,
        "reason": edge.reason,
    }


def read_deployment(statement: Statement) -> Deployment:
    """Read a statement's predicate; evidence that it carries must have the digest it names.

    Raises:
        RefusedError: a value is missing, has another form, or contradicts another one.
    """
    top = Fields.of(dict(statement.predicate), "predicate")
    model, policy = top.mapping("model"), top.mapping("policy")
    card = top.optional_mapping("modelCard")
    return Deployment(
        model=model.text("name"),
        path=model.text("path"),
        kind=_one_of(ModelKind, model, "kind"),
        environment=top.optional_text("environment"),
        verdict=top.mapping("verdict").values,
        policy=PolicyReference(
            id=policy.any_text("id"),
            version=policy.any_text("version"),
            sha256=policy.sha256("digest"),
        ),
        policy_evidence=policy.optional_text("evidence"),
        source=_read_source(top.mapping("source")),
        tree=top.mapping("tree").sha256("digest"),
        lineage=_read_descriptor(top.mapping("lineage")),
        lineage_verification=_read_lineage_verification(top.mapping("lineageVerification")),
        model_card=_read_descriptor(card) if card else None,
        metrics=_read_metrics(top.mapping("metrics")),
        documents=tuple(_read_document(item) for item in top.objects("documents")),
        evidence=tuple(_read_descriptor(item) for item in top.objects("evidence")),
        issued_on=top.time("issuedOn"),
        tool_version=top.mapping("tool").text("version"),
        waivers=tuple(_read_descriptor(item) for item in top.objects("waivers")),
        approvals=tuple(_read_descriptor(item) for item in top.objects("approvals")),
    )


def _one_of(choices: type[_Choice], fields: Fields, key: str) -> _Choice:
    text = fields.text(key)
    try:
        return choices(text)
    except ValueError:
        raise RefusedError(
            f"{text!r:.100}", where=fields.at(key), expected=" or ".join(choices)
        ) from None


def _read_source(fields: Fields) -> Source:
    return Source(
        uri=fields.optional_text("uri"),
        git_commit=fields.mapping("digest").text("gitCommit"),
        ref=fields.optional_text("ref"),
        authors=_read_known(fields, "authors") or (),
        protected=_read_known(fields, "protectedBranches"),
    )


def _read_known(fields: Fields, key: str) -> tuple[str, ...] | None:
    if fields.values.get(key) is None:
        return None
    items = fields.items(key)
    texts = tuple(item for item in items if isinstance(item, str) and item)
    if len(texts) < len(items):
        raise RefusedError("no text", where=fields.at(key), expected="a list of texts")
    return texts


def _read_descriptor(fields: Fields) -> EvidenceItem:
    name, expected = fields.text("name"), fields.sha256("digest")
    content = None
    if "content" in fields.values:
        content = fields.base64("content")
        if sha256(content) != expected:
            raise RefusedError(
                f"the bytes of {name!r} have the SHA-256 {sha256(content)}",
                where=fields.at("content"),
                expected=expected,
            )
    return EvidenceItem(
        name=name, media_type=fields.text("mediaType"), sha256=expected, content=content
    )


def _read_document(fields: Fields) -> AttestedDocument:
    text = fields.optional_text("date")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise RefusedError(
            f"{text!r:.100}", where=fields.at("date"), expected="a date such as 2026-11-20"
        ) from None
    return AttestedDocument(
        type=fields.text("type"),
        date=day,
        models=fields.texts("models"),
        file=_read_descriptor(fields),
        digests=tuple(_read_digests(fields)),
    )


def _read_digests(fields: Fields) -> Iterable[Sha256]:
    for item in fields.items("digests") if "digests" in fields.values else ():
        yield read_digest(item, where=fields.at("digests"))


def read_digest(value: Json, *, where: str = "") -> Sha256:
    """Return the digest that stands behind the name of its kind.

    Raises:
        RefusedError: it is no such text.
    """
    text = value if isinstance(value, str) else ""
    digest = as_sha256(text.removeprefix(_SHA256)) if text.startswith(_SHA256) else None
    if digest is None:
        raise RefusedError(
            f"{value!r:.100}", where=where,
            expected="`sha256:` and 64 lower-case hexadecimal digits",
        )  # fmt: skip
    return digest


def _read_metrics(fields: Fields) -> dict[str, Metric]:
    items = {name: fields.mapping(name) for name in fields.values}
    return {
        name: Metric(value=user_data(item.values.get("value")), where=item.text("where"))
        for name, item in items.items()
    }


def _read_lineage_verification(fields: Fields) -> LineageVerification:
    edges = fields.mapping("edges")
    found = LineageVerification(
        edges={state: edges.count(state) for state in EdgeState},
        stages=tuple(_read_stages(fields.objects("stages"))),
        problems=tuple(_read_edge(item) for item in fields.objects("problems")),
        behind=_read_known(fields, "behind"),
    )
    demand_consistent(found, _one_of(TrustLevel, fields, "trustLevel"), where=fields.where)
    return found


def demand_consistent(found: LineageVerification, claimed: TrustLevel, *, where: str) -> None:
    """Refuse what is said of a lineage where its parts contradict each other.

    Args:
        found: the parts.
        claimed: the level of the whole.
        where: it stands, for messages.

    Raises:
        RefusedError: they do, or there are more edges than a judge can hold.
    """
    if sum(found.edges.values()) > _MOST_EDGES:
        raise RefusedError("too many edges", where=f"{where}.edges", expected=f"{_MOST_EDGES}")
    counted = found.edges[EdgeState.MISMATCHED] + found.edges[EdgeState.MISSING]
    if counted != len(found.problems):
        raise RefusedError(
            f"{len(found.problems)} edges", where=f"{where}.problems",
            expected=f"the {counted} that are counted as mismatched or missing",
        )  # fmt: skip
    if claimed is not found.level:
        raise RefusedError(
            f"{claimed} as a whole", where=f"{where}.trustLevel",
            expected=f"{found.level}, the level of the weakest stage",
        )  # fmt: skip


def _read_stages(items: Iterable[Fields]) -> Iterable[StageTrust]:
    for item in items:
        yield StageTrust(
            stage=item.text("name"),
            level=_one_of(TrustLevel, item, "trustLevel"),
            run_record=_optional_sha256(item, "runRecord"),
            observer=item.optional_text("observer") or "",
            reproduction=_optional_sha256(item, "reproduction"),
        )


def _optional_sha256(fields: Fields, key: str) -> Sha256 | None:
    return fields.sha256(key) if fields.values.get(key) is not None else None


def _read_edge(fields: Fields) -> Edge:
    return Edge(
        stage=fields.text("stage"),
        kind=_one_of(EdgeKind, fields, "kind"),
        name=fields.any_text("name"),
        state=_one_of(EdgeState, fields, "state"),
        reason=fields.any_text("reason"),
    )
