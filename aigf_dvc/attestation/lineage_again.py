"""Holds what an attestation says of its commit against what a walk of that commit found."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from aigf_dvc.attestation.attested_runs import AttestedRun, Content
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.json_difference import json_differences
from aigf_dvc.attestation.records_again import (
    WalkedRun,
    demand_at_hand,
    package_differences,
    records_text,
    run_differences,
)
from aigf_dvc.canonical import dumps, loads, user_data_as_json
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import Edge, EdgeState, Lineage
from aigf_dvc.evidence.metric import Metric

_SHOWN = 10


class Walked(Struct, frozen=True, kw_only=True):
    """What a commit says of one model, read anew from a repository that the judge names."""

    commit: str
    path: str  # the model's
    manifest: bytes
    tree: Sha256
    lineage: Lineage  # its edges and what is behind; nobody observed the stages anew
    policy: Sha256 | None  # of the policy's own file
    card: Sha256 | None
    documents: Mapping[tuple[str, str], Sha256]  # by type and path
    metrics: Mapping[str, Metric]  # those whose file is at hand
    authors: tuple[str, ...] = ()  # of what the model is made of; empty: not known, or not asked
    faults: tuple[str, ...] = ()  # what the bytes at hand say against the commit's own records
    runs: Mapping[str, WalkedRun] = field(default_factory=dict)  # of stages with a run record
    packages: bytes | None = None  # as an attestation carries them; None: no lock files, no advice
    data: str = ""  # what was read of the data; empty: nothing
    tool_version: str = ""


def demand_same(
    deployment: Deployment, walked: Walked, content: Content, runs: Sequence[AttestedRun]
) -> str:
    """Hold an attestation against the walk, and return what was found, for people.

    Args:
        deployment: what the verified attestation says.
        walked: what its commit says.
        content: returns the bytes of attested evidence, where they are at hand.
        runs: the attested run records.

    Raises:
        RefusedError: they differ; each difference is named.
        UndecidedError: a metric could not be read anew, or a run record is not at hand.
    """
    all_here = all(run.record is not None for run in runs)  # advisories are about their packages
    found = [
        *_manifest(deployment, walked, content(deployment.lineage)),
        *_files(deployment, walked),
        *_metrics(deployment, walked),
        *_edges(deployment, walked),
        *_authors(deployment, walked),
        *run_differences(deployment, runs, walked.runs, walked.manifest),
        *(_packages(deployment, walked, content) if all_here else ()),
        *walked.faults,
    ]
    at = f"commit {walked.commit[:12]}"
    if found:
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise RefusedError("\n".join([f"{at} says otherwise", *found[:_SHOWN], *more]))
    _demand_metrics(deployment, walked)
    demand_at_hand(runs)
    if deployment.source.authors and not walked.authors:
        raise UndecidedError(f"{at}: who wrote it cannot be told: the history is not all here")
    counts = ", ".join(f"{n} {state}" for state, n in walked.lineage.count().items() if n)
    bad = [edge_text(edge) for edge in walked.lineage.edges if not edge.state.is_sound]
    data = walked.data or "the data was not read (--data)"
    said = f"walked again at {at}: the same manifest, sha256:{sha256(walked.manifest)}"
    records = filter(None, [records_text(runs, walked.packages)])
    return "\n".join([said, f"the same edges: {counts}; {data}", *records, *bad])


def _manifest(deployment: Deployment, walked: Walked, content: bytes | None) -> Iterator[str]:
    if deployment.tree != walked.tree:
        yield f"tree: attested sha256:{deployment.tree}, the commit has sha256:{walked.tree}"
    found = sha256(walked.manifest)
    if deployment.lineage.sha256 == found:
        return
    yield f"manifest: attested sha256:{deployment.lineage.sha256}, the commit gives sha256:{found}"
    if deployment.tool_version != walked.tool_version:
        yield f"(attested with aigf {deployment.tool_version}, this is {walked.tool_version})"
    if content is None:
        yield "(the attested manifest is not at hand, so what differs cannot be named)"
        return
    try:
        attested = loads(content, where="lineage-manifest.json")
    except AigfError as error:
        yield f"(the attested manifest cannot be read: {error})"
        return
    yield from json_differences(attested, loads(walked.manifest, where="manifest"))


def _files(deployment: Deployment, walked: Walked) -> Iterator[str]:
    if deployment.path != walked.path:
        yield f"model: attested at {deployment.path!r:.200}, the commit has it at {walked.path!r}"
    if deployment.policy.sha256 != walked.policy:
        yield _digests("policy", deployment.policy.sha256, walked.policy)
    card = deployment.model_card.sha256 if deployment.model_card is not None else None
    if card != walked.card:
        yield _digests("model card", card, walked.card)
    attested = {(doc.type, doc.file.name): doc.file.sha256 for doc in deployment.documents}
    for key in sorted(attested.keys() | walked.documents.keys()):
        if attested.get(key) != walked.documents.get(key):
            name = f"document {' '.join(key)!r:.200}"
            yield _digests(name, attested.get(key), walked.documents.get(key))


def _digests(what: str, attested: Sha256 | None, found: Sha256 | None) -> str:
    said, has = (f"sha256:{digest}" if digest else "none" for digest in (attested, found))
    return f"{what}: attested {said}, the commit has {has}"


def _metrics(deployment: Deployment, walked: Walked) -> Iterator[str]:
    for name in sorted(deployment.metrics.keys() & walked.metrics.keys()):
        attested, found = deployment.metrics[name], walked.metrics[name]
        same = dumps(user_data_as_json(attested.value)) == dumps(user_data_as_json(found.value))
        if not same or attested.where != found.where:
            yield (
                f"metric {name!r:.100}: attested {attested.value!s:.60} ({attested.where:.100}), "
                f"the commit has {found.value!s:.60} ({found.where:.100})"
            )
    for name in sorted(walked.metrics.keys() - deployment.metrics.keys()):
        value = walked.metrics[name].value
        yield f"metric {name!r:.100}: not attested, the commit has {value!s:.60}"


def _demand_metrics(deployment: Deployment, walked: Walked) -> None:
    unread = sorted(deployment.metrics.keys() - walked.metrics.keys())
    if unread:
        raise UndecidedError(
            f"DVC keeps the files of the metrics {', '.join(map(repr, unread))[:200]}, and they "
            "are not at hand: --data fetches them"
        )


def _edges(deployment: Deployment, walked: Walked) -> Iterator[str]:
    attested, found = deployment.lineage_verification, walked.lineage
    counts = found.count()
    for state in EdgeState:
        if attested.edges.get(state, 0) != counts[state]:
            yield f"edges: attested {attested.edges.get(state, 0)} {state}, found {counts[state]}"
    # Why an edge is bad is for people, and another version may say it better.
    problems = {_key(edge): edge for edge in found.edges if not edge.state.is_sound}
    claimed = {_key(edge): edge for edge in attested.problems}
    for key in sorted(problems.keys() - claimed.keys()):
        yield f"edge not attested: {edge_text(problems[key])}"
    for key in sorted(claimed.keys() - problems.keys()):
        yield f"edge not found: {edge_text(claimed[key])}"
    names, scope = {stage.stage for stage in attested.stages}, {s.stage for s in found.stages}
    for name in sorted(names ^ scope):
        yield f"stage {name!r:.100}: {'not found' if name in names else 'not attested'}"


def _authors(deployment: Deployment, walked: Walked) -> Iterator[str]:
    """Yield who is left out or made up: nobody may approve what they wrote."""
    attested = set(deployment.source.authors)
    for name in sorted(attested ^ set(walked.authors)) if attested and walked.authors else ():
        word = "not found" if name in attested else "not attested"
        yield f"author {name!r:.100}: {word}"


def _packages(deployment: Deployment, walked: Walked, content: Content) -> Iterator[str]:
    return package_differences(
        deployment, walked.packages, content, tool_version=walked.tool_version
    )


def _key(edge: Edge) -> tuple[str, str, str, str]:
    return edge.stage, edge.kind, edge.name, edge.state


def edge_text(edge: Edge) -> str:
    """Return one edge, its state and why, for people."""
    place = f"{edge.stage} {edge.kind} {edge.name}".strip()
    return f"{place:.200} is {edge.state}: {edge.reason:.200}"
