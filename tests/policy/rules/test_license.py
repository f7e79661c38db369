"""A license rule takes a licence that the card names, and nothing less."""

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.verdict import Finding, Outcome
from tests.policy.builders import a_card, a_policy, an_evidence, judged, the_finding


def judge(lists: str, front: str) -> Finding:
    evidence = an_evidence(card=a_card(f"---\nx: 1\n{front}\n---\n"))
    return the_finding(judged(f"{{id: l, kind: license, {lists}}}", evidence))


@pytest.mark.parametrize(
    ("lists", "front"),
    [
        ("allow: [MIT, Apache-2.0]", "license: mit"),
        ("allow: [mit]", "license: MIT"),
        ("allow: [mit, apache-2.0]", "license: [mit, apache-2.0]"),
        ("allow: [Bank Internal 1]", "license: other\nlicense_name: bank internal 1"),
        ("allow: [other]", "license: other"),
        ("allow: [mit]", "governance: {license: mit}\nlicense: gpl-3.0"),
        ("deny: [gpl-3.0]", "license: mit"),
    ],
)
def test_an_allowed_licence_passes(lists: str, front: str) -> None:
    assert judge(lists, front).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("lists", "front"),
    [
        ("allow: [mit]", "license: gpl-3.0"),
        ("allow: [mit]", "license: [mit, gpl-3.0]"),
        ("allow: [mit]", "license: mit-0"),
        ("allow: [mit]", "license: other"),
        ("allow: [mit]", "license: other\nlicense_name: [mit]"),
        ("allow: [mit]", "license: other\nlicense_name: mine"),
        ("allow: [mit]", "license:"),
        ("allow: [mit]", "license: []"),
        ("allow: [mit]", "license: {id: mit}"),
        ("allow: [mit]", "license: true"),
        ("allow: [mit]", "y: 1"),
        ("allow: [mit], deny: [mit]", "license: mit"),
        ("deny: [GPL-3.0]", "license: gpl-3.0"),
        ("deny: [mine]", "license: other\nlicense_name: Mine"),
        ("deny: [gpl-3.0]", "license: unknown"),
        ("deny: [gpl-3.0]", "license: other"),
        ("deny: [gpl-3.0]", "y: 1"),
    ],
)
def test_any_other_licence_is_denied(lists: str, front: str) -> None:
    finding = judge(lists, front)
    assert finding.outcome is Outcome.DENIED
    assert "license_name" in finding.remedy


def test_a_denial_names_the_licence_and_its_line() -> None:
    finding = judge("allow: [mit]", "license: gpl-3.0")
    assert finding.observed == "license is gpl-3.0"
    assert finding.where == "MODEL_CARD.md:3"
    assert finding.expected == "one of mit"


def test_no_card_is_denied() -> None:
    evidence = ModelEvidence(model="m", card=None)
    finding = the_finding(judged("{id: l, kind: license, allow: [mit]}", evidence))
    assert finding.outcome is Outcome.DENIED


@pytest.mark.parametrize("lists", ["allow: []", "allow: mit", "deny: [mit, mit]", "alow: [mit]"])
def test_a_rule_of_another_form_is_refused(lists: str) -> None:
    with pytest.raises(InputError):
        a_policy(f"{{id: l, kind: license, {lists}}}")
    with pytest.raises(InputError, match="without a list"):
        a_policy("{id: l, kind: license}")
