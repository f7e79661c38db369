"""The evidence on the page of a report: metrics by group, the lineage, the controls."""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal

from msgspec import Struct

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.policy.numbers import number_text
from aigf_dvc.policy.verdict import Finding
from aigf_dvc.report.controls import MEANINGS, claimed
from aigf_dvc.report.graph_html import legend
from aigf_dvc.report.graph_picture import picture
from aigf_dvc.report.graph_svg import drawing
from aigf_dvc.report.graph_words import summary, title
from aigf_dvc.report.slices import Slice, SlicedMetric
from aigf_dvc.report.verdict_html_words import attribute, heads, shown
from aigf_dvc.report.verdict_words import OUTCOME_MARKS

_WIDTH = 1000  # of the drawing of a bar, in its own units
_HEIGHT = 34
_INSET = 7  # above and below a bar
_MARGIN = 20  # around the picture of the lineage
_ROUGH = Context(prec=9, traps=[])  # numbers too large to draw give NaN instead of an error


def slices(metric: SlicedMetric) -> Iterator[str]:
    """Yield a metric by group: a table whose bars show each value beside the limits."""
    scale = _scale(metric)
    yield f"<h3>{shown(metric.name)} by group</h3>"
    yield f'<table class="slices"><caption>{_caption(metric)}</caption>'
    yield from heads("Group", "Bar", "Value", "From")
    for part in metric.slices:
        outside = metric.is_outside(part.value)
        value = "no number" if part.value is None else number_text(part.value)
        sign = "✘ " if outside else ""
        yield (
            f'<tr><th scope="row">{shown(part.group)}</th>'
            f'<td class="bars">{_bar(part, metric, scale)}</td>'
            f'<td class="number{" bad" if outside else ""}">{sign}{value}</td>'
            f"<td>{shown(part.basis or 'not told')}</td></tr>"
        )
    yield "</tbody></table>"


def _caption(metric: SlicedMetric) -> str:
    limits = [
        f"{word} {number_text(limit)}"
        for word, limit in (("at least", metric.low), ("at most", metric.high))
        if limit is not None
    ]
    line = f'<span class="key"></span>allowed: {" and ".join(limits)}; ' if limits else ""
    return f"{line}from <code>{shown(metric.where)}</code>"


class _Scale(Struct, frozen=True, kw_only=True):
    """The numbers at the left and the right end of the bars."""

    low: Decimal
    high: Decimal

    def x(self, value: Decimal) -> str:
        """Return where a number lies, in the units of the drawing."""
        length = _ROUGH.subtract(self.high, self.low)
        share = _ROUGH.divide(_ROUGH.subtract(value, self.low), length)
        return f"{float(share) * _WIDTH if share.is_finite() else 0:.1f}"


def _scale(metric: SlicedMetric) -> _Scale:
    """Return a scale that has zero in it, and 1 where everything is a rate."""
    values = [part.value for part in metric.slices if part.value is not None]
    values += [limit for limit in (metric.low, metric.high) if limit is not None]
    low, high = min([*values, Decimal(0)]), max([*values, Decimal(0)])
    if low >= 0 and high <= 1:
        high = Decimal(1)
    return _Scale(low=low, high=high if high > low else low + 1)


def _bar(part: Slice, metric: SlicedMetric, scale: _Scale) -> str:
    drawn = [f'<path class="zero" d="M{scale.x(Decimal(0))} 0V{_HEIGHT}"/>']
    if part.value is not None:
        ends = sorted((float(scale.x(Decimal(0))), float(scale.x(part.value))))
        kind = "value outside" if metric.is_outside(part.value) else "value"
        drawn.append(
            f'<rect class="{kind}" x="{ends[0]:g}" y="{_INSET}" width="{ends[1] - ends[0]:g}"'
            f' height="{_HEIGHT - 2 * _INSET}"/>'
        )
    drawn += [
        f'<path class="limit" d="M{scale.x(limit)} 0V{_HEIGHT}"/>'
        for limit in (metric.low, metric.high)
        if limit is not None
    ]
    # The number stands beside it as text: to those who hear the page, the bar adds nothing.
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )


def lineage(graph: LineageGraph) -> Iterator[str]:
    """Yield the picture of the lineage, and what its signs mean."""
    drawn = picture(graph)
    width, height = drawn.width + 2 * _MARGIN, drawn.height + 2 * _MARGIN
    label = f"{title(graph)}: {summary(graph)}"
    yield "<h3>Lineage</h3><figure>"
    yield f'<div class="lineage" tabindex="0" role="region" aria-label="{attribute(title(graph))}">'
    yield (
        f'<svg width="{width:g}" height="{height:g}" role="img" aria-label="{attribute(label)}"'
        f' viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}">'
    )
    yield from drawing(drawn)
    yield f"</svg></div><figcaption>{shown(summary(graph))}"
    yield from legend()
    yield "</figcaption></figure>"


def controls(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the table of the controls that the rules claim to be evidence for, and how far."""
    found = claimed(findings)
    if not found:
        return
    yield f"<h3>Controls ({len(found)})</h3>"
    yield '<table class="others"><caption>Only a rule that passed shows anything.</caption>'
    yield from heads("Control", "Rule", "Outcome", "How far, as the policy claims")
    for item in found:
        sign = f'<span class="word">{OUTCOME_MARKS[item.outcome]} {item.outcome}</span>'
        yield (
            f'<tr><th scope="row">{shown(item.control)}</th><td>{shown(item.rule)}</td>'
            f'<td class="{item.outcome}">{sign}</td>'
            f"<td>{item.strength}: {MEANINGS[item.strength]}</td></tr>"
        )
    yield "</tbody></table>"
