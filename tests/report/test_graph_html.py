"""The page lets in its own script and style and nothing else, whatever the names."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from aigf_dvc.canonical import as_json
from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.report.graph_html import graph_html
from aigf_dvc.report.graph_json import graph_as_json
from aigf_dvc.report.graph_picture import picture
from aigf_dvc.report.visible import visible
from tests.graph_builders import HOSTILE, a_graph, a_hostile_graph, a_page

WAYS_TO_WRITE_MARKUP = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
WAYS_OUT = ("fetch(", "XMLHttpRequest", "WebSocket", "import(", "http:", "https:", ".src", ".href")


class Parsed(HTMLParser):
    """What a browser would see: elements, their attributes, and what stands in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # the parser's own
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open][-1] += data


def page(graph: LineageGraph) -> str:
    return graph_html(graph, picture(graph), page=a_page())


def policy_of(parsed: Parsed) -> str:
    found = [a.get("content") for t, a in parsed.elements if t == "meta" and "http-equiv" in a]
    assert len(found) == 1
    return str(found[0])


def source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_policy_forbids_all_but_the_pages_own_script_and_style() -> None:
    parsed = Parsed(page(a_graph()))
    data, script = parsed.texts["script"]
    (style,) = parsed.texts["style"]
    assert policy_of(parsed) == (
        f"default-src 'none'; script-src {source(script)}; style-src {source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    assert json.loads(data)["models"] == ["scorer"]


def test_the_policy_comes_before_what_it_judges() -> None:
    text = page(a_graph())
    assert text.index("Content-Security-Policy") < text.index("<style>") < text.index("<script")


def test_the_data_in_the_page_is_the_graphs_json() -> None:
    for graph in (a_graph(), a_hostile_graph()):
        data = json.loads(Parsed(page(graph)).texts["script"][0])
        assert data == json.loads(json.dumps(as_json(graph_as_json(graph))))


def test_hostile_names_stay_text() -> None:
    tame, hostile = Parsed(page(a_graph())), Parsed(page(a_hostile_graph()))
    assert {tag for tag, _ in hostile.elements} == {tag for tag, _ in tame.elements}
    assert len(hostile.texts["script"]) == len(tame.texts["script"]) == 2
    assert hostile.texts["script"][1] == tame.texts["script"][1]
    names = {name for _, attributes in hostile.elements for name in attributes}
    assert not any(name.startswith("on") or name in ("href", "src", "style") for name in names)
    labels = [a.get("aria-label") or "" for _, a in hostile.elements]
    for name in HOSTILE:
        assert any(f"stage {visible(name)}: " in label for label in labels)


def test_no_hidden_character_is_in_the_page() -> None:
    text = page(a_hostile_graph())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800]", text)


def test_the_script_writes_no_markup_and_asks_for_nothing() -> None:
    script = a_page().script
    for word in (*WAYS_TO_WRITE_MARKUP, *WAYS_OUT):
        assert word not in script, word


def test_every_name_that_the_script_asks_for_is_in_the_page() -> None:
    asked = set(re.findall(r'\$\("(\w+)"\)', a_page().script))
    ids = {a["id"] for _, a in Parsed(page(a_graph())).elements if "id" in a}
    assert asked <= ids


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert page(a_graph()) == page(a_graph())
