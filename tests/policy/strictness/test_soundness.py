"""Where the comparison says "safe", nothing passes that a rule of the old policy denied."""

from collections import Counter
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.evaluate import evaluate, undecided
from aigf_dvc.policy.model import (
    ALL_GATES,
    Policy,
)
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.strictness.policies import compare_policies
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.strictness.random_evidence import an_evidence
from tests.policy.strictness.random_policies import DAYS, DEMANDS, a_random_policy, changed


def verdict_of(
    policy: Policy, evidence: ModelEvidence, *, at: Gate, today: date, environment: str
) -> Verdict:
    """Return a verdict; one of undecided evidence passes nothing either."""
    try:
        return evaluate(policy, evidence, at=at, today=today, environment=environment)
    except UndecidedError as error:
        return undecided(policy, evidence.model, error, at=at)


SEEN: Counter[str] = Counter()


@settings(max_examples=3000, deadline=None, database=None)
@given(random=st.randoms(use_true_random=True))
def _what_is_safe_lets_nothing_pass(random: Random) -> None:
    old = a_random_policy(random)
    new = changed(random, old)
    changes = compare_policies(old, new)
    safe = all(change.direction.is_safe for change in changes)
    renamed = any(change.key == "" and change.new == "" for change in changes)
    SEEN["safe" if safe else "not"] += 1
    for _ in range(5 if safe else 0):
        evidence = an_evidence(random)
        if renamed:  # a waiver of the heir is consent to the heir
            evidence = replace(evidence, waivers=())
        at, today = random.choice(ALL_GATES), random.choice(DAYS)
        environment = random.choice(["", "staging", "production", "odd"])
        before, after = (
            verdict_of(policy, evidence, at=at, today=today, environment=environment)
            for policy in (old, new)
        )
        denials = [f for f in before.findings if f.outcome is Outcome.DENIED]
        # A policy that judges nothing denies, too: a rule more may end that.
        if any(f.observed != "no rule was judged" for f in denials):
            SEEN["denied"] += 1
            assert after.result is not Result.PASSED, (old, new, changes, denials)


def test_whatever_a_rule_denied_a_safe_change_denies_too() -> None:
    SEEN.clear()
    _what_is_safe_lets_nothing_pass()
    assert SEEN["safe"] > 500
    assert SEEN["denied"] > 500
    assert SEEN["not"] > 500


def test_every_kind_of_rule_takes_part() -> None:
    of_people = {"approvals", "external-verdict"}  # what counts of them is for others to test
    assert DEMANDS.keys() | of_people == KINDS.keys() | of_people
