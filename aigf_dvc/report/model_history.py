"""The versions of a model over a history: values, their text for people, their JSON."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from msgspec import Struct, field

from aigf_dvc.canonical import Json, as_json
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import Edge, TrustLevel
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.policy.verdict import Outcome, Result, Verdict
from aigf_dvc.report.one_line import as_lines
from aigf_dvc.report.verdict_json import verdict_as_json

_SHORT = 12
_SHOWN_PROBLEMS = 3
_MARKS = {Result.PASSED: "✔", Result.DENIED: "✘", Result.UNDECIDED: "?", None: "–"}  # noqa: RUF001  # a dash is meant
_COLORS = {Result.PASSED: "32", Result.DENIED: "31", Result.UNDECIDED: "33", None: "2"}


class SeenAt(Struct, frozen=True, kw_only=True):
    """One commit, and when it was made, as it says."""

    commit: str
    time_s: int

    @property
    def date(self) -> date | None:
        """Return the day in UTC; None: a date that no calendar has."""
        try:
            return datetime.fromtimestamp(self.time_s, tz=UTC).date()
        except (OverflowError, ValueError, OSError):
            return None

    @property
    def day(self) -> str:
        """Return the day as text."""
        return self.date.isoformat() if self.date is not None else "unknown day"


class StoredAttestation(Struct, frozen=True, kw_only=True):
    """An attestation as a store has it. Nobody verified it."""

    name: str  # in the store
    signer: str  # a key's fingerprint or a certificate's, as the bundle says
    environment: str | None = None
    problem: str = ""  # why it cannot be read


class ModelVersion(Struct, frozen=True, kw_only=True):
    """One version of a model's bytes, as its newest commit shows it."""

    path: str
    recorded: Recorded
    sha256: Sha256 | None  # None: not in aigf.lock
    first: SeenAt
    last: SeenAt
    commits: int
    problems: tuple[Edge, ...] = ()  # the edges that speak against its lineage
    unread: str = ""  # why its lineage could not be compared
    metrics: Mapping[str, object] = field(default_factory=dict)
    verdict: Verdict | None = None
    no_verdict: str = ""  # why there is none
    trust: TrustLevel = TrustLevel.DECLARED
    attestations: tuple[StoredAttestation, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def result(self) -> Result | None:
        """Return what the policy said, if it was asked."""
        return self.verdict.result if self.verdict is not None else None

    @property
    def consistency(self) -> str:
        """Return `sound`, `stale` or `unread`."""
        if self.unread:
            return "unread"
        return "stale" if self.problems else "sound"


class ModelHistory(Struct, frozen=True, kw_only=True):
    """What a history says of one model."""

    model: str
    revision: str
    commits: int
    sound: int  # commits in which the model's lineage is sound
    stale: Mapping[str, int]  # the others, by their first cause
    versions: tuple[ModelVersion, ...]  # newest first
    hidden: int = 0  # versions that were left out
    unread: tuple[tuple[str, str], ...] = ()  # commit and why its files cannot be read
    shallow: bool = False  # the clone lacks the beginning of the history


def model_history_text(history: ModelHistory, *, color: bool) -> str:
    """Return one line a version, and below it what speaks against it and who vouches for it."""
    return as_lines(_lines(history, color=color))


def _lines(history: ModelHistory, *, color: bool) -> Iterator[str]:
    for version in history.versions:
        yield from _version(version, color=color)
    if not history.versions:
        yield f"no commit of {history.revision} records {history.model}"
    if history.hidden:
        yield f"{history.hidden} older versions are not shown: --limit shows more"
    yield ""
    causes = ", ".join(f"{count} {cause}" for cause, count in history.stale.items())
    stale = sum(history.stale.values())
    shown = f"{stale} stale ({causes})" if stale else "0 stale"
    read = f"{history.commits} commit{'' if history.commits == 1 else 's'}"
    without = history.commits - history.sound - stale - len(history.unread)
    yield (
        f"{history.model}: {read} of {history.revision}: {history.sound} sound, {shown}"
        + (f", {len(history.unread)} that cannot be read" if history.unread else "")
        + (f", {without} without the model" if without > 0 else "")
    )
    if history.shallow:
        yield "a shallow clone: older commits are not here (`git fetch --unshallow`)"
    for commit, why in history.unread[:_SHOWN_PROBLEMS]:
        yield f"  {commit[:_SHORT]}: {why}"
    if len(history.unread) > _SHOWN_PROBLEMS:
        yield f"  and {len(history.unread) - _SHOWN_PROBLEMS} more (--format json lists them)"


def _version(version: ModelVersion, *, color: bool) -> Iterator[str]:
    result = version.result
    word = result.value if result is not None else "not judged"
    mark = f"{_MARKS[result]} {word:<10}"
    shown = f"\x1b[{_COLORS[result]}m{mark}\x1b[0m" if color else mark
    digest = f"sha256:{version.sha256[:_SHORT]}" if version.sha256 else "sha256 not known   "
    metrics = ", ".join(f"{name} {value}" for name, value in version.metrics.items())
    yield (
        f"{shown}  {version.last.commit[:_SHORT]}  {version.last.day}  "
        f"{version.recorded.algorithm}:{version.recorded.value[:_SHORT]}  {digest}  "
        f"{version.consistency:<6}  {version.trust:<10}  {metrics}"
    ).rstrip()
    yield from (f"    {line}" for line in _details(version))


def _details(version: ModelVersion) -> Iterator[str]:
    if version.commits > 1:
        first = version.first
        yield f"in {version.commits} commits, since {first.commit[:_SHORT]} of {first.day}"
    yield from _judged(version)
    if version.tags:
        yield f"tags: {', '.join(version.tags)}"
    if version.attestations:
        count = len(version.attestations)
        signers = ", ".join(sorted({item.signer for item in version.attestations}))
        yield f"attestations: {count}, not verified; {signers}"
    for edge in version.problems[:_SHOWN_PROBLEMS]:
        place = f"{edge.stage}: {edge.kind} {edge.name}".rstrip()
        yield f"stale: {edge.cause}: {place}: {edge.reason}"
    if len(version.problems) > _SHOWN_PROBLEMS:
        yield f"stale: and {len(version.problems) - _SHOWN_PROBLEMS} edges more"
    if version.unread:
        yield f"lineage not compared: {version.unread}"


def _judged(version: ModelVersion) -> Iterator[str]:
    findings = version.verdict.findings if version.verdict is not None else ()
    denied = [finding.rule for finding in findings if finding.outcome is Outcome.DENIED]
    if denied:
        yield f"denied by: {', '.join(denied)}"
    if version.verdict is not None and version.verdict.problem:
        yield f"undecided: {version.verdict.problem}"
    if version.no_verdict:
        yield f"not judged: {version.no_verdict}"


def model_history_as_json(history: ModelHistory) -> Json:
    """Return all that was found."""
    return {
        "model": history.model,
        "revision": history.revision,
        "commits": history.commits,
        "sound": history.sound,
        "stale": dict(history.stale),
        "shallow": history.shallow,
        "unread": [{"commit": commit, "reason": why} for commit, why in history.unread],
        "hidden": history.hidden,
        "versions": [_as_json(version) for version in history.versions],
    }


def _as_json(version: ModelVersion) -> Json:
    return {
        "path": version.path,
        "dvc": {"hash": version.recorded.algorithm, "value": version.recorded.value},
        "digest": {"sha256": version.sha256},
        "first": _seen(version.first),
        "last": _seen(version.last),
        "commits": version.commits,
        "metrics": as_json(dict(version.metrics)),
        "verdict": verdict_as_json(version.verdict) if version.verdict else None,
        "notJudged": version.no_verdict,
        "consistency": version.consistency,
        "problems": [
            {
                "stage": edge.stage,
                "kind": edge.kind.value,
                "name": edge.name,
                "state": edge.state.value,
                "cause": edge.cause.value,
                "reason": edge.reason,
            }
            for edge in version.problems
        ],
        "notCompared": version.unread,
        "trustLevel": version.trust.value,
        "attestations": [
            {
                "name": attestation.name,
                "signer": attestation.signer,
                "environment": attestation.environment,
                "verified": False,
                "problem": attestation.problem,
            }
            for attestation in version.attestations
        ],
        "tags": list(version.tags),
    }


def _seen(seen: SeenAt) -> Json:
    return {"commit": seen.commit, "date": seen.day}
