from decimal import Decimal

import pytest
from msgspec.structs import replace

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, Lineage, StageTrust, TrustLevel
from aigf_dvc.policy.rules.lineage import tolerance_of
from aigf_dvc.policy.verdict import Finding, Gate, Outcome, Result, Verdict
from tests.policy.builders import a_lineage, a_policy, an_edge, an_evidence, denied, judged

RULE = "{id: lineage, kind: lineage}"


def judge(lineage: Lineage | None, settings: str = "", *, at: Gate = Gate.ATTEST) -> Verdict:
    return judged(f"{{id: lineage, kind: lineage{settings}}}", an_evidence(lineage=lineage), at=at)


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


@pytest.mark.parametrize("at", Gate)
def test_no_lineage_at_all_is_denied_at_every_gate(at: Gate) -> None:
    finding = only(judge(None, ", min_trust: observed", at=at).findings)
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "no lineage was captured"


@pytest.mark.parametrize("at", Gate)
def test_a_lineage_without_edges_is_denied_at_every_gate(at: Gate) -> None:
    finding = only(judge(Lineage(edges=(), stages=()), at=at).findings)
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "the lineage has no edges"


def test_recorded_edges_are_consistent() -> None:
    lineage = a_lineage(an_edge(), an_edge(EdgeState.RECORDED, name="data/raw.csv"))
    finding = only(judge(lineage).findings)
    assert finding.outcome is Outcome.PASSED
    assert finding.observed == "edges: 1 verified, 1 recorded"


@pytest.mark.parametrize("state", [EdgeState.MISMATCHED, EdgeState.MISSING])
@pytest.mark.parametrize("edges", ["consistent", "verified"])
def test_an_edge_that_is_contradicted_or_missing_is_denied(state: EdgeState, edges: str) -> None:
    lineage = a_lineage(an_edge(), an_edge(state, name="model.pkl", reason="edited after the run"))
    finding = only(judge(lineage, f", edges: {edges}").findings)
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == (
        f"1 of 2 edges: stage train, input model.pkl is {state} (edited after the run)"
    )
    assert finding.where == "stage train, input model.pkl"
    assert "aigf repro" in finding.remedy


def test_every_edge_can_be_demanded_verified() -> None:
    parameter = an_edge(EdgeState.RECORDED, kind=EdgeKind.PARAMETER, name="params.yaml:lr")
    finding = only(judge(a_lineage(an_edge(), parameter), ", edges: verified").findings)
    assert finding.outcome is Outcome.DENIED
    assert "parameter params.yaml:lr is recorded" in finding.observed
    assert "dvc pull" in finding.remedy
    assert judge(a_lineage(), ", edges: verified").result is Result.PASSED


def test_the_data_can_be_demanded_verified() -> None:
    parameter = an_edge(EdgeState.RECORDED, kind=EdgeKind.PARAMETER, name="params.yaml:lr")
    assert judge(a_lineage(an_edge(), parameter), ", data: verified").result is Result.PASSED
    unseen = an_edge(EdgeState.RECORDED, kind=EdgeKind.OUTPUT, name="model.pkl")
    finding = only(judge(a_lineage(an_edge(), unseen), ", data: verified").findings)
    assert finding.outcome is Outcome.DENIED
    assert "output model.pkl is recorded" in finding.observed


def test_many_broken_edges_are_counted_and_three_are_named() -> None:
    edges = [an_edge(EdgeState.MISSING, name=f"data/{n}.csv") for n in range(7)]
    observed = only(judge(a_lineage(*edges)).findings).observed
    assert observed.startswith("7 of 7 edges: ")
    assert observed.endswith("data/2.csv is missing; and 4 more")


@pytest.mark.parametrize("at", [Gate.ATTEST, Gate.DEPLOY])
@pytest.mark.parametrize(
    ("level", "wanted", "result"),
    [
        (TrustLevel.DECLARED, "declared", Result.PASSED),
        (TrustLevel.REPRODUCED, "declared", Result.PASSED),
        (TrustLevel.DECLARED, "observed", Result.DENIED),
        (TrustLevel.OBSERVED, "observed", Result.PASSED),
        (TrustLevel.OBSERVED, "reproduced", Result.DENIED),
        (TrustLevel.REPRODUCED, "reproduced", Result.PASSED),
    ],
)
def test_trust_is_judged_at_attest_and_deploy(
    level: TrustLevel, wanted: str, result: Result, at: Gate
) -> None:
    assert judge(a_lineage(level=level), f", min_trust: {wanted}", at=at).result is result


def test_the_weakest_stage_decides_and_is_named() -> None:
    lineage = Lineage(
        edges=(an_edge(),),
        stages=(
            StageTrust(stage="prepare", level=TrustLevel.OBSERVED),
            StageTrust(stage="train", level=TrustLevel.DECLARED),
        ),
    )
    finding = only(denied(judge(lineage, ", min_trust: observed")))
    assert finding.observed == "stage train is only declared"
    assert finding.expected == "every stage observed or stronger"
    assert "aigf repro" in finding.remedy


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (("train",), "the only stage is observed"),
        (("a", "b"), "the weakest of 2 stages is observed"),
    ],
)
def test_one_stage_is_not_counted_in_the_plural(stages: tuple[str, ...], said: str) -> None:
    levels = tuple(StageTrust(stage=name, level=TrustLevel.OBSERVED) for name in stages)
    judged = judge(Lineage(edges=(an_edge(),), stages=levels), ", min_trust: observed")
    assert said in [finding.observed for finding in judged.findings]


