"""The edges of a stage over many commits: compared once, known again where nothing changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import is_

from aigf_dvc.capture.commit_snapshot import CommitSnapshot, Stands
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import GitContent, NoData, git_content
from aigf_dvc.capture.dvc_ignore import FILE_NAME as IGNORE_FILE
from aigf_dvc.capture.parameters import look_up, read_parameters
from aigf_dvc.capture.traced_snapshot import TracedSnapshot
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.evidence.pipeline import Makers, Pipeline, Stage, StageLock

_ALTERNATIVES = 8  # histories with branches swing between a few states
_PLAIN = (bool, int, float, str)
_FILE_MODES = ("100644", "100755")

Upstream = tuple[StageLock | None, ...]


@dataclass(slots=True, kw_only=True)
class _Known:
    """The edges of one stage in one commit, and all that they depend on."""

    pipeline: Pipeline
    lock: StageLock | None
    upstream: Upstream
    paths: tuple[str, ...]  # that were looked at; files of `parameters` last
    stood: tuple[Stands, ...]  # at these; or what says the same to this stage
    parameters: Mapping[str, Mapping[str, object]]  # file -> key -> value
    edges: tuple[Edge, ...]

    def holds(self, snapshot: CommitSnapshot, pipeline: Pipeline, upstream: Upstream) -> bool:
        """Tell whether other records and files are the same in another commit."""
        mine = self.pipeline
        if not (
            # The objects themselves: entries that are equal were read once.
            mine.has_definitions_of(pipeline)
            and mine.datasets == pipeline.datasets
            and all(map(is_, self.upstream, upstream))
        ):
            return False
        stands = tuple(map(snapshot.stands.__getitem__, self.paths))
        if stands == self.stood:
            return True
        others = len(self.paths) - len(self.parameters)
        if stands[:others] != self.stood[:others]:
            return False
        looked_at = zip(self.paths, self.stood, stands, strict=True)
        if not all(o == n or self._same_parameters(snapshot, path) for path, o, n in looked_at):
            return False
        self.stood = stands
        return True

    def _same_parameters(self, snapshot: CommitSnapshot, path: str) -> bool:
        """Tell whether a changed parameter file holds the same values for this stage."""
        data = snapshot.read(path)
        if data is None:
            return False
        values = read_parameters(data, path=path)
        known = self.parameters[path].items()
        return all(_is_same(look_up(values, key), value) for key, value in known)


class StageEdges:
    """The edges of every stage of a project, over its history."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, list[_Known]] = {}  # by stage
        self._upstream: _UpstreamStages | None = None
        self._contents: dict[Stands, GitContent | None] = {}
        self._commit: tuple[CommitSnapshot, TracedSnapshot, _Remembering] | None = None

    def of(
        self,
        snapshot: CommitSnapshot,
        names: tuple[str, ...],
        pipeline: Pipeline,
        address: str,
    ) -> tuple[Edge, ...]:
        """Return every edge of one stage, from records and git alone.

        Args:
            snapshot: the commit's.
            names: its files that DVC looks for; equal definitions are read from equal names.
            pipeline: what they say.
            address: the stage.

        Raises:
            UndecidedError: a file cannot be read.
        """
        if self._upstream is None or self._upstream.stages is not pipeline.stages:
            self._upstream = _UpstreamStages(pipeline)
        lock, upstream = pipeline.locks.get(address), self._upstream.records(pipeline, address)
        found = self._known.setdefault(address, [])
        for place, known in enumerate(found):
            if known.lock is lock and known.holds(snapshot, pipeline, upstream):
                if place:
                    found.insert(0, found.pop(place))
                return known.edges
        reads_all = "" in pipeline.stages[address].deps
        if reads_all:
            traced = TracedSnapshot(snapshot)
            comparison = _Remembering(traced, pipeline, self._contents, None)
        else:
            traced, comparison = self._compared(snapshot, names, pipeline)
            traced.trace = {}
        ignore_files = (name for name in names if name.endswith(IGNORE_FILE))
        for path in (*_looked_at(pipeline.stages[address], lock), *ignore_files):
            traced.note(path)  # a stage before may have looked at it already
        edges = tuple(comparison.edges(address))
        parameters = _parameters(snapshot, pipeline.stages[address], lock)
        paths = (*(path for path in traced.trace if path not in parameters), *parameters)
        new = _Known(
            edges=edges,
            pipeline=pipeline,
            lock=lock,
            upstream=upstream,
            paths=paths,
            stood=tuple(map(snapshot.stands.__getitem__, paths)),
            parameters=parameters,
        )
        found[:] = [new, *found[: _ALTERNATIVES - 1]]
        return new.edges

    def _compared(
        self, snapshot: CommitSnapshot, names: tuple[str, ...], pipeline: Pipeline
    ) -> tuple[TracedSnapshot, "_Remembering"]:
        """Return the comparison of a commit, which its stages share."""
        if self._commit is None or self._commit[0] is not snapshot:
            traced = TracedSnapshot(snapshot, names)
            before = self._commit[2] if self._commit is not None else None
            comparison = _Remembering(traced, pipeline, self._contents, before)
            self._commit = snapshot, traced, comparison
        return self._commit[1:]


