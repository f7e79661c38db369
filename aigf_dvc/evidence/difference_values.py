"""What differs between two versions of a model, as values."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.line_counts import LineCounts
from aigf_dvc.evidence.manifest_reading import ReadManifest, ReadModel
from aigf_dvc.evidence.pipeline import Recorded, RecordedFile


class Side(Struct, frozen=True, kw_only=True):
    """One version of a model, and what can be read beside its manifest."""

    label: str  # as the caller named it
    manifest: ReadManifest
    model: ReadModel
    metrics: Mapping[str, Json]
    packages: Mapping[str, str] | None  # None: no run record tells
    read: Callable[[str], bytes | None]  # a file of the same tree, where that is at hand
    list_files: Callable[[str], tuple[str, ...]]  # below a folder of that tree
    directory: Callable[[Recorded], tuple[RecordedFile, ...] | None]  # in DVC's cache

    def file(self, path: str) -> "FileFacts | None":
        """Return what is known of a path, or None when this version does not have it."""
        if path not in self.manifest.roles:
            return None
        recorded = self.manifest.records().get(path)
        return FileFacts(path=path, recorded=recorded, sha256=self.manifest.digests.get(path))


class FileFacts(Struct, frozen=True, kw_only=True):
    """What is known of one path on one side."""

    path: str
    recorded: Recorded | None
    sha256: str | None

    def is_same(self, other: "FileFacts") -> bool:
        """Tell whether two sides have the same bytes, as far as is known."""
        mine, theirs = self.recorded, other.recorded
        if self.sha256 is not None and other.sha256 is not None:
            return self.sha256 == other.sha256
        return mine is not None and theirs is not None and mine.value == theirs.value


class InsideCounts(Struct, frozen=True, kw_only=True):
    """What changed among the files of a directory."""

    added: int
    removed: int
    changed: int


class FileChange(Struct, frozen=True, kw_only=True):
    """A data set, output or document that differs; a side that lacks it has None."""

    role: str
    before: FileFacts | None
    after: FileFacts | None
    inside: InsideCounts | None = None  # None: no directory, or its lists are not here


class CodeChange(Struct, frozen=True, kw_only=True):
    """A file of code that differs."""

    path: str
    before: str | None  # SHA-256; None: not there
    after: str | None
    lines: LineCounts | None  # None: no text, or not at hand


class StageChange(Struct, frozen=True, kw_only=True):
    """A stage that is new, gone, or runs other commands."""

    name: str
    before: tuple[str, ...] | None  # commands; None: no such stage
    after: tuple[str, ...] | None


class ValueChange(Struct, frozen=True, kw_only=True):
    """A parameter, package, metric or field of the card; a side that lacks it has None."""

    name: str
    before: Json
    after: Json
    before_where: str = ""  # `file:line`
    after_where: str = ""


class MetricChange(Struct, frozen=True, kw_only=True):
    """A number that differs."""

    name: str
    before: Json
    after: Json
    difference: Decimal | None  # None: one side has no number
    relative: Decimal | None  # of the size of the one before; None: that is 0


class Difference(Struct, frozen=True, kw_only=True):
    """All that differs between two versions of a model."""

    before: str  # labels
    after: str
    names: tuple[str, str]
    model: FileChange | None  # None: the same bytes at the same path
    data: tuple[FileChange, ...] = ()
    code: tuple[CodeChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    parameters: tuple[ValueChange, ...] = ()
    packages: tuple[ValueChange, ...] | None = ()  # None: a side has no run record
    metrics: tuple[MetricChange, ...] = ()
    documents: tuple[FileChange, ...] = ()
    card: tuple[ValueChange, ...] = ()
    card_file: FileChange | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs, as far as is known."""
        parts = (self.data, self.code, self.stages, self.parameters, self.packages)
        more = (self.metrics, self.documents, self.card, self.model, self.card_file)
        return not any((*parts, *more)) and self.names[0] == self.names[1]
