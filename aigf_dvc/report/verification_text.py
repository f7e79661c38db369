"""A verification as text for people and as JSON for machines."""

import textwrap
from collections.abc import Sequence

from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.verification import SignerFacts, Step, StepName, StepOutcome, Verification
from aigf_dvc.canonical import Json

_MARKS = {
    StepOutcome.PASSED: "✔",
    StepOutcome.FAILED: "✘",
    StepOutcome.UNDECIDED: "?",
    StepOutcome.OVERRIDDEN: "!",
    StepOutcome.SKIPPED: "–",  # noqa: RUF001 (a dash is meant)
    StepOutcome.NOT_REACHED: " ",
}
_COLORS = {
    StepOutcome.PASSED: "32",
    StepOutcome.FAILED: "31",
    StepOutcome.UNDECIDED: "33",
    StepOutcome.OVERRIDDEN: "33",
    StepOutcome.SKIPPED: "33",
    StepOutcome.NOT_REACHED: "2",
}
_PREFIXES = {StepOutcome.SKIPPED: "skipped: ", StepOutcome.OVERRIDDEN: "OVERRIDDEN "}
_WIDTH = 88  # a SHA-256 just fits beside the name of a step
_NAME_WIDTH = max(len(name.name) for name in StepName)
_INDENT = " " * len(f"12 ✔ {'':<{_NAME_WIDTH}}  ")


def verification_text(
    verification: Verification, *, color: bool, accepted: str = "ACCEPTED"
) -> str:
    """Return the numbered steps with what was found, and the conclusion, in 88 columns.

    Args:
        verification: all its steps.
        color: whether to colour the text.
        accepted: what an accepted one is called.
    """
    lines = [_line(step, color=color) for step in verification.steps]
    conclusion = _conclusion(verification, accepted, color=color)
    return "\n".join([*lines, "", conclusion]) + "\n"


def tried_text(tried: Sequence[Verification], *, attesters: int, color: bool) -> str:
    """Return what was tried and what came of it: the one that got furthest, or all that count.

    Args:
        tried: one verification at least.
        attesters: how many different owners must attest.
        color: whether to colour the text.
    """
    accepted = [outcome for outcome in tried if outcome.accepted]
    if attesters == 1 or not accepted:
        furthest = max(tried, key=lambda outcome: (outcome.accepted, outcome.steps_taken))
        text = verification_text(furthest, color=color)
        if not accepted and len(tried) > 1:
            text += f"None of {len(tried)} attestations is accepted; this one got furthest.\n"
        return text
    owners = owners_of(tried)
    enough = len(owners) >= attesters
    refused = [outcome for outcome in tried if not outcome.accepted]
    counted = _one_of_each_owner(accepted)
    texts = [
        verification_text(outcome, color=color, accepted="COUNTS")
        for outcome in (counted if enough else (*counted, *refused))
    ]
    if len(counted) < len(accepted):
        texts.append(f"({len(accepted) - len(counted)} more of the same owners hold, too)\n")
    word = "ACCEPTED" if enough else "REFUSED"
    said = f"{word}: attested by {len(owners)} of {attesters} owners: {', '.join(owners)}"
    outcome = StepOutcome.PASSED if enough else StepOutcome.FAILED
    said = _painted(_wrapped(_printable(said), "  "), outcome, color=color)
    return "\n".join([*texts, said]) + "\n"


def _one_of_each_owner(accepted: Sequence[Verification]) -> tuple[Verification, ...]:
    kept: tuple[Verification, ...] = ()
    for outcome in accepted:
        if len(owners_of((*kept, outcome))) > len(kept):
            kept = (*kept, outcome)
    return kept


def verification_as_json(verification: Verification) -> Json:
    """Return all that a verification found."""
    stopped, deployment = verification.stopped_at, verification.deployment
    digest, bundle = verification.digest, verification.bundle_digest
    return {
        "accepted": verification.accepted,
        "exitCode": verification.exit_code,
        "stoppedAt": stopped.number if stopped else None,
        "steps": [
            {
                "number": step.number,
                "name": _name(step),
                "outcome": step.outcome,
                "detail": step.detail,
            }
            for step in verification.steps
        ],
        "signer": _signer(verification.signer) if verification.signer else None,
        "model": deployment.model if deployment else None,
        "environment": deployment.environment if deployment else None,
        "policyDigest": {"sha256": deployment.policy.sha256} if deployment else None,
        "issuedOn": deployment.issued_on.isoformat() if deployment else None,
        "overridden": [
            {"number": step.number, "name": _name(step), "detail": step.detail}
            for step in verification.overridden
        ],
        "statementDigest": {"sha256": digest} if digest else None,
        "trustLevel": verification.trust,
        "bundle": {"sha256": bundle} if bundle else None,
    }


