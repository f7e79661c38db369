"""A run counts when one of the observers signed its record, and nothing else."""

from datetime import date

import pytest

from aigf_dvc.attestation.run_statement import run_statement
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.observers import TrustedObservers, verify_run
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import a_payload
from tests.evidence.test_run_record import a_record
from tests.signing.by_key import sign_statement

PAIRS = [generate_key(None) for _ in range(3)]
BOX, CI, STRANGER = (load_private_key(private, None, where="key") for private, _ in PAIRS)
OBSERVERS = tuple(
    KeySigner(public_key=load_public_key(public, where="key")) for _, public in PAIRS[:2]
)


def test_each_of_the_observers_may_have_signed_and_is_named() -> None:
    for key in (BOX, CI):
        signed = verify_run(sign_statement(run_statement(a_record()), key), OBSERVERS)
        assert signed.record.to_bytes() == a_record().to_bytes()
        assert signed.observer == fingerprint(key.public_key())


def test_nobody_else_counts() -> None:
    bundle = sign_statement(run_statement(a_record()), STRANGER)
    for observers in (OBSERVERS, ()):
        with pytest.raises(RefusedError, match="nobody who is trusted to observe"):
            verify_run(bundle, observers)


def test_an_observers_word_about_something_else_is_no_run() -> None:
    with pytest.raises(RefusedError, match="predicateType"):
        verify_run(sign_statement(a_payload(), BOX), OBSERVERS)


def test_what_is_no_bundle_is_signed_by_nobody() -> None:
    for data in (b"", b"{}", b"\xff", run_statement(a_record())):
        with pytest.raises(RefusedError):
            verify_run(data, OBSERVERS)


TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services:
  box: {keys: [{file: box.pub}]}
  ci: {keys: [{file: ci.pub}]}
roles: {observe: [box]}
"""


def by_trust(text: str = TRUST) -> TrustedObservers:
    files = {"box.pub": PAIRS[0][1], "ci.pub": PAIRS[1][1]}
    trust = open_trust(read_trust(text.encode(), where="trust.yaml"), files.__getitem__)
    return TrustedObservers(lines=trust.holding("observe"), today=date(2026, 11, 26))


def test_those_observe_whom_the_trust_file_lets() -> None:
    bundle = sign_statement(run_statement(a_record()), BOX)
    assert verify_run(bundle, (by_trust(),)).observer.startswith("box (sha256:")
    for key in (CI, STRANGER):
        with pytest.raises(RefusedError, match="nobody whom the trust file lets observe"):
            verify_run(sign_statement(run_statement(a_record()), key), (by_trust(),))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("box: {", "box: {predicate_types: [x], ", "box may not sign"),
        ("{file: box.pub}", "{file: box.pub, valid_until: 2026-01-01}", "valid only until"),
        ("{file: box.pub}", "{file: box.pub, valid_from: 2026-12-01}", "valid only from"),
    ],
)
def test_an_observer_speaks_only_as_far_as_the_line_goes(old: str, new: str, problem: str) -> None:
    bundle = sign_statement(run_statement(a_record()), BOX)
    with pytest.raises(RefusedError, match=problem):
        verify_run(bundle, (by_trust(TRUST.replace(old, new)),))
