"""Says in a sentence why `aigf` did not say yes: PURE, from its own JSON."""

from collections.abc import Iterator
from typing import Any

from aigf_dvc.report.one_line import one_line
from aigf_dvc.report.visible import visible

Document = dict[str, Any]  # Any: our own JSON, whose schemas say more


def unpassed(document: Document) -> str:
    """Return which models `aigf check` did not let pass, and why."""
    failed = (one for one in document["verdicts"] if one["result"] != "passed")
    return "; ".join(map(_of_verdict, failed)) or "no model was judged"


def remedy(document: Document) -> str:
    """Return what to do about the first rule that denies a model; empty where none says."""
    remedies = (
        f"{finding['rule']}: {finding['remedy']}"
        for verdict in document["verdicts"]
        for finding in _denials(verdict)
        if finding["remedy"]
    )
    return shown(next(remedies, ""))


def unaccepted(document: Document) -> str:
    """Return at which step the attestation that got furthest was refused, and why."""
    if document.get("problem"):
        return shown(document["problem"])
    tried = [one for one in document.get("verifications", ()) if not one["accepted"]]
    if not tried:
        demanded, found = (document["attesters"][key] for key in ("demanded", "found"))
        return f"{demanded} must attest it, and {len(found)} did"
    furthest = max(tried, key=lambda one: one["stoppedAt"] or 0)
    stopped = next(s for s in furthest["steps"] if s["number"] == furthest["stoppedAt"])
    word = "undecided" if stopped["outcome"] == "undecided" else "refused"
    return shown(f"{word} at step {stopped['number']}, {stopped['name']}: {stopped['detail']}")


def shown(text: str) -> str:
    """Return a text that others wrote as one harmless line."""
    return visible(one_line(text))


def _denials(verdict: Document) -> Iterator[Document]:
    return (finding for finding in verdict["findings"] if finding["outcome"] == "denied")


def _of_verdict(verdict: Document) -> str:
    why = [f"{f['rule']}: {f['observed']} (expected {f['expected']})" for f in _denials(verdict)]
    reasons = ", ".join(why) or verdict["problem"]
    return shown(f"{verdict['model']} is {verdict['result']}: {reasons}")
