"""Other people's programs read what we sign, and we read what they sign: as far as each can."""

import base64
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives import serialization

from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import signed_statement
from aigf_dvc.signing.log_upload import log_signature
from aigf_dvc.signing.open import AnySigner, KeylessSigner, KeySigner
from aigf_dvc.signing.public_form import public_pem
from aigf_dvc.signing.verify import verify_bundle
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.oci import open_oci
from tests.attestation.builders import (
    DEPLOYED,
    MODEL_BYTES,
    a_payload,
    a_verdict,
    some_demands,
)
from tests.independent.programs import javascript_verifier, obtained, run_program
from tests.local_sigstore.server import LocalSigstore
from tests.local_sigstore.tuf_repository import TufRepository
from tests.serving import serving_files
from tests.signing.by_key import sign_statement
from tests.stores.registries import PASSWORD, USER, docker_registry

pytestmark = pytest.mark.slow

Json = dict[str, Any]  # Any: a document that tests edit at will
Rekor = Literal[1, 2]
Run = subprocess.CompletedProcess[str]

PERSON, ISSUER = "dev@example.com", "https://issuer.test.example"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
PAYLOAD = a_payload(issued_on=NOW)
KEY = key_kinds.generate("p256")
COSIGN_PASSWORD = {"COSIGN_PASSWORD": "correct horse"}
IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        for version in (1, 2):  # cosign 2.5 takes a log's very first entry for one without place
            logged(running, version)
        yield running
        assert running.errors == []


