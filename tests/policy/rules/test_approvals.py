from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.approval import Approval
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.verdict import Finding, Gate, Outcome
from tests.policy.builders import TODAY, a_policy, an_evidence, the_finding

ONE = "{id: approved, kind: approvals, role: validator, max_age: 30d}"
TWO = "{id: approved, kind: approvals, role: validator, count: 2}"
MODEL, TREE = sha256(b"model"), sha256(b"tree")


def an_approval(rule: str = ONE, **changes: Any) -> Approval:  # noqa: ANN401 (fields)
    plain = Approval(
        person="Dana",
        emails=("dana@corp",),
        roles=("validator",),
        role="validator",
        model="mortgage",
        models=(MODEL,),
        tree=TREE,
        policy=a_policy(rule).sha256,
        environment="production",
        reason="validated",
        issued=datetime(2026, 11, 20, tzinfo=UTC),
        expires=None,
        where="sha256:abc",
    )
    return replace(plain, **changes)


def evidence(*approvals: Approval, authors: tuple[str, ...] = ("ann@corp",)) -> ModelEvidence:
    return replace(
        an_evidence(),
        files=(ModelFile(name="model.pkl", sha256=MODEL),),
        tree=TREE,
        commit=Commit(sha="abc", authors=authors),
        approvals=approvals,
    )


def finding(known: ModelEvidence, rule: str = ONE, *, at: Gate = Gate.ATTEST) -> Finding:
    policy = a_policy(rule)
    return the_finding(evaluate(policy, known, at=at, today=TODAY, environment="production"))


def test_an_approval_in_the_role_by_somebody_who_wrote_nothing_passes() -> None:
    found = finding(evidence(an_approval()))
    assert found.outcome is Outcome.PASSED
    assert found.observed == "approved by Dana (2026-11-20)"


def test_nobody_is_no_approval_and_the_command_is_named() -> None:
    found = finding(evidence())
    assert found.outcome is Outcome.DENIED
    assert found.observed == "nobody approved it as validator"
    assert "aigf approve mortgage --role validator" in found.remedy
    assert "--trust" in found.remedy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"roles": ("reader",)}, "not a role of theirs"),
        ({"models": (sha256(b"other"),)}, "other bytes"),
        ({"models": (MODEL, sha256(b"extra"))}, "other bytes"),
        ({"models": (MODEL, MODEL)}, "other bytes"),
        ({"model": "fraud"}, "another model, fraud"),
        ({"tree": sha256(b"other")}, "another tree"),
        ({"policy": sha256(b"other")}, "another policy"),
        ({"environment": "staging"}, "environment staging"),
        ({"issued": datetime(2026, 12, 1, tzinfo=UTC)}, "in the future"),
        ({"issued": datetime(2026, 10, 23, tzinfo=UTC)}, "it is 31 days old"),
        ({"expires": datetime(2026, 11, 22, tzinfo=UTC)}, "expired on 2026-11-22"),
        ({"emails": ()}, "no `emails`"),
        ({"emails": ("x@y", "ANN@corp")}, "they wrote a part of it (ann@corp)"),
    ],
)
def test_an_approval_that_does_not_count_is_denied_with_the_reason(
    changes: dict[str, Any], said: str
) -> None:
    found = finding(evidence(an_approval(**changes)))
    assert found.outcome is Outcome.DENIED
    assert "that of Dana does not count" in found.observed
    assert said in found.observed


def test_an_approval_of_thirty_days_counts_under_that_limit() -> None:
    old = an_approval(issued=datetime(2026, 10, 24, tzinfo=UTC))
    assert finding(evidence(old)).outcome is Outcome.PASSED


def test_another_role_is_not_looked_at() -> None:
    found = finding(evidence(an_approval(role="reader", roles=("reader", "validator"))))
    assert found.observed == "nobody approved it as validator"


def test_where_the_authors_are_not_known_nobody_is_independent() -> None:
    assert "not known here" in finding(evidence(an_approval(), authors=())).observed
    bare = replace(evidence(an_approval()), commit=None)
    assert finding(bare).outcome is Outcome.DENIED


def test_an_author_may_approve_where_the_policy_says_so() -> None:
    rule = "{id: approved, kind: approvals, role: validator, not_author: false}"
    own = an_approval(rule, emails=())
    assert finding(evidence(own, authors=()), rule).outcome is Outcome.PASSED


def test_two_keys_of_one_person_are_one_person() -> None:
    twice = (an_approval(TWO), an_approval(TWO, where="sha256:def"))
    found = finding(evidence(*twice), TWO)
    assert found.outcome is Outcome.DENIED
    assert found.observed.startswith("only Dana (2026-11-20) approved it")
    other = an_approval(TWO, person="Max", emails=("max@corp",), where="sha256:def")
    assert finding(evidence(twice[0], other), TWO).outcome is Outcome.PASSED


def test_many_that_do_not_count_are_not_all_listed() -> None:
    many = [an_approval(model="x", where=f"sha256:{n}") for n in range(5)]
    assert finding(evidence(*many)).observed.endswith("; and 2 more")


@pytest.mark.parametrize("at", [Gate.STAGE, Gate.PUSH])
def test_early_gates_defer_it(at: Gate) -> None:
    with_more = a_policy(ONE, "{id: card, kind: required-fields, fields: [license]}")
    verdict = evaluate(with_more, evidence(), at=at, today=TODAY, environment="production")
    assert verdict.findings[0].outcome is Outcome.DEFERRED


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{id: a, kind: approvals}", "there is no `role`"),
        ("{id: a, kind: approvals, role: r, count: 0}", "`count` is 0"),
        ("{id: a, kind: approvals, role: r, count: 1.5}", "`count` is 1.5"),
        ("{id: a, kind: approvals, role: r, count: 21}", "`count` is 21"),
        ('{id: a, kind: approvals, role: r, count: "2"}', '`count` is "2"'),
        ("{id: a, kind: approvals, role: r, not_author: nobody}", "true or false"),
        ("{id: a, kind: approvals, role: r, max_age: 30}", "days or weeks"),
    ],
)
def test_a_rule_of_another_form_is_refused(rule: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        a_policy(rule)
