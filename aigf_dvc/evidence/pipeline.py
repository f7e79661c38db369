"""A DVC pipeline as values: what dvc.yaml defines, what dvc.lock recorded, what .dvc files track.

All paths are relative to the project's folder, `/` between the parts; what lies outside the project
is named as DVC names it: `../shared.csv`, `/mnt/data/x.csv`, `s3://bucket/x.csv`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from aigf_dvc.digests import Sha256

LEGACY = "md5-dos2unix"  # DVC 2's hash: of a text with LF line ends
MD5 = "md5"
NO_HASH = "none"  # DVC recorded no hash, such as for `dvc import` and `import-url --no-download`


class Out(Struct, frozen=True, kw_only=True):
    """One output as dvc.yaml defines it."""

    path: str
    kind: str  # "outs", "metrics" or "plots"
    cached: bool = True  # False: `cache: false`, the file is kept in git
    persist: bool = False  # True: DVC does not remove it before a run, so the run can read it


class Stage(Struct, frozen=True, kw_only=True):
    """One stage as dvc.yaml defines it, with every template filled in."""

    address: str  # as DVC names it from the project's folder: `train`, `sub/dvc.yaml:train@us`
    file: str  # the dvc.yaml; the .dvc file of a stage of DVC 0.x
    commands: tuple[str, ...]
    directory: str  # the folder it runs in; empty for the project's own
    deps: tuple[str, ...]
    outs: tuple[Out, ...]
    parameters: Mapping[str, tuple[str, ...]]  # file -> keys; no keys: the whole file
    frozen: bool = False
    always_changed: bool = False


class RecordedFile(Struct, frozen=True, kw_only=True):
    """One file of a directory that DVC recorded file by file (cloud versioning)."""

    name: str  # its path in the directory
    md5: str  # empty: only the cloud's own version is on record
    size: int | None = None
    sha256: Sha256 | None = None  # None: DVC records none; git has the bytes to tell it


class Recorded(Struct, frozen=True, kw_only=True):
    """One path and its hash, as dvc.lock or a .dvc file records it."""

    path: str
    algorithm: str  # MD5, LEGACY, NO_HASH, or DVC's word for what a cloud says, such as "etag"
    value: str  # of an MD5: hexadecimal, a directory's ends in `.dir`; empty where there is no hash
    size: int | None = None  # bytes
    file_count: int | None = None
    files: tuple[RecordedFile, ...] = ()  # of a directory under cloud versioning
    cloud: tuple[str, ...] = ()  # versions in the cloud: `remote etag=... version_id=...`

    @property
    def is_directory(self) -> bool:
        """Tell whether a directory was recorded."""
        return self.value.endswith(".dir") or bool(self.files)

    @property
    def names_bytes(self) -> bool:
        """Tell whether the hash is one that bytes can be compared with."""
        return self.algorithm in (MD5, LEGACY)


class StageLock(Struct, frozen=True, kw_only=True):
    """One stage as dvc.lock recorded its last run."""

    commands: tuple[str, ...]
    deps: Mapping[str, Recorded]
    outs: Mapping[str, Recorded]
    parameters: Mapping[str, Mapping[str, Any]]  # Any: whatever the parameter file held


class Import(Struct, frozen=True, kw_only=True):
    """Where the data behind a .dvc file was brought from: `dvc import` or `dvc import-url`."""

    path: str  # here
    url: str  # of the repository, or of the data itself; without secrets
    source: str = ""  # the path in that repository; empty for import-url
    commit: str = ""  # that repository's commit (DVC's `rev_lock`); empty for import-url
    revision: str = ""  # the branch or tag that was asked for; empty: the default branch
    recorded: Recorded | None = None  # import-url: what was recorded of the source, such as an etag
    file: str = ""  # the .dvc file


class Pipeline(Struct, frozen=True, kw_only=True):
    """Every stage and every tracked file of a project."""

    stages: Mapping[str, Stage]  # by address
    locks: Mapping[str, StageLock]  # by address; without the stages that never ran
    tracked: Mapping[str, Recorded]  # what .dvc files track, by path
    definitions: tuple[str, ...]  # the dvc.yaml files
    lock_files: tuple[str, ...]
    dvc_files: tuple[str, ...]
    imports: Mapping[str, Import] = field(default_factory=dict)  # by path
    datasets: Mapping[str, Recorded] = field(default_factory=dict)  # dvc.lock's, by `ds://name`

    def has_definitions_of(self, other: "Pipeline") -> bool:
        """Tell whether another pipeline has these very stages and this tracked data."""
        return self.stages is other.stages and self.tracked is other.tracked

    def producers(self) -> Mapping[str, str]:
        """Return the stage that makes each output; of several that claim one path, the first."""
        found: dict[str, str] = {}
        for stage in self.stages.values():
            for out in stage.outs:
                found.setdefault(out.path, stage.address)
        return found

    def made(self) -> Mapping[str, Recorded]:
        """Return the record of each output, by the stage that dvc.yaml says makes it.

        An entry of dvc.lock can name any path; only what its own stage makes is its to say.
        """
        found = {}
        for path, address in self.producers().items():
            lock = self.locks.get(address)
            if lock is not None and path in lock.outs:
                found[path] = lock.outs[path]
        return found

    def claims(self) -> Mapping[str, tuple[str, ...]]:
        """Return who claims to make each path that several records claim, or a folder around it."""
        makers: dict[str, list[str]] = {path: ["a .dvc file"] for path in self.tracked}
        for stage in self.stages.values():
            for out in stage.outs:
                makers.setdefault(out.path, []).append(f"the stage {stage.address}")
        found = {}
        for path, own in makers.items():
            around = [maker for folder in parents(path) for maker in makers.get(folder, ())]
            if len(own) + len(around) > 1:
                found[path] = tuple(sorted({*own, *around}))
        return found

    def ancestors(self, path: str) -> tuple[str, ...]:
        """Return the stages that a path's bytes depend on, nearest first; none for raw data."""
        makers = Makers(self.producers())
        order: dict[str, None] = {}  # a set that keeps its order
        waiting = list(makers.of(path))
        while waiting:
            address = waiting.pop(0)
            if address not in order:
                order[address] = None
                for dep in self.stages[address].deps:
                    waiting.extend(makers.of(dep))
        return tuple(order)


class Makers:
    """Finds what makes a path: an output of that path, one around it, or those inside it."""

    def __init__(self, producers: Mapping[str, str]) -> None:
        """Take the stage of each output, as `Pipeline.producers` returns them."""
        self.producers = producers
        self._inside: dict[str, list[str]] = {}  # folder -> the outputs below it
        for path in producers:
            for folder in parents(path):
                self._inside.setdefault(folder, []).append(path)

    def of(self, path: str) -> tuple[str, ...]:
        """Return the stages that make a path, or a part of it; each once."""
        return tuple(dict.fromkeys(self.producers[out] for out in self.outs(path)))

    def outs(self, path: str) -> Iterable[str]:
        """Return the outputs that are the path, or hold it, or are in it."""
        if path in self.producers:
            return (path,)
        around = next((folder for folder in parents(path) if folder in self.producers), None)
        return (around,) if around is not None else self._inside.get(path, ())


def parents(path: str) -> Iterator[str]:
    """Yield the folders that a path is in, nearest first, without the project's own."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if path:
            yield path
