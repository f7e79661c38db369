"""The tree is readable, complete and harmless."""

import re

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.evidence.graph_build import build_graph
from aigf_dvc.report.graph_text import graph_text
from aigf_dvc.report.visible import cells, visible
from tests.graph_builders import HOSTILE, Step, a_graph, a_hostile_graph, facts

EXPECTED = """\
Lineage of scorer, commit dddddddddddd

✔ model.pkl  model scorer · 2.0 KiB · sha256 #
✘ └ train  observed
○   ├ clean.csv  intermediate · 2.0 KiB · sha256 #
✔   │ └ prepare  reproduced
✔   │   ├ raw.csv  imported · 2.0 KiB · sha256 # · from https://example.com/registry at cccccccccccc
✔   │   └ src/prepare.py  code · 2.0 KiB · sha256 #
✘   ├ src/train.py  changed after the run  code · 2.0 KiB · sha256 #
✔   └ params.yaml  depth = 3
? metrics.json  the stage never ran  metrics · 2.0 KiB · sha256 #
? └ evaluate  declared  the stage never ran
?   ├ model.pkl  the stage never ran  model scorer · 2.0 KiB · sha256 #  ↑ train
?   └ clean.csv  the stage never ran  intermediate · 2.0 KiB · sha256 #  ↑ prepare

3 stages: 1 declared, 1 observed, 1 reproduced; links: 5 verified, 1 recorded, 1 mismatched, 3 missing
? missing: nothing records it
✔ verified: the bytes are what was recorded
○ recorded: the records agree, the bytes were not read
✘ mismatched: two records, or a record and the bytes, differ
"""  # noqa: E501  # as wide as the text


def chain(length: int) -> LineageGraph:
    steps = [Step(name=f"s{n}", deps=(f"d{n}",), outs=(f"d{n + 1}",)) for n in range(length)]
    models = {f"d{length}": ("last",)}
    return build_graph(facts(*steps, models=models), models=("last",), commit=None)


def test_the_tree_leads_from_the_model_to_raw_data() -> None:
    text = graph_text(a_graph(), color=False, width=None)
    assert re.sub(r"sha256 [0-9a-f]{12}", "sha256 #", text) == EXPECTED


def test_a_long_chain_stays_readable_and_shows_each_stage_once() -> None:
    lines = graph_text(chain(100), color=False, width=80).splitlines()
    assert all(len(line) - len(line.lstrip("✔ ├└│")) <= 50 for line in lines)
    for number in range(100):
        shown = [x for x in lines if re.search(rf" s{number}  declared", x)]
        assert len(shown) == 1, number
    assert sum("continued below" in line for line in lines) > 5


def test_lines_fit_the_terminal() -> None:
    for width in (20, 40, 80):
        for graph in (a_graph(), a_hostile_graph()):
            lines = graph_text(graph, color=False, width=width).splitlines()
            assert max(map(cells, lines)) <= width


def test_colours_are_only_there_when_asked_for() -> None:
    plain = graph_text(a_graph(), color=False, width=None)
    colored = graph_text(a_graph(), color=True, width=None)
    assert "\x1b" not in plain
    assert "\x1b[31m✘ \x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9]+m", "", colored) == plain


def test_hostile_names_cannot_steer_the_terminal() -> None:
    text = graph_text(a_hostile_graph(), color=False, width=None)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800]", text)
    for name in HOSTILE:
        assert visible(name) in text


def test_stages_in_a_circle_are_shown_once() -> None:
    steps = [
        Step(name="a", deps=("z",), outs=("x",)),
        Step(name="b", deps=("x",), outs=("z",)),
    ]
    text = graph_text(build_graph(facts(*steps), models=(), commit=None), color=False, width=None)
    assert text.count(" a  declared") == 1
    assert text.count(" b  declared") == 1


def test_the_end_of_the_pipeline_comes_first_and_unread_data_last() -> None:
    steps = [
        Step(name="first", outs=("a_spare", "b")),
        Step(name="second", deps=("b",), outs=("c",)),
        Step(name="third", deps=("c",), outs=("z",)),
    ]
    graph = build_graph(facts(*steps, tracked=("0.csv",)), models=(), commit=None)
    text = graph_text(graph, color=False, width=None)
    assert re.findall(r"^[✔○] (\S+)  (?:intermediate|dataset)", text, re.MULTILINE) == [
        "z",
        "a_spare",
        "0.csv",
    ]


def test_a_stage_names_what_else_it_makes() -> None:
    step = Step(name="a", outs=("m", "n", "o", "p", "q"))
    graph = build_graph(facts(step, models={"m": ("m",)}), models=("m",), commit=None)
    text = graph_text(graph, color=False, width=None)
    assert "└ a  declared  makes m, n, o and 2 more" in text
    assert re.search(r"^✔ q .*↑ a$", text, re.MULTILINE)
