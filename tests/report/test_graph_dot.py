"""Another program reads the DOT, whatever the names."""

import pydot
import pytest

from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.report.graph_dot import graph_dot
from aigf_dvc.report.visible import visible
from tests.graph_builders import HOSTILE, a_graph, a_hostile_graph

# pydot calls pyparsing by names that pyparsing has given up.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def parsed(graph: LineageGraph) -> pydot.Dot:
    found = pydot.graph_from_dot_data(graph_dot(graph))
    assert found is not None
    (one,) = found
    return one


def label(node: pydot.Node) -> str:
    return str(node.get("label")).strip('"')


def test_every_stage_artifact_and_link_is_there_once() -> None:
    for graph in (a_graph(), a_hostile_graph()):
        dot = parsed(graph)
        nodes = [node for node in dot.get_nodes() if node.get_name() not in ("node", "graph")]
        assert len({node.get_name() for node in nodes}) == len(nodes)
        assert len(nodes) == len(graph.stages) + len(graph.artifacts)
        assert len(dot.get_edges()) == len(graph.links) + len(graph.parts)
        assert dot.get_subgraphs() == []


def test_names_are_quoted_for_dot_and_for_its_entities() -> None:
    labels = [label(node) for node in parsed(a_hostile_graph()).get_nodes()]
    for name in HOSTILE:
        quoted = visible(name).replace("\\", "\\\\").replace('"', '\\"')
        quoted = quoted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert any(text.startswith(f"{quoted}\\n") for text in labels), name


def test_links_lead_from_data_to_stage_to_data() -> None:
    dot = parsed(a_graph())
    names = {node.get_name(): label(node).split("\\n")[0] for node in dot.get_nodes()}
    links = {(names[str(e.get_source())], names[str(e.get_destination())]) for e in dot.get_edges()}
    assert {("raw.csv", "prepare"), ("prepare", "clean.csv"), ("train", "model.pkl")} <= links


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert graph_dot(a_graph()) == graph_dot(a_graph())
