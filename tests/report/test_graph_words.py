"""The words that all pictures share."""

import pytest
from msgspec.structs import replace

from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.report.graph_words import details, origin, parameters_text, summary, title, value_text
from tests.graph_builders import a_graph

GRAPH = a_graph()
ARTIFACTS = {artifact.name: artifact for artifact in GRAPH.artifacts}


def test_the_title_names_models_and_commit() -> None:
    assert title(GRAPH) == "Lineage of scorer, commit dddddddddddd"
    everything = replace(GRAPH, models=(), commit=None)
    assert title(everything) == "Lineage of the whole pipeline, the working tree"
    many = replace(GRAPH, models=tuple("abcdef"))
    assert title(many) == "Lineage of a, b, c, d and 2 more, commit dddddddddddd"


def test_the_summary_counts_and_leaves_zeros_out() -> None:
    assert summary(GRAPH) == (
        "3 stages: 1 declared, 1 observed, 1 reproduced; "
        "links: 5 verified, 1 recorded, 1 mismatched, 3 missing"
    )
    assert summary(replace(GRAPH, stages=GRAPH.stages[:1], links=())) == (
        "1 stage: 1 declared; links: none"
    )


def test_details_give_role_size_and_digest() -> None:
    model = ARTIFACTS["model.pkl"]
    assert details(model, digits=4) == f"model scorer · 2.0 KiB · sha256 {str(model.sha256)[:4]}"
    unseen = replace(model, sha256=None)
    assert details(unseen) == f"model scorer · 2.0 KiB · md5 {'a' * 12}"


def test_files_are_counted_in_words() -> None:
    for count, text in ((1, "1 file "), (2, "2 files ")):
        recorded = Recorded(path="x", algorithm="md5", value="", file_count=count)
        assert f" · {text}" in details(replace(ARTIFACTS["clean.csv"], recorded=recorded))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**30, "5.0 GiB"),
        (2**60, "1048576.0 TiB"),
    ],
)  # fmt: skip
def test_sizes_are_readable(size: int, text: str) -> None:
    recorded = Recorded(path="x", algorithm="md5", value="", size=size)
    assert f" · {text}" in details(replace(ARTIFACTS["clean.csv"], recorded=recorded))


def test_imports_say_where_they_came_from() -> None:
    assert origin(ARTIFACTS["raw.csv"]) == f"from https://example.com/registry at {'c' * 12}"
    assert origin(ARTIFACTS["clean.csv"]) == ""


def test_long_values_and_many_values_are_cut() -> None:
    parameter = next(s for s in GRAPH.stages if s.address == "train").parameters[0]
    assert parameters_text([parameter]) == "depth = 3"
    assert parameters_text([parameter] * 9).endswith("depth = 3 and 3 more")
    assert len(value_text("x" * 100)) == 40
