"""The rule kind `lineage`: the links from data and code to the model, and how far to trust them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, Lineage, TrustLevel
from aigf_dvc.policy.model import CLOSING_GATES, Case, Judgement, Kind, Policy
from aigf_dvc.policy.numbers import number_text
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Gate, Outcome

_SHOWN = 3
_DATA = (EdgeKind.INPUT, EdgeKind.OUTPUT)
_CONTRADICTED = (EdgeState.MISMATCHED, EdgeState.MISSING)

Tolerance = tuple[tuple[str, Decimal], ...]
"""The name of each metric, and how far it may be from the recorded one."""


@unique
class EdgeDemand(StrEnum):
    """How every edge must stand."""

    CONSISTENT = "consistent"  # no record is missing, none contradicts another or the bytes
    VERIFIED = "verified"  # the bytes behind every edge were seen


@unique
class DataDemand(StrEnum):
    """How the inputs and outputs must stand."""

    RECORDED = "recorded"  # their digests are on record
    VERIFIED = "verified"  # their bytes were seen


class RequiredLineage(Struct, frozen=True, kw_only=True):
    """What the lineage of a model must show."""

    edges: EdgeDemand = EdgeDemand.CONSISTENT
    data: DataDemand = DataDemand.RECORDED
    min_trust: TrustLevel | None = None
    tolerance: Tolerance = ()  # of the metrics of a reproduction
    clean_tree: bool = False
    current_lock: bool = False
    protected_branch: bool = False

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Give each demand its own judgement, so that a deferred one hides no other."""
        lineage = case.evidence.lineage
        if lineage is None:
            return (
                _nothing(
                    "no lineage was captured",
                    "check inside the git and DVC repository that makes the model",
                ),
            )
        if not lineage.edges:
            return (
                _nothing(
                    "the lineage has no edges",
                    "let a stage of dvc.yaml make the model from declared `deps:` and run "
                    "`aigf repro`",
                ),
            )
        judgements = [self._edges(lineage)]
        if self.min_trust is not None:
            judgements.append(_trust(lineage, self.min_trust, self.tolerance, case.at))
        if self.clean_tree:
            judgements.append(_clean_tree(lineage))
        if self.current_lock:
            judgements.append(_current_lock(lineage, case.at))
        if self.protected_branch:
            judgements.append(_protected_branch(case))
        return tuple(judgements)

    def _edges(self, lineage: Lineage) -> Judgement:
        broken = [edge for edge in lineage.edges if edge.state in _CONTRADICTED]
        unseen = [edge for edge in lineage.edges if self._is_unseen(edge)]
        total = len(lineage.edges)
        if broken or unseen:
            return _denied_edges(broken or unseen, total, expected=self._expected())
        seen = lineage.count()[EdgeState.VERIFIED]
        return Judgement(
            outcome=Outcome.PASSED,
            observed=f"edges: {seen} verified, {total - seen} recorded",
            expected=self._expected(),
        )

    def _is_unseen(self, edge: Edge) -> bool:
        if edge.state is not EdgeState.RECORDED:
            return False
        of_data = self.data is DataDemand.VERIFIED and edge.kind in _DATA
        return self.edges is EdgeDemand.VERIFIED or of_data

    def _expected(self) -> str:
        if self.edges is EdgeDemand.VERIFIED:
            return "every edge verified"
        if self.data is DataDemand.VERIFIED:
            return "every edge consistent, and the bytes of every input and output verified"
        return "every edge consistent"


def _nothing(observed: str, remedy: str) -> Judgement:
    return Judgement(
        outcome=Outcome.DENIED,
        observed=observed,
        expected="the edges from data and code to the model",
        remedy=remedy,
    )


def _denied_edges(edges: list[Edge], total: int, *, expected: str) -> Judgement:
    contradicted = any(edge.state in _CONTRADICTED for edge in edges)
    return Judgement(
        outcome=Outcome.DENIED,
        observed=f"{len(edges)} of {total} edges: {_list(map(_edge_text, edges), '; ')}",
        expected=expected,
        where=_edge_place(edges[0]),
        remedy="run `aigf repro`, commit what it changed and check again"
        if contradicted
        else "bring the bytes here with `dvc pull` and check again",
    )


