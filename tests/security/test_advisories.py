"""The mistakes that others made, by the advisories that name them: none of them is ours.

Each test takes the way that a user takes, as far as it goes without a network.
"""

import ast
import importlib.metadata
import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from packaging.version import Version

from aigf_dvc.actions.verify import read_artifact
from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.cli.main import aigf
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.git.program import environment, resolve_commit
from aigf_dvc.policy.read import read_policy
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.public_form import public_pem
from aigf_dvc.signing.trusted import open_trust
from aigf_dvc.signing.verify import verify_bundle
from aigf_dvc.strict_yaml import read_dvc, read_strict
from tests.attestation.builders import (
    COMMIT,
    DEPLOYED,
    MODEL_BYTES,
    MODEL_FILES,
    POLICY,
    REPOSITORY,
    a_deployment,
    some_demands,
)
from tests.attestation.consent_builders import TRUST
from tests.limits import run_limited
from tests.security.attacks import (
    Attack,
    edited,
    entry,
    flipped,
    foreign,
    material,
    not_yet,
    stamp,
    stolen_stamp,
)
from tests.security.attacks_keyless import (
    another_size,
    asked_for,
    ended_period,
    keylessly,
    logs_ended,
    stolen_entry,
    stolen_stamp_alone,
    with_root,
)
from tests.security.bundles import NOW, OTHER, PAYLOAD, Kind, World, a_world
from tests.serving import serving
from tests.signing.by_key import sign_statement
from tests.signing.test_trusted import PAIRS

PACKAGE = Path(__file__).resolve().parents[2] / "aigf_dvc"
Json = dict[str, Any]  # Any: a document that tests edit at will


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def folder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model, its attestation and the key to trust."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    (tmp_path / "key.pub").write_bytes(public_pem(world.key.public_key()))
    (tmp_path / "bundle.json").write_bytes(sign_statement(PAYLOAD, world.key))
    return tmp_path


def verify(*options: str, bundle: str = "bundle.json") -> Result:
    given = ["verify", "model.pkl", "--key", "key.pub", "--bundle", bundle]
    return CliRunner().invoke(aigf, [*given, *options])


ACCEPT = ("--policy-digest", f"sha256:{POLICY.sha256}")


@pytest.mark.parametrize("steal", [stolen_entry, stolen_stamp, stolen_stamp_alone])
def test_proofs_about_another_signature_prove_nothing(
    world: World, steal: Callable[[World], Attack]
) -> None:
    """CVE-2022-36056, CVE-2022-23649, CVE-2026-22703 (cosign), CVE-2024-51746 (gitsign)."""
    assert steal(world).exit_code() == 1


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_log_entry_about_another_payload_proves_nothing(world: World, rekor: Any) -> None:  # noqa: ANN401  # 1 or 2
    """CVE-2022-36056: the entry's body is compared, not only that some entry is in the log."""
    other = json.loads(world.keyless(OTHER, rekor))
    attack = keylessly(rekor, lambda d: entry(d).update(entry(other)))(world)
    assert attack.exit_code() == 1


@pytest.mark.parametrize("data", [b"", b"\n", b"{}", b"[]", b"null", b"\xff", b"{" * 9999])
def test_nothing_and_nonsense_are_never_a_success(folder: Path, data: bytes) -> None:
    """CVE-2022-35929, CVE-2022-35930 (cosign), CVE-2026-39395, CVE-2026-44310 (exit code 0)."""
    (folder / "bad.json").write_bytes(data)
    for options in (ACCEPT, ("--any-policy",), ("--signature-only",)):
        run = verify(*options, bundle="bad.json")
        assert run.exit_code == 1
        assert "REFUSED" in run.output


def test_a_store_without_attestations_is_never_a_success(folder: Path) -> None:
    """CVE-2022-35930: no attestation matched, and the policy controller said yes."""
    (folder / "store").mkdir()
    given = ["verify", "model.pkl", "--key", "key.pub", "--from", "store", *ACCEPT]
    assert CliRunner().invoke(aigf, given).exit_code == 1


