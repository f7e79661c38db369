"""Rules that are never judged, or judged where their author did not mean it."""

from collections.abc import Iterator
from datetime import date

from aigf_dvc.policy.lint.model import Draft, Level, ProjectFacts, Remark, WrittenRule
from aigf_dvc.policy.model import Severity
from aigf_dvc.policy.verdict import Gate


def out_of_force(draft: Draft, today: date) -> Iterator[Remark]:
    """Find a policy or rules that are over, or that never begin."""
    end = draft.policy.expires
    if end is not None and end < today:
        yield draft.remark(
            Level.ERROR, "expired-policy", f"the policy expired on {end}: it lets nothing pass",
            "review the policy and renew its `expires:`", "expires",
        )  # fmt: skip
    for written in draft.rules:
        rule = written.rule
        if rule.expires is not None and rule.expires < today:
            yield written.remark(
                Level.WARNING, "expired-rule",
                f"the rule expired on {rule.expires}: it is not judged",
                "renew its `expires:`, or take the rule out", "expires",
            )  # fmt: skip
        if rule.effective_from is not None and end is not None and rule.effective_from > end:
            yield written.remark(
                Level.ERROR, "never-effective",
                f"it denies from {rule.effective_from}, and the policy ends on {end}",
                "let the rule begin before the policy ends", "effective_from",
            )  # fmt: skip


def never_denying(draft: Draft) -> Iterator[Remark]:
    """Find a policy of which no rule denies."""
    if draft.policy.rules and all(r.severity is Severity.WARN for r in draft.policy.rules):
        yield draft.remark(
            Level.ERROR, "only-warnings", "every rule only warns: no model is ever denied",
            "let at least one rule have `severity: deny`; `effective_from` gives people time",
            "rules",
        )  # fmt: skip


def without_effect(draft: Draft) -> Iterator[Remark]:
    """Find gates, tiers and environments that change nothing where they stand."""
    policy = draft.policy
    for written in draft.rules:
        rule = written.rule
        if rule.at == (Gate.DEPLOY,):
            yield written.remark(
                Level.INFO, "gate-without-effect",
                "`at: [deploy]` is judged at attest already: attest judges every rule",
                "write `at: [attest]`, which is what happens", "at",
            )  # fmt: skip
        if policy.tiers and rule.tier == policy.tiers[0]:
            yield written.remark(
                Level.INFO, "tier-without-effect",
                f"`tier: {rule.tier}` is the lowest: the rule is for every tier",
                "leave `tier` out, or name a higher one", "tier",
            )  # fmt: skip
        if rule.environments and set(rule.environments) == set(policy.environments):
            yield written.remark(
                Level.INFO, "environments-without-effect",
                "the rule names every environment of the policy",
                "leave `environments` out", "environments",
            )  # fmt: skip
    if policy.tiers and not any(written.rule.tier for written in draft.rules):
        yield draft.remark(
            Level.WARNING, "unused-tiers", "no rule has a tier: all tiers are judged alike",
            f"give the rules for risky models `tier: {policy.tiers[-1]}`, or take `tiers` out",
            "tiers",
        )  # fmt: skip


def of_nobody(draft: Draft, project: ProjectFacts) -> Iterator[Remark]:
    """Find tiers and environments that nothing in the project has."""
    policy = draft.policy
    if policy.environments and project.environment not in policy.environments:
        yield draft.remark(
            Level.ERROR, "unknown-environment",
            f"aigf.yaml is for the environment {project.environment}, which the policy does not "
            "know: every check is denied",
            f"add {project.environment} to `environments`, or correct `environment:` in aigf.yaml",
            "environments",
        )  # fmt: skip
    if not project.tiers or any(tier not in policy.tiers for tier in project.tiers):
        return
    highest = max(policy.tiers.index(tier) for tier in project.tiers)
    for written in draft.rules:
        if _is_above(written, draft, highest):
            yield written.remark(
                Level.INFO, "tier-of-nobody",
                f"no model here is of the tier {written.rule.tier} or a higher one",
                "nothing, if such models are to come; a model has the `risk_tier` of its card",
                "tier",
            )  # fmt: skip


def _is_above(written: WrittenRule, draft: Draft, highest: int) -> bool:
    tier = written.rule.tier
    return bool(tier) and draft.policy.tiers.index(tier) > highest
