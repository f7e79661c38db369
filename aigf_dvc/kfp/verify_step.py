"""What the step `verify` does in its container: `aigf verify`, and the verified bytes passed on."""

import sys
from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.kfp.command import Answer, ask, given
from aigf_dvc.kfp.step import say
from aigf_dvc.kfp.words import shown, unaccepted

_LISTS = ("revocations", "releases")  # one that is named must be there, and good now


def verify_step(
    model: str, governed: str, verdict: str, *, options: Mapping[str, str]
) -> dict[str, str]:
    """Verify a model; pass on the very bytes that were verified, once they are accepted.

    Args:
        model: a file or directory.
        governed: where the verified copy goes: a file for a file.
        verdict: where the result goes, accepted or not.
        options: of the command, by their names.

    Returns:
        What the artifacts tell beside their bytes.

    Raises:
        RefusedError: the model is not accepted.
        UndecidedError: it cannot be decided.
        SystemExit: the command could not go on, and has said why.
    """
    copy = Path(f"{governed}.verified")
    required = [f"--require-{name}" for name in _LISTS if options.get(f"--{name}")]
    answer = ask("verify", f"--materialize={copy}", *given(options), *required, "--", model)
    if not answer.document:
        sys.exit(answer.code)
    write_atomically(Path(verdict), answer.printed)
    if answer.code:
        kind = RefusedError if answer.code == RefusedError.exit_code else UndecidedError
        raise kind(unaccepted(answer.document), where=model)
    told = _told(answer)
    _pass_on(copy, Path(governed), is_directory=Path(model).is_dir())
    say(f"{shown(told['model'])} is accepted, as {told['statementDigest']} attests")
    return told


def _told(answer: Answer) -> dict[str, str]:
    accepted = next((one for one in answer.document["verifications"] if one["accepted"]), None)
    if accepted is None or answer.document["accepted"] is not True:
        raise UndecidedError("`aigf verify` says yes, but its result does not")
    return {
        "result": "accepted",
        "model": accepted["model"],
        "environment": accepted["environment"],
        "policyDigest": f"sha256:{accepted['policyDigest']['sha256']}",
        "statementDigest": f"sha256:{accepted['statementDigest']['sha256']}",
        "trustLevel": accepted["trustLevel"],
    }


def _pass_on(copy: Path, governed: Path, *, is_directory: bool) -> None:
    """Give the copy the shape of the model: a file stands alone in its folder."""
    if is_directory:
        copy.rename(governed)
        return
    (file,) = copy.iterdir()
    file.rename(governed)
    copy.rmdir()
