import json

from aigf_dvc.canonical import dumps
from aigf_dvc.digests import sha256
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.report.coverage_json import coverage_as_json
from tests.policy.test_coverage import a_finding, covered


def test_coverage_has_these_keys_and_no_others() -> None:
    value = coverage_as_json(covered(a_finding("r", Outcome.PASSED, "f:c-9")))
    assert value == {
        "model": "m",
        "result": "passed",
        "at": "attest",
        "policy": {"id": "p", "version": "1", "digest": {"sha256": sha256(b"p")}},
        "controls": [
            {
                "id": "f:c-9",
                "title": "Nine",
                "evidenced": "evidenced",
                "strength": "partial",
                "notShown": "more",
                "rules": [
                    {"rule": "r", "outcome": "passed", "claimed": "direct", "counted": "partial"}
                ],
            }
        ],
        "notClaimed": [{"id": "f:c-10", "title": "Ten"}, {"id": "f:c-11", "title": "Eleven"}],
        "neverEvidenced": [{"id": "f:c-12", "why": "people do it"}],
    }
    assert json.loads(dumps(value)) == value
