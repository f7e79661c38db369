"""The state of a lineage, as text for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.lineage import Cause, Edge, EdgeState, Lineage, StageTrust, worst_state
from aigf_dvc.redaction import Redaction

_MOST_NAMED = 20  # places in one message; JSON has them all
_COLORS = {
    EdgeState.VERIFIED: "32",
    EdgeState.RECORDED: "36",
    EdgeState.MISMATCHED: "31",
    EdgeState.MISSING: "31",
}
_WIDEST_NAME = 60

# What a person can do, and what they should ask themselves first.
_ADVICE = {
    Cause.CODE_CHANGED: "the model was made by other code than stands here: `aigf repro` makes it "
    "anew; `dvc commit` says that the change cannot matter, on your word",
    Cause.DATA_CHANGED: "`dvc checkout` brings the recorded data back; `dvc add` (or `aigf repro`) "
    "takes the new data for good",
    Cause.PARAMETER_DIFFERS: "`aigf repro` runs with the parameters as they stand; or put back the "
    "ones that were used",
    Cause.UPSTREAM_DIFFERS: "the stages before it ran again and this one did not: `aigf repro`",
    Cause.OUTPUT_EDITED: "somebody changed what a stage had made: `dvc checkout` brings it back; "
    "`aigf repro --force STAGE` makes it anew",
    Cause.DEFINITION_CHANGED: "dvc.yaml was edited after the run: `aigf repro`",
    Cause.NEVER_RAN: "run it (`aigf repro`), and commit dvc.lock",
    Cause.NOT_RECORDED: "let a stage make it, `dvc add` it or `git add` it, so that its bytes are "
    "on record",
    Cause.NOT_HERE: "`dvc pull` brings the bytes, `dvc fetch` the lists of files",
    Cause.CLAIMED_TWICE: "keep one of the records: `dvc remove` the other",
    Cause.UNRELATED: "let a stage read the model and write the metrics",
}


def edges_text(edges: Sequence[Edge], stages: Sequence[StageTrust], *, color: bool) -> str:
    """Return a table of every edge, stage by stage, and what to do about the bad ones."""
    width = min(max((len(edge.name) for edge in edges), default=0), _WIDEST_NAME)
    by_stage: dict[str, list[Edge]] = {}
    for edge in edges:
        by_stage.setdefault(edge.stage, []).append(edge)
    lines = []
    for stage in stages:
        own = by_stage.get(stage.stage, [])
        lines.append(_heading(stage, own, color=color))
        for edge in own:
            state = _painted(edge.state, color=color)
            lines.append(f"  {state}  {edge.kind:<9}  {edge.name:<{width}}  {edge.reason}")
        lines.append("")
    lines.extend(_advice(edges))
    return "\n".join(lines).rstrip("\n")


def _heading(stage: StageTrust, edges: Sequence[Edge], *, color: bool) -> str:
    state = worst_state(edges)
    causes = dict.fromkeys(edge.cause for edge in edges if not edge.state.is_sound)
    why = f": {', '.join(cause.replace('-', ' ') for cause in causes)}" if causes else ""
    return f"{_painted(state, color=color).rstrip()}  {stage.stage}  ({stage.level}){why}"


def _painted(state: EdgeState, *, color: bool) -> str:
    text = f"{state:<10}"
    return f"\x1b[{_COLORS[state]}m{text}\x1b[0m" if color else text


def _advice(edges: Sequence[Edge]) -> Iterator[str]:
    """Yield what to do about each kind of problem that there is."""
    causes = dict.fromkeys(edge.cause for edge in edges if not edge.state.is_sound)
    told = [(cause, _ADVICE[cause]) for cause in causes if cause in _ADVICE]
    if told:
        yield "What to do"
    for cause, text in told:
        yield f"  {cause.replace('-', ' ')}: {text}"


def summary_text(edges: Sequence[Edge], stages: Sequence[StageTrust], *, digest: Sha256) -> str:
    """Return the two lines that sum a capture up."""
    lineage = Lineage(edges=tuple(edges), stages=tuple(stages))
    counts = ", ".join(f"{count} {state}" for state, count in lineage.count().items() if count)
    stage = "stage" if len(stages) == 1 else "stages"
    return (
        f"manifest sha256:{digest}\n"
        f"{len(stages)} {stage}, {lineage.level}; edges: {counts or 'none'}"
    )


def redactions_text(redactions: Sequence[Redaction]) -> str:
    """Return one line that says what was redacted and where; empty when nothing was."""
    if not redactions:
        return ""
    values = "1 value" if len(redactions) == 1 else f"{len(redactions)} values"
    counts = Counter(redactions)
    named = [
        f"{item.rule} in {item.where}" + (f" ({count} times)" if count > 1 else "")
        for item, count in list(counts.items())[:_MOST_NAMED]
    ]
    more = f"; and {len(counts) - _MOST_NAMED} more places" if len(counts) > _MOST_NAMED else ""
    return f"redacted {values}: {'; '.join(named)}{more}"
