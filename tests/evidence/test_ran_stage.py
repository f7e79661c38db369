"""A pipeline and its manifest tell the same of the stages behind a path."""

import json

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.evidence.parameter import Parameter, parameters_of
from aigf_dvc.evidence.ran_stage import RanStage, RanStages, ran_stages, ran_stages_of
from tests.playground import METRICS, MODEL, Playground


def a_stage(name: str, inputs: str = "", outputs: str = "") -> RanStage:
    return RanStage(
        name=name, inputs=tuple(inputs.split()), outputs=tuple(outputs.split()), parameters={}
    )


def names(stages: tuple[RanStage, ...]) -> list[str]:
    return [stage.name for stage in stages]


def test_a_pipeline_and_its_manifest_tell_the_same(playground: Playground) -> None:
    of_manifest = ran_stages_of(json.loads(playground.manifest("HEAD")))
    with playground.commit_snapshot() as snapshot:
        of_pipeline = ran_stages(read_pipeline(snapshot))
    assert of_manifest.behind([METRICS]) == of_pipeline.behind([METRICS])
    assert names(of_pipeline.behind([MODEL])) == ["train", "prepare"]
    assert parameters_of(of_pipeline.behind([MODEL])) == (
        Parameter(name="params.yaml:train.depth", value=3, stage="train"),
    )


def test_a_stage_is_behind_what_it_makes_holds_or_is_in() -> None:
    stages = RanStages(
        [a_stage("a", "raw", "x/y"), a_stage("b", "x", "z"), a_stage("c", "z/1", "out")]
    )
    assert names(stages.behind(["out"])) == ["c", "b", "a"]
    assert names(stages.behind(["raw"])) == []
    assert stages.makes("x")
    assert stages.makes("z/1")
    assert not stages.makes("raw")


def test_a_circle_of_stages_ends() -> None:
    stages = RanStages([a_stage("a", "y", "x"), a_stage("b", "x", "y")])
    assert names(stages.behind(["x"])) == ["a", "b"]


def test_places_of_values_name_their_outputs() -> None:
    stages = RanStages([a_stage("a", "", "m.json plots n")])
    assert stages.outputs_at(["m.json:f1", "n/m.json:f1", "other.json:x"]) == ("m.json", "n")


def test_what_is_no_manifest_has_no_stages() -> None:
    values: tuple[object, ...] = (
        None, [], {"pipeline": {"stages": [1, {"name": "a", "parameters": [1]}]}},
    )  # fmt: skip
    for value in values:
        assert ran_stages_of(value).behind(["x"]) == ()
