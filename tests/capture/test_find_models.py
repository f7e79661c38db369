import pytest

from aigf_dvc.capture.find_models import Extras, Found, find_models, read_extras
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.strict_yaml import read_dvc
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground


def pipeline(stages: str) -> Pipeline:
    """A pipeline of stages, one a line: `name: {deps: [...], outs: [...]}`."""
    lines = [line.replace("{", "{cmd: x, ", 1) for line in stages.splitlines()]
    text = "stages:\n" + "".join(f"  {line}\n" for line in lines)
    return Pipeline(
        stages=read_definition(read_dvc(text.encode(), where=""), file="dvc.yaml"),
        locks={},
        tracked={},
        definitions=("dvc.yaml",),
        lock_files=(),
        dvc_files=(),
    )


def found(stages: str, *artifacts: tuple[str, str]) -> Found:
    return find_models(pipeline(stages), Extras(models=artifacts, metrics=()))


def paths(stages: str) -> list[str]:
    return [model.path for model in found(stages).models]


def test_an_artifact_of_type_model_wins_over_every_look() -> None:
    result = found("a: {outs: [model.pkl, weights]}", ("Fraud Scores", "weights"))
    assert [(model.name, model.path) for model in result.models] == [("fraud-scores", "weights")]


def test_an_artifact_that_no_stage_makes_is_left_out_and_said() -> None:
    result = found("a: {outs: [model.pkl]}", ("ready", "bought.onnx"))
    assert [model.path for model in result.models] == ["model.pkl"]
    assert result.notes == ("left out: the artifact ready, because no stage makes bought.onnx",)


@pytest.mark.parametrize(
    "path",
    ["clf.joblib", "net.onnx", "best.safetensors", "models/booster.txt", "models/m.json", "model"],
)
def test_a_model_is_known_by_its_suffix_or_folder(path: str) -> None:
    stages = f"prepare: {{outs: [table.csv]}}\ntrain: {{deps: [table.csv], outs: [log, {path}]}}"
    assert paths(stages) == [path]


def test_an_output_called_model_wins_over_other_pickles() -> None:
    assert paths("a: {outs: [features.pkl]}\nb: {outs: [models/final.pkl]}") == ["models/final.pkl"]


def test_an_earlier_one_that_a_later_one_is_made_from_is_left_out_and_said() -> None:
    result = found("a: {outs: [train.pkl]}\nb: {deps: [train.pkl], outs: [clf.pkl]}")
    assert [model.path for model in result.models] == ["clf.pkl"]
    assert result.notes == ("left out: train.pkl, because clf.pkl is made from it",)


def test_what_an_evaluation_makes_is_no_model() -> None:
    stages = "fit: {outs: [clf.pkl]}\nevaluate: {deps: [clf.pkl], outs: [scores.pkl]}"
    assert paths(stages) == ["clf.pkl"]


def test_numbers_about_a_model_are_no_model() -> None:
    assert paths("train: {outs: [model_report, models/metrics.json, m.pt]}") == ["m.pt"]


def test_without_any_look_the_last_cached_outputs_are_taken() -> None:
    stages = (
        "prepare: {outs: [table]}\n"
        "train: {deps: [table], outs: [weights, {notes: {cache: false}}]}\n"
        "evaluate: {deps: [weights], outs: [predictions.csv]}"
    )
    assert paths(stages) == ["weights"]


def test_two_models_of_one_name_get_different_names() -> None:
    result = found("a: {outs: [a/model.pkl, b/model.pkl, c/model.onnx]}")
    assert [model.name for model in result.models] == ["model", "b/model", "c/model"]


def test_a_pipeline_of_numbers_only_has_no_model() -> None:
    assert paths("evaluate: {metrics: [m.json]}") == []


def test_names_and_paths_of_artifacts_and_metrics_have_their_templates_filled_in(
    playground: Playground,
) -> None:
    text = "artifacts: {'${n}-2': {path: 'm/${n}', type: model}}\nmetrics: ['${n}.json']\n"
    playground.write("sub/dvc.yaml", text)
    playground.write("sub/params.yaml", "n: scores\n")
    assert read_extras(WorkingTree(playground.root), ["sub/dvc.yaml"]) == Extras(
        models=(("scores-2", "sub/m/scores"),), metrics=("sub/scores.json",)
    )
