"""`--oms` verifies bytes and signer alone; with an attestation both must hold."""

import json
from pathlib import Path

import pytest

from aigf_dvc.attestation.oms import SINGLE, build_oms_statement
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.playground import MODEL, Playground
from tests.signing.by_key import sign_statement


@pytest.fixture
def keys(playground: Playground) -> tuple[str, str]:
    private, public = generate_key(None)
    (playground.root.parent / "release.key").write_bytes(private)
    (playground.root.parent / "release.pub").write_bytes(public)
    return "../release.key", "../release.pub"


def signed(playground: Playground, key: str, data: bytes) -> Path:
    private = load_private_key((playground.root / key).read_bytes(), None, where="test")
    statement = build_oms_statement("m", [ModelFile(name=SINGLE, sha256=sha256(data))])
    (playground.root.parent / "model.sig").write_bytes(sign_statement(statement, private))
    return playground.root.parent / "model.sig"


def test_a_signature_alone_is_shown_as_no_verdict(
    playground: Playground, keys: tuple[str, str]
) -> None:
    place = signed(playground, keys[0], (playground.root / MODEL).read_bytes())
    run = playground.aigf("verify", MODEL, "--oms", str(place), "--key", keys[1])
    assert run.returncode == 0, run.stdout
    assert "SIGNED" in run.stdout
    assert "no verdict" in run.stdout
    run = playground.aigf("verify", MODEL, "--oms", str(place), "--key", keys[1], "--format=json")
    document = json.loads(run.stdout)
    assert (document["accepted"], document["oms"]["signed"]) == (None, True)


def test_other_bytes_are_refused(playground: Playground, keys: tuple[str, str]) -> None:
    place = signed(playground, keys[0], b"other bytes")
    run = playground.aigf("verify", MODEL, "--oms", str(place), "--key", keys[1])
    assert run.returncode == 1
    assert "REFUSED at step 5" in run.stdout


@pytest.mark.parametrize(
    "option",
    [("--any-policy",), ("--policy", "governance/policy.yaml"), ("--max-age", "1d")],
    ids=lambda option: option[0],
)
def test_what_needs_an_attestation_is_refused_without_one(
    playground: Playground, keys: tuple[str, str], option: tuple[str, ...]
) -> None:
    place = signed(playground, keys[0], (playground.root / MODEL).read_bytes())
    run = playground.aigf("verify", MODEL, "--oms", str(place), "--key", keys[1], *option)
    assert run.returncode == 2
    assert f"{option[0]} needs an attestation" in run.stderr


def test_with_an_attestation_both_must_hold(playground: Playground, keys: tuple[str, str]) -> None:
    run = playground.aigf("attest", "--key", keys[0], "--output", "../b.json", "--oms", "../m.sig")
    assert run.returncode == 0, run.stderr
    assert "../m.sig" in run.stderr
    both = ("verify", MODEL, "--bundle", "../b.json", "--key", keys[1], "--any-policy", "--oms")
    good = playground.aigf(*both, "../m.sig")
    assert good.returncode == 0, good.stdout
    assert "SIGNED" in good.stdout
    assert "ACCEPTED" in good.stdout
    document = json.loads(playground.aigf(*both, "../m.sig", "--format", "json").stdout)
    assert (document["accepted"], document["oms"]["signed"]) == (True, True)

    bad = playground.aigf(*both, str(signed(playground, keys[0], b"other")))
    assert (bad.returncode, "ACCEPTED" in bad.stdout) == (1, False)
    document = json.loads(playground.aigf(*both, "../model.sig", "--format", "json").stdout)
    assert (document["accepted"], document["oms"]["signed"]) == (None, False)

    # Another environment than it was attested for.
    other = playground.aigf(*both, "../m.sig", "--environment", "elsewhere")
    assert (other.returncode, "ACCEPTED" in other.stdout) == (1, False)


def test_a_signature_that_cannot_be_read_is_the_callers_mistake(
    playground: Playground, keys: tuple[str, str]
) -> None:
    run = playground.aigf("verify", MODEL, "--oms", "nowhere.sig", "--key", keys[1])
    assert run.returncode == 2
    assert "nowhere.sig" in run.stderr


def test_nobody_is_trusted_by_default(playground: Playground, keys: tuple[str, str]) -> None:
    place = signed(playground, keys[0], (playground.root / MODEL).read_bytes())
    run = playground.aigf("verify", MODEL, "--oms", str(place))
    assert run.returncode == 2
    assert "Say whom you trust" in run.stderr
