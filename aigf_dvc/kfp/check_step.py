"""What the step `check` does in its container: `aigf check` of a commit, its result kept."""

import sys
from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.kfp.command import ask, given
from aigf_dvc.kfp.step import say
from aigf_dvc.kfp.words import remedy, shown, unpassed


def check_step(
    repository: str, verdict: str, *, model: str, options: Mapping[str, str]
) -> dict[str, str]:
    """Judge models of a commit, and write what was found.

    Args:
        repository: a checkout.
        verdict: where the result goes, passed or not.
        model: one of aigf.yaml; empty: all.
        options: of the command, by their names.

    Returns:
        What the artifact of the result tells beside its bytes.

    Raises:
        RefusedError: a model is denied.
        UndecidedError: the evidence of one cannot be read.
        SystemExit: the command could not go on, and has said why.
    """
    folder = Path(repository)
    if not repository or not folder.is_dir():
        raise InputError(
            "no such folder", where=repository or "repository", expected="a checkout of the project"
        )
    answer = ask("check", "--ci=none", *given(options), *_named(model), folder=folder)
    if not answer.document:
        sys.exit(answer.code)
    write_atomically(Path(verdict), answer.printed)
    verdicts = answer.document["verdicts"]
    # By each verdict too: in an experiment of DVC the exit code says yes to a model that is denied.
    if answer.code or not verdicts or any(one["result"] != "passed" for one in verdicts):
        kind = UndecidedError if answer.code == UndecidedError.exit_code else RefusedError
        raise kind(unpassed(answer.document), hint=remedy(answer.document))
    models = ", ".join(shown(one["model"]) for one in verdicts)
    digest = f"sha256:{verdicts[0]['policy']['digest']['sha256']}"
    say(f"{models} passed the policy {digest}")
    return {"result": "passed", "models": models, "policyDigest": digest}


def _named(model: str) -> list[str]:
    return ["--", model] if model else []
