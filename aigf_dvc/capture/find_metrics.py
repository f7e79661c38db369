"""Finds the metrics of a model: files that are computed from it, and the numbers in them."""

import posixpath
from collections.abc import Collection, Mapping
from decimal import Decimal

from msgspec import Struct

from aigf_dvc.close_names import close_names
from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.metrics import leaf_metrics, read_metrics_file
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.settings import MetricSource
from aigf_dvc.trees.snapshot import Snapshot

_MOST_OTHERS = 20
_PARTS = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class FoundMetrics(Struct, frozen=True, kw_only=True):
    """Where the numbers about one model stand."""

    files: tuple[str, ...]  # all metrics files that are computed from the model
    sources: Mapping[str, MetricSource]  # by the name to give them
    missing: Mapping[str, str]  # names that the policy asks for -> the nearest number, or ""
    notes: tuple[str, ...]


def _not_here(file: str, sources: Mapping[str, MetricSource]) -> str:
    guessed = [name for name, source in sources.items() if source.file == file]
    if guessed:
        names, verb = " and ".join(guessed), "is" if len(guessed) == 1 else "are"
        return (
            f"{file} is not here yet: {names} {verb} looked for in it; "
            "correct their places in aigf.yaml after `aigf repro`"
        )
    return f"{file} is not here yet: add its numbers to aigf.yaml after `aigf repro`"


def find_metrics(
    model: str,
    pipeline: Pipeline,
    snapshot: Snapshot,
    *,
    listed: Collection[str],
    wanted: Collection[str],
) -> FoundMetrics:
    """Find the metrics files that are computed from a model, and name the numbers in them.

    A name that the policy asks for is given only to a key that is the same but for case and
    separators: a near one, such as `p95_latency_s`, may be in another unit.

    Args:
        model: the model's path.
        pipeline: the project's.
        snapshot: to read the files from.
        listed: files under dvc.yaml's own `metrics:`, which are metrics whatever the stage says.
        wanted: the names that the policy asks for.
    """
    files, notes = _files(model, pipeline, listed)
    places: list[MetricSource] = []
    absent: list[str] = []
    for file in files:
        data = snapshot.read(file)
        if data is None:
            absent.append(file)
            continue
        try:
            places.extend(_numbers(data, file))
        except UndecidedError as error:
            notes.append(f"left out: {error}")
    sources = _wanted(places, wanted)
    if not places and len(files) == 1:  # nothing ran yet: the one file will have them, or say so
        sources = {name: MetricSource(file=files[0], key=name) for name in wanted}
    notes.extend(_not_here(file, sources) for file in absent)
    missing = {name: _nearest(name, places) for name in wanted if name not in sources}
    # Numbers within others, such as one for each group, only where there are no plainer ones.
    plain = [place for place in places if "." not in place.key]
    others = _others(plain or places, sources)
    if len(others) > _MOST_OTHERS:
        notes.append(f"left out: {len(others) - _MOST_OTHERS} more numbers in {', '.join(files)}")
    return FoundMetrics(
        files=files,
        sources=sources | dict(sorted(others.items())[:_MOST_OTHERS]),
        missing=missing,
        notes=tuple(notes),
    )


def _files(
    model: str, pipeline: Pipeline, listed: Collection[str]
) -> tuple[tuple[str, ...], list[str]]:
    files, notes = [], []
    for stage in pipeline.stages.values():
        for out in stage.outs:
            if out.kind != "metrics" and out.path not in listed:
                continue
            makers = pipeline.ancestors(out.path)
            if any(model in pipeline.stages[address].deps for address in makers):
                files.append(out.path)
            elif any(other.path == model for other in stage.outs):
                files.append(out.path)
                notes.append(
                    f"{out.path} is written by the stage that makes {model}: a stage of its own"
                    " that reads the model shows better what the numbers are about"
                )
    return tuple(dict.fromkeys(files)), notes


def _numbers(data: bytes, file: str) -> list[MetricSource]:
    return [
        MetricSource(file=file, key=key)
        for key, metric in leaf_metrics(read_metrics_file(data, path=file), path=file).items()
        if isinstance(metric.value, int | float | Decimal)
        and not isinstance(metric.value, bool)
        and key.strip()
        and ":" not in key  # `file:key` could not be told apart
    ]


def _wanted(places: list[MetricSource], wanted: Collection[str]) -> dict[str, MetricSource]:
    found = {}
    for name in wanted:
        exact = [p for p in places if p.key == name]
        whole = [p for p in places if _spelling(p.key) == _spelling(name)]
        last = [p for p in places if _spelling(p.key.rpartition(".")[2]) == _spelling(name)]
        for matches in (exact, whole, last):
            if len(matches) == 1:
                found[name] = matches[0]
            if matches:
                break  # several: a person must say which
    return found


def _others(
    places: list[MetricSource], taken: Mapping[str, MetricSource]
) -> dict[str, MetricSource]:
    found: dict[str, MetricSource] = {}
    for place in places:
        if place in taken.values():
            continue
        stem = posixpath.splitext(posixpath.basename(place.file))[0]
        for name in (place.key, f"{stem}.{place.key}", place.place):
            if name not in found and name not in taken:
                found[name] = place
                break
    return found


def _nearest(name: str, places: list[MetricSource]) -> str:
    by_last_part = {place.key.rpartition(".")[2]: place.place for place in places}
    near = close_names(name, by_last_part)
    return by_last_part[near[0]] if near else ""


def _spelling(name: str) -> str:
    return "_".join(part.lower() for part in _PARTS.findall(name))
