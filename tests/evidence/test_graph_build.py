"""The graph holds every link of every stage, with its state, and no secret."""

import pytest
from msgspec.structs import replace

from aigf_dvc.evidence.graph import GraphArtifact, GraphStage, LineageGraph, Part, Role
from aigf_dvc.evidence.graph_build import build_graph
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState
from tests.graph_builders import Step, a_graph, facts


def graph_of(*steps: Step, **more: tuple[str, ...]) -> LineageGraph:
    return build_graph(facts(*steps, **more), models=(), commit=None)  # type: ignore[arg-type]  # paths only


def stage(graph: LineageGraph, name: str) -> GraphStage:
    return next(s for s in graph.stages if s.address == name)


def artifact(graph: LineageGraph, name: str) -> GraphArtifact:
    return next(a for a in graph.artifacts if a.name == name)


def test_every_artifact_has_its_role() -> None:
    graph = a_graph()
    assert {a.name: a.role for a in graph.artifacts} == {
        "clean.csv": Role.INTERMEDIATE,
        "metrics.json": Role.METRICS,
        "model.pkl": Role.MODEL,
        "params.yaml": Role.PARAMETERS,
        "raw.csv": Role.IMPORTED,
        "src/prepare.py": Role.CODE,
        "src/train.py": Role.CODE,
    }
    origin = artifact(graph, "raw.csv").origin
    assert origin is not None
    assert origin.commit == "c" * 40


@pytest.mark.parametrize("path", ["s3://bucket/x.csv", "../shared/x.csv", "/mnt/x.csv"])
def test_what_lies_outside_the_project_is_external(path: str) -> None:
    assert artifact(graph_of(Step(name="a", deps=(path,))), path).role is Role.EXTERNAL


def test_a_stage_has_the_worst_state_of_all_its_links() -> None:
    graph = a_graph()
    assert {s.address: s.state for s in graph.stages} == {
        "evaluate": EdgeState.MISSING,
        "prepare": EdgeState.VERIFIED,
        "train": EdgeState.MISMATCHED,
    }


def test_a_stage_that_never_ran_has_the_links_of_its_definition() -> None:
    links = {(x.kind, x.artifact): x.state for x in a_graph().links if x.stage == "evaluate"}
    assert links == {
        (EdgeKind.INPUT, "clean.csv"): EdgeState.MISSING,
        (EdgeKind.INPUT, "model.pkl"): EdgeState.MISSING,
        (EdgeKind.OUTPUT, "metrics.json"): EdgeState.MISSING,
    }


def test_an_edited_output_is_bad_itself_and_a_changed_reading_is_not() -> None:
    bad = (EdgeState.MISMATCHED, "edited after the run")
    first = graph_of(Step(name="a", outs=("x",), told={"x": bad}), Step(name="b", deps=("x",)))
    assert artifact(first, "x").state is EdgeState.MISMATCHED
    second = graph_of(Step(name="a", outs=("x",)), Step(name="b", deps=("x",), told={"x": bad}))
    assert artifact(second, "x").state is EdgeState.VERIFIED
    assert stage(second, "b").state is EdgeState.MISMATCHED


def test_commands_and_parameters_hold_no_secret() -> None:
    step = Step(
        name="a",
        command="train --api-key=hunter2",
        parameters={"params.yaml": {"db_password": "hunter2", "depth": 3, "$odd": 1}},
    )
    graph = graph_of(step)
    assert "hunter2" not in repr(graph)
    values = {p.key: p.value for p in stage(graph, "a").parameters}
    assert values["depth"] == 3
    assert values["$odd"] == 1


def test_parameters_of_one_file_are_one_link_with_the_worst_state() -> None:
    step = Step(
        name="a",
        parameters={"p:x.yaml": {"b:c": 1, "d": 2}},
        told={"p:x.yaml:d": (EdgeState.MISMATCHED, "the run used 2")},
    )
    (link,) = graph_of(step).links
    assert (link.artifact, link.state) == ("p:x.yaml", EdgeState.MISMATCHED)
    assert link.reason == "d: the run used 2"


def test_a_part_of_an_output_is_tied_to_it() -> None:
    graph = graph_of(
        Step(name="a", outs=("data",)),
        Step(name="b", deps=("data/x.csv", "raw/y.csv"), outs=("models/m.pkl",)),
        Step(name="c", deps=("models",)),
        tracked=("raw",),
    )
    assert graph.parts == (
        Part(made="data", read="data/x.csv"),
        Part(made="models/m.pkl", read="models"),
        Part(made="raw", read="raw/y.csv"),
    )
    assert artifact(graph, "data/x.csv").role is Role.INTERMEDIATE
    assert artifact(graph, "raw/y.csv").role is Role.DATASET


def test_a_model_of_several_outputs_is_as_bad_as_the_worst_of_them() -> None:
    bad = (EdgeState.MISMATCHED, "edited after the run")
    step = Step(name="a", outs=("m/weights", "m/tokens"), told={"m/tokens": bad})
    made = replace(facts(step, models={"m": ("scorer",)}), loose=("m",))
    model = artifact(build_graph(made, models=("scorer",), commit=None), "m")
    assert (model.role, model.state, model.reason) == (Role.MODEL, *bad)


def test_tracked_data_of_which_a_part_is_read_stands_as_that_part_does() -> None:
    bad = (EdgeState.MISMATCHED, "changed since it was recorded")
    step = Step(name="a", deps=("raw/y.csv",), told={"raw/y.csv": bad})
    raw = artifact(graph_of(step, tracked=("raw",)), "raw")
    assert (raw.role, raw.state, raw.reason) == (Role.DATASET, *bad)


def test_what_nothing_was_compared_with_is_missing_and_not_said_to_have_never_run() -> None:
    made = facts(Step(name="a", deps=("x",)))
    (link,) = build_graph(replace(made, edges={"a": ()}), models=(), commit=None).links
    assert (link.state, link.reason) == (EdgeState.MISSING, "nothing records it")


def test_tracked_data_that_nothing_reads_is_there_when_asked_for() -> None:
    unread = artifact(graph_of(Step(name="a"), tracked=("spare.csv",)), "spare.csv")
    assert unread.state is EdgeState.RECORDED
    assert unread.reason == "no stage makes or reads it"


def test_the_order_of_the_stages_does_not_matter() -> None:
    one, two = Step(name="a", outs=("x",)), Step(name="b", deps=("x",), outs=("y",))
    assert graph_of(one, two) == graph_of(two, one)
