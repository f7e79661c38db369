"""Tells which approvals and waivers count: those about this model, tree, policy and environment."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.approval import Consent, Waiver
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.model import Case, Policy, Rule
from aigf_dvc.policy.verdict import Gate

_LOOK = ": a file here is new or changed (`git status` tells; `--rev HEAD` judges the commit alone)"
_TIME_ZONES = timedelta(days=1)  # signed this morning in Auckland


def why_unfit(consent: Consent, case: Case) -> str:
    """Return why a consent is not about this case, or an empty text when it is.

    Every link must be known and equal: what the case does not know, nothing can be bound to.
    """
    return next(_unfit(consent, case), "")


def _unfit(consent: Consent, case: Case) -> Iterator[str]:
    yield from _about_something_else(consent, case)
    if not case.environment or consent.environment != case.environment:
        yield f"it is for the environment {consent.environment}"
    if consent.issued.date() > case.today + _TIME_ZONES:
        yield f"it is of {consent.issued.date()}, in the future"
    if consent.expires is not None and consent.expires.date() < case.today:
        yield f"it expired on {consent.expires.date()}"


def _about_something_else(consent: Consent, case: Case) -> Iterator[str]:
    evidence = case.evidence
    if not evidence.files or evidence.tree is None:
        yield "the model's bytes, or the tree, are not known here"
    if not is_about(consent.models, evidence.files):
        yield "it is about other bytes"
    if consent.model != evidence.model:
        yield f"it is about another model, {consent.model}"
    if consent.tree != evidence.tree:
        yield "it is about another tree" + ("" if case.at is Gate.DEPLOY else _LOOK)
    if consent.policy != case.policy.sha256:
        yield "it is about another policy"


def is_about(digests: Iterable[Sha256], files: Iterable[ModelFile]) -> bool:
    """Tell whether a statement names each file of a model as often as it is there, and no other."""
    return Counter(digests) == Counter(file.sha256 for file in files)


def waiver_for(rule: Rule, policy: Policy, case: Case) -> Waiver | None:
    """Return a waiver that excepts this model from a rule, if one counts."""
    if not rule.waivable:
        return None
    return next(
        (w for w in case.evidence.waivers if not why_no_waiver(w, rule, policy, case)), None
    )


def why_no_waiver(waiver: Waiver, rule: Rule, policy: Policy, case: Case) -> str:
    """Return why a waiver does not except this model from a rule, or an empty text."""
    return next(_no_waiver(waiver, rule, policy), "") or why_unfit(waiver, case)


def _no_waiver(waiver: Waiver, rule: Rule, policy: Policy) -> Iterator[str]:
    terms = policy.waivers
    if rule.id not in waiver.rules:
        yield f"it names {', '.join(waiver.rules)}"
    if not rule.waivable:
        yield f"the rule {rule.id} cannot be waived"
    if terms.roles and waiver.role not in terms.roles:
        yield f"it is signed as {waiver.role}; the policy wants {', '.join(terms.roles)}"
    if waiver.expires is None:
        yield "it has no end"
    elif (waiver.expires.date() - waiver.issued.date()).days > terms.max_days:
        yield f"it is for more than {terms.max_days} days"


def notes(policy: Policy, case: Case) -> Iterator[str]:
    """Yield what claims to be consent about this model and does not count, with the reason."""
    yield from case.evidence.unsigned
    if not case.evidence.waivers:
        return
    rules = {rule.id: rule for rule in policy.rules}
    for waiver in case.evidence.waivers:
        named = [rules[name] for name in waiver.rules if name in rules]
        reasons = [why_no_waiver(waiver, rule, policy, case) for rule in named]
        if not named:
            yield f"a waiver by {waiver.person} names no rule of this policy [{waiver.where}]"
        elif all(reasons):
            yield f"a waiver by {waiver.person} does not count: {reasons[0]} [{waiver.where}]"


def waiver_text(waiver: Waiver) -> str:
    """Return a waiver in one line, for the finding that it changes."""
    until = f" until {waiver.expires.date()}" if waiver.expires else ""
    return f"{waiver.person} ({waiver.role}){until}: {waiver.reason} [{waiver.where}]"
