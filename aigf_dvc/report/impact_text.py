"""What descends from some data: values, their text for people, their JSON."""

import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.report.model_history import SeenAt
from aigf_dvc.report.one_line import as_lines

_SHORT = 12
_SHOWN = 10


class FoundData(Struct, frozen=True, kw_only=True):
    """One version of the data, where it is recorded."""

    project: str
    path: str  # the data itself: a file inside a recorded directory, or the recorded path
    recorded: Recorded
    how: str  # how it was found
    first: SeenAt | None  # None: an attestation alone knows it
    last: SeenAt | None
    commits: int


class AffectedModel(Struct, frozen=True, kw_only=True):
    """One version of a model that descends from the data."""

    project: str
    name: str
    recorded: Recorded
    sha256: Sha256 | None
    stages: tuple[str, ...]  # between the data and the model, in the order of the work
    first: SeenAt
    last: SeenAt
    commits: int
    refs: tuple[str, ...]  # branches and tags whose newest commit still holds it


class AffectedAttestation(Struct, frozen=True, kw_only=True):
    """An attestation about a model that descends from the data. Nobody verified it."""

    store: str
    name: str
    model: str
    subjects: tuple[tuple[str, Sha256], ...]  # name, SHA-256
    environment: str | None
    signer: str
    how: str


class Impact(Struct, frozen=True, kw_only=True):
    """The whole answer."""

    sought: str
    values: tuple[str, ...]  # of the data, as DVC records them
    commits: int  # that were read
    data: tuple[FoundData, ...]
    outputs: tuple[tuple[str, str, str], ...]  # project, path, recorded value
    models: tuple[AffectedModel, ...]
    attestations: tuple[AffectedAttestation, ...]
    unread: tuple[tuple[str, str], ...]  # what could not be looked into, and why
    notes: tuple[str, ...] = ()  # what lies beyond the question

    @property
    def descends(self) -> bool:
        """Tell whether anything was made from the data."""
        return bool(self.outputs or self.models or self.attestations)

    @property
    def exit_code(self) -> int:
        """Return 3 when a part could not be read, else 1 when something descends, else 0."""
        if self.unread:
            return 3
        return 1 if self.descends else 0

    @property
    def revocations(self) -> tuple[str, ...]:
        """Return the command that revokes each affected model, by its SHA-256."""
        digests = {model.sha256: None for model in self.models if model.sha256 is not None}
        for attestation in self.attestations:
            if len(attestation.subjects) == 1:  # a directory has one for each file
                digests.setdefault(attestation.subjects[0][1])
        reason = shlex.quote(_plain(f"made from {self.sought}"))
        return tuple(
            f"aigf revoke --model sha256:{digest} --reason {reason} --key PRIVATE.key"
            for digest in digests
        )


def impact_text(impact: Impact, *, color: bool) -> str:
    """Return the answer: the data, the models, the attestations, what was not read."""
    return as_lines(_lines(impact, color=color))


def _lines(impact: Impact, *, color: bool) -> Iterator[str]:
    yield _title(f"data: {_count(len(impact.data), 'record')} of {impact.sought}", "1", color)
    for data in impact.data:
        yield f"  {data.project}  {data.path}  {_value(data.recorded)}  ({data.how})"
        if data.first and data.last:
            yield f"    {_span(data.first, data.last, data.commits)}"
    style = "31" if impact.models else "32"
    yield _title(f"models made from it: {len(impact.models)}", style, color)
    for model in impact.models:
        yield from _model(model)
    style = "31" if impact.attestations else "32"
    title = f"attestations of them: {len(impact.attestations)}"
    yield _title(title + (" (not verified)" if impact.attestations else ""), style, color)
    for attestation in impact.attestations:
        where = f" for {attestation.environment}" if attestation.environment else ""
        yield f"  {attestation.store}  {attestation.model}{where}: {attestation.how}"
        yield f"    {attestation.name}"
        yield f"    {attestation.signer or 'no signer that can be named'}, not verified"
    yield from _other_outputs(impact.outputs)
    if impact.revocations:
        yield _title("to revoke them", "1", color)
        yield from (f"  {line}" for line in impact.revocations)
    if impact.unread:
        yield _title(f"NOT READ: {len(impact.unread)}; the answer may lack a part", "33", color)
        yield from (f"  {what}: {why}" for what, why in impact.unread[:_SHOWN])
        if len(impact.unread) > _SHOWN:
            yield f"  and {len(impact.unread) - _SHOWN} more (--format json lists them)"
    yield ""
    yield _summary(impact)


