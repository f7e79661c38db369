"""A judge signs for what was accepted under a policy, in their own name, and for nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from aigf_dvc.actions.judged_vsa import Judge, judged_vsa
from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.engine_statement import read_engine_statement
from aigf_dvc.attestation.summary_statement import NO_WAIVERS, WALKED_AGAIN, named_by_digest
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.canonical import loads
from aigf_dvc.cli.verify import command
from aigf_dvc.cli.verify_trust import tightened
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.signing.attesters import attesters_of
from aigf_dvc.signing.bundle import join_bundles, parse_bundle, split_bundles
from aigf_dvc.signing.keys import load_public_key, verify_key_bundle
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import (
    COMMIT,
    ISSUED,
    MODEL_BYTES,
    MODEL_FILES,
    POLICY,
    a_payload,
    a_verdict,
    some_demands,
)
from tests.signing.by_key import sign_statement

KEYS = generate_key(None)
PRIVATE = load_private_key(KEYS[0], None, where="key")
SIGNER = KeySigner(public_key=load_public_key(KEYS[1], where="key"))
BUNDLE = sign_statement(a_payload(), PRIVATE)
JUDGE = Judge(verifier="https://judge.example/v1")


def verified(folder: Path, demands: Demands) -> Verification:
    (folder / "model").write_bytes(MODEL_BYTES)
    artifact = read_artifact(folder / "model")
    candidates = candidates_from_file(BUNDLE, where="bundle")
    (outcome,) = verify(artifact, candidates, signer=SIGNER, demands=demands)
    return outcome


def predicate(payload: bytes) -> dict[str, Any]:
    document: Any = loads(payload, where="test")
    found: dict[str, Any] = document["predicate"]
    return found


def test_a_judge_sums_up_what_they_accepted(tmp_path: Path) -> None:
    demands = some_demands(walk=lambda _statement, _deployment: "the same")
    payload = judged_vsa(verified(tmp_path, demands), JUDGE, demands)
    said = read_engine_statement(payload)
    assert (said.type, said.passed, said.time) == (VerdictType.VSA, True, ISSUED)
    assert said.verifier == "https://judge.example/v1"
    assert said.files == tuple(file.sha256 for file in MODEL_FILES)
    assert {"AIGF_RULE:fairness", NO_WAIVERS, WALKED_AGAIN} <= {*said.properties}
    found = predicate(payload)
    assert found["inputAttestations"][0]["digest"] == {"sha256": sha256(BUNDLE)}
    assert found["policy"] == {
        "uri": named_by_digest(POLICY.sha256), "digest": {"sha256": POLICY.sha256},
    }  # fmt: skip
    assert found["resourceUri"] == f"https://github.com/acme/models@{COMMIT}#models/fraud.pkl"


def test_under_a_policy_of_ones_own_nothing_is_said_of_the_attesters_rules(tmp_path: Path) -> None:
    own = replace(POLICY, sha256=sha256(b"own"))
    demands = some_demands(judge=lambda *_: a_verdict(policy=own))
    judge = replace(JUDGE, policy=own, resource="oci://r/m@sha256:1", policy_uri="https://p/own")
    found = predicate(judged_vsa(verified(tmp_path, demands), judge, demands))
    assert found["policy"] == {"uri": "https://p/own", "digest": {"sha256": sha256(b"own")}}
    assert found["resourceUri"] == "oci://r/m@sha256:1"
    assert not {"AIGF_RULE:fairness", NO_WAIVERS, WALKED_AGAIN} & {*found["verifiedLevels"]}


def test_every_attestation_that_counted_is_named_and_only_what_all_say(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(MODEL_BYTES)
    keys = {name: generate_key(None) for name in ("release", "audit")}
    text = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services: {release: {keys: [{file: release}]}, audit: {keys: [{file: audit}]}}
roles: {attest: [release, audit]}
demands: {thresholds: {attest: 2}}
"""
    trust = open_trust(read_trust(text.encode(), where="t"), lambda name: keys[name][1])

    def signed(name: str, payload: bytes) -> bytes:
        return sign_statement(payload, load_private_key(keys[name][0], None, where=name))

    bundles = (signed("release", a_payload()), signed("audit", a_payload(tool_version="0.2.0")))
    demands = tightened(some_demands(), trust, min_trust=None)
    tried = verify(
        read_artifact(tmp_path / "model"),
        candidates_from_file(join_bundles(bundles), where="bundles"),
        signer=attesters_of(trust),
        demands=demands,
    )
    first, other = tried
    assert other.accepted
    found = predicate(judged_vsa(first, JUDGE, demands, others=(other,)))
    named = [one["digest"]["sha256"] for one in found["inputAttestations"]]
    assert named == [sha256(bundle) for bundle in split_bundles(join_bundles(bundles))]
    weaker = replace(other, trust=TrustLevel.DECLARED)
    stronger = replace(first, trust=TrustLevel.OBSERVED)
    levels = predicate(judged_vsa(stronger, JUDGE, demands, others=(weaker,)))["verifiedLevels"]
    assert "AIGF_LINEAGE_DECLARED" in levels
    assert "AIGF_LINEAGE_OBSERVED" not in levels
    with pytest.raises(RefusedError, match="not accepted"):
        judged_vsa(first, JUDGE, demands, others=(replace(other, steps=other.steps[:3]),))
    own = a_payload(policy=replace(POLICY, sha256=sha256(b"own")))
    elsewhere = replace(other, read_payload=lambda: own)
    with pytest.raises(InputError, match="attested under 2 policies"):
        judged_vsa(first, JUDGE, demands, others=(elsewhere,))


