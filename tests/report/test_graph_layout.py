"""Whatever the graph: no two boxes overlap, no line runs through a box, the same every time."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.report import graph_layout
from aigf_dvc.report.graph_layout import Layout, Point, lay_out, turned

Box = tuple[float, float, float, float]

GRAPHS = st.integers(1, 14).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.floats(60, 300), st.floats(30, 120)), min_size=n, max_size=n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1]),
            max_size=30,
            unique=True,
        ),
    )
)


def boxes_of(sizes: list[Point], layout: Layout) -> list[Box]:
    return [(x, y, x + w, y + h) for (x, y), (w, h) in zip(layout.corners, sizes, strict=True)]


def is_through(points: tuple[Point, ...], box: Box) -> bool:
    """Tell whether a route may touch a box: a curve stays within the rectangle of its ends."""
    left, top, right, bottom = (box[0] + 0.3, box[1] + 0.3, box[2] - 0.3, box[3] - 0.3)
    for (x0, y0), (x1, y1) in pairwise(points):
        across = min(x0, x1) < right and max(x0, x1) > left
        if across and min(y0, y1) < bottom and max(y0, y1) > top:
            return True
    return False


def check(sizes: list[Point], links: list[tuple[int, int]], layout: Layout) -> None:
    boxes = boxes_of(sizes, layout)
    for number, one in enumerate(boxes):
        assert -0.1 <= one[0] <= one[2] <= layout.width + 0.1
        assert -0.1 <= one[1] <= one[3] <= layout.height + 0.1
        for other in boxes[number + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1], (one, other)
    for (source, target), route in zip(links, layout.routes, strict=True):
        for number, box in enumerate(boxes):
            assert not is_through(route, box), (source, target, number)
        assert boxes[source][1] <= route[0][1] <= boxes[source][3]
        assert boxes[target][1] - 0.1 <= route[-1][1] <= boxes[target][3] + 0.1


@settings(deadline=None)
@given(GRAPHS)
def test_boxes_stand_apart_and_lines_go_around_them(
    graph: tuple[list[Point], list[tuple[int, int]]],
) -> None:
    sizes, links = graph
    check(sizes, links, lay_out(sizes, links))


@settings(deadline=None, max_examples=50)
@given(GRAPHS)
def test_so_they_do_without_grandalf(graph: tuple[list[Point], list[tuple[int, int]]]) -> None:
    sizes, links = graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_layout, "LARGE", 0)
        layout = lay_out(sizes, links)
    assert layout.simple is bool(links)
    check(sizes, links, layout)


def lanes(count: int) -> tuple[list[Point], list[tuple[int, int]]]:
    """Return one source, parallel chains of four, and one sink."""
    sizes: list[Point] = [(200.0, 40.0)] * (2 + 4 * count)
    links = []
    for lane in range(count):
        first = 2 + 4 * lane
        links += [(0, first), (first + 3, 1), (first, first + 3)]
        links += [(first + step, first + step + 1) for step in range(3)]
    return sizes, links


def test_the_same_graph_has_the_same_layout() -> None:
    sizes, links = lanes(8)
    assert lay_out(sizes, links) == lay_out(sizes, links)


def test_a_large_graph_is_laid_out_simply_and_says_so() -> None:
    sizes, links = lanes(400)
    layout = lay_out(sizes, links)
    assert layout.simple
    assert not lay_out(*lanes(20)).simple
    assert len(set(layout.corners)) == len(sizes)


def test_a_circle_ends_and_is_drawn() -> None:
    sizes = [(100.0, 40.0)] * 3
    links = [(0, 1), (1, 2), (2, 0)]
    layout = lay_out(sizes, links)
    check(sizes, links, layout)
    back = layout.routes[2]
    assert back[0][0] > back[-1][0]


def test_lines_that_end_at_one_box_end_apart_and_in_order() -> None:
    layout = lay_out([(100.0, 40.0)] * 3 + [(100.0, 90.0)], [(0, 3), (1, 3), (2, 3)])
    ends = sorted(route[-1][1] for route in layout.routes)
    assert ends[1] - ends[0] == ends[2] - ends[1] == 16.0
    starts = sorted(range(3), key=lambda n: layout.routes[n][0][1])
    assert starts == sorted(range(3), key=lambda n: layout.routes[n][-1][1])


def test_parts_stand_below_each_other_and_single_boxes_in_rows() -> None:
    sizes = [(400.0, 40.0)] * 9
    layout = lay_out(sizes, [(0, 1), (2, 3)])
    check(sizes, [(0, 1), (2, 3)], layout)
    rows = {y for _, y in layout.corners[4:]}
    assert len(rows) == 3
    assert min(rows) > layout.corners[2][1] > layout.corners[0][1]


def test_nothing_takes_no_room() -> None:
    layout = lay_out([], [])
    assert (layout.width, layout.height) == (0.0, 0.0)


def test_a_layout_can_be_turned_to_lead_downwards() -> None:
    layout = turned(lay_out([(40.0, 200.0), (40.0, 200.0)], [(0, 1)]))
    assert layout.corners == ((10.0, 0.0), (10.0, 88.0))
    assert layout.routes == (((110.0, 40.0), (110.0, 88.0)),)
