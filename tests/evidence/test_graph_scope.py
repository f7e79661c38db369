"""The lineage of a model: what makes it, what is computed from it, and nothing else."""

from aigf_dvc.evidence.graph_scope import lineage_scope
from tests.graph_builders import Step, a_pipeline

PIPELINE = a_pipeline(
    Step(name="fetch", outs=("raw",)),
    Step(name="prepare", deps=("raw/part.csv",), outs=("clean",)),
    Step(name="train", deps=("clean",), outs=("models/a.pkl", "log.txt")),
    Step(name="holdout", outs=("test.csv",)),
    Step(name="evaluate", deps=("models", "test.csv"), metrics=("metrics.json",)),
    Step(name="report", deps=("metrics.json",), outs=("report.html",)),
    Step(name="logs", deps=("log.txt",), outs=("log.zip",)),
    Step(name="other", outs=("other.pkl",)),
)


def test_ancestors_descendants_and_what_the_descendants_need() -> None:
    expected = ("fetch", "prepare", "train", "holdout", "evaluate", "report")
    assert lineage_scope(PIPELINE, ["models/a.pkl"]) == expected


def test_raw_data_has_what_is_computed_from_it() -> None:
    assert "other" not in lineage_scope(PIPELINE, ["raw"])
    assert set(lineage_scope(PIPELINE, ["raw"])) >= {"fetch", "prepare", "train", "evaluate"}


def test_a_path_inside_another_stages_folder_is_found() -> None:
    assert "prepare" in lineage_scope(PIPELINE, ["raw"])


def test_stages_in_a_circle_end() -> None:
    circle = a_pipeline(
        Step(name="a", deps=("z",), outs=("x",)),
        Step(name="b", deps=("x",), outs=("y",)),
        Step(name="c", deps=("y",), outs=("z",)),
    )
    assert lineage_scope(circle, ["x"]) == ("a", "b", "c")


def test_an_unknown_path_has_no_lineage() -> None:
    assert lineage_scope(PIPELINE, ["nothing"]) == ()
