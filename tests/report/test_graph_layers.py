"""Columns lead forwards whatever the graph, and slots keep their distance."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigf_dvc.report.graph_layers import cut, pulled, spread, swept, without_circles

GRAPHS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1]),
            max_size=30,
            unique=True,
        ),
    )
)


@given(GRAPHS)
def test_every_link_goes_from_column_to_next_column(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    boxes, links = graph
    layers = cut(boxes, links)
    column = {slot: number for number, c in enumerate(layers.columns) for slot in c}
    assert sorted(column) == list(range(len(layers.before)))  # every slot once
    for (source, target), path in zip(links, layers.paths, strict=True):
        assert (path[0], path[-1]) == (source, target)
        steps = {column[b] - column[a] for a, b in pairwise(path)}
        assert steps in ({1}, {-1})
        assert all(slot >= boxes for slot in path[1:-1])


@given(GRAPHS)
def test_no_circle_is_left(graph: tuple[int, list[tuple[int, int]]]) -> None:
    boxes, links = graph
    turned = without_circles(boxes, links)
    left = set(turned)
    while left:
        ends = {source for source, _ in left}
        sinks = {pair for pair in left if pair[1] not in ends}
        assert sinks, f"a circle in {left}"
        left -= sinks


def test_a_graph_without_circles_stays_as_it_is() -> None:
    links = [(0, 1), (1, 2), (0, 2)]
    assert without_circles(3, links) == tuple(links)


def test_a_source_stands_beside_its_first_reader() -> None:
    layers = cut(5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert layers.columns[2] == (2, 4)


def test_lines_from_one_box_share_their_bends() -> None:
    layers = cut(5, [(0, 1), (1, 2), (2, 3), (0, 3), (3, 4), (0, 4)])
    assert layers.paths[3][1:3] == layers.paths[5][1:3]
    assert len(layers.before) == 5 + 3


@given(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.floats(0, 50), st.floats(0.5, 8)),
        min_size=1,
        max_size=30,
    )
)
def test_slots_are_moved_apart_and_no_further(slots: list[tuple[float, float, float]]) -> None:
    wanted = [slot[0] for slot in slots]
    gaps = [slot[1] for slot in slots[1:]]
    found = spread(wanted, gaps=gaps, weights=[slot[2] for slot in slots])
    for one, other, gap in zip(found, found[1:], gaps, strict=False):
        assert other - one >= gap - 1e-6
    if all(b - a >= gap for a, b, gap in zip(wanted, wanted[1:], gaps, strict=False)):
        assert found == pytest.approx(wanted)


def test_a_heavy_slot_stays_and_a_light_one_goes() -> None:
    found = spread([0.0, 0.0], gaps=[9.0], weights=[8.0, 1.0])
    assert found == pytest.approx([-1.0, 8.0])


def test_a_long_chain_beside_a_long_line_does_not_climb() -> None:
    links = [(0, 1)]
    for box in range(1, 60):
        links += [(box, box + 1), (0, box + 1)]
    layers = cut(61, links)
    rooms = [40.0] * 61 + [12.0] * (len(layers.before) - 61)
    columns = tuple(layers.columns)
    middles = pulled(layers, columns, swept(layers, rooms, rounds=8), rooms, rounds=9)
    assert max(middles) - min(middles) < 100
