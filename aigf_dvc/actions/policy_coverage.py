"""Tell which controls the verdicts on a repository's models evidence."""

from collections.abc import Sequence
from pathlib import Path

from aigf_dvc import shipped
from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.check import Question, check
from aigf_dvc.errors import InputError
from aigf_dvc.policy.controls import Catalogue, read_catalogue
from aigf_dvc.policy.coverage import Coverage, Evidenced, cover
from aigf_dvc.policy.verdict import Result

FOLDER = "controls"


def shipped_catalogues() -> tuple[Catalogue, ...]:
    """Read the catalogues that travel with the package."""
    folder = shipped.folder("policies") / FOLDER
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name
    )
    return tuple(
        read_catalogue(file.read_bytes(), path=f"policies/{FOLDER}/{file.name}") for file in files
    )


def choose_catalogues(
    frameworks: Sequence[str], files: Sequence[Path] = ()
) -> tuple[Catalogue, ...]:
    """Return the catalogues of some frameworks, all by default; files add to the shipped ones.

    Raises:
        InputError: an unknown framework, or a file that is no catalogue.
    """
    own = [read_catalogue(read_file(path), path=str(path)) for path in files]
    known = {catalogue.id: catalogue for catalogue in (*shipped_catalogues(), *own)}
    unknown = [name for name in frameworks if name not in known]
    if unknown:
        raise InputError(
            f"the unknown framework {unknown[0]!r}",
            where="--framework",
            expected=f"one of {', '.join(known)}",
        )
    return tuple(known[name] for name in frameworks or known)


def policy_coverage(question: Question, catalogues: Sequence[Catalogue]) -> tuple[Coverage, ...]:
    """Return what the verdict on each model evidences.

    Raises:
        InputError, UndecidedError: as `check` does.
    """
    return tuple(cover(verdict, catalogues) for verdict in check(question))


def exit_code(coverages: Sequence[Coverage]) -> int:
    """Return 0 when every control that a rule claims is evidenced, and there is one."""
    if any(coverage.verdict.result is Result.UNDECIDED for coverage in coverages):
        return 3
    controls = [control for coverage in coverages for control in coverage.controls]
    empty = any(not coverage.controls for coverage in coverages)
    if not controls or empty or any(c.evidenced is Evidenced.NO for c in controls):
        return 1
    return 0
