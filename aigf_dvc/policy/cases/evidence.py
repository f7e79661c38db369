"""Reads the evidence of a case: every value type that a policy judges, in a short form.

What a case does not name is absent, as it is for a model that has none. Only the digests of the
model and of its tree are there by themselves: no gate judges a model without them.
"""

from datetime import date
from decimal import Decimal

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import (
    Cause,
    Edge,
    EdgeKind,
    EdgeState,
    Lineage,
    StageTrust,
    TrustLevel,
)
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import is_place
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.cases.change import part
from aigf_dvc.policy.cases.consent import (
    Occasion,
    approvals,
    external_verdicts,
    signatures,
    waivers,
)
from aigf_dvc.policy.cases.materials import advisories, baselines, datasets, packages, parameters
from aigf_dvc.policy.cases.values import (
    digest,
    digests,
    looked_at,
    measured,
    some_sections,
    some_texts,
    stand_in,
)
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.strict_yaml import Document

_CARD = "MODEL_CARD.md"
_METRICS = "metrics.json"
_MOST_EDGES = 1000


def read_evidence(
    document: Document, problems: Problems, *, today: date, environment: str
) -> ModelEvidence:
    """Return the evidence that a document describes.

    Args:
        document: a mapping; one that is empty describes a model of which nothing is known.
        problems: where what is wrong is noted, each with its place in the file of the cases.
        today: the day of the case, on which approvals were given unless they say otherwise.
        environment: that of the case, for which they were given unless they say otherwise.
    """
    found = Problems(document)
    top = Section(document.value, (), found)
    name = top.text("model", default="model")
    files = _files(top)
    tree = digest(top, "tree", "tree")
    occasion = Occasion(
        today=today,
        environment=environment,
        model=name,
        models=tuple(file.sha256 for file in files),
        tree=tree or stand_in("tree"),
    )
    evidence = ModelEvidence(
        model=name,
        card=_card(top, document),
        metrics=_metrics(top),
        documents=tuple(_document(section) for section in some_sections(top, "documents")),
        lineage=_lineage(top.section("lineage")),
        sha256=files[0].sha256 if files else None,
        data=_data(top),
        files=files,
        tree=tree,
        commit=_commit(top.section("commit")),
        parameters=parameters(top),
        datasets=datasets(top),
        packages=packages(top),
        baselines=baselines(top),
        advisories=advisories(top),
        approvals=approvals(top, occasion),
        waivers=waivers(top, occasion),
        signatures=signatures(top, occasion),
        external_verdicts=external_verdicts(top, occasion),
        unsigned=some_texts(top, "unsigned"),
    )
    top.finish()
    problems.include(found)
    return evidence


def _files(top: Section) -> tuple[ModelFile, ...]:
    model = digest(top, "sha256", "model")
    return (ModelFile(name="model.bin", sha256=model),) if model is not None else ()


def _card(top: Section, document: Document) -> ModelCard | None:
    section = top.section("card")
    if section is None:
        return None
    return ModelCard(path=_CARD, sha256=stand_in(_CARD), document=part(document, section.path))


def _metrics(top: Section) -> dict[str, Metric]:
    section = top.section("metrics")
    if section is None:
        return {}
    return {
        name: Metric(
            value=measured(section.value(name)),
            where=name if is_place(name) else f"{_METRICS}:{name}",
        )
        for name in section.names()
    }


def _document(section: Section) -> GovernanceDocument:
    kind = section.text("type")
    found = GovernanceDocument(
        type=kind,
        path=section.text("path", default=f"governance/documents/{kind}.md"),
        sha256=digest(section, "sha256", kind) or stand_in(kind),
        date=section.day("date"),
        models=some_texts(section, "models"),
        digests=digests(section, "digests", ()),
    )
    section.finish()
    return found


def _data(top: Section) -> dict[str, Sha256]:
    section = top.section("data")
    names = section.names() if section is not None else ()
    found = {name: digest(section, name, name) for name in names if section is not None}
    return {name: one for name, one in found.items() if one is not None}


def _lineage(section: Section | None) -> Lineage | None:
    if section is None:
        return None
    level = section.choice("level", TrustLevel, TrustLevel.DECLARED)
    stages = tuple(_stage(stage) for stage in some_sections(section, "stages"))
    if stages and section.has("level"):
        section.refuse("level", "`level` beside `stages`", "the level of each stage, in `stages`")
    lineage = Lineage(
        edges=_edges(section),
        stages=stages or (StageTrust(stage="train", level=level),),
        clean_tree=section.flag("clean_tree") if section.has("clean_tree") else None,
        behind=looked_at(section, "behind"),
    )
    section.finish()
    return lineage


def _stage(section: Section) -> StageTrust:
    stage = StageTrust(
        stage=section.text("stage"),
        level=section.choice("level", TrustLevel, TrustLevel.DECLARED),
        observer=section.text("observer", default=""),
        run_record=digest(section, "run_record", "") if section.has("run_record") else None,
        reproduction=digest(section, "reproduction", "") if section.has("reproduction") else None,
    )
    section.finish()
    return stage


def _edges(section: Section) -> tuple[Edge, ...]:
    """Read a list of edges, or how many there are of each state."""
    if isinstance(section.value("edges"), list):
        return tuple(_edge(edge) for edge in section.sections("edges"))
    counts = section.section("edges")
    found: list[Edge] = []
    for name in counts.names() if counts is not None else ():
        count = _count(counts, name) if counts is not None else 0
        found += [
            Edge(
                stage="train",
                kind=EdgeKind.INPUT,
                name=f"data/{name}-{number}",
                state=EdgeState(name),
                reason="",
            )
            for number in range(1, count + 1)
        ]
    return tuple(found)


def _count(counts: Section, name: str) -> int:
    number = counts.number(name)
    states = ", ".join(EdgeState)
    if name not in list(EdgeState):
        counts.refuse(name, f"the unknown state {shown(name)}", f"one of {states}")
        return 0
    if number is None or number != number.to_integral_value() or not 0 <= number <= _MOST_EDGES:
        counts.refuse(name, f"`{name}` is {_said(number)}", f"a count from 0 to {_MOST_EDGES}")
        return 0
    return int(number)


def _said(number: Decimal | None) -> str:
    return "no number" if number is None else str(number)


def _edge(section: Section) -> Edge:
    edge = Edge(
        stage=section.text("stage", default="train"),
        kind=section.choice("kind", EdgeKind, EdgeKind.INPUT),
        name=section.text("name", default=""),
        state=section.choice("state", EdgeState, EdgeState.VERIFIED),
        reason=section.text("reason", default=""),
        cause=section.choice("cause", Cause, Cause.SAME),
    )
    section.finish()
    return edge


def _commit(section: Section | None) -> Commit | None:
    if section is None:
        return None
    commit = Commit(
        sha=section.text("sha", default="1" * 40),
        authors=some_texts(section, "authors"),
        protected=looked_at(section, "protected"),
    )
    section.finish()
    return commit
