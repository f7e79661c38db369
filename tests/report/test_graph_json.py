"""The graph's JSON says everything, the same to the byte for the same graph."""

import json

from aigf_dvc.canonical import dumps, pretty
from aigf_dvc.report.graph_json import graph_as_json
from tests.graph_builders import HOSTILE, a_graph, a_hostile_graph


def test_equal_graphs_give_equal_bytes() -> None:
    assert dumps(graph_as_json(a_graph())) == dumps(graph_as_json(a_graph()))


def test_it_holds_every_stage_artifact_and_link() -> None:
    graph = a_graph()
    value = json.loads(dumps(graph_as_json(graph)))
    assert value["models"] == ["scorer"]
    assert value["source"] == {"gitCommit": "d" * 40}
    assert [stage["name"] for stage in value["stages"]] == ["evaluate", "prepare", "train"]
    train = value["stages"][2]
    assert (train["state"], train["trustLevel"]) == ("mismatched", "observed")
    assert train["parameters"][0]["value"] == 3
    raw = next(a for a in value["artifacts"] if a["name"] == "raw.csv")
    assert raw["origin"]["gitCommit"] == "c" * 40
    assert raw["dvc"]["value"] == "a" * 32
    assert len(raw["digest"]["sha256"]) == 64
    assert len(value["links"]) == len(graph.links)
    bad = next(x for x in value["links"] if x["artifact"] == "src/train.py")
    assert (bad["state"], bad["reason"]) == ("mismatched", "changed after the run")


def test_hostile_names_are_kept_as_they_are() -> None:
    text = pretty(graph_as_json(a_hostile_graph())).encode(errors="backslashreplace")
    assert {stage["name"] for stage in json.loads(text)["stages"]} == set(HOSTILE)
