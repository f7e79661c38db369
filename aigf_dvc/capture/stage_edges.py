"""The edges of a stage over many commits: each compared once, known again where nothing changed."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import GitContent, NoData, git_content
from aigf_dvc.capture.parameter_edges import keys_of
from aigf_dvc.capture.parameter_values import ParameterValues
from aigf_dvc.evidence.dvc_lock import DATASET
from aigf_dvc.evidence.lineage import Edge, EdgeKind
from aigf_dvc.evidence.pipeline import Makers, Pipeline, Recorded, Stage, StageLock, parents
from aigf_dvc.trees.commit_snapshot import CommitSnapshot, Stands
from aigf_dvc.trees.traced_snapshot import Trace, TracedSnapshot

_MOST_DEFINITIONS = 8  # histories with branches swing between a few states
_MOST_KNOWN = 100_000
_FILE_MODES = ("100644", "100755")

_Edges: TypeAlias = tuple[Edge, ...]


class StageEdges:
    """The edges of every stage of a project, over its history."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._definitions: list[_Definitions] = []
        self._contents: dict[Stands, GitContent | None] = {}
        self._values = ParameterValues()
        self._commit: tuple[CommitSnapshot, TracedSnapshot, _Remembering] | None = None
        self._before: _Remembering | None = None

    def of(self, snapshot: CommitSnapshot, pipeline: Pipeline, address: str) -> _Edges:
        """Return every edge of one stage, from records and git alone.

        Args:
            snapshot: the commit's.
            pipeline: what its files say; equal definitions and entries were read once.
            address: the stage.

        Raises:
            UndecidedError: a file cannot be read.
        """
        definitions = self._of(pipeline)
        edges: list[Edge] = []
        for part in definitions.parts(address, pipeline.locks.get(address)):
            known = definitions.known(part, pipeline) if part.outs else part.alone
            stands: object = None if part.is_command else snapshot.stands[part.path]
            if part.keys and stands is not None:
                stands = self._values.of(snapshot, part.path, part.keys)
            found = known.by_stands.get(stands) or known.elsewhere(snapshot)
            if found is None:
                found, trace = self._compare(snapshot, pipeline, address, part)
                known.keep(found, part, stands, trace)
            edges += found
        return tuple(edges)

    def _of(self, pipeline: Pipeline) -> "_Definitions":
        """Return what is known under the definitions of a pipeline."""
        for place, known in enumerate(self._definitions):
            if known.are_of(pipeline):
                if place:
                    self._definitions.insert(0, self._definitions.pop(place))
                return known
        new = _Definitions(pipeline)
        self._definitions[:] = [new, *self._definitions[: _MOST_DEFINITIONS - 1]]
        return new

    def _compare(
        self, snapshot: CommitSnapshot, pipeline: Pipeline, address: str, part: "_Part"
    ) -> tuple[_Edges, Trace]:
        """Compare a part of a stage; return what was looked at too."""
        if self._commit is None or self._commit[0] is not snapshot:
            traced = TracedSnapshot(snapshot)
            self._before = _Remembering(traced, pipeline, self._contents, self._before)
            self._commit = snapshot, traced, self._before
        _, traced, comparison = self._commit
        trace: dict[str, Stands] = {}
        traced.trace = trace
        lock = pipeline.locks.get(address)
        edges = comparison.part(part.kind, pipeline.stages[address], lock, part.path)
        if not trace.keys() <= {part.path}:
            self._commit = None  # it has read what the next part must be seen to read
        return edges, trace