@pytest.fixture
def folder(sigstore: LocalSigstore, tmp_path: Path) -> Path:
    """Return a folder with the model, our statement, our key and whom to trust."""
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    (tmp_path / "statement.json").write_bytes(PAYLOAD)
    (tmp_path / "predicate.json").write_text(json.dumps(json.loads(PAYLOAD)["predicate"]))
    (tmp_path / "key.pub").write_bytes(public_pem(KEY.public_key()))
    (tmp_path / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    return tmp_path


def logged(sigstore: LocalSigstore, version: int) -> bytes:
    """Sign with the key, and put the signature into a log."""
    signature, public = key_kinds.sign(KEY, pae(PAYLOAD)), KEY.public_key()
    entry = log_signature(PAYLOAD, signature, public, url=sigstore.url, version=version)
    return signed_statement(PAYLOAD, signature, public, entry=entry)


def by_person(sigstore: LocalSigstore, rekor: Rekor) -> bytes:
    return sign_keyless(
        PAYLOAD,
        trust_config=json.dumps(sigstore.trust_config(rekor=rekor)).encode(),
        identity_token=sigstore.token(PERSON),
        consent_public=False,
        interactive=False,
    )


def cosign_says(program: str, folder: Path, bundle: bytes, *trust: str) -> Run:
    (folder / "bundle.json").write_bytes(bundle)
    return run_program(
        program, "verify-blob-attestation", "--new-bundle-format", "--bundle", "bundle.json",
        "--type", DEPLOYMENT, *trust, "model.pkl", folder=folder,
    )  # fmt: skip


def ours(bundle: bytes, signer: AnySigner) -> Verification:
    demands = some_demands(at=dt.datetime.now(dt.UTC))
    return verify_bundle(bundle, artifact=DEPLOYED, signer=signer, demands=demands)


def key_signer(sigstore: LocalSigstore, *, in_log: bool) -> KeySigner:
    root = json.dumps(sigstore.trusted_root()).encode() if in_log else None
    return KeySigner(public_key=KEY.public_key(), logs=root)


def person(sigstore: LocalSigstore, identity: str = PERSON) -> KeylessSigner:
    root = json.dumps(sigstore.trusted_root()).encode()
    return KeylessSigner(identity=identity, issuer=ISSUER, trusted_root=root)


# cosign reads ours


@pytest.mark.parametrize(
    ("program", "version"), [("cosign", 1), ("cosign", 2), ("cosign-trixie", 1)]
)
def test_cosign_finds_a_keys_signature_in_the_log(
    sigstore: LocalSigstore, folder: Path, program: str, version: int
) -> None:
    trust = ["--key", "key.pub", "--trusted-root", "root.json"]
    good = cosign_says(program, folder, logged(sigstore, version), *trust)
    assert good.returncode == 0, good.stderr
    unlogged = cosign_says(program, folder, sign_statement(PAYLOAD, KEY), *trust)
    assert unlogged.returncode != 0
    assert "log" in unlogged.stderr
    with LocalSigstore() as other:
        (folder / "root.json").write_text(json.dumps(other.trusted_root()))
    assert cosign_says(program, folder, logged(sigstore, version), *trust).returncode != 0


def test_the_older_cosign_reads_what_a_key_or_an_identity_signed(
    sigstore: LocalSigstore, folder: Path
) -> None:
    offline = ["--key", "key.pub", "--insecure-ignore-tlog", "--trusted-root", "root.json"]
    signed = sign_statement(PAYLOAD, KEY)
    assert cosign_says("cosign-trixie", folder, signed, *offline).returncode == 0
    trust = ["--trusted-root", "root.json", "--certificate-oidc-issuer", ISSUER]
    trust.append("--certificate-identity")
    keyless = by_person(sigstore, 1)
    good = cosign_says("cosign-trixie", folder, keyless, *trust, PERSON)
    assert good.returncode == 0, good.stderr
    assert cosign_says("cosign-trixie", folder, keyless, *trust, "eve@example.com").returncode != 0


@pytest.mark.parametrize("program", ["cosign", "cosign-trixie"])
def test_cosign_does_not_judge_the_verdict_and_we_do(
    sigstore: LocalSigstore, folder: Path, program: str
) -> None:
    denied = verdict_as_json(a_verdict(Outcome.DENIED))
    signed = sign_statement(a_payload(issued_on=NOW, verdict=denied), KEY)
    trust = ["--key", "key.pub", "--insecure-ignore-tlog"]
    trust += ["--trusted-root", "root.json"]  # else cosign 2.5 asks the public instance for one
    assert cosign_says(program, folder, signed, *trust).returncode == 0
    refused = ours(signed, key_signer(sigstore, in_log=False)).stopped_at
    assert refused is not None
    assert refused.name.name == "VERDICT"


# We read cosign's


@pytest.fixture(scope="module")
def cosign_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the key as cosign keeps it."""
    place = tmp_path_factory.mktemp("cosign")
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (place / "raw.key").write_bytes(pem)
    arguments = ["import-key-pair", "--key", "raw.key", "--output-key-prefix", "own"]
    run = run_program("cosign", *arguments, folder=place, secrets=COSIGN_PASSWORD)
    assert run.returncode == 0, run.stderr
    return place / "own.key"


def cosign_signs(sigstore: LocalSigstore, folder: Path, rekor: Rekor | None, *signer: str) -> bytes:
    config = sigstore.trust_config(rekor=rekor or 1)["signingConfig"]
    if rekor is None:
        config |= {"rekorTlogUrls": [], "tsaUrls": []}
    (folder / "signing.json").write_text(json.dumps(config))
    run = run_program(
        "cosign", "attest-blob", "--yes", "--statement", "statement.json", "--signing-config",
        "signing.json", "--trusted-root", "root.json", "--bundle", "signed.json", *signer,
        folder=folder, secrets=COSIGN_PASSWORD,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return (folder / "signed.json").read_bytes()


@pytest.mark.parametrize("rekor", [1, 2, None])
def test_our_statement_signed_by_cosign_with_a_key_is_accepted(
    sigstore: LocalSigstore, folder: Path, cosign_key: Path, rekor: Rekor | None
) -> None:
    signed = cosign_signs(sigstore, folder, rekor, "--key", str(cosign_key))
    found = ours(signed, key_signer(sigstore, in_log=rekor is not None))
    assert found.accepted, found.stopped_at
    assert ours(signed, key_signer(sigstore, in_log=True)).accepted is (rekor is not None)


@pytest.mark.parametrize("rekor", [1, 2])
def test_our_statement_signed_by_cosign_with_an_identity_is_accepted(
    sigstore: LocalSigstore, folder: Path, rekor: Rekor
) -> None:
    token = ["--identity-token", sigstore.token(PERSON)]
    signed = cosign_signs(sigstore, folder, rekor, *token)
    found = ours(signed, person(sigstore))
    assert found.accepted, found.stopped_at
    assert not ours(signed, person(sigstore, "eve@example.com")).accepted


@pytest.mark.parametrize("program", ["cosign", "cosign-trixie"])
def test_a_statement_of_cosigns_own_making_is_of_a_version_that_we_refuse(
    sigstore: LocalSigstore, folder: Path, cosign_key: Path, program: str
) -> None:
    where = ["--tlog-upload=false", "--new-bundle-format"]
    if program == "cosign":
        config = sigstore.trust_config()["signingConfig"] | {"rekorTlogUrls": [], "tsaUrls": []}
        (folder / "signing.json").write_text(json.dumps(config))
        where = ["--signing-config", "signing.json", "--trusted-root", "root.json"]
    run = run_program(
        program, "attest-blob", "--yes", "--predicate", "predicate.json", "--type", DEPLOYMENT,
        "--key", str(cosign_key), "--bundle", "signed.json", *where, "model.pkl",
        folder=folder, secrets=COSIGN_PASSWORD,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = ours((folder / "signed.json").read_bytes(), key_signer(sigstore, in_log=False))
    assert found.stopped_at is not None
    assert "https://in-toto.io/Statement/v0.1" in found.stopped_at.detail


# sigstore-python's own command


def sigstore_command(folder: Path, *arguments: str) -> Run:
    return subprocess.run(
        [sys.executable, "-m", "sigstore", "--trust-config", "config.json", *arguments],
        cwd=folder, env={"HOME": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_sigstore_command_verifies_signer_and_subject(
    sigstore: LocalSigstore, folder: Path
) -> None:
    (folder / "config.json").write_text(json.dumps(sigstore.trust_config(rekor=2)))
    (folder / "bundle.json").write_bytes(by_person(sigstore, 2))
    verify = ["verify", "identity", "--offline", "--bundle", "bundle.json"]
    verify += ["--cert-oidc-issuer", ISSUER, "--cert-identity"]
    good = sigstore_command(folder, *verify, PERSON, "model.pkl")
    assert good.returncode == 0, good.stderr
    assert sigstore_command(folder, *verify, "eve@example.com", "model.pkl").returncode == 1
    assert sigstore_command(folder, *verify, PERSON, "root.json").returncode == 1


def test_what_the_sigstore_command_attests_is_of_another_type_and_refused(
    sigstore: LocalSigstore, folder: Path
) -> None:
    (folder / "config.json").write_text(json.dumps(sigstore.trust_config(rekor=1)))
    (folder / "slsa.json").write_text(
        json.dumps(
            {
                "buildDefinition": {"buildType": "https://b.example", "externalParameters": {}},
                "runDetails": {"builder": {"id": "https://b.example/1"}},
            }
        )
    )
    run = sigstore_command(
        folder, "attest", "--identity-token", sigstore.token(PERSON), "--predicate", "slsa.json",
        "--predicate-type", "https://slsa.dev/provenance/v1", "--bundle", "b.json", "model.pkl",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = ours((folder / "b.json").read_bytes(), person(sigstore))
    assert found.signer is not None, "its signature is one that we verify"
    assert found.stopped_at is not None
    assert "https://slsa.dev/provenance/v1" in found.stopped_at.detail


# sigstore-js's own command


def javascript_command(folder: Path, *arguments: str) -> Run:
    node, script = obtained(javascript_verifier)
    command = Path(script).parent / "node_modules/@sigstore/cli/bin/run"
    return subprocess.run(
        [node, str(command), *arguments],
        cwd=folder, env={"HOME": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_javascript_command_verifies_the_signer_by_tuf(
    sigstore: LocalSigstore, folder: Path
) -> None:
    repository = TufRepository(folder / "tuf")
    repository.publish(sigstore.trust_config(rekor=1))
    (folder / "bundle.json").write_bytes(by_person(sigstore, 1))
    with serving_files(folder / "tuf") as host:
        verify = [
            "verify", "bundle.json", "--tuf-mirror-url", f"http://{host}", "--tuf-root-path",
            str(repository.root), "--tuf-cache-path", str(folder / "cache"),
            "--certificate-issuer", ISSUER, "--certificate-identity-email",
        ]  # fmt: skip
        good = javascript_command(folder, *verify, PERSON)
        eve = javascript_command(folder, *verify, "eve@example.com")
    assert good.returncode == 0, good.stderr
    assert eve.returncode == 1


def test_what_the_javascript_command_attached_to_an_image_is_read_from_the_registry(
    folder: Path,
) -> None:
    bundle = sign_statement(PAYLOAD, KEY)
    (folder / "bundle.json").write_bytes(bundle)
    with docker_registry(folder, login=True) as host:
        (folder / "config.json").write_text("{}")
        login = ["--username", USER, "--password", PASSWORD]
        push = run_program(
            "oras", "push", "--plain-http", *login, f"{host}/acme/models:v1", "--format", "json",
            "model.pkl", folder=folder,
        )  # fmt: skip
        assert push.returncode == 0, push.stderr
        image = f"{host}/acme/models:v1"
        attach = javascript_command(folder, "attach", image, "--attestation", "bundle.json", *login)
        assert attach.returncode == 0, attach.stderr
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AIGF_OCI_USERNAME", USER)
            patch.setenv("AIGF_OCI_PASSWORD", PASSWORD)
            digest = Sha256(json.loads(push.stdout)["digest"].removeprefix("sha256:"))
            (found,) = open_oci(f"oci://{host}/acme/models").find(digest)
        seen = run_program(
            "oras", "discover", "--plain-http", *login, "--format", "json", image, folder=folder
        )
    assert json.loads(found.data) == json.loads(bundle)
    assert "sigstore.bundle" in seen.stdout, seen.stderr


# oras


def test_oras_pulls_our_attestation_from_a_registry(folder: Path) -> None:
    bundle, model = sign_statement(PAYLOAD, KEY), sha256(MODEL_BYTES)
    with docker_registry(folder) as host:
        stored = Stored(model=model, ending=BUNDLE, data=bundle)
        open_oci(f"oci://{host}/acme/models").add((stored,))
        place = f"{host}/acme/models"
        tags = run_program("oras", "repo", "tags", "--plain-http", place, folder=folder)
        (tag,) = [tag for tag in tags.stdout.split() if ".aigf-" in tag]
        pull = run_program("oras", "pull", "--plain-http", f"{place}:{tag}", folder=folder)
    assert pull.returncode == 0, pull.stderr
    assert (folder / stored.name.partition("/")[2]).read_bytes() == bundle


# witness


def test_witness_and_we_do_not_read_each_other(sigstore: LocalSigstore, folder: Path) -> None:
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "raw.key").write_bytes(pem)
    (folder / "bundle.json").write_bytes(sign_statement(PAYLOAD, KEY))
    name = sha256(public_pem(KEY.public_key()))
    step = {
        "name": "deploy",
        "attestations": [{"type": DEPLOYMENT, "regopolicies": []}],
        "functionaries": [{"type": "publickey", "publickeyid": name}],
    }
    key = {"keyid": name, "key": base64.b64encode(public_pem(KEY.public_key())).decode()}
    policy = {"expires": "2999-01-01T00:00:00Z", "steps": {"deploy": step}}
    (folder / "policy.json").write_text(json.dumps({**policy, "publickeys": {name: key}}))
    sign = ["sign", "--signer-file-key-path", "raw.key", "--infile"]
    assert run_program(
        "witness", *sign, "policy.json", "--outfile", "policy.signed.json", folder=folder
    ).returncode == 0  # fmt: skip
    verify = ["verify", "--policy", "policy.signed.json", "--publickey", "key.pub"]
    verify += ["--artifactfile", "model.pkl", "--attestations", "bundle.json"]
    refused = run_program("witness", *verify, folder=folder)
    assert refused.returncode != 0
    assert run_program(
        "witness", *sign, "statement.json", "--outfile", "signed.json",
        "--datatype", "application/vnd.in-toto+json", folder=folder,
    ).returncode == 0  # fmt: skip
    found = ours((folder / "signed.json").read_bytes(), key_signer(sigstore, in_log=False))
    assert found.stopped_at is not None
    assert "mediaType" in found.stopped_at.detail