def test_what_was_refused_or_held_to_no_policy_has_no_summary(tmp_path: Path) -> None:
    old = some_demands(at=ISSUED + timedelta(days=9), max_age=timedelta(days=1))
    for demands in (some_demands(environment="staging"), old):
        with pytest.raises(RefusedError, match="not accepted"):
            judged_vsa(verified(tmp_path, demands), JUDGE, demands)
    lax = some_demands(policy_digests=None, any_policy=True)
    outcome = verified(tmp_path, lax)
    assert outcome.accepted
    with pytest.raises(InputError, match="no policy was checked"):
        judged_vsa(outcome, JUDGE, lax)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").write_bytes(MODEL_BYTES)
    (tmp_path / "bundle.json").write_bytes(BUNDLE)
    (tmp_path / "release.pub").write_bytes(KEYS[1])
    private, public = generate_key(None)
    (tmp_path / "judge.key").write_bytes(private)
    (tmp_path / "judge.pub").write_bytes(public)
    return tmp_path


def run(*more: str, digest: str = POLICY.sha256) -> tuple[int, str]:
    base = ("model", "--bundle", "bundle.json", "--key", "release.pub")
    policy = ("--policy-digest", f"sha256:{digest}") if digest else ("--any-policy",)
    done = CliRunner().invoke(command, [*base, *policy, *more], standalone_mode=True)
    return done.exit_code, done.output


WRITE = ("--sign-vsa", "vsa.json", "--vsa-verifier-id", "https://judge.example/v1")


def test_the_command_signs_with_the_judges_key_and_not_the_trusted_one(place: Path) -> None:
    code, said = run(*WRITE, "--vsa-key", "judge.key")
    assert code == 0, said
    data = (place / "vsa.json").read_bytes()
    judge = load_public_key((place / "judge.pub").read_bytes(), where="judge")
    verify_key_bundle(parse_bundle(data), judge)
    with pytest.raises(RefusedError):
        verify_key_bundle(parse_bundle(data), SIGNER.public_key)


def test_nothing_is_written_when_the_model_is_refused(place: Path) -> None:
    code, said = run(*WRITE, "--vsa-key", "judge.key", digest="0" * 64)
    assert code == 1
    assert "REFUSED at step 7" in said
    assert not (place / "vsa.json").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (WRITE, "--vsa-key FILE or --vsa-keyless"),
        ((*WRITE, "--vsa-key", "judge.key", "--vsa-keyless"), "--vsa-key FILE or --vsa-keyless"),
        (("--sign-vsa", "vsa.json", "--vsa-key", "judge.key"), "needs --vsa-verifier-id"),
        (("--vsa-key", "judge.key"), "go with --sign-vsa"),
        (("--vsa-yes-publish",), "go with --sign-vsa"),
    ],
)
def test_half_an_order_is_refused_before_anything_is_verified(
    place: Path, more: tuple[str, ...], says: str
) -> None:
    code, said = run(*more)
    assert code == 2
    assert says in said
    assert not (place / "vsa.json").exists()


def test_without_a_policy_there_is_nothing_to_sum_up(place: Path) -> None:
    code, said = run(*WRITE, "--vsa-key", "judge.key", digest="")
    assert code == 2
    assert "needs a policy" in said
    assert not (place / "vsa.json").exists()
