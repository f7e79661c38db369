"""Holds a pipeline's records against each other and against the bytes: the state of every edge."""

from collections.abc import Iterator, Mapping

from aigf_dvc.capture.contents import (
    Data,
    GitContent,
    Hides,
    NotComparableError,
    git_content,
)
from aigf_dvc.capture.dvc_ignore import DvcIgnore
from aigf_dvc.capture.found import Found, mismatched, missing, recorded_only, verified
from aigf_dvc.capture.origins import Origins
from aigf_dvc.capture.parameter_edges import ParameterFiles
from aigf_dvc.capture.recorded_bytes import RECORDS_AGREE, RecordedBytes
from aigf_dvc.evidence.dvc_values import is_outside
from aigf_dvc.evidence.lineage import Cause, Edge, EdgeKind
from aigf_dvc.evidence.pipeline import Makers, Out, Pipeline, Recorded, Stage, StageLock
from aigf_dvc.trees.snapshot import Snapshot

_CHANGED = mismatched(Cause.DATA_CHANGED, "changed since it was recorded")
_EDITED = mismatched(Cause.OUTPUT_EDITED, "edited after the run")


class Consistency:
    """One comparison of a snapshot with its locks; what was read once is remembered.

    What follows from the definitions alone is taken from a comparison `before` that has the same.
    """

    __slots__ = (
        "_bytes", "_claims", "_git", "_hides", "_origins", "_parameters",
        "data", "pipeline", "snapshot",
    )  # fmt: skip

    def __init__(
        self,
        snapshot: Snapshot,
        pipeline: Pipeline,
        data: Data,
        before: "Consistency | None" = None,
    ) -> None:
        self.snapshot = snapshot
        self.pipeline = pipeline
        self.data = data
        self._git: dict[str, GitContent | None] = {}
        self._bytes = RecordedBytes(snapshot, data)
        self._hides: Hides = DvcIgnore(snapshot).hides
        self._parameters = ParameterFiles(snapshot, pipeline, data)
        given = (snapshot, pipeline, data, self._hides)
        self._origins: Origins
        self._claims: Mapping[str, tuple[str, ...]]
        if before is not None and before.pipeline.has_definitions_of(pipeline):
            self._origins = Origins(*given, before._origins.makers)  # noqa: SLF001  # another of us
            self._claims = before._claims  # noqa: SLF001
        else:
            makers = Makers({**dict.fromkeys(pipeline.tracked, ""), **pipeline.producers()})
            self._origins = Origins(*given, makers)
            self._claims = pipeline.claims()

    def edges(self, address: str) -> Iterator[Edge]:
        """Yield every edge of one stage."""
        stage = self.pipeline.stages[address]
        lock = self.pipeline.locks.get(address)
        yield from self.part(EdgeKind.COMMAND, stage, lock, "")
        if lock is None:
            return
        for path in sorted({*stage.deps, *lock.deps}):
            yield from self.part(EdgeKind.INPUT, stage, lock, path)
        for path in sorted({*stage.parameters, *lock.parameters}):
            yield from self.part(EdgeKind.PARAMETER, stage, lock, path)
        for path in sorted({*(out.path for out in stage.outs), *lock.outs}):
            yield from self.part(EdgeKind.OUTPUT, stage, lock, path)

    def part(
        self, kind: EdgeKind, stage: Stage, lock: StageLock | None, path: str
    ) -> tuple[Edge, ...]:
        """Return the edge of one command, input or output, or those of one parameter file."""
        if lock is None:
            return (_edge(stage, kind, path, missing(Cause.NEVER_RAN, "it never ran")),)
        match kind:
            case EdgeKind.COMMAND:
                found = _command(stage, lock)
            case EdgeKind.INPUT:
                recorded, is_defined = lock.deps.get(path), path in stage.deps
                found = self._input(stage, recorded, path, is_defined=is_defined)
            case EdgeKind.PARAMETER:
                compared = self._parameters.compare(stage, lock, path)
                return tuple(_edge(stage, kind, name, found) for name, found in compared)
            case _:
                found = self._output_of(stage, lock, path)
        return (_edge(stage, kind, path, found),)

    def git_content(self, path: str) -> GitContent | None:
        """Return what git has at a path."""
        if path not in self._git:
            self._git[path] = git_content(self.snapshot, path, self._hides)
        return self._git[path]

    def _input(
        self, stage: Stage, recorded: Recorded | None, path: str, *, is_defined: bool
    ) -> Found:
        if recorded is None or not is_defined:
            listed, other = (
                ("dvc.yaml", "dvc.lock") if recorded is None else ("dvc.lock", "dvc.yaml")
            )
            return mismatched(Cause.DEFINITION_CHANGED, f"{listed} lists it, {other} does not")
        if path in self._claims:
            return self._claimed_twice(path)
        compared = self._origins.compare(recorded)
        if compared is not None:
            return (
                compared.broken
                or self._other_in_git(recorded)
                or self._bytes.compare(
                    recorded,
                    otherwise=compared.unread if compared.is_partly_here else _CHANGED,
                    unread=compared.unread,
                )
            )
        if is_outside(path) and not path.startswith("../"):
            return _outside(recorded)
        return self._code(stage, recorded)

    def made_record(self, path: str) -> Recorded | None:
        """Return what is recorded of a path that a stage makes, or that is in a folder it makes."""
        return self._origins.made_record(path)

    def _other_in_git(self, recorded: Recorded) -> Found | None:
        """Say so when git has other bytes at a path that DVC keeps: readers take git's."""
        path = recorded.path
        if is_outside(path) or not recorded.names_bytes or not self.snapshot.is_in_git(path):
            return None
        content = self.git_content(path)
        if content is None or content.matches(recorded) is not None:
            return None
        return mismatched(Cause.CLAIMED_TWICE, "git has other bytes than DVC recorded")

    def _claimed_twice(self, path: str) -> Found:
        claimants = " and ".join(self._claims[path])
        return mismatched(Cause.CLAIMED_TWICE, f"{claimants} both claim to make it")

    def _code(self, stage: Stage, recorded: Recorded) -> Found:
        """Compare what stands in git, or beside it in the work tree."""
        try:
            content = self.git_content(recorded.path)
        except NotComparableError as error:
            return missing(Cause.NOT_HERE, str(error))
        if content is None:
            return missing(
                Cause.NOT_RECORDED,
                "neither in git, nor made by a stage, nor tracked by a .dvc file",
            )
        how = content.matches(recorded)
        if how is not None:
            return verified(how)
        if content.pointer is not None:
            return self._bytes.compare_lfs(recorded, content.pointer)
        frozen = " (the stage is frozen, so `dvc repro` keeps quiet)" if stage.frozen else ""
        changed = f"changed after the run{_counts(recorded, content)}{frozen}"
        return mismatched(Cause.CODE_CHANGED, changed)

    def _output_of(self, stage: Stage, lock: StageLock, path: str) -> Found:
        recorded = lock.outs.get(path)
        out = next((out for out in stage.outs if out.path == path), None)
        if recorded is None:
            return missing(Cause.NEVER_RAN, "never made")
        if out is None:
            return mismatched(Cause.DEFINITION_CHANGED, "dvc.yaml no longer lists it")
        return self._claimed_twice(path) if path in self._claims else self._output(out, recorded)

    def _output(self, out: Out, recorded: Recorded) -> Found:
        content = None if out.cached or is_outside(out.path) else self.git_content(out.path)
        if content is not None:
            how = content.matches(recorded)
            edited = f"edited after the run{_counts(recorded, content)}"
            return mismatched(Cause.OUTPUT_EDITED, edited) if how is None else verified(how)
        if is_outside(out.path):
            return _outside(recorded)
        return self._other_in_git(recorded) or self._bytes.compare(
            recorded,
            otherwise=_EDITED,
            unread=RECORDS_AGREE,
        )


def _counts(recorded: Recorded, content: GitContent) -> str:
    """Say how a directory in git differs, as far as its record tells."""
    if content.file_count is None:
        return ""
    if recorded.file_count in (None, content.file_count):
        return ", or files that git ignores were in it"
    return f": git has {content.file_count} files, the run saw {recorded.file_count}"


def _outside(recorded: Recorded) -> Found:
    """Say what is known of data that lies outside the project: DVC's record of it, or nothing."""
    if not recorded.value:
        return missing(Cause.NOT_RECORDED, "outside the project, and DVC recorded no hash of it")
    return recorded_only(
        Cause.OUTSIDE, f"outside the project: DVC recorded its {recorded.algorithm}; not read"
    )


def _command(stage: Stage, lock: StageLock) -> Found:
    if stage.commands == lock.commands:
        return verified("the same command")
    return mismatched(Cause.DEFINITION_CHANGED, "the command changed after the run")


def _edge(stage: Stage, kind: EdgeKind, name: str, found: Found) -> Edge:
    return Edge(
        stage=stage.address,
        kind=kind,
        name=name,
        state=found.state,
        reason=found.reason,
        cause=found.cause,
    )
