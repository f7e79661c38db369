from datetime import date

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.model import CaseFile
from aigf_dvc.policy.cases.read import read_cases
from aigf_dvc.policy.verdict import Gate, Outcome, Result

FILE = """\
policy: ../policy.yaml
today: 2026-11-26
environment: production
bases:
  good:
    metrics: {score: 0.9}
cases:
  - name: a good one passes
    evidence: {base: good}
    expect: {result: passed}
  - name: a bad one is denied
    at: push
    today: 2026-12-24
    environment: staging
    evidence:
      metrics: {score: 0.1}
    expect:
      result: denied
      findings: {fairness: denied}
"""


def read(text: str = FILE) -> CaseFile:
    return read_cases(text.encode(), path="p.tests.yaml")


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    error = caught.value
    return f"{error}; {error.hint}" if error.hint else str(error)


def test_a_file_of_cases_is_read() -> None:
    file = read()
    assert (file.path, file.policy) == ("p.tests.yaml", "../policy.yaml")
    good, bad = file.cases
    assert (good.name, good.place) == ("a good one passes", "p.tests.yaml:8:5")
    assert (good.at, good.today, good.environment) == (
        Gate.ATTEST, date(2026, 11, 26), "production",
    )  # fmt: skip
    assert (bad.at, bad.today, bad.environment) == (Gate.PUSH, date(2026, 12, 24), "staging")
    assert (good.expect.result, bad.expect.result) == (Result.PASSED, Result.DENIED)
    assert bad.expect.findings == {"fairness": Outcome.DENIED}
    assert bad.expect.places == {"fairness": "p.tests.yaml:19:18"}
    assert good.evidence.metrics["score"].value != bad.evidence.metrics["score"].value


def test_without_evidence_nothing_is_known() -> None:
    (case,) = read("today: 2026-11-26\ncases:\n  - {name: a, expect: {result: denied}}\n").cases
    assert case.evidence.card is None
    assert case.evidence.metrics == {}
    assert case.evidence.lineage is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cases:", "casse:", "p.tests.yaml: 2 problems:"),
        ("    expect: {result: passed}\n", "", ":8:5: a case that expects nothing"),
        ("result: passed", "resutl: passed", "did you mean `result`?"),
        ("result: passed", "result: undecided", ":10:14: `result` is undecided"),
        ("findings: {fairness: denied}", "findings: {fairness: dennied}", ":19:18: `fairness` is"),
        ("base: good", "base: godo", ':9:16: the unknown base "godo"'),
        ("today: 2026-11-26\n", "", ":7:5: a case without a day"),
        ("2026-12-24", "24.12.2026", ":13:5: `today` is"),
        ("at: push", "at: psuh", "did you mean `push`?"),
        ("a bad one is denied", "a good one passes", ":11:5: a second case named"),
        ("    metrics: {score: 0.9}", "    []", "p.tests.yaml: 2 problems:"),
        ("{score: 0.1}", "[0.1]", ":16:7: `metrics` is a list"),
        ("metrics: {score: 0.1}", "metrisc: {score: 0.1}", "did you mean `metrics`?"),
        ("{base: good}", "{base: good, metrics: {a: 1}}", "the unknown key `metrics`"),
        ("policy: ../policy.yaml", "polcy: x", "did you mean `policy`?"),
    ],
)
def test_a_mistake_is_refused_with_line_and_column(old: str, new: str, said: str) -> None:
    assert FILE.count(old) >= 1
    assert said in refusal(FILE.replace(old, new, 1))


def test_a_file_that_is_no_mapping_is_refused() -> None:
    assert refusal("[1]").startswith("p.tests.yaml: the file is a list")
    assert refusal("") == "p.tests.yaml: the file is nothing (expected a mapping with `cases:`)"


def test_every_problem_is_told_at_once() -> None:
    text = FILE.replace("0.1}", "0.1}\n      unsigned: 1").replace("at: push", "at: x")
    lines = refusal(text).splitlines()
    assert lines[0] == "p.tests.yaml: 2 problems:"
    assert [line.strip().split(" ")[0] for line in lines[1:]] == [
        "p.tests.yaml:12:5:",
        "p.tests.yaml:17:7:",
    ]