def test_an_attestation_of_another_type_does_not_stand_in(world: World, folder: Path) -> None:
    """CVE-2022-35929: any attestation passed for the type that was asked for."""
    other = json.loads(PAYLOAD) | {"predicateType": "https://slsa.dev/provenance/v1"}
    bundle = sign_statement(json.dumps(other).encode(), world.key)
    (folder / "other.json").write_bytes(bundle)
    assert verify(*ACCEPT).exit_code == 0
    assert verify(*ACCEPT, bundle="other.json").exit_code == 1


@pytest.mark.parametrize(
    "attack",
    [
        not_yet,
        foreign,
        with_root(1, ended_period("certificateAuthorities", 0)),
        with_root(2, ended_period("timestampAuthorities", 0)),
        with_root(2, logs_ended),
    ],
)
def test_a_certificate_or_a_clock_out_of_its_time_is_refused(
    world: World, attack: Callable[[World], Attack]
) -> None:
    """CVE-2026-24122 (cosign), CVE-2026-54787, CVE-2026-39984 (timestamp-authority)."""
    assert attack(world).exit_code() == 1


def test_one_key_is_one_voice_whatever_names_it_has() -> None:
    """CVE-2026-49834, CVE-2026-23992, GHSA-3633-5h82-39pq, CVE-2024-47534 (thresholds, go-tuf)."""
    with pytest.raises(InputError, match="has the key of"):
        open_trust(read_trust(TRUST.encode(), where="trust.yaml"), lambda _: PAIRS["dana"][1])


def test_one_timestamp_twice_is_one_timestamp(world: World) -> None:
    """The same mistake with clocks: a stamp that stands twice counts once, or not at all."""

    def twice(document: Json) -> None:
        stamps = material(document)["timestampVerificationData"]["rfc3161Timestamps"]
        stamps.append(stamp(document))

    bundle = edited(world.stamped(PAYLOAD), twice)
    assert Attack(bundle=bundle, signer=world.by_stamped_key).exit_code() == 1


