"""Whether attestations are by those whom a trust file lets attest: for who takes promotions in."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from aigf_dvc.actions.trust_check import ask
from aigf_dvc.actions.trust_file import load_trust, refuse_expired
from aigf_dvc.report.visible import visible
from aigf_dvc.stores.layout import Stored


def open_attesters(path: Path, at: datetime) -> Callable[[Sequence[Stored]], str]:
    """Open a trust file; return what tells why attestations do not suffice, or nothing.

    As many different people or services must have signed as the file demands. Its other demands
    are for whoever verifies the model before it is deployed.

    Raises:
        InputError: the file is not valid, or has expired.
    """
    trust = load_trust(path)
    refuse_expired(trust.file, at.date())
    wanted = trust.file.demands.attesters

    def why_not(stored: Sequence[Stored]) -> str:
        owners, reasons = set[str](), []
        for item in stored:
            outcome = ask(trust, item.name, item.data, at)
            accepting = [line.owner for line in outcome.lines if not line.refusal]
            if outcome.accepted:
                owners.add(accepting[0])  # one signature is one voice, however many lines match
            elif outcome.problem:
                reasons.append(outcome.problem)
            else:
                reasons += [f"{line.owner}: {line.refusal}" for line in outcome.lines]
        if len(owners) >= wanted:
            return ""
        if owners:
            return f"signed by {len(owners)} of {wanted} that {path.name} demands"
        said = visible("; ".join(dict.fromkeys(reasons)))
        return f"signed by nobody whom {path.name} lets attest: {said}"

    return why_not
