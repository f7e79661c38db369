"""Judges bundles by a trust file alone, in tests."""

from collections.abc import Mapping
from typing import Any

from aigf_dvc.actions.verify import Artifact, Candidates, exit_code, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.cli.verify_trust import attester, tightened
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import AnySigner, KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import (
    DEPLOYED,
    MODEL_BYTES,
    a_payload,
    some_demands,
)
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("release", "new", "dana", "max", "eve")}
ISSUER = "https://issuer.test.example"
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
PATTERN = "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main"
HEAD = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
PEOPLE = "people:\n  Dana: {keys: [{file: dana.pub}]}\n  Max: {keys: [{file: max.pub}]}\n"
RELEASE = "services: {release: {keys: [{file: release.pub}]}}\nroles: {attest: [release]}\n"
BOTH = PEOPLE + RELEASE.replace("[release]", "[release, Dana]")
TWO = BOTH + "demands: {thresholds: {attest: 2}}\n"


def signed(name: str, payload: bytes | None = None) -> bytes:
    key = load_private_key(PAIRS[name][0], None, where="test")
    return sign_statement(payload if payload is not None else a_payload(), key)


def judged(
    text: str,
    *bundles: bytes,
    also: AnySigner | None = None,
    files: Mapping[str, bytes] | None = None,
    demands: Demands | None = None,
    artifact: tuple[ModelFile, ...] = DEPLOYED,
) -> tuple[tuple[Verification, ...], int]:
    """Verify as `aigf verify --trust` does, and return what came of it with the exit code."""

    def read(name: str) -> bytes:
        return (files or {}).get(name) or PAIRS[name.removesuffix(".pub")][1]

    def chosen() -> AnySigner:
        assert also is not None
        return also

    trust = open_trust(read_trust((HEAD + text).encode(), where="trust.yaml"), read)
    wanted = tightened(demands or some_demands(), trust, min_trust=None)
    signer = attester(trust, chosen, named=also is not None)
    model = Artifact(files=artifact, key=sha256(MODEL_BYTES))
    found = Candidates(bundles=bundles, beside={}, place="here")
    tried = verify(model, found, signer=signer, demands=wanted)
    return tried, exit_code(tried, attesters=wanted.attesters)


def refusal(text: str, *bundles: bytes, **how: Any) -> str:  # noqa: ANN401 (the options of judged)
    tried, code = judged(text, *bundles, **how)
    assert code == 1
    stopped = max(tried, key=lambda one: one.steps_taken).stopped_at
    assert stopped is not None
    return f"{stopped.name.name} {stopped.detail}"


def key(name: str) -> KeySigner:
    return KeySigner(public_key=load_public_key(PAIRS[name][1], where="test"))
