"""Which stages belong to the lineage of a path: what makes it, and what is computed from it."""

from collections.abc import Iterable, Iterator, Mapping

from aigf_dvc.evidence.pipeline import Makers, Pipeline, parents


def lineage_scope(pipeline: Pipeline, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the stages around some paths; in the pipeline's order.

    They are the stages that make the paths, those that compute something from them, such as
    metrics, and every stage that one of these depends on.
    """
    makers = Makers(pipeline.producers())
    before = {
        address: tuple(maker for dep in stage.deps for maker in makers.of(dep))
        for address, stage in pipeline.stages.items()
    }
    wanted = frozenset(paths)
    start = (maker for path in wanted for maker in makers.of(path))
    around = frozenset(folder for path in wanted for folder in parents(path))
    readers = (
        address
        for address, stage in pipeline.stages.items()
        if any(dep in around or _is_in(dep, wanted) for dep in stage.deps)
    )
    computed = _reachable(readers, _reversed(before))
    found = _reachable((*start, *computed), before)
    return tuple(address for address in pipeline.stages if address in found)


def _is_in(path: str, wanted: frozenset[str]) -> bool:
    """Tell whether a path is one of the wanted ones, or in one."""
    return path in wanted or any(folder in wanted for folder in parents(path))


def _reversed(edges: Mapping[str, Iterable[str]]) -> Mapping[str, Iterable[str]]:
    found: dict[str, list[str]] = {}
    for address, others in edges.items():
        for other in others:
            found.setdefault(other, []).append(address)
    return found


def _reachable(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    return frozenset(_walk(start, edges))


def _walk(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> Iterator[str]:
    seen = set[str]()
    waiting = list(start)
    while waiting:
        address = waiting.pop()
        if address not in seen:
            seen.add(address)
            waiting.extend(edges.get(address, ()))
            yield address
