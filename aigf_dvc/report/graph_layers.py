"""A graph cut into columns: each link leads to the next column, through bends where it is long.

All bends of one box in one column are one, so that links from one box share a line for as long as
they go the same way. Boxes and bends are slots, told apart by number: the boxes come first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from msgspec import Struct
from msgspec.structs import replace

_BOX = 8.0  # how much more a box holds on to its place than a bend

Pair = tuple[int, int]
Columns = tuple[tuple[int, ...], ...]


class Layers(Struct, frozen=True, kw_only=True):
    """The columns of one graph."""

    columns: Columns  # the slots of each, in an order that crosses little
    paths: tuple[tuple[int, ...], ...]  # of each link: the slots that it goes through
    before: tuple[tuple[int, ...], ...]  # of each slot: its neighbours in the column before
    after: tuple[tuple[int, ...], ...]  # and in the column after
    boxes: int  # how many of the slots are boxes


def cut(boxes: int, links: Sequence[Pair]) -> Layers:
    """Cut a graph into columns; a link that closes a circle leads backwards.

    Args:
        boxes: how many there are.
        links: from box to box, by number.
    """
    forward = without_circles(boxes, links)
    column = columns_of(boxes, forward)
    slots = list(range(boxes))
    bends: dict[Pair, int] = {}  # (source, column) -> slot
    paths = []
    for source, target in forward:
        path = [source]
        for place in range(column[source] + 1, column[target]):
            if (source, place) not in bends:
                bends[source, place] = len(slots)
                slots.append(len(slots))
                column.append(place)
            path.append(bends[source, place])
        paths.append((*path, target))
    before, after = _neighbours(len(slots), paths)
    columns: list[list[int]] = [[] for _ in range(max(column, default=-1) + 1)]
    for slot in _depth_first(len(slots), after):
        columns[column[slot]].append(slot)
    return Layers(
        columns=tuple(map(tuple, columns)),
        paths=tuple(
            path if pair == link else path[::-1]
            for path, pair, link in zip(paths, forward, links, strict=True)
        ),
        before=before,
        after=after,
        boxes=boxes,
    )


def without_circles(boxes: int, links: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the links, those turned round that would close a circle."""
    after: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in links:
        after[source].append(target)
    finished: dict[int, int] = {}  # box -> when all behind it was seen
    for start in range(boxes):
        waiting = [(start, iter(after[start]))] if start not in finished else []
        open_boxes = {start}
        while waiting:
            box, others = waiting[-1]
            step = next((o for o in others if o not in finished and o not in open_boxes), None)
            if step is None:
                waiting.pop()
                open_boxes.discard(box)
                finished[box] = len(finished)
            else:
                open_boxes.add(step)
                waiting.append((step, iter(after[step])))
    return tuple((a, b) if finished[a] > finished[b] else (b, a) for a, b in links)


def columns_of(boxes: int, links: Sequence[Pair]) -> list[int]:
    """Return the column of each box: the first one behind all its sources.

    A source itself stands beside its first reader.

    Args:
        boxes: how many there are.
        links: from box to box, without circles.
    """
    before: list[list[int]] = [[] for _ in range(boxes)]
    after: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in links:
        before[target].append(source)
        after[source].append(target)
    order = _from_sources(before, after)
    column = [0] * boxes
    for box in order:
        column[box] = max((column[other] + 1 for other in before[box]), default=0)
    for box in reversed(order):
        if not before[box] and after[box]:
            column[box] = min(column[other] for other in after[box]) - 1
    return column


