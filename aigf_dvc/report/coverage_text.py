"""The controls that verdicts evidence, as a table for people, with what each does not show."""

import textwrap
from collections.abc import Iterator, Sequence

from aigf_dvc.policy.coverage import ControlCoverage, Coverage, Evidenced
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.report.visible import cells, clipped, visible

_MARKS = {Evidenced.YES: "✔", Evidenced.IN_PART: "~", Evidenced.NO: "✘"}
_COLORS = {Evidenced.YES: "32", Evidenced.IN_PART: "33", Evidenced.NO: "31"}
_WIDEST_NAME = 34
_INDENT = "      "
_NARROWEST = 24


def coverage_text(coverages: Sequence[Coverage], *, width: int, color: bool) -> str:
    """Return a table for each model: its controls, how strong the evidence is, what is not shown.

    Args:
        coverages: one for each model.
        width: how many columns there are.
        color: whether to colour the marks.
    """
    lines: list[str] = []
    for coverage in coverages:
        lines += [*_model(coverage, width=width, color=color), ""]
    return "\n".join(lines).rstrip("\n")


def _model(coverage: Coverage, *, width: int, color: bool) -> Iterator[str]:
    verdict, policy = coverage.verdict, coverage.verdict.policy
    yield from _wrapped(
        f"{verdict.model}: {verdict.result} at the {verdict.at} gate under {policy.id} "
        f"{policy.version}, sha256:{policy.sha256[:12]}",
        width,
    )
    if verdict.problem:
        yield from _wrapped(verdict.problem, width, "  ")
    for control in coverage.controls:
        yield from _control(control, width=width, color=color)
    yield ""
    yield from _counts(coverage, width)
    yield from _list("No rule of this policy claims", coverage.silent, width)
    yield from _list("No pipeline can show", coverage.never, width)


def _control(control: ControlCoverage, *, width: int, color: bool) -> Iterator[str]:
    mark = _MARKS[control.evidenced]
    if color:
        mark = f"\x1b[{_COLORS[control.evidenced]}m{mark}\x1b[0m"
    name = clipped(visible(f"{control.framework}:{control.control}"), _WIDEST_NAME)
    padded = name + " " * (_WIDEST_NAME - cells(name))
    strength = control.strength.value if control.strength else "-"
    yield f"  {mark} {padded} {control.evidenced.value:<13} {strength}"
    yield from _wrapped(control.title, width, _INDENT)
    yield from _wrapped(f"by {_rules(control)}", width, _INDENT)
    yield from _wrapped(f"not shown: {control.not_shown}", width, _INDENT)


def _rules(control: ControlCoverage) -> str:
    return ", ".join(
        share.rule
        + ("" if share.outcome is Outcome.PASSED else f" ({share.outcome})")
        + (
            f" (claims {share.claimed}, which counts as {share.counted})"
            if share.claimed is not share.counted
            else ""
        )
        for share in control.shares
    )


def _counts(coverage: Coverage, width: int) -> Iterator[str]:
    if not coverage.controls:
        yield from _wrapped(
            "No rule of this policy claims a control of these frameworks: nothing is evidenced. "
            "Give its rules `controls:`, or start from a pack in policies/.",
            width,
        )
        return
    counts = dict.fromkeys(Evidenced, 0)
    for control in coverage.controls:
        counts[control.evidenced] += 1
    shares = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    yield from _wrapped(f"{len(coverage.controls)} controls: {shares}.", width)


def _list(lead: str, pairs: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    if not pairs:
        return
    yield f"{lead}:"
    for name, text in pairs:
        yield from _wrapped(f"{name}: {text}", width, "  ")


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        visible(" ".join(text.split())),
        max(width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
