"""The flowchart keeps to a small part of Mermaid's grammar, whatever the names."""

import re

from aigf_dvc.report.graph_mermaid import graph_mermaid
from tests.graph_builders import a_graph, a_hostile_graph

LABEL = r'"(?:[^"<>`{}\[\]|;\\&]|#[0-9]+;|<br>)*"'
LINE = re.compile(
    rf"flowchart LR|  accTitle: [^\"<>`;]*(?:#[0-9]+;[^\"<>`;]*)*"
    rf"|  s\d+\[{LABEL}\]:::\w+"
    rf"|  a\d+(?:\({LABEL}\)|\[\({LABEL}\)\]|\{{\{{{LABEL}\}}\}}|>{LABEL}\]|\[/{LABEL}/\]):::\w+"
    r"|  [sa]\d+ (?:-->|-\.->|== \"[✘?] \w+\" ==>|-\. part \.->) [sa]\d+"
    r"|  classDef \w+ [\w#:,. -]+"
)


def test_every_line_is_of_a_known_form() -> None:
    for graph in (a_graph(), a_hostile_graph()):
        for line in graph_mermaid(graph).splitlines():
            assert LINE.fullmatch(line), line


def test_every_stage_artifact_and_link_is_there_once() -> None:
    graph = a_graph()
    text = graph_mermaid(graph)
    assert len(re.findall(r"^  s\d+\[", text, re.MULTILINE)) == len(graph.stages)
    assert len(re.findall(r"^  a\d+[(\[{>]", text, re.MULTILINE)) == len(graph.artifacts)
    assert len(re.findall(r"[>] [sa]\d+$", text, re.MULTILINE)) == len(graph.links)


def test_inputs_lead_to_the_stage_and_outputs_from_it() -> None:
    text = graph_mermaid(a_graph())
    train = re.search(r'(s\d+)\["train<br>', text)
    model = re.search(r'(a\d+)\{\{"model\.pkl<br>', text)
    code = re.search(r'(a\d+)\("src/train\.py<br>', text)
    assert train
    assert model
    assert code
    assert f"  {train[1]} --> {model[1]}\n" in text
    assert f'  {code[1]} == "✘ mismatched" ==> {train[1]}\n' in text


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert graph_mermaid(a_graph()) == graph_mermaid(a_graph())
