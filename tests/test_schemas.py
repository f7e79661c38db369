"""The published JSON Schemas say what the code does: a drift in either shows here."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aigf_dvc.errors import InputError
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Strength
from aigf_dvc.report.verdict_json import verdicts_as_json
from aigf_dvc.settings import read_settings
from tests.playground import Playground
from tests.report.verdict_builders import a_report, one_of_each

SCHEMAS = Path(__file__).parent.parent / "schemas"


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


GOOD: list[dict[str, Any]] = [
    {"models": {"fraud": {"path": "model.pkl"}}},
    {
        "models": {
            "fraud": {
                "path": "models/m.pkl",
                "card": "cards/fraud.md",
                "metrics": {"fairness_score": "metrics.json:fairness.score"},
                "documents": [{"type": "bias-analysis", "path": "governance/b.md"}],
            },
            "team/churn": {"path": "churn", "metrics": None, "documents": None},
        },
        "policy": "governance/policy.yaml",
        "protected": ["main"],
        "environment": "staging",
        "transparency": "public",
    },
]

BAD: list[dict[str, Any]] = [
    {},
    {"models": {}},
    {"models": {"fraud": {}}},
    {"models": {"Fraud": {"path": "m"}}},
    {"models": {"fraud": {"path": "../m"}}},
    {"models": {"fraud": {"path": "/m"}}},
    {"models": {"fraud": {"path": "m", "metrics": {"x": "metrics.json"}}}},
    {"models": {"fraud": {"path": "m", "documents": [{"type": "x"}]}}},
    {"models": {"fraud": {"path": "m", "colour": "red"}}},
    {"models": {"fraud": {"path": "m"}}, "protected": []},
    {"models": {"fraud": {"path": "m"}}, "transparency": "maybe"},
    {"models": {"fraud": {"path": "m"}}, "modles": {}},
]


@pytest.mark.parametrize("settings", GOOD)
def test_the_schema_and_the_reader_accept_the_same_settings(settings: dict[str, Any]) -> None:
    validator("aigf-v1").validate(settings)
    assert read_settings(json.dumps(settings).encode()).models


@pytest.mark.parametrize("settings", BAD)
def test_the_schema_and_the_reader_refuse_the_same_settings(settings: dict[str, Any]) -> None:
    assert not validator("aigf-v1").is_valid(settings)
    with pytest.raises(InputError):
        read_settings(json.dumps(settings).encode())


def test_a_real_manifest_is_what_its_schema_says(playground: Playground) -> None:
    manifest = json.loads(playground.manifest("HEAD"))
    schema = validator("lineage-manifest-v1")
    schema.validate(manifest)
    roles = {artifact["role"] for artifact in manifest["artifacts"]}
    assert roles == {"model", "dataset", "code", "metrics", "intermediate"}


@pytest.mark.parametrize(
    "path",
    [
        ("manifestType",),
        ("tree", "digest", "sha256"),
        ("pipeline", "stages", 0, "command"),
        ("artifacts", 0, "dvc", "value"),
        ("models", 0, "metrics", "fairness_score", "source"),
    ],
)
def test_the_schema_refuses_a_manifest_with_another_value(
    playground: Playground, path: tuple[str | int, ...]
) -> None:
    manifest = json.loads(playground.manifest("HEAD"))
    place: Any = manifest
    for step in path[:-1]:
        place = place[step]
    assert path[-1] in place
    place[path[-1]] = 7
    assert not validator("lineage-manifest-v1").is_valid(manifest)


def test_the_schema_refuses_an_unknown_field(playground: Playground) -> None:
    manifest = json.loads(playground.manifest("HEAD"))
    assert not validator("lineage-manifest-v1").is_valid(manifest | {"host": "build-7"})


def test_the_schema_knows_every_form_of_upstream(playground: Playground) -> None:
    schema = validator("lineage-manifest-v1")
    playground.replace("MODEL_CARD.md", "license: mit", "license: mit\nbase_model: [org/m, gpt2]")
    playground.replace(
        "data/raw.csv.dvc", "outs:", "deps:\n- path: s3://bucket/raw.csv\n  etag: abc\nouts:"
    )
    playground.commit()
    manifest = json.loads(playground.manifest("HEAD"))
    schema.validate(manifest)
    kinds = [item["kind"] for item in manifest["upstream"]]
    assert kinds == ["base-model", "base-model", "import-url"]
    assert len(manifest["upstream"][2]["digest"]["sha256"]) == 64
    changes: list[dict[str, Any]] = [{"kind": "gift"}, {"digest": {}}, {"uri": ""}, {"host": "x"}]
    for change in changes:
        changed = [manifest["upstream"][0] | change, *manifest["upstream"][1:]]
        assert not schema.is_valid(manifest | {"upstream": changed})


def plain_verdicts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(verdicts_as_json(one_of_each().verdicts)))
    return found


def test_verdicts_of_every_result_and_outcome_are_what_their_schema_says() -> None:
    found = plain_verdicts()
    validator("verdict-v1").validate(found)
    validator("verdict-v1").validate(json.loads(json.dumps(verdicts_as_json(a_report().verdicts))))
    assert {v["result"] for v in found["verdicts"]} == {result.value for result in Result}
    outcomes = {f["outcome"] for v in found["verdicts"] for f in v["findings"]}
    assert outcomes == {outcome.value for outcome in Outcome}


def test_the_schema_of_verdicts_names_every_word_and_no_other() -> None:
    definitions = json.loads((SCHEMAS / "verdict-v1.schema.json").read_text())["$defs"]
    verdict, finding = (definitions[name]["properties"] for name in ("verdict", "finding"))
    strength = finding["controls"]["items"]["properties"]["strength"]
    words = ((verdict["at"], Gate), (verdict["result"], Result), (finding["outcome"], Outcome),
             (strength, Strength))  # fmt: skip
    for found, known in words:
        assert found["enum"] == [word.value for word in known]
    for properties, name in ((verdict, "verdict"), (finding, "finding")):
        assert set(definitions[name]["required"]) == set(properties)


@pytest.mark.parametrize(
    "path",
    [
        ("verdictsType",),
        ("verdicts", 0, "at"),
        ("verdicts", 0, "result"),
        ("verdicts", 0, "policy", "digest", "sha256"),
        ("verdicts", 0, "notes", 0),
        ("verdicts", 0, "findings", 0, "outcome"),
        ("verdicts", 0, "findings", 0, "rulePlace"),
        ("verdicts", 0, "findings", 0, "controls", 0, "strength"),
    ],
)
def test_the_schema_of_verdicts_refuses_another_value(path: tuple[str | int, ...]) -> None:
    found = plain_verdicts()
    place: Any = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 7
    assert not validator("verdict-v1").is_valid(found)


def test_the_schema_of_verdicts_refuses_contradictions() -> None:
    schema = validator("verdict-v1")
    denied, undecided, passed = plain_verdicts()["verdicts"]
    found = [
        denied | {"result": "passed"},
        passed | {"result": "denied"},
        undecided | {"problem": ""},
        denied | {"host": "build-7"},
        {key: value for key, value in denied.items() if key != "tier"},
        denied | {"findings": [f | {"waivedBy": ""} for f in denied["findings"]]},
    ]
    for verdict in found:
        assert not schema.is_valid(plain_verdicts() | {"verdicts": [verdict]})
