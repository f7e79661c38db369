"""Finds what an input of a stage is made by, and holds the two records of it together."""

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.capture.contents import Data, Hides, git_listing
from aigf_dvc.capture.found import Found, mismatched, missing
from aigf_dvc.capture.recorded_bytes import RECORDS_AGREE
from aigf_dvc.digests import dvc_directory
from aigf_dvc.evidence.dvc_lock import DATASET
from aigf_dvc.evidence.lineage import Cause
from aigf_dvc.evidence.pipeline import (
    MD5,
    NO_HASH,
    Makers,
    Pipeline,
    Recorded,
    RecordedFile,
    parents,
)
from aigf_dvc.trees.snapshot import Kind, Snapshot

_NAMED = 3  # paths in a message


class Origin(Struct, frozen=True, kw_only=True):
    """What makes or tracks a path, or what holds it."""

    who: str  # for people, such as `the stage train makes`
    path: str  # the output or the tracked data: the path itself, or a folder around it
    recorded: Recorded | None  # None: never made


class Compared(Struct, frozen=True, kw_only=True):
    """What two records say together."""

    broken: Found | None  # they contradict each other; None: they do not
    unread: Found  # what to say when the bytes are not here
    is_partly_here: bool = False  # only a part of a folder is: bytes that differ tell nothing


_AGREE = Compared(broken=None, unread=RECORDS_AGREE)


