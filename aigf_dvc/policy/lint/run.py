"""All the checks of lint."""

from collections.abc import Iterator
from datetime import date

from aigf_dvc.policy.lint import conflicts, names, reach, weakness
from aigf_dvc.policy.lint.model import Draft, Remark, Surroundings


def lint(draft: Draft, surroundings: Surroundings, *, today: date) -> tuple[Remark, ...]:
    """Return what is probably wrong in a policy, in the order of the file."""
    remarks = [*_alone(draft, today), *_compared(draft, surroundings)]
    return tuple(sorted(remarks, key=lambda remark: (remark.order, remark.check, remark.found)))


def _alone(draft: Draft, today: date) -> Iterator[Remark]:
    """Yield what the policy alone shows."""
    yield from reach.out_of_force(draft, today)
    yield from reach.never_denying(draft)
    yield from reach.without_effect(draft)
    yield from conflicts.contradictions(draft)
    yield from conflicts.without_effect(draft)
    yield from conflicts.duplicates(draft)
    yield from conflicts.allowed_and_denied(draft)
    yield from weakness.open_lists(draft)
    yield from weakness.small_slices(draft)
    yield from weakness.old_evidence(draft)
    yield from weakness.unbound(draft)
    yield from weakness.weak_trust(draft)


def _compared(draft: Draft, surroundings: Surroundings) -> Iterator[Remark]:
    """Yield what shows when the policy is held against what it speaks of."""
    project = surroundings.project
    yield from weakness.wide_tolerances(draft, project)
    yield from weakness.unexplained(draft, surroundings.frameworks)
    if surroundings.card_fields is not None:
        yield from names.fields(draft, surroundings.card_fields)
    if project is not None:
        yield from reach.of_nobody(draft, project)
        yield from names.metrics(draft, project)
        yield from names.documents(draft, project)
