import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Control, Strength

RULE = "{id: x, kind: lineage%s}"


def read(head: str, rule: str = "") -> Policy:
    text = f'id: test\nversion: "1"\n{head}\nrules:\n  - {RULE % rule}\n'
    return read_policy(text.encode(), path="policy.yaml")


def test_a_policy_says_its_tiers_environments_end_and_terms_of_waivers() -> None:
    policy = read(
        "tiers: [minimal, high]\nenvironments: [staging, production]\nexpires: 2027-06-30\n"
        "waivers: {max_duration: 30d, roles: [risk-owner]}"
    )
    assert policy.tiers == ("minimal", "high")
    assert policy.environments == ("staging", "production")
    assert str(policy.expires) == "2027-06-30"
    assert (policy.waivers.max_days, policy.waivers.roles) == (30, ("risk-owner",))


def test_a_rule_says_for_whom_it_is_why_and_what_it_evidences() -> None:
    head = "tiers: [minimal, high]\nenvironments: [staging, production]"
    rule = (
        ", tier: high, environments: [production], why: because, waivable: false,"
        ' controls: {"eu-ai-act:annex-iv-2-g": direct, nist-ai-rmf:MEASURE-2.11: partial}'
    )
    (found,) = read(head, rule).rules
    assert (found.tier, found.environments, found.why) == ("high", ("production",), "because")
    assert not found.waivable
    assert found.controls == (
        Control(id="eu-ai-act:annex-iv-2-g", strength=Strength.DIRECT),
        Control(id="nist-ai-rmf:MEASURE-2.11", strength=Strength.PARTIAL),
    )


@pytest.mark.parametrize(
    ("head", "rule", "said"),
    [
        ("", ", tier: high", "`tiers:` at the top of the policy names it"),
        ("tiers: [minimal, high]", ", tier: hihg", "did you mean `high`?"),
        ("environments: [production]", ", environments: [prodution]", "did you mean `production`?"),
        ("tiers: [Not A Word]", "", 'the name "Not A Word"'),
        ("", ", controls: {nonsense: direct}", "FRAMEWORK:ID"),
        ("", ", controls: {eu-ai-act:art-9: certain}", "one of direct, partial, exists"),
        ("waivers: {max_duration: 400d}", "", "at most 366d"),
        ("waivers: {max_duraton: 40d}", "", "did you mean `max_duration`?"),
        ("", ", waivable: perhaps", "true or false"),
    ],
)
def test_a_wrong_scope_is_refused(head: str, rule: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(head, rule)
    assert said in f"{refused.value} {refused.value.hint}"
    assert "policy.yaml:" in str(refused.value)
