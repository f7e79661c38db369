"""What is signed beside an attestation is about the same files, and stands in nobody's way."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from aigf_dvc.actions.also import Also, Standard
from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.actions.stored_candidates import candidates_from_store
from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.engine_statement import read_engine_statement
from aigf_dvc.cli.attest import command
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.signing.bundle import join_bundles, parse_bundle
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from tests.actions.walking import AT
from tests.playground import MODEL, Playground, statement_of
from tests.signing.by_key import sign_statement

KEYS = generate_key(None)
PRIVATE = load_private_key(KEYS[0], None, where="key")
SIGNER = KeySigner(public_key=load_public_key(KEYS[1], where="key"))
VERIFIER = "https://ml.example.com/release/v1"
BOTH = Also(standards=(Standard.SVR, Standard.VSA, Standard.SVR), verifier=VERIFIER)
Json = dict[str, Any]  # Any: documents as their readers have them


def order(p: Playground, also: Also) -> Order:
    return Order(
        project=p.project,
        sign=lambda payload: sign_statement(payload, PRIVATE),
        store=FolderStore(p.root.parent / "store"),
        at=AT,
        also=also,
    )


def attested(p: Playground, also: Also) -> Attested:
    (found,) = attest(order(p, also))
    return found


def stored(p: Playground) -> list[Path]:
    return [path for path in (p.root.parent / "store").rglob("*") if path.is_file()]


def test_a_verdict_is_signed_as_others_read_it_and_verification_passes_it_over(
    playground: Playground,
) -> None:
    found = attested(playground, BOTH)
    assert found.bundle is not None
    assert [other.standard for other in found.others] == [Standard.SVR, Standard.VSA]
    model = sha256((playground.root / MODEL).read_bytes())
    for other, kind in zip(found.others, (VerdictType.SVR, VerdictType.VSA), strict=True):
        said = read_engine_statement(parse_bundle(other.bundle).payload)
        assert (said.type, said.verifier, said.passed) == (kind, VERIFIER, True)
        assert said.files == (model,)
        assert {"AIGF_DEPLOYMENT_PASSED", "AIGF_RULE:fairness"} <= {*said.properties}
        assert "AIGF_LINEAGE_OBSERVED" not in said.properties
        assert (playground.root.parent / "store" / other.stored).read_bytes() == other.bundle
    vsa: Any = statement_of(found.others[1].bundle)["predicate"]
    commit = playground.git("rev-parse", "HEAD")
    assert vsa["inputAttestations"][0]["digest"] == {"sha256": sha256(found.bundle)}
    assert vsa["resourceUri"] == f"git:{commit}#{MODEL}"
    policy = (playground.root / "governance/policy.yaml").read_bytes()
    assert vsa["policy"] == {
        "uri": f"git:{commit}#governance/policy.yaml", "digest": {"sha256": sha256(policy)},
    }  # fmt: skip

    artifact = read_artifact(playground.root / MODEL)
    lines = join_bundles([found.others[0].bundle, found.bundle, found.others[1].bundle])
    for candidates in (
        candidates_from_store(FolderStore(playground.root.parent / "store"), artifact),
        candidates_from_file(lines, where="bundles"),
    ):
        assert len(candidates.bundles) == 1
        assert candidates.passed_over == 2
        demands = Demands(at=AT, any_policy=True)
        (outcome,) = verify(artifact, candidates, signer=SIGNER, demands=demands)
        assert outcome.accepted
    alone = candidates_from_file(found.others[0].bundle, where="bundle")
    (refused,) = verify(artifact, alone, signer=SIGNER, demands=Demands(at=AT, any_policy=True))
    assert refused.stopped_at is not None
    assert "svr/v0.2" in refused.stopped_at.detail


def test_nothing_is_signed_when_provenance_is_asked_for_and_nobody_observed(
    playground: Playground,
) -> None:
    given: list[bytes] = []
    also = Also(standards=(Standard.SLSA,), builder="https://ci.example.com/b")

    def sign(payload: bytes) -> bytes:
        given.append(payload)
        return sign_statement(payload, PRIVATE)

    with pytest.raises(RefusedError, match="nobody observed prepare"):
        attest(replace(order(playground, also), sign=sign))
    assert given == []
    assert stored(playground) == []


def test_nothing_is_stored_when_the_signature_does_not_say_who_judged(
    playground: Playground,
) -> None:
    with pytest.raises(RefusedError, match="does not say who judged") as refused:
        attested(playground, Also(standards=(Standard.VSA,)))
    assert refused.value.where == "--verifier-id"
    assert stored(playground) == []


def test_a_model_that_is_denied_gets_none_of_them(playground: Playground) -> None:
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.95")
    playground.commit()
    found = attested(playground, BOTH)
    assert (found.bundle, found.others, stored(playground)) == (None, (), [])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--also", "slsa"), "needs --builder-id"),
        (("--also", "svr"), "needs --verifier-id"),
        (("--also", "vsa", "--verifier-id", "me"), "--verifier-id must be a URI"),
        (("--also", "vsa", "--builder-id", "x:y"), "goes with --also slsa"),
        (("--also", "slsa", "--verifier-id", "x:y"), "goes with --also svr"),
        (("--also", "spdx"), "Invalid value for '--also'"),
    ],
)
def test_who_built_and_who_judged_is_asked_before_anything_is_signed(
    options: tuple[str, ...], says: str
) -> None:
    done = CliRunner().invoke(command, ["--key", "release.key", *options])
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.slow
def test_the_command_writes_all_of_them_as_json_lines(playground: Playground) -> None:
    (playground.root.parent / "key").write_bytes(KEYS[0])
    done = playground.aigf(
        "attest", "--key", "../key", "--also", "vsa", "--verifier-id", VERIFIER,
        "--output", "../all.jsonl", "--format", "json", extra={"AIGF_KEY_PASSPHRASE": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["attested"]
    lines = (playground.root.parent / "all.jsonl").read_bytes().splitlines()
    assert [item["type"] for item in row["also"]] == ["vsa"]
    assert [statement_of(line)["predicateType"] for line in lines] == [
        "https://aigf-dvc.readthedocs.io/predicates/deployment/v1",
        "https://slsa.dev/verification_summary/v1",
    ]
