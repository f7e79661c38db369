"""What descends from some data: pure, over what commits, manifests and directories recorded.

Data is followed by what the runs recorded, not by where files lie now: a stage descends from a
version of its input when the lock entry of its last run names that version. Where two records
cannot be compared, such as a part of a folder, the answer is yes: it is for recalls.
"""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.pipeline import (
    Import,
    Makers,
    Pipeline,
    Recorded,
    RecordedFile,
    Stage,
)

Files = Callable[[Recorded], tuple[RecordedFile, ...] | None]
"""Returns the files of a recorded directory, or None when its listing is not here."""


class Sought(Struct, frozen=True, kw_only=True):
    """The data that was asked for; what is None or empty is not asked for."""

    text: str  # as the caller wrote it
    path: str | None = None  # in the first project
    values: frozenset[str] = frozenset()  # as DVC records them: MD5, etag, checksum
    sha256: Sha256 | None = None
    uri: str | None = None


class Tree(Struct, frozen=True, kw_only=True):
    """What one tree recorded: a commit's, or an attested one."""

    pipeline: Pipeline
    models: tuple[tuple[str, str], ...]  # name, path
    sha256: Callable[[Recorded], Sha256 | None]
    files: Files


class Hit(Struct, frozen=True, kw_only=True):
    """A recorded path that is, holds or lies in the data."""

    path: str  # of the data itself: a file inside the recorded directory, or the recorded path
    recorded: Recorded
    how: str  # in words


class Descent(Struct, frozen=True, kw_only=True):
    """What descends from the data in one tree."""

    hits: tuple[Hit, ...]
    stages: tuple[str, ...]  # that ran on it or on what was made from it, in the order of the work
    outputs: Mapping[str, str]  # path -> recorded value of what they made
    models: tuple[tuple[str, Recorded], ...]  # name, record


class Memory(Struct):
    """What was found so far, in every tree of every project."""

    values: set[str] = field(default_factory=set)  # DVC's values of the data itself
    derived: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # project -> path, value
    at_commit: dict[str, frozenset[str]] = field(default_factory=dict)  # commit -> paths
    unread: dict[str, str] = field(default_factory=dict)  # what could not be looked into -> why
    idle: dict[str, str] = field(default_factory=dict)  # the same, of what nothing was made from

    @property
    def size(self) -> int:
        """Return a number that grows with everything that is found."""
        many = (*self.derived.values(), *self.at_commit.values())
        return len(self.values) + sum(map(len, many))


