"""Compares two versions of a model: pure, from their manifests and what lies with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.difference_values import (
    CodeChange,
    Difference,
    FileChange,
    FileFacts,
    InsideCounts,
    MetricChange,
    Side,
    StageChange,
    ValueChange,
)
from aigf_dvc.evidence.line_counts import LineCounts, line_counts
from aigf_dvc.evidence.manifest_reading import ReadModel
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.strict_yaml import key_lines

_CODE = "code"
_NUMBERS = ("metrics", "plots")


def compare(before: Side, after: Side) -> Difference:
    """Return what differs between two versions of a model, in the stages that it depends on."""
    scopes = _scope(before), _scope(after)
    return Difference(
        before=before.label,
        after=after.label,
        names=(before.model.name, after.model.name),
        model=_model_change(before, after),
        data=tuple(_data(before, after, scopes)),
        code=tuple(_code(before, after, scopes)),
        stages=tuple(_stages(before, after, scopes)),
        parameters=tuple(_parameters(before, after, scopes)),
        packages=_packages(before, after),
        metrics=tuple(_metrics(before.metrics, after.metrics)),
        documents=tuple(_documents(before.model, after.model)),
        card=tuple(_card(before, after)),
        card_file=_card_file(before.model, after.model),
    )


_Scope = tuple[str, ...]


def _scope(side: Side) -> _Scope:
    """Return the stages that the model or its metrics depend on."""
    pipeline = side.manifest.pipeline
    files = [side.model.path]
    files += [source.rpartition(":")[0] for source, _ in side.model.metrics.values()]
    return tuple(dict.fromkeys(stage for file in files for stage in pipeline.ancestors(file)))


def _paths(side: Side, scope: _Scope) -> dict[str, str]:
    """Return the paths that some stages read and make, with their roles."""
    pipeline, roles = side.manifest.pipeline, side.manifest.roles
    found = {}
    for address in scope:
        stage = pipeline.stages[address]
        for path in (*stage.deps, *(out.path for out in stage.outs)):
            if path in roles:
                found[path] = roles[path]
    return found


def _model_change(before: Side, after: Side) -> FileChange | None:
    old, new = before.file(before.model.path), after.file(after.model.path)
    moved = before.model.path != after.model.path
    if old is not None and new is not None and old.is_same(new) and not moved:
        return None
    return FileChange(role="model", before=old, after=new, inside=_inside(before, after, old, new))


def _data(before: Side, after: Side, scopes: tuple[_Scope, _Scope]) -> Iterator[FileChange]:
    """Yield the data and outputs that differ; what only has another path now is one change."""
    olds, news = _data_paths(before, scopes[0]), _data_paths(after, scopes[1])
    gone = {path: before.file(path) for path in olds if path not in news}
    for path, role in sorted({**olds, **news}.items()):
        old = before.file(path) if path in olds else None
        new = after.file(path) if path in news else None
        if path in news and path not in olds and new is not None:
            old = _moved_from(gone, new)
        if path in gone or (old and new and old.path == new.path and old.is_same(new)):
            continue
        inside = _inside(before, after, old, new)
        yield FileChange(role=role, before=old, after=new, inside=inside)
    for path, old in gone.items():
        yield FileChange(role=olds[path], before=old, after=None)


def _moved_from(gone: dict[str, FileFacts | None], new: FileFacts) -> FileFacts | None:
    """Take the path out of those that are gone, when it had the same bytes."""
    for path, old in gone.items():
        if old is not None and old.is_same(new):
            return gone.pop(path)
    return None


def _data_paths(side: Side, scope: _Scope) -> dict[str, str]:
    kept = {path: role for path, role in _paths(side, scope).items() if role != _CODE}
    return {p: r for p, r in kept.items() if r not in _NUMBERS and p != side.model.path}


def _inside(
    before: Side, after: Side, old: FileFacts | None, new: FileFacts | None
) -> InsideCounts | None:
    if old is None or new is None or old.recorded is None or new.recorded is None:
        return None
    had, has = _listing(before, old.recorded), _listing(after, new.recorded)
    if had is None or has is None:
        return None
    changed = sum(had[name] != has[name] for name in had.keys() & has.keys())
    return InsideCounts(
        added=len(has.keys() - had.keys()), removed=len(had.keys() - has.keys()), changed=changed
    )


def _listing(side: Side, recorded: Recorded) -> dict[str, str] | None:
    if not recorded.is_directory:
        return None
    try:
        files = side.directory(recorded)
    except AigfError:
        return None
    return None if files is None else {file.name: file.md5 for file in files}


def _code(before: Side, after: Side, scopes: tuple[_Scope, _Scope]) -> Iterator[CodeChange]:
    olds = [path for path, role in _paths(before, scopes[0]).items() if role == _CODE]
    news = [path for path, role in _paths(after, scopes[1]).items() if role == _CODE]
    for path in sorted({*olds, *news}):
        old = before.file(path) if path in olds else None
        new = after.file(path) if path in news else None
        if old and new and old.is_same(new):
            continue
        files = sorted({*before.list_files(path), *after.list_files(path)})
        if files:
            yield from _code_files(before, after, files)
        else:
            yield CodeChange(
                path=path,
                before=_digest(old),
                after=_digest(new),
                lines=_lines(before.read(path) if old else b"", after.read(path) if new else b""),
            )


def _code_files(before: Side, after: Side, files: Sequence[str]) -> Iterator[CodeChange]:
    """Yield the files of a folder of code that differ."""
    for path in files:
        old, new = before.read(path), after.read(path)
        if old != new:
            yield CodeChange(
                path=path,
                before=sha256(old) if old is not None else None,
                after=sha256(new) if new is not None else None,
                lines=_lines(old or b"", new or b""),
            )


def _digest(facts: FileFacts | None) -> str | None:
    if facts is None:
        return None
    return facts.sha256 or (facts.recorded.value if facts.recorded else "not known")


def _lines(old: bytes | None, new: bytes | None) -> LineCounts | None:
    return line_counts(old, new) if old is not None and new is not None else None


def _stages(before: Side, after: Side, scopes: tuple[_Scope, _Scope]) -> Iterator[StageChange]:
    olds, news = before.manifest.pipeline.stages, after.manifest.pipeline.stages
    for name in sorted({*scopes[0], *scopes[1]}):
        old = olds[name].commands if name in olds else None
        new = news[name].commands if name in news else None
        if old != new:
            yield StageChange(name=name, before=old, after=new)


def _parameters(before: Side, after: Side, scopes: tuple[_Scope, _Scope]) -> Iterator[ValueChange]:
    olds, news = _parameter_values(before, scopes[0]), _parameter_values(after, scopes[1])
    had, has = _Lines(before), _Lines(after)
    for file, key in sorted({**olds, **news}):
        old, new = olds.get((file, key)), news.get((file, key))
        if not _is_equal(old, new):
            yield ValueChange(
                name=f"{file}:{key}",
                before=old,
                after=new,
                before_where=had.place(file, key) if (file, key) in olds else "",
                after_where=has.place(file, key) if (file, key) in news else "",
            )


def _parameter_values(side: Side, scope: _Scope) -> dict[tuple[str, str], Json]:
    locks = side.manifest.pipeline.locks
    return {
        (file, key): value
        for address in scope
        if address in locks
        for file, values in locks[address].parameters.items()
        for key, value in values.items()
    }


class _Lines:
    """Finds the line of a parameter, in the file as its side has it."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._files: dict[str, Mapping[tuple[str, ...], int]] = {}

    def place(self, file: str, key: str) -> str:
        """Return `file:line`, or the file alone where the line is not known."""
        if file not in self._files:
            self._files[file] = self._read(file)
        lines = self._files[file]
        line = lines.get((key,)) or lines.get(tuple(key.split(".")))
        return f"{file}:{line}" if line else file

    def _read(self, file: str) -> Mapping[tuple[str, ...], int]:
        if not file.lower().endswith((".yaml", ".yml", ".json")):
            return {}
        try:
            data = self._side.read(file)
            return key_lines(data, where=file) if data is not None else {}
        except AigfError:
            return {}