def test_trust_comes_from_nowhere_but_the_caller(world: World, folder: Path) -> None:
    """CVE-2023-47122 (gitsign), CVE-2022-29173, CVE-2020-15163 (go-tuf), CVE-2023-32076."""
    root = json.dumps(world.sigstore.trusted_root())
    for name in ("trusted_root.json", "root.json", "trust.yaml", ".sigstore/root.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(root)
    (folder / "aigf.yaml").write_text("policy: deploy.yaml\n")
    (folder / "deploy.yaml").write_text("rules: []\n")
    assert verify().exit_code == 1  # no policy is found by itself
    (folder / "keyless.json").write_bytes(world.keyless(PAYLOAD, 2))
    given = ["verify", "model.pkl", "--bundle", "keyless.json", "--identity", "dev@example.com"]
    given += ["--issuer", "https://issuer.test.example", *ACCEPT]
    run = CliRunner().invoke(aigf, given, env={"HOME": str(folder)})
    assert run.exit_code == 1  # nor is a root
    assert CliRunner().invoke(aigf, [*given, "--trusted-root", "root.json"]).exit_code == 0


def test_no_address_in_a_bundle_or_root_is_asked(world: World) -> None:
    """CVE-2026-22772, CVE-2026-24117, CVE-2026-49478 (requests that others choose)."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            asked.append("asked")

    bundle = world.keyless(PAYLOAD, 2)
    with serving(Handler) as address:
        root = world.sigstore.trusted_root()
        for role in ("tlogs", "ctlogs"):
            for log in root[role]:
                log["baseUrl"] = f"http://{address}/"
        for role in ("certificateAuthorities", "timestampAuthorities"):
            root[role][0]["uri"] = f"http://{address}/"
        signer = replace(world.by_identity, trusted_root=json.dumps(root).encode())
        assert Attack(bundle=bundle, signer=signer).exit_code() == 0
    assert asked == []


@pytest.mark.parametrize(
    "name", ["models/fraud/../../secret", "/etc/passwd", "models/fraudx/a", "..", "models/fraud/."]
)
def test_a_name_in_a_statement_is_never_a_path(world: World, name: str) -> None:
    """CVE-2021-41131, CVE-2026-24137, CVE-2026-24686 (go-tuf), CVE-2026-2614 (MLflow)."""
    files = (replace(MODEL_FILES[0], name=name),)
    deployment = a_deployment(issued_on=NOW, kind=ModelKind.DIRECTORY, path="models/fraud")
    bundle = sign_statement(build_statement(deployment, files), world.key)
    here = (ModelFile(name="a", sha256=MODEL_FILES[0].sha256),)
    found = verify_bundle(bundle, artifact=here, signer=world.by_key, demands=some_demands(at=NOW))
    assert found.exit_code == 1


def test_a_link_out_of_a_model_is_not_followed(tmp_path: Path) -> None:
    """CVE-2026-24137, and the containment that model-signing 1.1.1 lacks."""
    (tmp_path / "model").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "model/a").symlink_to("../secret")
    with pytest.raises(UndecidedError, match="leads out"):
        read_artifact(tmp_path / "model")


@pytest.mark.parametrize(
    "text",
    [
        b" " * (33 * 2**20),
        b'{"mediaType":' * 100_000,
        b"[" * 100_000,
        b'{"a":' + b"9" * 100_000 + b"}",
        b'{"verificationMaterial":{"tlogEntries":[' + b"{}," * 300_000 + b"{}]}}",
    ],
)
def test_a_bundle_without_end_is_refused_in_a_second(
    world: World, tmp_path: Path, text: bytes
) -> None:
    """CVE-2024-45395, CVE-2024-29902, CVE-2024-29903, CVE-2023-30551, CVE-2026-48702,
    CVE-2025-66564, CVE-2026-49835 (memory and time without bound).
    """
    kind = Kind(bundle={}, other={}, signer=world.by_key)
    assert run_limited(lambda: str(kind.judge(text)[0]), tmp_path / "result") == "1"


def test_the_bytes_that_were_signed_are_the_bytes_that_are_read(world: World) -> None:
    """CVE-2026-44309 (gitsign): what was verified was a normalised form of what was used."""
    spaced = json.dumps(json.loads(PAYLOAD), indent=2).encode()
    document = json.loads(sign_statement(PAYLOAD, world.key))
    for payload in (spaced, PAYLOAD + b"\n", b"\xef\xbb\xbf" + PAYLOAD):
        document["dsseEnvelope"]["payload"] = b64encode(payload).decode()
        attack = Attack(bundle=json.dumps(document).encode(), signer=world.by_key)
        assert attack.exit_code() == 1
    twice = b'{"predicateType":"x",' + PAYLOAD[1:]
    signed = Attack(bundle=sign_statement(twice, world.key), signer=world.by_key)
    assert signed.exit_code() == 1


@pytest.mark.parametrize(
    "identity",
    [".*", "*", "*@example.com", "dev@example.co", "dev@example.com.evil", "DEV@example.com"],
)
def test_an_identity_is_itself_and_no_pattern(world: World, identity: str) -> None:
    """CVE-2021-41087, GHSA-pmwq-pjrm-6p5r (in-toto: patterns that others read otherwise)."""
    assert asked_for(identity=identity)(world).exit_code() == 1


def test_the_workflow_of_another_repository_does_not_attest(world: World) -> None:
    """GHSA-r2xv-vpr2-42m9 (slsa-verifier): who built it must be who is named."""
    workflow = "https://github.com/evil/fork/.github/workflows/attest.yml@refs/heads/main"
    claims = {"repository_uri": "https://github.com/evil/fork", "sha": COMMIT}
    assert REPOSITORY not in claims.values()
    bundle = sign_keyless(
        PAYLOAD,
        trust_config=json.dumps(world.sigstore.trust_config()).encode(),
        identity_token=world.sigstore.token(workflow, claims=claims),
        consent_public=False,
        interactive=False,
    )
    signer = replace(world.by_identity, identity=workflow)
    found = verify_bundle(bundle, artifact=DEPLOYED, signer=signer, demands=some_demands(at=now()))
    assert found.stopped_at is not None
    assert found.stopped_at.name.name == "SOURCE"


def test_libraries_are_at_least_those_that_mended_their_mistakes() -> None:
    """GHSA-hm8f-75xx-w2vr = CVE-2026-24408 (sigstore-python: OIDC state), rfc3161-client's leaf."""
    assert Version(importlib.metadata.version("sigstore")) >= Version("4.2")
    assert Version(importlib.metadata.version("rfc3161-client")) >= Version("1.0.3")


def test_a_proof_is_checked_against_the_tree_that_was_signed(world: World) -> None:
    """CVE-2022-36111 (immudb): a proof over another tree than the one that the client trusts."""
    assert another_size(world).exit_code() == 1
    size = keylessly(2, lambda d: entry(d)["inclusionProof"].update(treeSize="99"))(world)
    assert size.exit_code() == 1
    forged = keylessly(
        2,
        lambda d: entry(d)["inclusionProof"].update(
            rootHash=flipped(entry(d)["inclusionProof"]["rootHash"])
        ),
    )(world)
    assert forged.exit_code() == 1


def test_a_policy_holds_no_code() -> None:
    """CVE-2022-36085 (OPA): a policy language whose unsafe parts could be reached."""
    for text in (b"rules:\n  - {id: x, kind: rego, code: 'allow = true'}\n", b"rules: {a: b}\n"):
        with pytest.raises(AigfError):
            read_policy(text, path="policy.yaml", read_part=lambda _: None)


@pytest.mark.parametrize("read", [read_strict, read_dvc])
def test_yaml_makes_no_objects(read: Callable[..., object], tmp_path: Path) -> None:
    """CVE-2017-18342, CVE-2019-20477, CVE-2020-1747, CVE-2020-14343 (PyYAML)."""
    made = tmp_path / "made"
    for tag in ("apply:os.mkdir", "object/apply:os.mkdir", "object/new:os.mkdir"):
        text = f"a: !!python/{tag} [{made}]\n".encode()
        with pytest.raises(AigfError):
            read(text, where="x.yaml")
    assert not made.exists()


def test_git_takes_neither_options_nor_a_repository_from_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitPython: CVE-2022-24439, CVE-2023-40267, CVE-2023-40590, CVE-2023-41040, CVE-2024-22190,
    CVE-2026-42215, CVE-2026-67322 to 67326, CVE-2026-69097, CVE-2026-76221.
    """
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for revision in ("--upload-pack=touch made", "-x", "ext::sh -c touch% made", "--exec=x"):
        with pytest.raises(AigfError):
            resolve_commit(tmp_path, revision)
    assert not (tmp_path / "made").exists()
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "touch made")
    assert not {"GIT_DIR", "GIT_SSH_COMMAND"} & set(environment())


def test_nothing_here_unpickles() -> None:
    """CVE-2025-10279, CVE-2026-4137 (MLflow), GHSA-w8v5-vhqr-4h9v (diskcache): models are bytes."""
    loaders = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "diskcache", "git"}
    found = set[str]()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    assert found & loaders == set()


def test_a_private_key_is_ones_own(folder: Path) -> None:
    """CVE-2026-4137 (MLflow), and DVC's caches under /var/tmp: files that others can reach."""
    run = CliRunner().invoke(aigf, ["key", "generate", "new.key", "--no-passphrase"])
    assert run.exit_code == 0
    assert (folder / "new.key").stat().st_mode & 0o077 == 0


def test_bare_bytes_are_no_attestation_whoever_signed_them(world: World, folder: Path) -> None:
    """The class of CVE-2022-35929, once more: a signature says that it signed, and no more."""
    (folder / "blob.json").write_bytes(world.blob(MODEL_BYTES))
    assert verify("--signature-only", bundle="blob.json").exit_code == 0
    assert verify("--any-policy", bundle="blob.json").exit_code == 1
