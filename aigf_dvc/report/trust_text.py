"""What `aigf trust check` found, as text for people and as JSON for machines."""

from collections.abc import Sequence

from aigf_dvc.attestation.trust_lint import Level, Remark
from aigf_dvc.attestation.trust_outcome import BundleOutcome
from aigf_dvc.canonical import Json
from aigf_dvc.report.one_line import as_lines
from aigf_dvc.report.visible import visible

_STYLES = {Level.ERROR: "31", Level.WARNING: "33", Level.NOTE: "36"}
_GREEN, _RED, _YELLOW = "32", "31", "33"


def trust_text(
    file: str, remarks: Sequence[Remark], bundles: Sequence[BundleOutcome], *, color: bool
) -> str:
    """Return a line for each remark, and for each bundle what each line of the file says of it."""
    lines = [
        f"{visible(remark.where)}: {_painted(remark.level, _STYLES[remark.level], color=color)}: "
        f"{visible(remark.text)}"
        for remark in remarks
    ]
    for bundle in bundles:
        lines += _bundle_lines(bundle, color=color)
    if not remarks and not bundles:
        lines.append(f"{visible(file)}: nothing to remark")
    return as_lines(lines)


def _bundle_lines(bundle: BundleOutcome, *, color: bool) -> list[str]:
    word, style = ("ACCEPTED", _GREEN) if bundle.accepted else ("REFUSED", _RED)
    if bundle.undecided:
        word, style = "UNDECIDED", _YELLOW
    role = f" to {bundle.role}" if bundle.role else ""
    head = f"{visible(bundle.name)}: {_painted(word, style, color=color)}"
    said = f": {visible(bundle.problem)}" if bundle.problem else role
    signed = f"; signer: {visible(bundle.signed_with)}" if bundle.signed_with else ""
    lines = [f"{head}{said}{signed}"]
    for line in bundle.lines:
        outcome = f"refuses: {visible(line.refusal)}" if line.refusal else "accepts"
        lines.append(f"    {visible(line.where)}: {visible(line.owner)}: {outcome}")
    return lines


def _painted(text: str, style: str, *, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def trust_as_json(
    file: str, remarks: Sequence[Remark], bundles: Sequence[BundleOutcome]
) -> dict[str, Json]:
    """Return what was found for machines."""
    return {
        "trust": file,
        "remarks": [
            {"level": remark.level.value, "where": remark.where, "text": remark.text}
            for remark in remarks
        ],
        "bundles": [
            {
                "bundle": bundle.name,
                "accepted": bundle.accepted,
                "role": bundle.role or None,
                "signedWith": bundle.signed_with or None,
                "problem": bundle.problem or None,
                "lines": [
                    {
                        "line": line.where,
                        "owner": line.owner,
                        "accepts": not line.refusal,
                        "reason": line.refusal or None,
                    }
                    for line in bundle.lines
                ],
            }
            for bundle in bundles
        ],
    }