def _model(model: AffectedModel) -> Iterator[str]:
    digest = f"sha256:{model.sha256}" if model.sha256 else "sha256 not known: see aigf.lock"
    yield f"  {model.project}  {model.name} ({model.recorded.path})  {_value(model.recorded)}"
    yield f"    {digest}"
    yield f"    {_span(model.first, model.last, model.commits)}"
    if model.stages:
        yield f"    through {' -> '.join(model.stages)}"
    if model.refs:
        shown = ", ".join(model.refs[:_SHOWN])
        more = f" and {len(model.refs) - _SHOWN} more" if len(model.refs) > _SHOWN else ""
        yield f"    still in {shown}{more}"


def _other_outputs(outputs: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if outputs:
        paths = sorted({f"{project}: {path}" for project, path, _ in outputs})
        yield f"all outputs made from it: {len(outputs)} versions of {_count(len(paths), 'path')}"
        yield from (f"  {path}" for path in paths[:_SHOWN])
        if len(paths) > _SHOWN:
            yield f"  and {len(paths) - _SHOWN} more (--format json lists them)"


def _summary(impact: Impact) -> str:
    read = _count(impact.commits, "commit")
    if impact.descends:
        parts = f"{_count(len(impact.models), 'model')} and " + _count(
            len(impact.attestations), "attestation"
        )
        return f"AFFECTED: {parts}, in {read}"
    found = "nothing was made from it" if impact.data else "it is recorded nowhere"
    return f"{'UNDECIDED' if impact.unread else 'NOT AFFECTED'}: {found}, in {read}"


def impact_as_json(impact: Impact) -> Json:
    """Return the whole answer."""
    return {
        "sought": impact.sought,
        "values": list(impact.values),
        "commits": impact.commits,
        "exitCode": impact.exit_code,
        "data": [
            {
                "project": data.project,
                "path": data.path,
                "dvc": _dvc(data.recorded),
                "how": data.how,
                "first": _seen(data.first),
                "last": _seen(data.last),
                "commits": data.commits,
            }
            for data in impact.data
        ],
        "outputs": [
            {"project": project, "path": path, "value": value}
            for project, path, value in impact.outputs
        ],
        "models": [
            {
                "project": model.project,
                "name": model.name,
                "path": model.recorded.path,
                "dvc": _dvc(model.recorded),
                "digest": {"sha256": model.sha256},
                "stages": list(model.stages),
                "first": _seen(model.first),
                "last": _seen(model.last),
                "commits": model.commits,
                "refs": list(model.refs),
            }
            for model in impact.models
        ],
        "attestations": [
            {
                "store": attestation.store,
                "name": attestation.name,
                "model": attestation.model,
                "subject": [
                    {"name": name, "digest": {"sha256": digest}}
                    for name, digest in attestation.subjects
                ],
                "environment": attestation.environment,
                "signer": attestation.signer,
                "verified": False,
                "how": attestation.how,
            }
            for attestation in impact.attestations
        ],
        "revocations": list(impact.revocations),
        "unread": [{"what": what, "reason": why} for what, why in impact.unread],
        "notes": list(impact.notes),
    }


def _dvc(recorded: Recorded) -> Json:
    return {"hash": recorded.algorithm, "value": recorded.value}


def _seen(seen: SeenAt | None) -> Json:
    return {"commit": seen.commit, "date": seen.day} if seen else None


def _span(first: SeenAt, last: SeenAt, commits: int) -> str:
    if commits == 1:
        return f"in commit {last.commit[:_SHORT]} of {last.day}"
    ends = f"{first.commit[:_SHORT]} of {first.day} to {last.commit[:_SHORT]} of {last.day}"
    return f"in {commits} commits, {ends}"


def _value(recorded: Recorded) -> str:
    return f"{recorded.algorithm}:{recorded.value}" if recorded.value else "no hash on record"


def _title(text: str, style: str, color: bool) -> str:  # noqa: FBT001  # as every painter here
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _plain(text: str) -> str:
    """Return a text that a shell and its reader take as one word."""
    return "".join(c if c.isprintable() else "?" for c in text)
