"""A policy that extends another one, its organisation's say: it may only tighten it."""

from collections.abc import Iterator

from msgspec.structs import replace

from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.section import raise_together
from aigf_dvc.policy.strictness.change import Change, Direction
from aigf_dvc.policy.strictness.policies import compare_policies

_LISTS = ("tiers", "environments")


def tightened(base: Policy, own: Policy) -> Policy:
    """Return all rules of a policy and of the one that it extends.

    A rule of the same id stands in the place of the other's.

    Raises:
        InputError: it weakens something; the message names every rule, key, value and line.
    """
    mine = {rule.id: rule for rule in own.rules}
    theirs = {rule.id for rule in base.rules}
    effective = replace(
        own,
        rules=(
            *(mine.get(rule.id, rule) for rule in base.rules),
            *(rule for rule in own.rules if rule.id not in theirs),
        ),
        places={**base.places, **own.places},
        written={**base.written, **own.written},
    )
    problems = list(_problems(base, effective))
    if problems:
        raise_together(problems, where=own.path)
    return effective


def _problems(base: Policy, effective: Policy) -> Iterator[InputError]:
    for change in compare_policies(base, effective):
        if change.direction.is_safe and not _reduces(base, change):
            continue
        what = f"rule `{change.rule}`, {change.key}" if change.rule else change.key
        yield InputError(
            f"{what}: {change.new or 'nothing'}, where {base.path} has {change.old or 'nothing'}: "
            f"{change.means}",
            where=change.new_place,
            expected=f"at least as strict as {change.old_place}",
            hint="a policy may only tighten the one that it extends",
        )


def _reduces(base: Policy, change: Change) -> bool:
    """Tell whether a change takes away a tier or environment that the base knows."""
    is_list = not change.rule and change.key in _LISTS
    return is_list and change.direction is Direction.TIGHTENS and bool(getattr(base, change.key))
