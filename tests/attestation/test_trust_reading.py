from datetime import date
from pathlib import Path

import pytest

from aigf_dvc.attestation.trust import Period
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.errors import InputError
from tests.attestation.consent_builders import TRUST, the_trust

TEMPLATE = Path(__file__).parent.parent.parent / "templates/trust.yaml"


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read_trust(text.encode(), where="trust.yaml")
    return str(caught.value)


def test_people_have_the_roles_that_name_them() -> None:
    trust = the_trust()
    assert trust.roles_of("Dana") == ("waive", "risk-owner")
    assert trust.roles_of("Max") == ("risk-owner",)
    assert trust.roles_of("Eve") == ()


def test_the_template_is_a_trust_file() -> None:
    trust = read_trust(TEMPLATE.read_bytes(), where="trust.yaml")
    dana, max_ = trust.people
    assert dana.means.keys[0].period == Period(first=date(2026, 11, 1), last=date(2027, 10, 31))
    assert max_.means.identities[0].issuer == "https://accounts.google.com"
    assert trust.expires == date(2027, 6, 30)
    assert trust.engines[0].verifier.startswith("https://ampel")


def test_both_ends_of_a_period_belong_to_it() -> None:
    period = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))
    assert period.why_not(date(2026, 1, 1)) == period.why_not(date(2026, 12, 31)) == ""
    assert period.why_not(date(2025, 12, 31)) == "valid only from 2026-01-01"
    assert period.why_not(date(2027, 1, 1)) == "valid only until 2026-12-31"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("trust/v1", "trust/v2", "trust.yaml:1:1: an unknown schema"),
        ("id: judges", "id: judges\nthreshold: 2", "the unknown key `threshold`"),
        ("{file: max.pub}", "{file: max.pub, pem: x}", "both or neither of `pem` and `file`"),
        ("{file: max.pub}", "{valid_from: 2026-01-01}", "both or neither of `pem` and `file`"),
        ("{file: max.pub}", "{file: max.pub, fingerprint: abc}", "`sha256:` and 64"),
        ("{file: max.pub}", "{file: max.pub, algorithm: rsa}", "the unknown key `algorithm`"),
        (
            "{file: max.pub}",
            "{file: max.pub, valid_from: 2026-02-01, valid_until: 2026-01-01}",
            "it ends before it begins",
        ),
        ("{emails: [max@corp], keys: [{file: max.pub}]}", "{emails: [max@corp]}", "sign with"),
        ("[max@corp]", "[max]", "the address"),
        ("[max@corp]", "[DANA@corp]", "Dana and Max share"),
        ("{file: max.pub}", "{file: dana.pub}", "Dana and Max share"),
        ("[Dana, Max]", "[Dana, Mux]", 'the unknown person "Mux"'),
        ("waive:", "Waive Things:", "lower-case letters and digits"),
        ("types: [svr, test-result], ", "", "an engine without `types`"),
        ("[svr, test-result]", "[svr, slsa]", "one of svr, vsa, test-result"),
        ("  Max:", '  "Max\\e[2J":', "the name"),
        ("people:", "persons:", "the unknown key `persons`"),
    ],
)
def test_a_trust_file_of_another_form_is_refused_with_the_problem(
    old: str, new: str, problem: str
) -> None:
    assert old in TRUST
    assert problem in refusal(TRUST.replace(old, new, 1))


def test_a_trust_file_that_trusts_nobody_is_refused() -> None:
    head = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
    assert "trusts nobody" in refusal(head)
    assert "an empty trust file" in refusal("")


def test_two_people_cannot_share_an_identity() -> None:
    same = "identities: [{identity: a, issuer: b}]"
    text = TRUST.replace("keys: [{file: dana.pub}]", same).replace("keys: [{file: max.pub}]", same)
    assert "Dana and Max share" in refusal(text)