def steps_text(steps: Sequence[Step], *, color: bool) -> str:
    """Return steps of any check, one below the other."""
    return "\n".join(_line(step, color=color) for step in steps)


def end_text(step: Step, *, color: bool) -> str:
    """Return how a check ended that stopped at a step."""
    word = "UNDECIDED" if step.outcome is StepOutcome.UNDECIDED else "REFUSED"
    why = _wrapped(f"{word} at step {step.number}, {_name(step)}: {_first_line(step)}", "  ")
    return _painted(why, step.outcome, color=color)


def without_name(detail: str, name: str) -> str:
    """Return what was found, without its place where that is the step, which stands before it."""
    return detail.removeprefix(f"{name}: ")


def steps_as_json(steps: Sequence[Step]) -> list[Json]:
    """Return steps of any check, with what was found."""
    return [
        {
            "number": step.number,
            "name": _name(step),
            "outcome": step.outcome,
            "detail": step.detail,
        }
        for step in steps
    ]


def signer_as_json(signer: SignerFacts | None) -> Json:
    """Return what a signature proves about its signer."""
    return _signer(signer) if signer else None


def _signer(signer: SignerFacts) -> Json:
    return {
        "kind": signer.kind,
        "name": signer.name,
        "issuer": signer.issuer,
        "sourceRepository": signer.source_repository,
        "sourceDigest": signer.source_digest,
        "sourceRef": signer.source_ref,
        "runnerEnvironment": signer.runner_environment,
        "owner": signer.line.owner if signer.line else None,
        "trustLine": signer.line.where if signer.line else None,
        "time": signer.time.isoformat() if signer.time else None,
        "timeSource": signer.time_source,
        "inTransparencyLog": signer.logged,
    }


def _line(step: Step, *, color: bool) -> str:
    mark = _painted(_MARKS[step.outcome], step.outcome, color=color)
    detail = without_name(step.detail, _name(step))
    said = step.outcome if step.outcome is StepOutcome.NOT_REACHED else detail
    prefix = _PREFIXES.get(step.outcome, "")
    detail = _wrapped(_printable(prefix + said), _INDENT)
    return f"{step.number:>2} {mark} {_name(step):<{_NAME_WIDTH}}  {detail}"


def _conclusion(verification: Verification, word: str, *, color: bool) -> str:
    stopped = verification.stopped_at
    if stopped is not None:
        undecided = stopped.outcome is StepOutcome.UNDECIDED
        no = "UNDECIDED" if undecided else "REFUSED"
        why = f"{_name(stopped)}: {_first_line(stopped)}"
        said = _wrapped(f"{no} at step {stopped.number}, {why}", "  ")
        return _painted(said, stopped.outcome, color=color)
    deployment, signer = verification.deployment, verification.signer
    if not verification.accepted or deployment is None or signer is None:
        return _painted("REFUSED: not every step was taken", StepOutcome.FAILED, color=color)
    skipped = [_name(s) for s in verification.steps if s.outcome is StepOutcome.SKIPPED]
    where = f" for {deployment.environment}" if deployment.environment else ""
    not_checked = f"\n  not checked: {', '.join(skipped)}" if skipped else ""
    not_checked += "".join(
        f"\n  {_name(step).upper()} WAS OVERRIDDEN {_first_line(step)}"
        for step in verification.overridden
    )
    by = f" ({signer.line.owner}, {signer.line.where})" if signer.line else ""
    said = _printable(f"{word}: {deployment.model}{where}\n  attested by {signer.name}{by}")
    return _painted(said, StepOutcome.PASSED, color=color) + not_checked


def _first_line(step: Step) -> str:
    return _printable(without_name(step.detail, _name(step))).split("\n", 1)[0]


def _wrapped(text: str, indent: str) -> str:
    """Return a text whose lines, but for the first, are indented; digests stay whole."""
    width = _WIDTH - len(indent)
    lines = [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
    ]
    return ("\n" + indent).join(lines)


def _name(step: Step) -> str:
    return step.name.name.lower()


def _painted(text: str, outcome: StepOutcome, *, color: bool) -> str:
    return f"\x1b[{_COLORS[outcome]}m{text}\x1b[0m" if color else text


def _printable(text: str) -> str:
    """Return a text, parts of which others wrote, that cannot move a cursor or fool the eye."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
