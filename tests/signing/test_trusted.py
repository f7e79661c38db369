import json
from collections.abc import Iterator
from datetime import date

import pytest

from aigf_dvc.attestation.approval_statement import approval_statement
from aigf_dvc.attestation.trust import Period
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import Trust, open_trust, who_signed
from tests.attestation.consent_builders import TRUST, said
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("dana", "max", "ampel", "eve")}
ISSUER = "https://issuer.test.example"


def read(name: str) -> bytes:
    return PAIRS[name.removesuffix(".pub")][1]


def opened(text: str = TRUST) -> Trust:
    return open_trust(read_trust(text.encode(), where="trust.yaml"), read)


def signed(name: str) -> bytes:
    return sign_statement(
        approval_statement(said()), load_private_key(PAIRS[name][0], None, where="")
    )


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        opened(text)
    return str(caught.value)


def test_the_signer_has_the_name_of_the_trust_file() -> None:
    for name in ("dana", "max"):
        signature, who = who_signed(signed(name), opened().people)
        assert who.name == name.capitalize()
        assert signature.payload == approval_statement(said())


def test_a_strangers_signature_is_nobodys() -> None:
    with pytest.raises(RefusedError, match="nobody whom the trust file names"):
        who_signed(signed("eve"), opened().people)
    with pytest.raises(RefusedError, match="nobody whom the trust file names"):
        who_signed(signed("ampel"), opened().people)
    with pytest.raises(RefusedError, match="nobody whom the trust file names"):
        who_signed(signed("dana"), opened().engines)


def test_a_key_may_stand_in_the_file_itself_and_has_its_period() -> None:
    pem = "".join(f"\n            {line}" for line in PAIRS["dana"][1].decode().splitlines())
    entry = f"\n      - pem: |{pem}\n        valid_until: 2026-12-31"
    text = TRUST.replace(
        "  Dana: {emails: [dana@corp], keys: [{file: dana.pub}]}", f"  Dana:\n    keys:{entry}"
    )
    _, who = who_signed(signed("dana"), opened(text).people)
    assert who.period == Period(last=date(2026, 12, 31))


def test_a_key_must_have_the_fingerprint_that_is_said() -> None:
    own = fingerprint(load_public_key(PAIRS["max"][1], where=""))
    said_so = TRUST.replace("{file: max.pub}", f"{{file: max.pub, fingerprint: '{own}'}}")
    assert len(opened(said_so).people) == 2
    other = fingerprint(load_public_key(PAIRS["dana"][1], where=""))
    assert own in refusal(said_so.replace(own, other))


def test_one_key_under_two_names_is_refused() -> None:
    copied = {**PAIRS, "copy": PAIRS["dana"]}
    text = TRUST.replace("{file: max.pub}", "{file: copy.pub}")
    with pytest.raises(InputError, match="Max has the key of Dana"):
        open_trust(
            read_trust(text.encode(), where="trust.yaml"),
            lambda name: copied[name.removesuffix(".pub")][1],
        )


def test_a_private_key_in_the_trust_file_is_refused() -> None:
    with pytest.raises(InputError, match="a private key"):
        open_trust(read_trust(TRUST.encode(), where=""), lambda _name: PAIRS["dana"][0])


@pytest.fixture
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running


def test_an_identity_signs_for_its_person_by_the_trust_files_own_root(
    sigstore: LocalSigstore,
) -> None:
    identities = f"identities: [{{identity: dana@corp, issuer: {ISSUER}}}]"
    text = TRUST.replace("keys: [{file: dana.pub}]", identities) + "trusted_root: root.json\n"
    root = json.dumps(sigstore.trusted_root()).encode()
    trust = open_trust(
        read_trust(text.encode(), where="trust.yaml"),
        lambda name: root if name == "root.json" else read(name),
    )
    bundles = {
        identity: sign_keyless(
            approval_statement(said()),
            trust_config=json.dumps(sigstore.trust_config()).encode(),
            identity_token=sigstore.token(identity),
            consent_public=False,
            interactive=False,
        )
        for identity in ("dana@corp", "eve@corp")
    }
    _, who = who_signed(bundles["dana@corp"], trust.people)
    assert who.name == "Dana"
    assert who.facts.time is not None
    with pytest.raises(RefusedError, match="nobody whom the trust file names"):
        who_signed(bundles["eve@corp"], trust.people)