def _from_sources(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    missing = [len(others) for others in before]
    order = [box for box, count in enumerate(missing) if count == 0]
    for box in order:  # grows on the way
        for other in after[box]:
            missing[other] -= 1
            if missing[other] == 0:
                order.append(other)
    return order


def _neighbours(
    slots: int, paths: Iterable[Sequence[int]]
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    before: list[dict[int, None]] = [{} for _ in range(slots)]  # sets that keep their order
    after: list[dict[int, None]] = [{} for _ in range(slots)]
    for path in paths:
        for one, next_one in pairwise(path):
            after[one][next_one] = None
            before[next_one][one] = None
    return tuple(map(tuple, before)), tuple(map(tuple, after))


def _depth_first(slots: int, after: Sequence[Sequence[int]]) -> Iterable[int]:
    """Return the slots so that what hangs together stands together."""
    reached = {other for others in after for other in others}
    waiting = [slot for slot in reversed(range(slots)) if slot not in reached]
    seen: dict[int, None] = {}
    while waiting:
        slot = waiting.pop()
        if slot not in seen:
            seen[slot] = None
            waiting.extend(reversed(after[slot]))
    return seen


def swept(layers: Layers, sizes: Sequence[float], *, rounds: int) -> list[float]:
    """Return where each slot wants to stand in its column, near its neighbours: quick.

    Args:
        layers: the columns.
        sizes: the room that each slot takes.
        rounds: how often to go over the columns, forwards and backwards in turn.
    """
    place = [0.0] * len(sizes)
    for column in layers.columns:
        _settle(layers, column, place, sizes, place)
    for near, columns in _turns(layers, layers.columns, rounds):
        for column in columns:
            wanted = _near(column, near, place)
            _settle(layers, sorted(column, key=wanted.__getitem__), wanted, sizes, place)
    return place


def pulled(
    layers: Layers, columns: Columns, place: Sequence[float], sizes: Sequence[float], *, rounds: int
) -> list[float]:
    """Return the middles of the slots, in the order of the columns, drawn towards their neighbours.

    Args:
        layers: the graph.
        columns: the slots of each column, in the order to keep.
        place: where each slot would stand.
        sizes: the room that each slot takes: no two of a column get closer.
        rounds: how often to go over the columns, forwards and backwards in turn.
    """
    found = list(place)
    for column in columns:
        _settle(layers, column, found, sizes, found)
    level = replace(
        layers,
        before=_same_first(layers.before, layers.boxes),
        after=_same_first(layers.after, layers.boxes),
    )
    for near, turn in _turns(level, columns, rounds):
        for column in turn:
            _settle(layers, column, _near(column, near, found), sizes, found)
    return found


def _same_first(near: Sequence[tuple[int, ...]], boxes: int) -> tuple[tuple[int, ...], ...]:
    """Return the neighbours that are boxes for a box, and bends for a bend, where there are any.

    Else a box between a box and a bend would climb from column to column, and the line with it.
    """
    return tuple(
        tuple(other for other in others if (other < boxes) is (slot < boxes)) or others
        for slot, others in enumerate(near)
    )


def _turns(
    layers: Layers, columns: Columns, rounds: int
) -> Iterator[tuple[Sequence[Sequence[int]], Columns]]:
    """Yield the neighbours to look at and the columns to go over, forwards and backwards."""
    for number in range(rounds):
        yield (layers.before, columns) if number % 2 == 0 else (layers.after, columns[::-1])


def _near(
    column: Sequence[int], near: Sequence[Sequence[int]], place: Sequence[float]
) -> dict[int, float]:
    return {slot: _mean([place[other] for other in near[slot]], place[slot]) for slot in column}


def _settle(
    layers: Layers,
    column: Sequence[int],
    wanted: Sequence[float] | Mapping[int, float],
    sizes: Sequence[float],
    place: list[float],
) -> None:
    """Write down where the slots of a column stand: in this order, beside each other."""
    middles = spread(
        [wanted[slot] for slot in column],
        gaps=[(sizes[a] + sizes[b]) / 2 for a, b in pairwise(column)],
        weights=[_BOX if slot < layers.boxes else 1.0 for slot in column],
    )
    for slot, middle in zip(column, middles, strict=True):
        place[slot] = middle


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def spread(
    wanted: Sequence[float], *, gaps: Sequence[float], weights: Sequence[float]
) -> list[float]:
    """Return positions as near to the wanted ones as their gaps allow, in the same order.

    Args:
        wanted: where each would stand alone.
        gaps: the least distance between each and the next.
        weights: how much each holds on to its place; > 0.

    Source: isotonic regression by pooling adjacent violators (Barlow et al., 1972).
    """
    offsets = tuple(accumulate(gaps, initial=0.0))
    pools: list[tuple[float, float, int]] = []  # (weighted sum of what is wanted, weight, how many)
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        total, heavy, count = (want - offset) * weight, weight, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / heavy:
            earlier = pools.pop()
            total, heavy, count = total + earlier[0], heavy + earlier[1], count + earlier[2]
        pools.append((total, heavy, count))
    level = [total / heavy for total, heavy, count in pools for _ in range(count)]
    return [base + offset for base, offset in zip(level, offsets, strict=True)]