def _edge_text(edge: Edge) -> str:
    reason = f" ({edge.reason})" if edge.reason else ""
    return f"{_edge_place(edge)} is {edge.state}{reason}"


def _edge_place(edge: Edge) -> str:
    stage = f"stage {edge.stage}, " if edge.stage else ""
    return f"{stage}{edge.kind} {edge.name}".rstrip()


def _trust(lineage: Lineage, wanted: TrustLevel, tolerance: Tolerance, at: Gate) -> Judgement:
    expected = f"every stage {wanted}" + (" or stronger" if _is_bettered(wanted) else "")
    if tolerance:
        near = (f"{name} within {number_text(most)}" for name, most in tolerance)
        expected += f", with the same bytes or {', '.join(near)}"
    if at not in CLOSING_GATES:
        return Judgement(
            outcome=Outcome.DEFERRED,
            observed=f"the trust level is not judged at the {at} gate",
            expected=f"{expected}, to be judged at the {Gate.ATTEST} gate",
        )
    weak = [stage for stage in lineage.stages if stage.level.rank < wanted.rank]
    if lineage.stages and not weak:
        return Judgement(
            outcome=Outcome.PASSED,
            observed=f"{_weakest(len(lineage.stages))} is {lineage.level}",
            expected=expected,
        )
    if not weak:
        return _nothing("the lineage has no stages", "let a stage of dvc.yaml make the model")
    return Judgement(
        outcome=Outcome.DENIED,
        observed=_list((f"stage {stage.stage} is only {stage.level}" for stage in weak), ", "),
        expected=expected,
        where=f"stage {weak[0].stage}",
        remedy="run the pipeline again in a clean clone: `aigf repro --clean HEAD`"
        if wanted is TrustLevel.REPRODUCED
        else "let the pipeline be observed: `aigf repro --force`",
    )


def _weakest(count: int) -> str:
    return "the only stage" if count == 1 else f"the weakest of {count} stages"


def _is_bettered(wanted: TrustLevel) -> bool:
    return wanted.rank < max(level.rank for level in TrustLevel)


def _clean_tree(lineage: Lineage) -> Judgement:
    dirty = lineage.clean_tree is False
    return Judgement(
        outcome=Outcome.DENIED if dirty else Outcome.PASSED,
        observed="the working tree has uncommitted changes" if dirty else "the tree is clean",
        expected="a clean tree",
        remedy="commit your changes (see `git status`) and check again" if dirty else "",
    )


def _current_lock(lineage: Lineage, at: Gate) -> Judgement:
    expected = "dvc.lock is current: DVC would run no stage again"
    if at is Gate.STAGE:  # the pipeline may still be running
        return Judgement(
            outcome=Outcome.DEFERRED,
            observed="whether dvc.lock is current is not judged at the stage gate",
            expected=expected,
        )
    behind = lineage.behind
    if behind is None:
        return Judgement(
            outcome=Outcome.DENIED,
            observed="whether dvc.lock is current is not on record",
            expected=expected,
            where="dvc.lock",
            remedy="attest the model anew: this attestation does not say it",
        )
    return Judgement(
        outcome=Outcome.DENIED if behind else Outcome.PASSED,
        observed=f"{len(behind)} stage{'s are' if behind[1:] else ' is'} behind: "
        f"{_list(behind, '; ')}"
        if behind
        else "dvc.lock is current",
        expected=expected,
        where="dvc.lock",
        remedy="run `aigf repro` for the whole pipeline and commit what it changed"
        if behind
        else "",
    )


