"""A run counts when one of the observers signed its record, and nothing else."""

import pytest

from aigf_dvc.attestation.run_statement import run_statement
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.keys import (
    fingerprint,
    generate_key,
    load_private_key,
    load_public_key,
    sign_statement,
)
from aigf_dvc.signing.observers import verify_run
from aigf_dvc.signing.open import KeySigner
from tests.attestation.builders import a_payload
from tests.evidence.test_run_record import a_record

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
