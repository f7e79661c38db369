"""Read a file of cases."""

from datetime import date

from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.change import changed, part
from aigf_dvc.policy.cases.evidence import read_evidence
from aigf_dvc.policy.cases.model import CaseFile, Expectation, PolicyCase
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.policy.verdict import Gate, Outcome, Result
from aigf_dvc.strict_yaml import Document, read_strict

_EMPTY = Document(value={}, where="")


def read_cases(data: bytes, *, path: str) -> CaseFile:
    """Read cases: examples of evidence, each with the verdict that a policy must give on it.

    Args:
        data: the bytes of the file.
        path: where they are from, for messages.

    Raises:
        InputError: the file is not valid; each problem is named with its line and column.
    """
    document = read_strict(data, where=path, columns=True)
    if not isinstance(document.value, dict):
        raise InputError(
            f"the file is {shown(document.value)}", where=path, expected="a mapping with `cases:`"
        )
    problems = Problems(document)
    top = Section(document.value, (), problems)
    reader = _Reader(document, top, problems)
    cases = tuple(reader.case(section) for section in top.sections("cases"))
    file = CaseFile(path=path, policy=top.text("policy", default=""), cases=cases)
    top.finish()
    problems.raise_any()
    return file


class _Reader:
    """Reads cases of one file: they share its bases and what it says once for all of them."""

    def __init__(self, document: Document, top: Section, problems: Problems) -> None:
        self._document = document
        self._problems = problems
        self._at = top.choice("at", Gate, Gate.ATTEST)
        self._today = top.day("today")
        self._environment = top.text("environment", default="")
        bases = top.section("bases")
        names = bases.names() if bases is not None else ()
        self._bases = tuple(n for n in names if bases is not None and bases.section(n) is not None)
        self._names: set[str] = set()

    def case(self, section: Section) -> PolicyCase:
        name = section.text("name")
        if name and name in self._names:
            section.refuse("name", f"a second case named {shown(name)}", "each name once")
        self._names.add(name)
        today = section.day("today") or self._today
        if today is None and not section.has("today"):
            section.refuse(
                None, "a case without a day", "`today: 2026-12-24`, here or at the top of the file",
                "ages and dates of effect are held against it",
            )  # fmt: skip
        today = today or date.min
        environment = section.text("environment", default=self._environment)
        evidence = self._evidence(section)
        case = PolicyCase(
            name=name,
            place=self._document.place(*section.path, column=True),
            at=section.choice("at", Gate, self._at),
            today=today,
            environment=environment,
            evidence=read_evidence(evidence, self._problems, today=today, environment=environment),
            expect=self._expectation(section),
        )
        section.finish()
        return case

    def _evidence(self, case: Section) -> Document:
        """Return the evidence as a document of its own; without `evidence:` nothing is known."""
        section = case.section("evidence")
        if section is None:
            return _EMPTY
        if not section.has("base"):
            return part(self._document, section.path)
        name = section.text("base")
        if name not in self._bases:
            known = f"one of {', '.join(self._bases)}" if self._bases else "a name in `bases:`"
            section.refuse("base", f"the unknown base {shown(name)}", known)
            return _EMPTY
        found = changed(self._document, ("bases", name), section, self._problems)
        section.finish()
        return found

    def _expectation(self, case: Section) -> Expectation:
        section = case.section("expect")
        if section is None:
            if not case.has("expect"):
                case.refuse(None, "a case that expects nothing", "`expect: {result: denied}`")
            return Expectation(result=Result.UNDECIDED)
        result = section.choice("result", Result, None)
        if result is None and not section.has("result"):
            section.refuse(None, "there is no `result`", "`result: passed` or `result: denied`")
        if result is Result.UNDECIDED:
            section.refuse(
                "result",
                "`result` is undecided",
                "passed or denied: evidence in a case is readable",
            )
        findings = section.section("findings")
        names = findings.names() if findings is not None else ()
        chosen = {
            name: findings.choice(name, Outcome, None) for name in names if findings is not None
        }
        section.finish()
        path = (*section.path, "findings")
        return Expectation(
            result=result or Result.UNDECIDED,
            findings={name: one for name, one in chosen.items() if one is not None},
            places={name: self._document.place(*path, name, column=True) for name in names},
        )