class _UpstreamStages:
    """The stages that make what each stage reads, for one set of definitions."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.stages = pipeline.stages
        self._makers = Makers(pipeline.producers())
        self._defined: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}
        self._pipeline: Pipeline | None = None
        self._records: dict[str, Upstream] = {}  # of that pipeline

    def records(self, pipeline: Pipeline, address: str) -> Upstream:
        """Return what the lock files say of the stages that make what a stage reads."""
        if pipeline is not self._pipeline:
            self._pipeline, self._records = pipeline, {}
        if address not in self._records:
            self._records[address] = self._look_up(pipeline, address)
        return self._records[address]

    def _look_up(self, pipeline: Pipeline, address: str) -> Upstream:
        stage, lock = self.stages[address], pipeline.locks.get(address)
        if address not in self._defined:
            paths = frozenset((*stage.deps, *stage.parameters))
            makers = tuple(maker for path in sorted(paths) for maker in self._makers.of(path))
            self._defined[address] = paths, makers
        paths, makers = self._defined[address]
        for path in (*lock.deps, *lock.parameters) if lock else ():
            if path not in paths:
                makers += self._makers.of(path)
        return tuple(pipeline.locks.get(maker) for maker in makers)


class _Remembering(Consistency):
    """A comparison that hashes what git has at a path once for all commits."""

    def __init__(
        self,
        snapshot: TracedSnapshot,
        pipeline: Pipeline,
        contents: dict[Stands, GitContent | None],
        before: Consistency | None,
    ) -> None:
        super().__init__(snapshot, pipeline, NoData(), before)
        self._traced = snapshot
        self._contents = contents

    def git_content(self, path: str) -> GitContent | None:
        """Return what git has at a path."""
        stands = self._traced.note(path)
        if stands is None or stands[0] not in _FILE_MODES:  # look anew, so that all is noted
            return git_content(self._traced, path, self._hides)
        if stands not in self._contents:
            self._contents[stands] = super().git_content(path)
        return self._contents[stands]


def _looked_at(stage: Stage, lock: StageLock | None) -> Iterator[str]:
    """Yield the paths in the tree that a stage's edges depend on; links lead to others."""
    yield from (*stage.deps, *stage.parameters, *(out.path for out in stage.outs))
    if lock is not None:
        yield from (*lock.deps, *lock.parameters, *lock.outs)


def _parameters(
    snapshot: CommitSnapshot, stage: Stage, lock: StageLock | None
) -> dict[str, dict[str, object]]:
    """Return the values behind a stage's edges, of the files of which it reads some keys only."""
    found = {}
    recorded = lock.parameters if lock is not None else {}
    for path in {*stage.parameters, *recorded}:
        keys = (*stage.parameters.get(path, ()), *map(str, recorded.get(path, ())))
        is_whole = stage.parameters.get(path) == ()
        data = None if is_whole or path in stage.deps else snapshot.read(path)
        if data is not None:
            values = read_parameters(data, path=path)
            found[path] = {key: look_up(values, key) for key in keys}
    return found


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other) and isinstance(one, _PLAIN) and one == other
