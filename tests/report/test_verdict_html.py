"""The page is whole, harmless, and legible; texts of others arrive in it as text."""

import re
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from msgspec.structs import replace

from aigf_dvc import shipped
from aigf_dvc.report.slices import Slice
from aigf_dvc.report.verdict_html import VerdictPage, verdict_html
from aigf_dvc.report.verdict_report import Report
from aigf_dvc.report.visible import visible
from tests.graph_builders import a_graph, a_hostile_graph
from tests.report.hostile import HOSTILE
from tests.report.verdict_builders import (
    a_finding,
    a_model,
    a_report,
    a_sliced_metric,
    hostile_report,
    one_of_each,
)

EMPTY = {"meta", "br", "img", "link", "input", "hr"}
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3: text against what is behind it


class Parsed(HTMLParser):
    """What a browser would see: elements, their attributes, and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in EMPTY:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data


def a_verdict_page() -> VerdictPage:
    return VerdictPage(
        skeleton=shipped.text("templates", "report/page.html"),
        style=shipped.text("templates", "report/page.css"),
        picture_style=shipped.text("templates", "graph/picture.css"),
    )


def page(report: Report) -> str:
    return verdict_html(report, page=a_verdict_page())


def drawn(report: Report) -> Report:
    first = replace(report.models[0], lineage=a_graph())
    return replace(report, models=(first, *report.models[1:]))


def test_the_policy_forbids_all_but_the_pages_own_style() -> None:
    parsed = Parsed(page(one_of_each()))
    (style,) = parsed.texts["style"]
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    (policy,) = [a["content"] for _, a in parsed.elements if "http-equiv" in a]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    )
    text = page(one_of_each())
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_it_has_no_script_and_needs_nothing_from_elsewhere() -> None:
    parsed = Parsed(page(drawn(one_of_each())))
    assert not {"script", "img", "link", "iframe", "object", "form"} & {
        t for t, _ in parsed.elements
    }
    (style,) = parsed.texts["style"]
    assert "url(" not in style
    assert "@import" not in style
    targets = [a[name] for _, a in parsed.elements for name in ("href", "src") if name in a]
    assert targets == ["#model-0", "#model-1", "#model-2"]
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert ids == ["model-0", "model-1", "model-2"]


def test_it_says_everything_that_a_committee_needs() -> None:
    text = " ".join(Parsed(page(drawn(one_of_each()))).texts["body"][0].split())
    for said in (
        "3 models: 1 passed, 1 denied, 1 undecided",
        "Printed on 2026-11-26 by aigf 1.2.3",
        "Risk tierhigh",
        "Environmentproduction",
        "Policystrict 2.1.0, governance/policy.yaml",
        f"Policy digestsha256:{sha256(b'p').hexdigest()}",
        "Foundfairness_score is 0.75",
        "Expectedat least 0.8",
        "Wheremetrics.json:fairness_score",
        "Whyfour fifths of the best group's rate, 29 CFR 1607.4 D",
        "To doraise it by at least 0.05",
        "Rulegovernance/policy.yaml:12, for 2 controls",
        "WaivedDana Risk (risk-owner) until 2026-12-31",
        "a waiver by Eve does not count",
        "Not decided: dvc.lock:7: not YAML",
        "direct: the evidence is what the control asks for",
        "3 stages: 1 declared, 1 observed, 1 reproduced",
    ):
        assert said in text, said


def test_denials_come_first() -> None:
    text = page(one_of_each())
    order = [text.index(f">{title}") for title in ("What denies", "Warnings", "Waived:", "Other")]
    assert order == sorted(order)


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [
        int(t[1]) for t, _ in Parsed(page(drawn(one_of_each()))).elements if re.match(r"h\d", t)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_has_words_or_stands_beside_them() -> None:
    parsed = Parsed(page(drawn(one_of_each())))
    pictures = [a for t, a in parsed.elements if t == "svg"]
    assert pictures
    for picture in pictures:
        assert picture.get("aria-hidden") == "true" or picture["aria-label"]
    assert parsed.elements[0] == ("html", {"lang": "en"})


def test_one_model_is_its_own_headline() -> None:
    parsed = Parsed(page(a_report(a_model(a_finding()))))
    assert parsed.texts["h1"] == ["fraud is denied at the attest gate for production, as tier high"]
    assert parsed.texts["title"] == parsed.texts["h1"]
    assert not any(a.get("class") == "overview" for _, a in parsed.elements)


def test_nothing_judged_is_no_pass() -> None:
    assert "no model was judged, so nothing has passed" in Parsed(page(a_report())).texts["h1"][0]


def bars(*slices: Slice, low: Decimal | None = None, high: Decimal | None = None) -> list[str]:
    metric = replace(a_sliced_metric(), slices=slices, low=low, high=high)
    return re.findall(
        r'<td class="bars">.*?</td>', page(a_report(replace(a_model(), sliced=(metric,))))
    )


def test_a_bar_is_as_long_as_its_value_and_the_limit_is_a_line() -> None:
    (bar,) = bars(Slice(group="a", value=Decimal("0.25")), low=Decimal("0.8"))
    assert 'class="value outside" x="0" y="7" width="250"' in bar
    assert '<path class="limit" d="M800.0 0V34"/>' in bar
    (bar,) = bars(Slice(group="a", value=Decimal("0.9")), low=Decimal("0.8"))
    assert 'class="value" x="0" y="7" width="900"' in bar


def test_bars_of_numbers_above_one_share_the_largest_and_may_go_left() -> None:
    first, second = bars(
        Slice(group="a", value=Decimal(300)),
        Slice(group="b", value=Decimal(-100)),
        high=Decimal(200),
    )
    assert 'class="value outside" x="250" y="7" width="750"' in first
    assert 'class="value" x="0" y="7" width="250"' in second
    assert 'class="limit" d="M750.0 ' in first


def test_what_is_no_number_has_no_bar() -> None:
    (bar,) = bars(Slice(group="a", value=None))
    assert "rect" not in bar
    text = page(a_report(a_model()))
    assert "✘ no number" in text


def test_numbers_beyond_all_measure_are_no_reason_to_stop() -> None:
    values = [Decimal("1e999999"), Decimal("-9e999999"), Decimal("1e-999999")]
    assert len(bars(*(Slice(group="a", value=value) for value in values))) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text(text: str) -> None:
    tame, hostile = Parsed(page(hostile_report(["tame"]))), Parsed(page(hostile_report([text])))
    assert [t for t, _ in hostile.elements] == [t for t, _ in tame.elements]
    assert [sorted(a) for _, a in hostile.elements] == [sorted(a) for _, a in tame.elements]
    assert hostile.texts["style"] == tame.texts["style"]
    shown = visible(text)
    assert hostile.texts["bdi"] == [t.replace("tame", shown) for t in tame.texts["bdi"]]
    whole = page(hostile_report([text]))
    assert all(c.isprintable() or c == "\n" for c in whole)


def test_hostile_names_in_the_lineage_arrive_as_text() -> None:
    report = a_report(replace(a_model(a_finding()), lineage=a_hostile_graph()))
    tame = a_report(replace(a_model(a_finding()), lineage=a_graph()))
    tags = {t for t, _ in Parsed(page(report)).elements}
    assert tags == {t for t, _ in Parsed(page(tame)).elements}
    names = {name for _, a in Parsed(page(report)).elements for name in a}
    assert not any(name.startswith("on") or name in ("src", "style") for name in names)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_of_a_model_labels_the_lineage_and_no_more(text: str) -> None:
    def elements(name: str) -> list[tuple[str, dict[str, str]]]:
        graph = replace(a_graph(), models=(name,))
        return Parsed(page(a_report(replace(a_model(), lineage=graph)))).elements

    tame, hostile = elements("tame"), elements(text)
    assert [(t, sorted(a)) for t, a in hostile] == [(t, sorted(a)) for t, a in tame]
    labels = [a["aria-label"] for _, a in hostile if "aria-label" in a]
    assert sum(f"Lineage of {visible(text)}, " in label for label in labels) == 2


def luminance(color: str) -> float:
    """Return the relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_text_is_legible_by_day_and_by_night() -> None:
    style = a_verdict_page().style
    themes = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(themes) == 2
    for colors in themes:
        for ink in ("ink", "quiet", "good", "bad", "warn"):
            for ground in ("paper", "surface"):
                assert contrast(colors[ink], colors[ground]) >= READABLE, (ink, ground)


def test_no_class_of_the_page_means_something_in_the_picture() -> None:
    page_style, picture = a_verdict_page().style, a_verdict_page().picture_style
    ours = set(re.findall(r"\.([a-z][\w-]*)", page_style))
    theirs = set(re.findall(r"\.([a-z][\w-]*)", picture))
    assert ours & theirs == set()


def test_the_same_report_gives_the_same_bytes() -> None:
    assert page(drawn(one_of_each())) == page(drawn(one_of_each()))