def test_trust_without_any_stage_is_denied() -> None:
    lineage = Lineage(edges=(an_edge(),), stages=())
    finding = only(denied(judge(lineage, ", min_trust: declared")))
    assert finding.observed == "the lineage has no stages"


@pytest.mark.parametrize("at", [Gate.STAGE, Gate.PUSH])
def test_a_deferred_trust_demand_never_hides_a_broken_edge(at: Gate) -> None:
    verdict = judge(a_lineage(an_edge(EdgeState.MISMATCHED)), ", min_trust: observed", at=at)
    assert [f.outcome for f in verdict.findings] == [Outcome.DENIED, Outcome.DEFERRED]
    assert verdict.result is Result.DENIED
    expected = "every stage observed or stronger, to be judged at the attest gate"
    assert verdict.findings[1].expected == expected


@pytest.mark.parametrize(
    ("clean", "result"), [(True, Result.PASSED), (None, Result.PASSED), (False, Result.DENIED)]
)
def test_a_clean_tree_can_be_demanded(clean: bool | None, result: Result) -> None:
    assert judge(a_lineage(clean_tree=clean), ", clean_tree: true").result is result
    assert judge(a_lineage(clean_tree=clean), ", clean_tree: false").result is Result.PASSED


def a_rule(settings: str, *, name: str = "a") -> str:
    return f"{{id: {name}, kind: lineage{settings}}}"


def test_a_tolerance_is_part_of_what_is_expected() -> None:
    settings = ", min_trust: reproduced, tolerance: {auc: 0.010, loss: 2}"
    finding = only(denied(judge(a_lineage(level=TrustLevel.OBSERVED), settings)))
    assert finding.expected == (
        "every stage reproduced, with the same bytes or auc within 0.01, loss within 2"
    )
    assert finding.remedy.endswith("`aigf repro --clean HEAD`")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (", tolerance: {auc: 0.1}", "`min_trust: reproduced` beside it"),
        (", min_trust: observed, tolerance: {auc: 0.1}", "`min_trust: reproduced` beside it"),
        (", min_trust: reproduced, tolerance: {auc: -0.1}", "a number from 0"),
        (", min_trust: reproduced, tolerance: {auc: '0.1'}", "a number"),
        (", min_trust: reproduced, tolerance: {auc: .nan}", "a plain decimal"),
        (", min_trust: reproduced, tolerance: {}", "a mapping of names to values"),
        (", min_trust: reproduced, tolerance: 0.1", "a mapping of names to values"),
    ],
)
def test_a_tolerance_that_cannot_mean_one_thing_is_refused(settings: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        a_policy(a_rule(settings))


def test_the_tolerance_of_a_policy_is_exact_and_its_strictest() -> None:
    wide = a_rule(", min_trust: reproduced, tolerance: {auc: 0.1, loss: 1}")
    narrow = a_rule(", min_trust: reproduced, tolerance: {auc: 0.01}", name="b")
    none = a_rule(", min_trust: reproduced", name="c")
    other = a_rule(", min_trust: observed", name="d")
    assert tolerance_of(a_policy(wide)) == {"auc": Decimal("0.1"), "loss": Decimal(1)}
    assert tolerance_of(a_policy(wide, narrow, other)) == {"auc": Decimal("0.01")}
    assert tolerance_of(a_policy(narrow, wide)) == {"auc": Decimal("0.01")}
    assert tolerance_of(a_policy(wide, none)) == {}
    assert tolerance_of(a_policy(other)) == {}


@pytest.mark.parametrize(
    ("behind", "outcome", "observed"),
    [
        ((), Outcome.PASSED, "dvc.lock is current"),
        (("stage plot, command: it never ran",), Outcome.DENIED, "1 stage is behind: stage plot"),
        (None, Outcome.DENIED, "whether dvc.lock is current is not on record"),
    ],
)
def test_the_lock_can_be_demanded_current(
    behind: tuple[str, ...] | None, outcome: Outcome, observed: str
) -> None:
    lineage = replace(a_lineage(), behind=behind)
    finding = judge(lineage, ", current_lock: true").findings[-1]
    assert finding.outcome is outcome
    assert finding.observed.startswith(observed)
    assert judge(lineage).result is Result.PASSED
    early = judge(lineage, ", current_lock: true", at=Gate.STAGE).findings[-1]
    assert early.outcome is Outcome.DEFERRED
    pushed = judge(lineage, ", current_lock: true", at=Gate.PUSH).findings[-1]
    assert pushed.outcome is outcome


@pytest.mark.parametrize(
    ("commit", "observed"),
    [
        (None, "the working tree is no commit"),
        (Commit(sha="a" * 40), "no protected branch is on record"),
        (Commit(sha="a" * 40, protected=()), "no protected branch that is known here contains"),
        (Commit(sha="a" * 40, protected=("origin/main",)), "it is in origin/main"),
    ],
)
def test_the_commit_can_be_demanded_on_a_protected_branch(
    commit: Commit | None, observed: str
) -> None:
    evidence = replace(an_evidence(lineage=a_lineage()), commit=commit)
    rule = "{id: lineage, kind: lineage, protected_branch: true}"
    for at in Gate:
        finding = judged(rule, evidence, at=at).findings[-1]
        if at in (Gate.STAGE, Gate.PUSH):
            assert finding.outcome is Outcome.DEFERRED
        else:
            assert finding.observed.startswith(observed)
            passes = commit is not None and bool(commit.protected)
            assert finding.outcome is (Outcome.PASSED if passes else Outcome.DENIED)
