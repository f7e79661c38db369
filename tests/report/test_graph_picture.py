"""Every stage and all data is a box once; code and parameters are rows of the stages."""

from collections import Counter

from aigf_dvc.evidence.graph_build import build_graph
from aigf_dvc.evidence.lineage import EdgeState
from aigf_dvc.report.graph_picture import CELL, SMALL_CELL, Box, picture
from aigf_dvc.report.visible import cells
from tests.graph_builders import Step, a_graph, a_hostile_graph, facts


def boxes_of(*steps: Step) -> dict[str, Box]:
    drawn = picture(build_graph(facts(*steps), models=(), commit=None))
    return {placed.box.full_name: placed.box for placed in drawn.boxes}


def test_stages_and_data_are_boxes_and_each_is_there_once() -> None:
    drawn = picture(a_graph())
    names = Counter(placed.box.full_name for placed in drawn.boxes)
    expected = ("evaluate", "prepare", "train", "clean.csv", "metrics.json", "model.pkl", "raw.csv")
    assert names == Counter(expected)


def test_code_and_parameters_are_rows_and_bad_ones_come_first() -> None:
    train = next(p.box for p in picture(a_graph()).boxes if p.box.full_name == "train")
    assert [(row.sign, row.text, row.state) for row in train.rows] == [
        ("code", "src/train.py", EdgeState.MISMATCHED),
        ("parameters", "params.yaml: depth = 3", EdgeState.VERIFIED),
    ]


def test_what_is_wrong_with_a_stage_itself_is_a_row() -> None:
    box = boxes_of(Step(name="a", told={"": (EdgeState.MISMATCHED, "the command changed")}))["a"]
    assert [(row.sign, row.text) for row in box.rows] == [("problem", "the command changed")]


def test_many_rows_are_cut_and_the_last_one_tells_the_worst_of_the_rest() -> None:
    code = tuple(f"{n}.py" for n in range(9))
    told = dict.fromkeys(code, (EdgeState.MISSING, "nothing records it"))
    box = boxes_of(Step(name="a", deps=code, told=told))["a"]
    assert len(box.rows) == 6
    assert (box.rows[-1].text, box.rows[-1].state) == ("and 4 more", EdgeState.MISSING)


def test_code_that_a_stage_makes_is_a_box() -> None:
    assert "gen.py" in boxes_of(Step(name="a", outs=("gen.py",)), Step(name="b", deps=("gen.py",)))


def test_every_line_joins_two_boxes_and_has_a_way() -> None:
    for graph in (a_graph(), a_hostile_graph()):
        drawn = picture(graph)
        keys = {placed.box.key for placed in drawn.boxes}
        assert drawn.lines
        assert all({line.source, line.target} <= keys for line in drawn.lines)
        assert all(len(line.points) >= 2 for line in drawn.lines)


def test_texts_fit_their_boxes() -> None:
    for placed in picture(a_hostile_graph()).boxes:
        box, room = (
            placed.box,
            placed.size[0] - 32 - 20,
        )  # left of them a sign, right of them a mark
        assert cells(box.name) * CELL <= room
        for text in (box.small, *(row.text for row in box.rows)):
            assert cells(text) * SMALL_CELL <= room


def test_a_deep_pipeline_leads_down_and_a_wide_one_to_the_right() -> None:
    deep = [Step(name=f"s{n}", deps=(f"d{n}",), outs=(f"d{n + 1}",)) for n in range(6)]
    wide = [Step(name=f"s{n}", deps=("d.csv",)) for n in range(20)]
    tracked = facts(*wide, tracked=("d.csv",))
    assert picture(build_graph(facts(*deep), models=(), commit=None)).upright
    assert not picture(build_graph(tracked, models=(), commit=None)).upright
