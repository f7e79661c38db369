"""The SVG is well-formed, whole, harmless and the same every time."""

import re
from xml.etree import ElementTree as ET

from msgspec.structs import replace

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.evidence.lineage import EdgeState
from aigf_dvc.report.graph_picture import picture
from aigf_dvc.report.graph_svg import escaped, graph_svg
from aigf_dvc.report.visible import visible
from tests.graph_builders import HOSTILE, a_graph, a_hostile_graph, a_page

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: LineageGraph) -> str:
    return graph_svg(graph, picture(graph), style=a_page().picture_style)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own


def test_it_is_xml_and_has_every_box_and_line_once() -> None:
    graph = a_graph()
    root = parsed(drawn(graph))
    keys = [g.get("data-key") for g in root.iter(f"{SVG}g") if g.get("data-key")]
    expected = [placed.box.key for placed in picture(graph).boxes]
    assert sorted(k for k in keys if k and not k.startswith("link")) == sorted(expected)
    assert len(keys) == len(set(keys))
    assert sum(str(k).startswith("link") for k in keys) == len(picture(graph).lines)


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert drawn(a_graph()) == drawn(a_graph())


def test_hostile_names_stay_text() -> None:
    root = parsed(drawn(a_hostile_graph()))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "style", "rect", "text", "g", "path", "circle"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any(name.startswith("on") or "href" in name for name in attributes)
    labels = [str(element.get("aria-label")) for element in root.iter(f"{SVG}g")]
    for name in HOSTILE:
        assert any(f"stage {visible(name)}: " in label for label in labels)
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\ud800]", drawn(a_hostile_graph())
    )


def test_no_state_is_told_by_colour_alone() -> None:
    text = drawn(a_graph())
    marks = dict(re.findall(r'class="mark mark-(\w+)"[^>]*><circle[^>]*/>(<path[^>]*>)', text))
    assert set(marks) == {state.value for state in EdgeState}
    assert len(set(marks.values())) == len(marks)
    style = a_page().picture_style.split("@media")[0]
    lines = [re.search(rf"\.line\.{s}\W[^}}]*}}", style) for s in EdgeState]
    forms = [re.sub(r"stroke: #\w+;", "", found.group()).split("{")[1] for found in lines if found]
    assert len(set(forms)) == len(EdgeState)


def test_a_bad_link_carries_its_mark_and_its_reason() -> None:
    graph = a_graph()
    link = next(x for x in graph.links if x.artifact == "clean.csv" and x.stage == "train")
    bad = replace(link, state=EdgeState.MISMATCHED, reason="another <version>")
    others = tuple(x for x in graph.links if x is not link)
    text = drawn(replace(graph, links=(*others, bad)))
    assert "<title>mismatched: another &lt;version&gt;</title>" in text
    assert text.count("mark-mismatched") == drawn(graph).count("mark-mismatched") + 1


def test_markup_is_escaped() -> None:
    assert escaped("&<>\"'") == "&amp;&lt;&gt;&quot;&#39;"


def test_it_needs_nothing_from_elsewhere() -> None:
    text = drawn(a_graph())
    assert set(re.findall(r"https?://[^\s\"<]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "https://example.com/registry",  # where the imported data came from: text
    }
    assert "url(" not in text
    assert "@import" not in text
