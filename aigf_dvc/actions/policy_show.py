"""Show a policy as it works: all its rules, wherever they stand, or those for one case."""

from msgspec.structs import replace

from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.tiers import why_not_applicable
from aigf_dvc.policy.verdict import Gate


def effective_policy(
    policy: Policy, *, tier: str = "", environment: str = "", at: Gate | None = None
) -> Policy:
    """Return a policy with those of its rules that judge one case.

    Args:
        policy: with all its parts.
        tier: of the model; empty for all.
        environment: where the model is to run; empty for all.
        at: the gate that asks; None for all.

    Raises:
        InputError: the policy does not know that tier or environment.
    """
    _demand_known("tier", tier, policy.tiers)
    _demand_known("environment", environment, policy.environments)
    return replace(
        policy,
        rules=tuple(
            rule
            for rule in policy.rules
            if not why_not_applicable(rule, policy, tier=tier, environment=environment)
            and (at is None or rule.is_judged(at))
        ),
    )


def _demand_known(what: str, name: str, known: tuple[str, ...]) -> None:
    is_open = what == "environment" and not known  # without a list, any environment will do
    if name and name not in known and not is_open:
        raise InputError(
            f"the {what} {name!r}",
            where=f"--{what}",
            expected=f"one of {', '.join(known)}" if known else "none: the policy has no tiers",
        )
