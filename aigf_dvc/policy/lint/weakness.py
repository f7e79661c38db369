"""Rules that ask for less than they seem to."""

from collections.abc import Iterator
from decimal import Decimal

from msgspec.structs import replace

from aigf_dvc.evidence.data_card import DATA_CARD
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.lint.model import Draft, Level, ProjectFacts, Remark, WrittenRule
from aigf_dvc.policy.numbers import number_text

_EVERYTHING = frozenset({"*", "**", "**/*", "*://**", "/**"})
_PERIOD = lazy_pattern(r"([0-9]+)([dw])\Z")
_EXPLANATIONS = (
    ("why", "why the rule exists", "whoever is denied will ask"),
    ("controls", "which control it evidences", "whoever audits will ask"),
)
_LONG_AGE = 366  # days
_LONG_WAIVER = 365  # days


def open_lists(draft: Draft) -> Iterator[Remark]:
    """Find lists that allow everything."""
    for written in draft.rules:
        wide = [text for text in written.texts("allow") if text in _EVERYTHING]
        if wide:
            yield written.remark(
                Level.WARNING, "allows-everything",
                f"`allow` has {wide[0]}, which allows everything",
                "name the places, or take `allow` out and keep `deny`", "allow",
            )  # fmt: skip


def small_slices(draft: Draft) -> Iterator[Remark]:
    """Find limits of slices that a slice of three rows can meet, or miss, by chance."""
    for written in draft.rules:
        if "slices" in written.keys and "min_samples" not in written.keys:
            yield written.remark(
                Level.WARNING, "slices-of-any-size",
                "a slice of a few rows is judged like one of thousands",
                "demand `min_samples:`, such as 200", "slices",
            )  # fmt: skip


def old_evidence(draft: Draft) -> Iterator[Remark]:
    """Find ages of more than a year, and waivers that last about as long."""
    for written in draft.rules:
        match = _PERIOD.match(str(written.keys.get("max_age", "")))
        days = int(match[1]) * (7 if match[2] == "w" else 1) if match else 0
        if days > _LONG_AGE:
            yield written.remark(
                Level.WARNING, "long-max-age", f"`max_age` is {days} days",
                "a year or less: models and people change", "max_age",
            )  # fmt: skip
    if draft.policy.waivers.max_days >= _LONG_WAIVER:
        yield draft.remark(
            Level.WARNING, "long-waivers",
            f"a waiver may last {draft.policy.waivers.max_days} days",
            "90d or less: an exception of a year is a rule of its own",
            "waivers",
        )  # fmt: skip


def unbound(draft: Draft) -> Iterator[Remark]:
    """Find documents that may be about anything."""
    for written in draft.rules:
        about_data = written.keys.get("document") == DATA_CARD  # no model's name belongs there
        if written.keys.get("bound_to") == "nothing" and not about_data:
            yield written.remark(
                Level.WARNING, "unbound-document",
                "`bound_to: nothing` takes a document about any model",
                "leave it out, so that the document must name the model", "bound_to",
            )  # fmt: skip


def weak_trust(draft: Draft) -> Iterator[Remark]:
    """Find a policy with tiers whose highest tier is content with what a lock file says."""
    asking = [written for written in draft.rules if "min_trust" in written.keys]
    levels = [TrustLevel(written.keys["min_trust"]) for written in asking]
    strong = any(level.rank > TrustLevel.DECLARED.rank for level in levels)
    if draft.policy.tiers and asking and not strong:
        highest = draft.policy.tiers[-1]
        yield asking[0].remark(
            Level.WARNING, "weak-trust",
            f"even for the tier {highest} a lock file is proof enough; `dvc commit -f` forges one",
            f"add a lineage rule with `tier: {highest}` and `min_trust: observed`", "min_trust",
        )  # fmt: skip


def wide_tolerances(draft: Draft, project: ProjectFacts | None) -> Iterator[Remark]:
    """Find tolerances that are as large as what they are about."""
    for written in draft.rules:
        relative = written.number("relative_tolerance")
        if relative is not None and relative >= 1:
            yield written.remark(
                Level.WARNING, "wide-tolerance",
                f"a relative tolerance of {number_text(relative)} is the whole value",
                "a share such as 0.02", "relative_tolerance",
            )  # fmt: skip
        for name, most in _tolerances(written):
            size = _size(name, draft, project)
            if size is not None and most >= size > 0:
                yield written.remark(
                    Level.WARNING, "wide-tolerance",
                    f"a tolerance of {number_text(most)} for {name}, which is about "
                    f"{number_text(size)}",
                    "the difference that you would accept between two runs", "tolerance",
                )  # fmt: skip


def _tolerances(written: WrittenRule) -> Iterator[tuple[str, Decimal]]:
    """Yield each metric with its tolerance: of a baseline, or of a reproduction."""
    one = written.number("tolerance")
    if one is not None and isinstance(written.keys.get("metric"), str):
        yield written.keys["metric"], one
    several = written.keys.get("tolerance")
    for name, most in several.items() if isinstance(several, dict) else ():
        yield name, Decimal(most)


def _size(name: str, draft: Draft, project: ProjectFacts | None) -> Decimal | None:
    """Return how large a metric is: as it is today, or else as the policy limits it."""
    if project is not None and name in project.values:
        return abs(project.values[name])
    same = [written for written in draft.rules if written.keys.get("metric") == name]
    limits = [limit for w in same for key in ("min", "max") if (limit := w.number(key)) is not None]
    return max(map(abs, limits), default=None)


def unexplained(draft: Draft, frameworks: frozenset[str] | None) -> Iterator[Remark]:
    """Find rules that do not say why they are there, and controls of unknown frameworks."""
    if draft.is_short:
        return
    for key, what, asks in _EXPLANATIONS:
        silent = [written for written in draft.rules if key not in written.keys]
        if silent:
            names = ", ".join(written.rule.id for written in silent)
            verb = "do not say" if len(silent) > 1 else "does not say"
            first = silent[0].remark(
                Level.INFO, f"no-{key}", f"{names} {verb} {what}", f"add `{key}:`: {asks}"
            )
            yield replace(first, rule="")  # it is about all of them
    for written in draft.rules:
        for control in written.rule.controls:
            framework = control.id.partition(":")[0]
            if frameworks is not None and framework not in frameworks:
                yield written.remark(
                    Level.WARNING, "unknown-framework",
                    f"the framework {framework} of {control.id} has no catalogue",
                    f"one of {', '.join(sorted(frameworks))}; others are shown without titles",
                    "controls",
                )  # fmt: skip