def _protected_branch(case: Case) -> Judgement:
    expected = "a commit that a protected branch contains"
    if case.at not in CLOSING_GATES:
        return Judgement(
            outcome=Outcome.DEFERRED,
            observed=f"the branch is not judged at the {case.at} gate",
            expected=f"{expected}, to be judged at the {Gate.ATTEST} gate",
        )
    commit = case.evidence.commit
    branches = commit.protected if commit is not None else None
    if branches:
        observed, remedy = f"it is in {_list(branches, ', ')}", ""
    elif commit is None:
        observed = "the working tree is no commit"
        remedy = "commit, merge into a protected branch, then check `--rev` that commit"
    elif branches is None:
        observed = "no protected branch is on record"
        remedy = "attest the model anew: this attestation does not say it"
    else:
        observed = f"no protected branch that is known here contains {commit.sha[:12]}"
        remedy = "merge it into a branch under `protected:` of aigf.yaml, and `git fetch`"
    return Judgement(
        outcome=Outcome.PASSED if branches else Outcome.DENIED,
        observed=observed,
        expected=expected,
        remedy=remedy,
    )


def _list(items: Iterable[str], separator: str) -> str:
    texts = list(items)
    more = len(texts) - _SHOWN
    return separator.join(texts[:_SHOWN]) + (f"{separator}and {more} more" if more > 0 else "")


def demands_reproduction(policy: Policy) -> bool:
    """Tell whether a rule of a policy demands that stages are reproduced."""
    demands = [rule.demand for rule in policy.rules if isinstance(rule.demand, RequiredLineage)]
    return any(demand.min_trust is TrustLevel.REPRODUCED for demand in demands)


def tolerance_of(policy: Policy) -> Mapping[str, Decimal]:
    """Return how far a policy lets the metrics of a reproduction be from the recorded ones.

    Where several rules demand reproduction, the strictest holds: a metric that one of them does
    not name must be equal.
    """
    demands = [rule.demand for rule in policy.rules if isinstance(rule.demand, RequiredLineage)]
    named = [dict(d.tolerance) for d in demands if d.min_trust is TrustLevel.REPRODUCED]
    if not named:
        return {}
    first, *others = named
    return {
        name: min(most, *(other[name] for other in others)) if others else most
        for name, most in first.items()
        if all(name in other for other in others)
    }


def _read(section: Section) -> RequiredLineage:
    min_trust = section.choice("min_trust", TrustLevel, None)
    return RequiredLineage(
        edges=section.choice("edges", EdgeDemand, EdgeDemand.CONSISTENT),
        data=section.choice("data", DataDemand, DataDemand.RECORDED),
        min_trust=min_trust,
        tolerance=_read_tolerance(section, min_trust),
        clean_tree=section.flag("clean_tree"),
        current_lock=section.flag("current_lock"),
        protected_branch=section.flag("protected_branch"),
    )


def _read_tolerance(section: Section, min_trust: TrustLevel | None) -> Tolerance:
    named = section.section("tolerance")
    if named is None:
        return ()
    if min_trust is not TrustLevel.REPRODUCED:
        section.refuse(
            "tolerance",
            "`tolerance` without reproduction",
            "`min_trust: reproduced` beside it",
            "nothing else compares the metrics of two runs",
        )
    found = []
    for name in named.names():
        most = named.number(name)
        if most is not None and most < 0:
            named.refuse(name, f"`{name}` is {number_text(most)}", "a number from 0")
        elif most is not None:
            found.append((name, most))
    return tuple(found)


KIND = Kind(
    name="lineage",
    read=_read,
    schema={
        "edges": {
            "description": "How every edge must stand: without a contradiction, or with its "
            "bytes seen.",
            "enum": list(EdgeDemand),
            "default": EdgeDemand.CONSISTENT,
        },
        "data": {
            "description": "Whether the bytes of every input and output were seen.",
            "enum": list(DataDemand),
            "default": DataDemand.RECORDED,
        },
        "min_trust": {
            "description": "How the runs of every stage must be proven.",
            "enum": list(TrustLevel),
        },
        "tolerance": {
            "description": "How far each metric of a clean run may be from the recorded one.",
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0},
            "minProperties": 1,
        },
        "clean_tree": {"type": "boolean", "description": "No uncommitted changes."},
        "current_lock": {
            "type": "boolean",
            "description": "DVC would run no stage of the project again, the model's or not.",
        },
        "protected_branch": {
            "type": "boolean",
            "description": "A branch under `protected:` of aigf.yaml contains the commit.",
        },
    },
)