def _packages(before: Side, after: Side) -> tuple[ValueChange, ...] | None:
    if before.packages is None or after.packages is None:
        return None
    return tuple(_values(before.packages, after.packages))


def _values(olds: Mapping[str, Json], news: Mapping[str, Json]) -> Iterator[ValueChange]:
    for name in sorted({**olds, **news}):
        old, new = olds.get(name), news.get(name)
        if not _is_equal(old, new):
            yield ValueChange(name=name, before=old, after=new)


def _is_equal(one: Json, other: Json) -> bool:
    return dumps(one) == dumps(other)  # not Python's own ==, for which 1 and true are one


def _metrics(olds: Mapping[str, Json], news: Mapping[str, Json]) -> Iterator[MetricChange]:
    for change in _values(olds, news):
        old, new = _number(change.before), _number(change.after)
        difference = new - old if old is not None and new is not None else None
        relative = difference / abs(old) if difference is not None and old else None
        yield MetricChange(
            name=change.name,
            before=change.before,
            after=change.after,
            difference=difference,
            relative=relative,
        )


def _number(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except DecimalException:
        return None
    return number if number.is_finite() else None


def _documents(old: ReadModel, new: ReadModel) -> Iterator[FileChange]:
    olds = {(kind, path): digest for kind, path, digest in old.documents}
    news = {(kind, path): digest for kind, path, digest in new.documents}
    for kind, path in sorted({**olds, **news}):
        had, has = olds.get((kind, path)), news.get((kind, path))
        if had != has:
            yield FileChange(role=kind, before=_file(path, had), after=_file(path, has))


def _card_file(old: ReadModel, new: ReadModel) -> FileChange | None:
    if old.card == new.card:
        return None
    before = _file(*old.card) if old.card else None
    after = _file(*new.card) if new.card else None
    return FileChange(role="model card", before=before, after=after)


def _file(path: str, digest: str | None) -> FileFacts | None:
    return FileFacts(path=path, recorded=None, sha256=digest) if digest is not None else None


def _card(before: Side, after: Side) -> Iterator[ValueChange]:
    olds, news = _leaves(before.model.card_fields), _leaves(after.model.card_fields)
    had, has = _card_places(before), _card_places(after)
    for steps in sorted({**olds, **news}):
        old, new = olds.get(steps), news.get(steps)
        if not _is_equal(old, new):
            yield ValueChange(
                name=".".join(steps),
                before=old,
                after=new,
                before_where=had(steps) if steps in olds else "",
                after_where=has(steps) if steps in news else "",
            )


def _leaves(fields: Mapping[str, Json]) -> dict[tuple[str, ...], Json]:
    found: dict[tuple[str, ...], Json] = {}
    waiting: list[tuple[tuple[str, ...], Json]] = [((), fields)]
    while waiting:
        steps, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            waiting += [((*steps, key), item) for key, item in value.items()]
        elif steps:
            found[steps] = value
    return found


def _card_places(side: Side) -> Callable[[tuple[str, ...]], str]:
    """Return what tells where a field stands, in the card's bytes when they are at hand."""
    path, digest = side.model.card or ("", "")
    try:
        data = side.read(path) if path else None
        if data is not None and sha256(data) == digest:
            document = read_model_card(data, path=path).document
            return lambda steps: document.place(*steps)
    except AigfError:
        pass
    return lambda _steps: path
