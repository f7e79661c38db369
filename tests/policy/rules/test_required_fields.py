from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.verdict import Outcome, Result
from tests.policy.builders import COMPLETE_CARD, a_card, an_evidence, judged, the_finding

RULE = "{id: card, kind: required-fields, fields: [responsible_owner, bias_mitigation_strategy]}"


def test_a_complete_card_passes() -> None:
    verdict = judged(RULE, an_evidence())
    assert verdict.result is Result.PASSED
    assert the_finding(verdict).observed == "2 of 2 fields are filled in"


def test_a_missing_field_is_named_with_its_place_and_remedy() -> None:
    text = COMPLETE_CARD.replace(
        "  bias_mitigation_strategy: Reweighing (Kamiran and Calders)\n", ""
    )
    finding = the_finding(judged(RULE, an_evidence(card=a_card(text))))
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "bias_mitigation_strategy is missing"
    assert finding.where == "MODEL_CARD.md:3"  # the line of `governance:`
    assert "fill in bias_mitigation_strategy" in finding.remedy


def test_one_finding_names_every_gap_with_its_line() -> None:
    text = COMPLETE_CARD.replace("Reweighing (Kamiran and Calders)", '""').replace(
        "jane.doe@example.com", "TBD"
    )
    finding = the_finding(judged(RULE, an_evidence(card=a_card(text))))
    assert finding.observed == (
        'responsible_owner is the placeholder "TBD" (MODEL_CARD.md:7); '
        "bias_mitigation_strategy is empty (MODEL_CARD.md:5)"
    )
    assert finding.where == "MODEL_CARD.md:7"


def test_a_model_without_a_card_is_denied() -> None:
    evidence = ModelEvidence(model="mortgage", card=None, card_path="cards/mortgage.md")
    finding = the_finding(judged(RULE, evidence))
    assert finding.outcome is Outcome.DENIED
    assert finding.observed == "there is no model card"
    assert finding.where == "cards/mortgage.md"


def test_fields_may_stand_at_the_top_level_and_be_nested() -> None:
    card = read_model_card(b"owner:\n  name: Jane\n  mail: TBD\n", path="card.yaml")
    assert (
        judged(
            "{id: a, kind: required-fields, fields: [owner.name]}", an_evidence(card=card)
        ).result
        is Result.PASSED
    )
    finding = the_finding(
        judged("{id: a, kind: required-fields, fields: [owner.mail]}", an_evidence(card=card))
    )
    assert finding.observed == 'owner.mail is the placeholder "TBD"'
    assert finding.where == "card.yaml:3"
