"""Test a policy: hold cases against it, each with the verdict that it must give."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.policy_project import governed, near
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.model import (
    CaseFile,
    CaseResult,
    CasesReport,
    FileResults,
    PolicyCoverage,
)
from aigf_dvc.policy.cases.read import read_cases
from aigf_dvc.policy.cases.run import coverage, demand_known_rules, run_case
from aigf_dvc.policy.model import Policy

_BESIDE = ".tests"  # policy.tests.yaml lies beside policy.yaml
_FORMS = ("*.tests.yaml", "*.tests.yml", "*.tests.json", "tests/*.yaml", "tests/*.yml")
_USUAL = ("", "governance", "policies")


def run_cases(paths: Sequence[Path], *, start: Path) -> CasesReport:
    """Return what policies say of cases.

    Args:
        paths: files of cases, or folders in which to look for them; none: the usual places.
        start: the folder from which to look.

    Raises:
        InputError: there are no cases, or a file of cases or a policy is not valid.
    """
    files = [file for path in paths or _usual_folders(start) for file in _files(path)]
    if not files:
        raise InputError(
            "no cases",
            where=", ".join(map(str, paths)) or str(start),
            expected="policy.tests.yaml beside policy.yaml, or tests/*.yaml below its folder",
            hint="`aigf policy test --help` shows what a case looks like",
        )
    policies: dict[Path, Policy] = {}
    by_policy: dict[Path, list[CaseResult]] = {}
    found: list[FileResults] = []
    for path in files:
        cases = read_cases(read_file(path), path=str(path))
        policy_path = _policy_path(path, cases)
        key = policy_path.resolve()
        policy = policies.setdefault(key, _read_policy(policy_path))
        demand_known_rules(cases, policy)
        results = tuple(run_case(case, policy) for case in cases.cases)
        by_policy.setdefault(key, []).extend(results)
        found.append(FileResults(path=str(path), policy=policy.path, results=results))
    return CasesReport(
        files=tuple(found),
        coverage=tuple(
            PolicyCoverage(policy=policies[key].path, rules=coverage(policies[key], results))
            for key, results in by_policy.items()
        ),
    )


def _usual_folders(start: Path) -> list[Path]:
    """Return where the policy of the project is, or else the usual places here."""
    here = governed(start)
    if here is None:  # cases need no project
        usual = (near(start / name) for name in _USUAL)
        return [folder for folder in usual if folder.is_dir()]
    return [near(here.policy.parent)]


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    return sorted({file for form in _FORMS for file in path.glob(form)})


def _policy_path(path: Path, cases: CaseFile) -> Path:
    if cases.policy:
        return _short(path.parent / cases.policy)
    if path.stem.endswith(_BESIDE):
        return path.with_name(path.stem.removesuffix(_BESIDE) + path.suffix)
    raise InputError(
        "the cases name no policy",
        where=str(path),
        expected="`policy: FILE`, relative to this file",
        hint="policy.tests.yaml beside policy.yaml needs no such line",
    )


def _short(path: Path) -> Path:
    """Return a path without needless `..`, for messages, where that leads to the same file."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] not in ("..", path.anchor):
            parts.pop()
        else:
            parts.append(part)
    short = Path(*parts)
    return short if short.resolve() == path.resolve() else path


def _read_policy(path: Path) -> Policy:
    return folder_policy(read_file(path), path)