class Origins:
    """The origins of the inputs of one pipeline."""

    def __init__(
        self, snapshot: Snapshot, pipeline: Pipeline, data: Data, hides: Hides, makers: Makers
    ) -> None:
        self._snapshot = snapshot
        self._hides = hides
        self._pipeline = pipeline
        self._data = data
        self.makers = makers  # the stage of each output; of tracked data, none

    def of(self, path: str) -> tuple[Origin, ...]:
        """Return what makes a path, or holds it, or makes what is in it; none: it is no data."""
        if path.startswith(DATASET):
            recorded = self._pipeline.datasets.get(path)
            return (Origin(who="dvc.lock has pinned", path=path, recorded=recorded),)
        return tuple(map(self._origin, self.makers.outs(path)))

    def _agrees(self, recorded: Recorded) -> bool:
        """Tell, fast, whether the stage that makes a path recorded these very bytes."""
        path = recorded.path
        stage = self.makers.producers.get(path)
        lock = self._pipeline.locks.get(stage) if stage else None
        made = lock.outs.get(path) if lock is not None else None
        return (
            made is not None
            and made.value == recorded.value
            and made.names_bytes
            and recorded.names_bytes
        )

    def made_record(self, path: str) -> Recorded | None:
        """Return what is recorded of a path that a stage makes, or that is in a folder it makes.

        None: nothing is, or the folder's list of files is not here.
        """
        made = self._pipeline.made()
        if path in made:
            return made[path]
        folder = next((folder for folder in parents(path) if folder in made), None)
        files = self._listing(self._origin(folder)) if folder is not None else None
        value = _value_in(files, path.removeprefix(f"{folder}/")) if files is not None else None
        return Recorded(path=path, algorithm=MD5, value=value) if value else None

    def _origin(self, path: str) -> Origin:
        imported = self._pipeline.imports.get(path)
        if path in self._pipeline.tracked:
            who = (
                "its .dvc file records" if imported is None else f"the import of {imported.url} has"
            )
            return Origin(who=who, path=path, recorded=self._pipeline.tracked[path])
        stage = self.makers.producers[path]
        lock = self._pipeline.locks.get(stage)
        recorded = lock.outs.get(path) if lock else None
        return Origin(who=f"the stage {stage} makes", path=path, recorded=recorded)

    def compare(self, recorded: Recorded) -> Compared | None:
        """Hold an input's record against what its origins record; None: it has none.

        Args:
            recorded: the input, as the stage that reads it recorded it.
        """
        if self._agrees(recorded):
            return _AGREE
        origins = self.of(recorded.path)
        if not origins:
            return None
        never = next((origin for origin in origins if origin.recorded is None), None)
        if never is not None:
            reason = f"{never.who.removesuffix(' makes')} never made {never.path}"
            return _broken(missing(Cause.NEVER_RAN, reason))
        first = origins[0]
        if first.path == recorded.path and first.recorded is not None:
            return _compare_values(recorded, first.recorded, first.who)
        is_inside = len(first.path) < len(recorded.path)
        return self._inside(recorded, first) if is_inside else self._around(recorded, origins)

    def _inside(self, recorded: Recorded, origin: Origin) -> Compared:
        """Compare a file or folder inside a directory that is kept as a whole."""
        files = self._listing(origin)
        if files is None:
            return _undecidable(f"it is inside {origin.path}, whose list of files is not here")
        name = recorded.path.removeprefix(f"{origin.path}/")
        value = _value_in(files, name)
        if value is None:
            who = origin.who
            return _broken(
                mismatched(Cause.UPSTREAM_DIFFERS, f"{who} {origin.path} without it now")
            )
        made = Recorded(path=recorded.path, algorithm=recorded.algorithm, value=value)
        return _compare_values(recorded, made, origin.who)

    def _around(self, recorded: Recorded, origins: tuple[Origin, ...]) -> Compared:
        """Compare a folder in which stages or .dvc files keep some of the content, git the rest."""
        listing = list(git_listing(self._snapshot, recorded.path, self._hides))
        more = ", ..." if origins[_NAMED:] else ""
        names = ", ".join(origin.path for origin in origins[:_NAMED]) + more
        partly = any(self._snapshot.kind(origin.path) is Kind.ABSENT for origin in origins)
        said = f"a folder around {names}, of which not all is here"
        for origin in origins:
            name = origin.path.removeprefix(f"{recorded.path}/")
            files = (
                self._listing(origin) if origin.recorded and origin.recorded.is_directory else ()
            )
            if files is None or origin.recorded is None:
                return replace(_undecidable(said), is_partly_here=partly)
            listing += [(f"{name}/{file.name}", file.md5) for file in files]
            if not origin.recorded.is_directory:
                listing.append((name, origin.recorded.value))
        if dvc_directory(listing) == recorded.value:
            return Compared(broken=None, unread=RECORDS_AGREE, is_partly_here=partly)
        return replace(_undecidable(f"{said}, or all is what it was"), is_partly_here=partly)

    def _listing(self, origin: Origin) -> tuple[RecordedFile, ...] | None:
        if origin.recorded is None:
            return None
        return origin.recorded.files or self._data.directory(origin.recorded)


def _broken(found: Found) -> Compared:
    return Compared(broken=found, unread=found)


def _undecidable(reason: str) -> Compared:
    """Return that only the bytes can tell: without them nothing was compared."""
    return Compared(broken=None, unread=missing(Cause.NOT_HERE, reason))


def _compare_values(recorded: Recorded, made: Recorded, who: str) -> Compared:
    if made.algorithm == NO_HASH:
        return _undecidable(f"{who} no hash of it")
    # DVC 2 and 3 give most files one hash, under two names; clouds have hashes of their own.
    comparable = made.names_bytes == recorded.names_bytes
    if comparable and made.value != recorded.value:
        reason = f"this stage ran with another version than {who} now"
        return _broken(mismatched(Cause.UPSTREAM_DIFFERS, reason))
    if not comparable:
        return _undecidable(f"{who} another kind of hash than this stage recorded")
    return _AGREE


def _value_in(files: tuple[RecordedFile, ...], name: str) -> str | None:
    """Return the MD5 of a file in a directory, or DVC's hash of a folder in it."""
    exact = next((file.md5 for file in files if file.name == name), None)
    if exact is not None:
        return exact
    start = f"{name}/"
    below = [(f.name.removeprefix(start), f.md5) for f in files if f.name.startswith(start)]
    return dvc_directory(below) if below else None
