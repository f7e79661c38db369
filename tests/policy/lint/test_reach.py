import pytest

from aigf_dvc.policy.lint.model import Level, ProjectFacts, Surroundings
from tests.policy.lint.builders import SCORE, a_draft, remarks

TIERS = "tiers: [minimal, limited, high]\n"
PLACES = "environments: [staging, production]\n"


def test_a_policy_that_has_expired_is_an_error() -> None:
    (remark,) = remarks(a_draft(SCORE, top="expires: 2026-11-25\n"), "expired-policy")
    assert (remark.level, remark.where) == (Level.ERROR, "p.yaml:3:1")
    assert remarks(a_draft(SCORE, top="expires: 2026-11-26\n"), "expired-policy") == []


def test_a_rule_that_has_expired_is_never_judged() -> None:
    (remark,) = remarks(a_draft(SCORE.replace("}", ", expires: 2026-11-25}")), "expired-rule")
    assert (remark.level, remark.rule) == (Level.WARNING, "score")
    assert remark.where == "p.yaml:4:56"
    assert remarks(a_draft(SCORE.replace("}", ", expires: 2026-11-26}")), "expired-rule") == []


def test_a_rule_that_begins_after_the_policy_ends_never_denies() -> None:
    late = SCORE.replace("}", ", effective_from: 2027-01-02}")
    (remark,) = remarks(a_draft(late, top="expires: 2027-01-01\n"), "never-effective")
    assert remark.level is Level.ERROR
    assert remarks(a_draft(late, top="expires: 2027-01-02\n"), "never-effective") == []


def test_a_policy_that_only_warns_denies_nobody() -> None:
    warns = SCORE.replace("}", ", severity: warn}")
    (remark,) = remarks(a_draft(warns), "only-warnings")
    assert (remark.level, remark.where) == (Level.ERROR, "p.yaml:3:1")
    assert remarks(a_draft(warns, "{id: l, kind: lineage}"), "only-warnings") == []


@pytest.mark.parametrize(
    ("top", "keys", "check"),
    [
        ("", "at: [deploy]", "gate-without-effect"),
        (TIERS, "tier: minimal", "tier-without-effect"),
        (PLACES, "environments: [production, staging]", "environments-without-effect"),
    ],
)
def test_what_changes_nothing_is_told(top: str, keys: str, check: str) -> None:
    (remark,) = remarks(a_draft(SCORE.replace("}", f", {keys}}}"), top=top), check)
    assert (remark.level, remark.rule) == (Level.INFO, "score")


@pytest.mark.parametrize(
    ("top", "keys", "check"),
    [
        ("", "at: [attest]", "gate-without-effect"),
        (TIERS, "tier: high", "tier-without-effect"),
        (PLACES, "environments: [production]", "environments-without-effect"),
    ],
)
def test_what_changes_something_is_not(top: str, keys: str, check: str) -> None:
    assert remarks(a_draft(SCORE.replace("}", f", {keys}}}"), top=top), check) == []


def test_tiers_that_no_rule_uses_are_told() -> None:
    (remark,) = remarks(a_draft(SCORE, top=TIERS), "unused-tiers")
    assert (remark.level, remark.where) == (Level.WARNING, "p.yaml:3:1")
    used = a_draft(SCORE.replace("}", ", tier: high}"), top=TIERS)
    assert remarks(used, "unused-tiers") == []


def of(environment: str = "production", tiers: tuple[str, ...] = ()) -> Surroundings:
    return Surroundings(project=ProjectFacts(environment=environment, tiers=tiers))


def test_an_environment_that_the_policy_does_not_know_denies_everything() -> None:
    draft = a_draft(SCORE, top=PLACES)
    (remark,) = remarks(draft, "unknown-environment", of("live"))
    assert (remark.level, remark.where) == (Level.ERROR, "p.yaml:3:1")
    assert remarks(draft, "unknown-environment", of("production")) == []
    assert remarks(a_draft(SCORE), "unknown-environment", of("live")) == []


def test_a_tier_above_that_of_every_model_is_told() -> None:
    draft = a_draft(SCORE.replace("}", ", tier: high}"), top=TIERS)
    (remark,) = remarks(draft, "tier-of-nobody", of(tiers=("minimal", "limited")))
    assert (remark.level, remark.rule) == (Level.INFO, "score")
    assert remarks(draft, "tier-of-nobody", of(tiers=("minimal", "high"))) == []
    assert remarks(draft, "tier-of-nobody", of()) == []