class Search:
    """One question, asked of one tree after the other until nothing new is found."""

    def __init__(self, sought: Sought) -> None:
        """Ask for some data."""
        self.sought = sought
        self.memory = Memory(values=set(sought.values))
        self._orders: dict[int, tuple[Mapping[str, Stage], tuple[str, ...], Makers]] = {}

    def hits(self, tree: Tree, *, with_path: bool) -> tuple[Hit, ...]:
        """Return the records that are, hold or lie in the data, and remember their values.

        Args:
            tree: where to look.
            with_path: the path that was asked for is one of this tree.
        """
        found = []
        for recorded in records(tree.pipeline):
            hit = self._hit(tree, recorded, with_path=with_path)
            if hit is not None:
                found.append(hit)
        return tuple(found)

    def descend(
        self, tree: Tree, project: str, hits: tuple[Hit, ...], *, with_path: bool
    ) -> Descent:
        """Return what descends from the data in one tree, and remember it."""
        order, makers = self._order(tree.pipeline)
        derived = self.memory.derived.setdefault(project, set())
        derived.update(self._imported(tree.pipeline))
        made: dict[str, str] = {}
        reading = _Reading(
            derived=derived,
            exact=frozenset((hit.recorded.path, hit.recorded.value) for hit in hits),
            hits=hits,
            made=made,
            makers=makers,
        )
        stages = []
        for address in order:
            lock = tree.pipeline.locks.get(address)
            if lock is None:
                continue
            by_parameter = with_path and self.sought.path in lock.parameters
            if by_parameter or any(reading.descends(dep) for dep in lock.deps.values()):
                stages.append(address)
                made |= {path: out.value for path, out in lock.outs.items()}
                derived.update((path, out.value) for path, out in lock.outs.items())
        models = tuple(
            (name, recorded)
            for name, path in tree.models
            for recorded in records_of(tree.pipeline, path, makers)
            if reading.descends(recorded)
        )
        return Descent(hits=hits, stages=tuple(stages), outputs=made, models=models)

    def _hit(self, tree: Tree, recorded: Recorded, *, with_path: bool) -> Hit | None:
        return (
            (self._at_path(tree, recorded) if with_path else None)
            or self._by_value(recorded)
            or self._by_source(tree.pipeline.imports.get(recorded.path), recorded)
            or self._by_sha256(tree, recorded)
            or self._with_file(tree, recorded)
        )

    def _at_path(self, tree: Tree, recorded: Recorded) -> Hit | None:
        wanted, path = self.sought.path, recorded.path
        if wanted is None:
            return None
        if path == wanted or path.startswith(f"{wanted}/"):
            self.memory.values.add(recorded.value)
            return Hit(path=path, recorded=recorded, how="this path")
        if wanted.startswith(f"{path}/"):
            return self._inside(tree, recorded, wanted.removeprefix(f"{path}/"))
        return None

    def _by_value(self, recorded: Recorded) -> Hit | None:
        values = self.memory.values
        if recorded.value and recorded.value in values:
            how = f"{recorded.algorithm} {recorded.value}"
            return Hit(path=recorded.path, recorded=recorded, how=how)
        version = next((v for v in recorded.cloud if values & set(_words(v))), None)
        if version is not None:
            how = f"version in the cloud: {version}"
            return Hit(path=recorded.path, recorded=recorded, how=how)
        return None

    def _by_sha256(self, tree: Tree, recorded: Recorded) -> Hit | None:
        wanted = self.sought.sha256
        if wanted is None or tree.sha256(recorded) != wanted:
            return None
        self.memory.values.add(recorded.value)
        return Hit(path=recorded.path, recorded=recorded, how=f"sha256 {wanted}")

    def _by_source(self, source: Import | None, recorded: Recorded) -> Hit | None:
        uri = self.sought.uri
        if uri is not None and _is_at(recorded.path, uri):
            self.memory.values.add(recorded.value)
            return Hit(path=recorded.path, recorded=recorded, how=f"at {uri}")
        if source is None:
            return None
        if uri is not None and _is_at(source.url, uri):
            self.memory.values.add(recorded.value)
            return Hit(path=recorded.path, recorded=recorded, how=f"imported from {source.url}")
        origin = source.recorded
        if origin is not None and origin.value and origin.value in self.memory.values:
            self.memory.values.add(recorded.value)
            how = f"imported data with the {origin.algorithm} {origin.value}"
            return Hit(path=recorded.path, recorded=recorded, how=how)
        return None

    def _inside(self, tree: Tree, recorded: Recorded, name: str) -> Hit | None:
        """Look for a path in a recorded directory."""
        for file in self._files(tree, recorded):
            if file.name == name or file.name.startswith(f"{name}/"):
                if file.md5:
                    self.memory.values.add(file.md5)
                path = f"{recorded.path}/{file.name}"
                return Hit(path=path, recorded=recorded, how=f"in {recorded.path}")
        return None

    def _with_file(self, tree: Tree, recorded: Recorded) -> Hit | None:
        """Look for the data's digests among the files of a recorded directory."""
        wanted, values = self.sought.sha256, self.memory.values
        if not recorded.is_directory or not (values or wanted):
            return None
        for file in self._files(tree, recorded):
            by_sha256 = wanted is not None and file.sha256 == wanted
            if by_sha256 or (file.md5 and file.md5 in values):
                values.add(file.md5)
                how = f"sha256 {wanted}" if by_sha256 else f"md5 {file.md5}"
                path = f"{recorded.path}/{file.name}"
                return Hit(path=path, recorded=recorded, how=f"{how}, in {recorded.path}")
        return None

    def can_miss(self, tree: Tree, recorded: Recorded) -> bool:
        """Tell whether the data may be here, or in here, and only its MD5 would tell."""
        if not recorded.value:
            return False
        is_known = tree.sha256(recorded) is not None and all(
            file.sha256 is not None
            for file in (self._files(tree, recorded) if recorded.is_directory else ())
        )
        return not is_known and leads_on(tree.pipeline, recorded)

    def _files(self, tree: Tree, recorded: Recorded) -> tuple[RecordedFile, ...]:
        if recorded.names_bytes and not recorded.is_directory:
            return ()
        try:
            files = tree.files(recorded)
            why = "its list of files is not in DVC's cache here, and no commit has this version"
        except AigfError as error:
            files, why = None, str(error)
        if files is None:
            is_idle = not self._may_be_in(recorded) and not leads_on(tree.pipeline, recorded)
            unread = self.memory.idle if is_idle else self.memory.unread
            unread[f"{recorded.path}/ ({recorded.value})"] = why
        return files or ()

    def _may_be_in(self, recorded: Recorded) -> bool:
        """Tell whether the path that was asked for lies in a directory: its versions matter."""
        return (self.sought.path or "").startswith(f"{recorded.path}/")

    def _imported(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        """Yield path and value of imports whose source descends from the data."""
        for path, source in pipeline.imports.items():
            recorded = pipeline.tracked.get(path)
            if recorded is None or not source.commit:
                continue
            there = self.memory.at_commit.get(source.commit, frozenset())
            by_commit = any(_overlap(source.source, other) for other in there)
            key = (source.source, recorded.value)
            if by_commit or any(key in derived for derived in self.memory.derived.values()):
                yield path, recorded.value

    def _order(self, pipeline: Pipeline) -> tuple[tuple[str, ...], Makers]:
        """Return the stages, each after those that make what it reads, and who makes what."""
        known = self._orders.get(id(pipeline.stages))
        if known is None:
            makers = Makers(pipeline.producers())
            known = pipeline.stages, _in_order(pipeline, makers), makers
            self._orders[id(pipeline.stages)] = known  # it holds the mapping, so the id stays its
        return known[1], known[2]


class _Reading(Struct, frozen=True, kw_only=True):
    """What is known of one tree while its stages are gone through."""

    derived: set[tuple[str, str]]
    exact: frozenset[tuple[str, str]]
    hits: tuple[Hit, ...]
    made: Mapping[str, str]
    makers: Makers

    def descends(self, recorded: Recorded) -> bool:
        """Tell whether a recorded path is the data or was made from it."""
        path, key = recorded.path, (recorded.path, recorded.value)
        if key in self.exact or key in self.derived:
            return True
        if any(out != path and out in self.made for out in self.makers.outs(path)):
            return True
        # A part of a folder that DVC tracks, or a folder around it, has a record of its own, which
        # cannot be compared.
        return any(
            hit.recorded.path != path
            and _overlap(hit.recorded.path, path)
            and _overlap(hit.path, path)
            for hit in self.hits
        )


def records_of(pipeline: Pipeline, path: str, makers: Makers) -> Iterator[Recorded]:
    """Yield what is recorded of a path, or of the outputs that hold it or lie in it."""
    if path in pipeline.tracked:
        yield pipeline.tracked[path]
    for maker in makers.of(path):
        lock = pipeline.locks.get(maker)
        for out in lock.outs.values() if lock is not None else ():
            if _overlap(out.path, path):
                yield out


def kept_paths(pipeline: Pipeline) -> Iterator[str]:
    """Yield every path that DVC keeps: what .dvc files track, and what runs have made."""
    yield from pipeline.tracked
    yield from pipeline.datasets
    for lock in pipeline.locks.values():
        yield from lock.outs


def leads_on(pipeline: Pipeline, recorded: Recorded) -> bool:
    """Tell whether something can descend from a record: DVC keeps it, or a reader made something.

    What only a gate has read, a stage without outputs, leads nowhere.
    """
    return any(_overlap(path, recorded.path) for path in kept_paths(pipeline)) or any(
        lock.outs and any(_overlap(path, recorded.path) for path in lock.deps)
        for lock in pipeline.locks.values()
    )


def records(pipeline: Pipeline) -> Iterator[Recorded]:
    """Yield every record of a tree, each path and value once."""
    seen = set()
    kept = (pipeline.tracked, pipeline.datasets)
    locks = (records for lock in pipeline.locks.values() for records in (lock.deps, lock.outs))
    for records in (*kept, *locks):
        for recorded in records.values():
            key = (recorded.path, recorded.value)
            if key not in seen:
                seen.add(key)
                yield recorded


def _in_order(pipeline: Pipeline, makers: Makers) -> tuple[str, ...]:
    """Return the stages so that each comes after those that make what it reads."""
    done: dict[str, None] = {}
    for first in pipeline.stages:
        waiting = [(first, False)]
        opened: set[str] = set()
        while waiting:
            address, is_ready = waiting.pop()
            if is_ready:
                done[address] = None
            if address in done or address in opened:  # opened, not done: a cycle
                continue
            opened.add(address)
            waiting.append((address, True))
            for dep in pipeline.stages[address].deps:
                waiting.extend((maker, False) for maker in makers.of(dep) if maker not in done)
    return tuple(done)


def _is_at(place: str, uri: str) -> bool:
    """Tell whether a URL is the one that was asked for, or below it."""
    wanted = uri.rstrip("/").removesuffix(".git")
    found = place.rstrip("/").removesuffix(".git")
    return found == wanted or found.startswith(f"{wanted}/")


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _words(version: str) -> Iterator[str]:
    for word in version.split(" "):
        yield word.partition("=")[2]
