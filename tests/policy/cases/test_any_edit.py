"""Whatever somebody does to a file of cases, they get verdicts or one clear error."""

import copy
import json
from random import Random
from typing import Any

from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.read import read_cases
from aigf_dvc.policy.cases.run import coverage, run_case
from aigf_dvc.strict_yaml import read_strict
from tests.policy.builders import a_policy
from tests.policy.cases.test_evidence import EVERYTHING

Plain = Any  # whatever JSON can say

EVIDENCE = json.loads(json.dumps(read_strict(EVERYTHING.encode(), where="f").value, default=float))
CHANGE = {"metrics.score": 1, "documents.+": {"type": "risk"}}
FILE = {
    "today": "2026-11-26",
    "bases": {"good": EVIDENCE},
    "cases": [
        {
            "name": "a",
            "evidence": {"base": "good", "change": CHANGE, "remove": ["data", "documents.0"]},
            "expect": {"result": "passed", "findings": {"score": "denied"}},
        },
        {"name": "b", "evidence": EVIDENCE, "expect": {"result": "denied"}},
    ],
}
WORDS: list[Plain] = [
    None, True, -1, 1.5, "", " a ", "sha256:", [], {}, [1], [{}], {"a": {}}, ["a"], "..", "a.",
]  # fmt: skip
POLICY = a_policy(
    "{id: score, kind: metric, metric: score, min: 0.8}",
    "{id: bias, kind: document, document: bias, max_age: 30d, bound_to: model-digest}",
    "{id: card, kind: required-fields, fields: [license]}",
    "{id: lineage, kind: lineage, min_trust: observed}",
)


def containers(value: Plain) -> list[Plain]:
    found = [value] if isinstance(value, dict | list) and value else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*found, *(inner for item in items for inner in containers(item))]


def spoil(file: Plain, random: Random) -> None:
    place = random.choice(containers(file))
    step = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
    change = random.choice(["replace", "replace", "remove", "add"])
    if change == "replace":
        place[step] = copy.deepcopy(random.choice(WORDS))
    elif change == "remove":
        del place[step]
    elif isinstance(place, dict):
        place[random.choice(["x", "change", "base", "$number"])] = random.choice(WORDS)
    else:
        place.append(random.choice(WORDS))


def test_any_edit_gives_verdicts_or_one_clear_error() -> None:
    random = Random(7)  # noqa: S311  # no secret: the same edits every time
    read = refused = 0
    for _ in range(150):
        file = copy.deepcopy(FILE)
        spoil(file, random)
        try:
            cases = read_cases(json.dumps(file).encode(), path="f").cases
        except InputError as error:
            refused += str(error).startswith("f")
            continue
        results = [run_case(case, POLICY) for case in cases]
        assert len(coverage(POLICY, results)) == len(POLICY.rules)
        read += 1
    assert read + refused == 150
    assert min(read, refused) > 20