class _Part:
    """A part of a stage that is compared by itself: one edge, or those of one parameter file."""

    __slots__ = ("alone", "is_command", "keys", "kind", "known", "outs", "path", "recorded")

    def __init__(
        self,
        kind: EdgeKind,
        path: str,
        recorded: object,
        outs: tuple[str, ...] = (),
        keys: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.is_command = kind is EdgeKind.COMMAND  # held to its record alone, to no path
        self.path = path
        self.recorded = recorded
        self.outs = outs  # whose records count too
        self.keys = keys  # of a parameter file; none: all of it counts
        # By the numbers of those records: what is equal was read once.
        self.known: dict[object, _Known] = {}
        self.alone = _Known(())  # without any


class _Known:
    """The edges of a part with certain records, by what git has."""

    __slots__ = ("_places", "_records", "by_stands")

    def __init__(self, records: object) -> None:
        self._records = records  # kept, so that no other object has their number
        self.by_stands: dict[object, _Edges] = {}  # at the part's own path, or the values there
        self._places: dict[tuple[str, ...], dict[tuple[Stands, ...], _Edges]] = {}

    def elsewhere(self, snapshot: CommitSnapshot) -> _Edges | None:
        """Return the edges that depend on more than the part's own path, if they are known."""
        for paths, known in self._places.items():
            found = known.get(tuple(map(snapshot.stands.__getitem__, paths)))
            if found is not None:
                return found
        return None

    def keep(self, edges: _Edges, part: _Part, stands: object, trace: Trace) -> None:
        """Remember edges, and what they depend on."""
        if trace.keys() <= {part.path}:
            self.by_stands[stands] = edges
            return
        paths = tuple(path for path in trace if not _is_covered(path, trace))
        known = self._places.setdefault(paths, {})
        known[tuple(trace[path] for path in paths)] = edges


class _Definitions:
    """What is known under one set of definitions."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._makers = Makers({**dict.fromkeys(pipeline.tracked, ""), **pipeline.producers()})
        self._stages: dict[tuple[str, int], tuple[StageLock | None, tuple[_Part, ...]]] = {}
        self._parts: dict[tuple[object, ...], _Part] = {}

    def are_of(self, pipeline: Pipeline) -> bool:
        """Tell whether a pipeline has these definitions."""
        return self._pipeline.has_definitions_of(pipeline)

    def parts(self, address: str, lock: StageLock | None) -> tuple[_Part, ...]:
        """Return the parts of a stage with an entry, in the order of their edges."""
        key = address, id(lock)
        found = self._stages.get(key)
        if found is None:
            if len(self._parts) + len(self._stages) > _MOST_KNOWN:
                self._parts.clear()
                self._stages.clear()
            stage = self._pipeline.stages[address]
            found = self._stages[key] = lock, tuple(self._cut(stage, lock))
        return found[1]

    def _cut(self, stage: Stage, lock: StageLock | None) -> Iterator[_Part]:
        if lock is None:
            yield self._part(stage, EdgeKind.COMMAND, "", None)
            return
        yield self._part(stage, EdgeKind.COMMAND, "", lock.commands)
        for path in sorted({*stage.deps, *lock.deps}):
            yield self._part(stage, EdgeKind.INPUT, path, lock.deps.get(path))
        for path in sorted({*stage.parameters, *lock.parameters}):
            part = self._part(stage, EdgeKind.PARAMETER, path, lock.parameters)
            if not part.keys and stage.parameters.get(path) != ():
                part.keys = keys_of(stage, lock, path)
            yield part
        for path in sorted({*(out.path for out in stage.outs), *lock.outs}):
            yield self._part(stage, EdgeKind.OUTPUT, path, lock.outs.get(path))

    def _part(self, stage: Stage, kind: EdgeKind, path: str, recorded: object) -> _Part:
        """Return a part with a record; one object for the same record."""
        key = stage.address, id(kind), path, id(recorded)  # a kind's name and hash are slow
        part = self._parts.get(key)
        if part is None:
            has_makers = kind in (EdgeKind.INPUT, EdgeKind.PARAMETER)
            outs = self._outs(path) if has_makers else ()
            part = self._parts[key] = _Part(kind, path, recorded, outs)
        return part

    def _outs(self, path: str) -> tuple[str, ...]:
        return (path,) if path.startswith(DATASET) else tuple(self._makers.outs(path))

    def known(self, part: _Part, pipeline: Pipeline) -> _Known:
        """Return what is known of a part with the records of a pipeline on which it depends."""
        made = [self._record(pipeline, out) for out in part.outs]
        key = tuple(map(id, made))
        found = part.known.get(key)
        if found is None:
            found = part.known[key] = _Known(made)
        return found

    def _record(self, pipeline: Pipeline, out: str) -> Recorded | None:
        """Return what is recorded of an output, of tracked data, or of a data set of DVC's."""
        if out.startswith(DATASET):
            return pipeline.datasets.get(out)
        maker = self._makers.producers[out]
        if not maker:
            return pipeline.tracked[out]
        lock = pipeline.locks.get(maker)
        return lock.outs.get(out) if lock is not None else None


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
        if stands is None or stands.mode not in _FILE_MODES:  # look anew, so that all is noted
            return git_content(self._traced, path, self._hides)
        if stands not in self._contents:
            self._contents[stands] = super().git_content(path)
        return self._contents[stands]


def _is_covered(path: str, trace: Mapping[str, Stands]) -> bool:
    """Tell whether a path is below a folder that was looked at: the same folder has the same."""
    return any((stands := trace.get(folder)) and stands.is_tree for folder in parents(path))
