"""A verified OpenSSF Model Signing signature as text for people and as JSON for machines."""

import textwrap

from aigf_dvc.attestation.oms_verification import OmsStep, OmsStepName, OmsVerification
from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.canonical import Json
from aigf_dvc.report.verification_text import signer_as_json, without_name
from aigf_dvc.report.visible import visible

_MARKS = {StepOutcome.PASSED: "✔", StepOutcome.FAILED: "✘", StepOutcome.UNDECIDED: "?"}
_COLORS = {StepOutcome.PASSED: "32", StepOutcome.FAILED: "31", StepOutcome.UNDECIDED: "33"}
_FAINT = "2"
_WIDTH = 88
_NAME_WIDTH = max(len(name.name) for name in OmsStepName)
_INDENT = " " * len(f"1 ✔ {'':<{_NAME_WIDTH}}  ")
NO_VERDICT = (
    "A signature is no verdict: it says whose bytes these are, and nothing of their data, "
    "evaluation, documents or policy."
)


def oms_text(verification: OmsVerification, *, model: str, color: bool) -> str:
    """Return the numbered steps with what was found, and the conclusion, in 88 columns."""
    lines = [_line(step, color=color) for step in verification.steps]
    return "\n".join([*lines, "", *_conclusion(verification, model, color=color)]) + "\n"


def oms_as_json(verification: OmsVerification) -> Json:
    """Return all that a verification found."""
    stopped = verification.stopped_at
    return {
        "signed": verification.holds,
        "exitCode": verification.exit_code,
        "stoppedAt": stopped.name.value if stopped else None,
        "steps": [
            {
                "number": step.name.value,
                "name": step.name.name.lower(),
                "outcome": step.outcome,
                "detail": step.detail,
            }
            for step in verification.steps
        ],
        "signer": signer_as_json(verification.signer),
        "notCovered": list(verification.not_covered),
    }


def _line(step: OmsStep, *, color: bool) -> str:
    mark = _painted(_MARKS.get(step.outcome, " "), step.outcome, color=color)
    name = step.name.name.lower()
    detail = without_name(step.detail, name) if step.outcome in _MARKS else str(step.outcome)
    return f"{step.name.value} {mark} {name:<{_NAME_WIDTH}}  {_wrapped(detail, _INDENT)}"


def _conclusion(verification: OmsVerification, model: str, *, color: bool) -> list[str]:
    stopped, signer = verification.stopped_at, verification.signer
    if stopped is not None or signer is None or not verification.holds:
        outcome = stopped.outcome if stopped is not None else StepOutcome.FAILED
        word = "UNDECIDED" if outcome is StepOutcome.UNDECIDED else "REFUSED"
        name = stopped.name.name.lower() if stopped else ""
        said_of_it = without_name(stopped.detail, name) if stopped else "not every step was taken"
        first_line = said_of_it.split("\n", 1)[0]
        place = f" at step {stopped.name.value}, {name}" if stopped else ""
        return [_painted(_wrapped(f"{word}{place}: {first_line}", "  "), outcome, color=color)]
    said = _painted(f"SIGNED: {visible(model)}\n  by {visible(signer.name)}", StepOutcome.PASSED,
                    color=color)  # fmt: skip
    left_out = [_wrapped(f"  {text}", "    ") for text in verification.not_covered]
    return [said, *left_out, _wrapped(f"  {NO_VERDICT}", "  ")]


def _wrapped(text: str, indent: str) -> str:
    """Return a text whose lines, but for the first, are indented; digests stay whole."""
    width = _WIDTH - len(indent)
    lines = [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(
            visible(line), width, break_long_words=False, break_on_hyphens=False
        )
    ]
    return ("\n" + indent).join(lines)


def _painted(text: str, outcome: StepOutcome, *, color: bool) -> str:
    return f"\x1b[{_COLORS.get(outcome, _FAINT)}m{text}\x1b[0m" if color else text
