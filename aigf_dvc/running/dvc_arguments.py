"""Reads what DVC is asked for, in the arguments of `dvc repro` and `dvc exp run`, as DVC does.

DVC takes the beginning of a long option for the whole when no other begins so, and several letters
after one `-`.
"""

import posixpath
from collections.abc import Collection, Iterator, Sequence

_LETTERS = {
    "h": "--help", "q": "--quiet", "v": "--verbose", "f": "--force", "i": "--interactive",
    "s": "--single-item", "p": "--pipeline", "P": "--all-pipelines", "R": "--recursive",
    "k": "--keep-going",
}  # fmt: skip
REPRO = frozenset(_LETTERS.values()) | {
    "--downstream", "--force-downstream", "--pull", "--allow-missing", "--dry", "--ignore-errors",
    "--glob", "--no-commit", "--no-run-cache",
}  # fmt: skip
EXP_RUN = (REPRO - {"--glob", "--no-commit", "--no-run-cache"}) | {
    "--name", "--set-param", "--queue", "--run-all", "--jobs", "--temp", "--copy-paths",
    "--message", "--no-hydra",
}  # fmt: skip
RUNS_NOTHING = frozenset({"--dry", "--help", "--queue"})
_WHOLE = {"--pipeline", "--all-pipelines", "--recursive"}


def asked_for(arguments: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """Return the options among DVC's arguments, by their long names.

    Args:
        arguments: DVC's.
        known: `REPRO` or `EXP_RUN`.
    """
    return frozenset(name for argument in arguments for name in _options(argument, known))


def asks_for_all(arguments: Sequence[str]) -> bool:
    """Tell whether `dvc repro` is asked for whole pipelines, and not for single stages."""
    targets = [argument for argument in arguments if not argument.startswith("-")]
    asked = asked_for(arguments, REPRO)
    files = all(posixpath.basename(target) == "dvc.yaml" for target in targets)
    return bool(asked & _WHOLE) or (files and "--single-item" not in asked)


def _options(argument: str, known: Collection[str]) -> Iterator[str]:
    if argument.startswith("--"):
        name = argument.partition("=")[0]
        found = [name] if name in known else [one for one in known if one.startswith(name)]
        if len(found) == 1:
            yield found[0]
        return
    if argument.startswith("-"):
        for letter in argument[1:]:
            if letter not in _LETTERS:  # the rest is the value of an option
                return
            yield _LETTERS[letter]
