"""Which tier a model has, and which rules are for it."""

from aigf_dvc.close_names import close_names
from aigf_dvc.evidence.model_card import ModelCard
from aigf_dvc.policy.model import Policy, Rule
from aigf_dvc.policy.section import shown

FIELD = "risk_tier"


def tier_of(policy: Policy, card: ModelCard | None) -> tuple[str, str]:
    """Return a model's tier, and what is wrong with the one that its card names.

    A model whose card names no tier, or one that the policy does not know, has the highest.
    """
    if not policy.tiers:
        return "", ""
    highest = policy.tiers[-1]
    field = card.field(FIELD) if card is not None else None
    if field is None:
        return highest, ""
    if isinstance(field.value, str) and field.value.strip() in policy.tiers:
        return field.value.strip(), ""
    text = field.value if isinstance(field.value, str) else ""
    close = close_names(text, policy.tiers)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    return highest, f"{FIELD} is {shown(field.value)} ({field.where}){hint}"


def why_not_applicable(rule: Rule, policy: Policy, *, tier: str, environment: str) -> str:
    """Return why a rule is not for this model here, or an empty text when it is.

    With no environment in particular every rule applies.
    """
    order = policy.tiers.index
    if rule.tier and tier and order(tier) < order(rule.tier):
        return f"the model's tier is {tier}"
    if rule.environments and environment and environment not in rule.environments:
        return f"the environment is {environment}"
    return ""
