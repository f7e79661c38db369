"""model_signing verifies what we sign, we verify what it signs, and both refuse the same."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.actions.verify import read_artifact
from aigf_dvc.actions.verify_oms import SignedModel, verify_oms
from aigf_dvc.attestation.oms import SINGLE, build_oms_statement, root_digest
from aigf_dvc.attestation.oms_verification import OmsVerification
from aigf_dvc.attestation.verification import SignerKind, TimeSource
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import ChainSigner, KeylessSigner, KeySigner, OmsSigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.independent.model_signing import ModelSigning, model_signing_python
from tests.independent.programs import obtained
from tests.local_sigstore.server import LocalSigstore
from tests.playground import MODEL, Playground
from tests.signing.by_key import sign_statement
from tests.signing.own_pki import IDENTITY, make_pki

MAIL, ISSUER = "ml@corp.example", "https://issuer.test.example"
Spoil = Callable[[Path], object]


@pytest.fixture(scope="module")
def theirs() -> Iterator[ModelSigning]:
    with ModelSigning(obtained(model_signing_python)) as running:
        yield running


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running
    assert running.errors == []


@dataclass(frozen=True, slots=True)
class Work:
    """A model, a pair of keys, and where its signature stands."""

    folder: Path

    @property
    def model(self) -> Path:
        return self.folder / "net"

    @property
    def signature(self) -> Path:
        return self.folder / "net.sig"

    def key(self, kind: str = "p256") -> tuple[Path, Path]:
        private, public = self.folder / f"{kind}.key", self.folder / f"{kind}.pub"
        if not private.exists():
            pems = generate_key(None, kind=kind)
            private.write_bytes(pems[0])
            public.write_bytes(pems[1])
        return private, public

    def sign(self, kind: str = "p256", *, single: Path | None = None) -> None:
        """Sign as we do."""
        private = load_private_key(self.key(kind)[0].read_bytes(), None, where="test")
        self.signature.write_bytes(sign_statement(self.statement(single), private))

    def statement(self, single: Path | None = None) -> bytes:
        if single is not None:
            digest = read_artifact(single).key
            return build_oms_statement(single.name, [ModelFile(name=SINGLE, sha256=digest)])
        return build_oms_statement("net", read_artifact(self.model).files)

    def verified(self, signer: OmsSigner | None = None, *, model: Path | None = None) -> str | None:
        """Verify as we do; return why it was refused, or None."""
        found = self.outcome(signer, model=model)
        return None if found.holds else str(found.stopped_at)

    def outcome(
        self, signer: OmsSigner | None = None, *, model: Path | None = None
    ) -> OmsVerification:
        public = load_public_key(self.key()[1].read_bytes(), where="test")
        return verify_oms(
            SignedModel(
                path=model or self.model,
                signature=self.signature.read_bytes(),
                signature_path=self.signature,
            ),
            signer=signer or KeySigner(public_key=public),
        )


@pytest.fixture
def work(tmp_path: Path) -> Work:
    made = Work(tmp_path)
    files = {
        "weights.bin": bytes(range(256)) * 5,
        "sub/deep/words.txt": b"a\nb\n",
        "sub.txt": b"sorted before sub/ by characters, after it by parts",
        "empty": b"",
        "caf\u00e9/\u6f22\u5b57 (1).json": b"{}",
        "cafe\u0301.txt": b"decomposed, as macOS writes it",
    }
    for name, data in files.items():
        (made.model / name).parent.mkdir(parents=True, exist_ok=True)
        (made.model / name).write_bytes(data)
    return made


def edit(name: str, data: bytes) -> Spoil:
    return lambda model: (model / name).write_bytes(data)


def replaced_by_a_link(model: Path) -> None:
    (model / "sub.txt").rename(model.parent / "x")
    (model / "sub.txt").symlink_to(model.parent / "x")


SPOILERS: dict[str, Spoil] = {
    "changed": edit("weights.bin", b"\0" * 1280),
    "cut": edit("weights.bin", b"\0"),
    "filled": edit("empty", b"x"),
    "added": edit("more.bin", b"x"),
    "added below": edit("sub/more.bin", b"x"),
    "removed": lambda model: (model / "sub.txt").unlink(),
    "renamed": lambda model: (model / "sub.txt").rename(model / "sup.txt"),
    "swapped": lambda model: (model / "sub.txt").replace(model / "weights.bin"),
    "linked": lambda model: (model / "link").symlink_to("weights.bin"),
    "replaced by a link": replaced_by_a_link,
}


@pytest.mark.parametrize("kind", ["p256", "p384", "p521"])
def test_they_verify_what_a_key_of_ours_signs(theirs: ModelSigning, work: Work, kind: str) -> None:
    work.sign(kind)
    assert theirs.refusal(work.model, work.signature, key=work.key(kind)[1]) is None


@pytest.mark.parametrize("kind", ["p256", "p384", "p521"])
def test_we_verify_what_a_key_of_theirs_signs(theirs: ModelSigning, work: Work, kind: str) -> None:
    theirs.sign(work.model, work.signature, key=work.key(kind)[0])
    public = load_public_key(work.key(kind)[1].read_bytes(), where="test")
    assert work.verified(KeySigner(public_key=public)) is None


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS.keys())
def test_both_refuse_a_spoiled_model_whoever_signed(
    theirs: ModelSigning, work: Work, spoil: Spoil
) -> None:
    work.sign()
    ours = work.signature.read_bytes()
    theirs.sign(work.model, work.signature, key=work.key()[0])
    spoil(work.model)
    for data in (ours, work.signature.read_bytes()):
        work.signature.write_bytes(data)
        assert work.verified() is not None
        assert theirs.refusal(work.model, work.signature, key=work.key()[1]) is not None


@pytest.mark.parametrize("part", ["payload", "signature"])
def test_both_refuse_a_changed_signature(theirs: ModelSigning, work: Work, part: str) -> None:
    work.sign()
    document = json.loads(work.signature.read_text())
    if part == "payload":
        document["dsseEnvelope"]["payload"] = "e30="
    else:
        document["dsseEnvelope"]["signatures"][0]["sig"] = "MAA="
    work.signature.write_text(json.dumps(document))
    assert work.verified() is not None
    assert theirs.refusal(work.model, work.signature, key=work.key()[1]) is not None


def test_both_refuse_another_key(theirs: ModelSigning, work: Work, tmp_path: Path) -> None:
    theirs.sign(work.model, work.signature, key=work.key("p384")[0])
    assert "another key signed" in str(work.verified())
    other = tmp_path / "other.pub"
    other.write_bytes(generate_key(None)[1])
    work.sign()
    assert theirs.refusal(work.model, work.signature, key=other) is not None


def test_a_model_of_one_file_goes_both_ways(theirs: ModelSigning, work: Work) -> None:
    single = work.model / "weights.bin"
    work.sign(single=single)
    assert theirs.refusal(single, work.signature, key=work.key()[1]) is None
    theirs.sign(single, work.signature, key=work.key()[0])
    assert work.verified(model=single) is None
    single.write_bytes(b"x")
    assert work.verified(model=single) is not None


@pytest.mark.parametrize("size", [100, 1280, 1_000_000_000])
@pytest.mark.parametrize("kind", ["sha256", "blake2"])
def test_we_verify_their_shards(theirs: ModelSigning, work: Work, size: int, kind: str) -> None:
    theirs.sign(work.model, work.signature, key=work.key()[0], shard_size=size, hash=kind)
    found = work.outcome()
    assert found.holds
    assert any("'empty' is not signed" in text for text in found.not_covered)
    with (work.model / "weights.bin").open("r+b") as file:
        file.seek(1279)
        file.write(b"x")
    assert "weights.bin' from byte" in str(work.verified())


def test_we_verify_their_blake3(theirs: ModelSigning, work: Work) -> None:
    theirs.sign(work.model, work.signature, key=work.key()[0], hash="blake3")
    assert work.verified() is None
    (work.model / "weights.bin").write_bytes(bytes(1280))
    assert "changed: 'weights.bin'" in str(work.verified())


def sharded(files: dict[str, bytes], size: int, algorithm: str) -> bytes:
    """Return the statement of a model in shards, with this name for the hash of each."""
    pieces = [
        (f"{name}:{start}:{min(start + size, len(data))}", data[start : start + size])
        for name, data in sorted(files.items())
        for start in range(0, len(data), size)
    ]
    resources = [
        {"name": name, "digest": sha256(data), "algorithm": algorithm} for name, data in pieces
    ]
    document = json.loads(build_oms_statement("net", [ModelFile(name="x", sha256=sha256(b""))]))
    document["subject"][0]["digest"]["sha256"] = root_digest(sha256(data) for _, data in pieces)
    how = {"method": "shards", "hash_type": "sha256", "shard_size": size, "allow_symlinks": False}
    document["predicate"] = {"serialization": how, "resources": resources}
    return json.dumps(document).encode()


def test_what_the_specification_says_of_shards_they_refuse_so_we_write_none(
    theirs: ModelSigning, work: Work
) -> None:
    """Once they verify both, `attest --oms` can write shards that every verifier reads."""
    files = {"a.bin": bytes(range(256)), "b.bin": b"x"}
    model = work.folder / "plain"
    model.mkdir()
    for name, data in files.items():
        (model / name).write_bytes(data)
    key = load_private_key(work.key()[0].read_bytes(), None, where="test")
    for algorithm, says in (("sha256-sharded-100", None), ("sha256", "Hash mismatch")):
        statement = sharded(files, 100, algorithm)
        work.signature.write_bytes(sign_statement(statement, key))
        assert work.verified(model=model) is None
        refusal = theirs.refusal(model, work.signature, key=work.key()[1])
        assert refusal is None if says is None else says in str(refusal)


def test_what_they_ignored_we_ignore_and_tell(theirs: ModelSigning, work: Work) -> None:
    (work.model / "cache/deep").mkdir(parents=True)
    (work.model / "cache/deep/x").write_bytes(b"x")
    (work.model / ".gitattributes").write_bytes(b"x")
    theirs.sign(work.model, work.signature, key=work.key()[0], ignore=["cache"])
    (work.model / "cache/deep/y").write_bytes(b"anything")
    assert theirs.refusal(work.model, work.signature, key=work.key()[1]) is None
    assert work.outcome().holds
    assert work.outcome().not_covered == (
        "'.gitattributes' is not signed: ignored",
        "'cache' is not signed: ignored",
    )
    (work.model / "sub/cache").mkdir()
    (work.model / "sub/cache/x").write_bytes(b"x")
    assert theirs.refusal(work.model, work.signature, key=work.key()[1]) is not None
    assert work.verified() is not None


def test_what_git_keeps_counts_with_neither_unless_signed(theirs: ModelSigning, work: Work) -> None:
    work.sign()
    (work.model / ".gitignore").write_bytes(b"x")
    assert theirs.refusal(work.model, work.signature, key=work.key()[1]) is None
    assert work.outcome().not_covered == ("'.gitignore' is not signed: ignored",)
    work.sign()
    assert work.verified() is None
    (work.model / ".gitignore").write_bytes(b"y")
    assert "changed: '.gitignore'" in str(work.verified())


def test_links_that_they_followed_we_follow(theirs: ModelSigning, work: Work) -> None:
    (work.folder / "blob").write_bytes(b"x")
    (work.model / "inside").symlink_to("weights.bin")
    (work.model / "outside").symlink_to("../blob")
    theirs.sign(work.model, work.signature, key=work.key()[0], symlinks=True)
    found = work.outcome()
    assert found.holds
    assert found.not_covered == ("'outside' is a link out of the model",)
    (work.folder / "blob").write_bytes(b"y")
    assert "changed: 'outside'" in str(work.verified())


@pytest.mark.parametrize("curve", ["P-256", "P-521"])
def test_we_verify_what_a_certificate_signs_for_them(
    theirs: ModelSigning, work: Work, curve: str
) -> None:
    pki = make_pki(work.folder)
    pki.issue("leaf", "between", section="leaf", curve=curve)
    theirs.sign(
        work.model,
        work.signature,
        key=pki.path("leaf.key"),
        certificate=pki.path("leaf.pem"),
        chain=[pki.path("between.pem"), pki.path("root.pem")],
    )
    signer = ChainSigner(identity=IDENTITY, signers=pki.read("root.pem"), now=datetime.now(UTC))
    found = work.outcome(signer)
    assert found.holds
    assert found.signer is not None
    assert found.signer.kind is SignerKind.CERTIFICATE
    other = ChainSigner(identity=MAIL, signers=pki.read("root.pem"), now=datetime.now(UTC))
    assert "it is for" in str(work.verified(other))
    tsa = ChainSigner(identity=IDENTITY, signers=pki.read("tsa-root.pem"), now=datetime.now(UTC))
    assert "not to be trusted" in str(work.verified(tsa))


def test_a_certificate_that_has_ended_counts_with_them_and_not_with_us(
    theirs: ModelSigning, work: Work
) -> None:
    pki = make_pki(work.folder)
    pki.issue("old", "between", section="leaf", days=-1)
    theirs.sign(
        work.model,
        work.signature,
        key=pki.path("old.key"),
        certificate=pki.path("old.pem"),
        chain=[pki.path("between.pem")],
    )
    signer = ChainSigner(identity=IDENTITY, signers=pki.read("root.pem"), now=datetime.now(UTC))
    assert "not to be trusted" in str(work.verified(signer))


@pytest.mark.parametrize("rekor", [1, 2])
def test_an_identity_signs_both_ways(
    theirs: ModelSigning, work: Work, sigstore: LocalSigstore, rekor: int
) -> None:
    config = sigstore.trust_config(rekor=1 if rekor == 1 else 2, timestamp=True)
    place = work.folder / "trust_config.json"
    place.write_text(json.dumps(config))
    signer = KeylessSigner(identity=MAIL, issuer=ISSUER, trusted_root=place.read_bytes())
    named = {"identity": MAIL, "issuer": ISSUER, "trust_config": place}

    theirs.sign(work.model, work.signature, token=sigstore.token(MAIL), trust_config=place)
    found = work.outcome(signer)
    assert found.holds
    assert found.signer is not None
    assert found.signer.time_source is TimeSource.TSA
    other = KeylessSigner(identity="a@b.example", issuer=ISSUER, trusted_root=place.read_bytes())
    assert work.verified(other) is not None

    bundle = sign_keyless(
        work.statement(),
        trust_config=place.read_bytes(),
        identity_token=sigstore.token(MAIL),
        consent_public=False,
        interactive=False,
    )
    work.signature.write_bytes(bundle)
    assert theirs.refusal(work.model, work.signature, **named) is None
    assert theirs.refusal(work.model, work.signature, **named | {"identity": "a@b.c"}) is not None


@pytest.mark.slow
def test_their_command_verifies_what_our_command_signs_and_the_other_way(
    playground: Playground,
) -> None:
    private, public = generate_key(None)
    above = playground.root.parent
    (above / "k.key").write_bytes(private)
    (above / "k.pub").write_bytes(public)
    run = playground.aigf("attest", "--key", "../k.key", "--oms", "../ours.sig")
    assert run.returncode == 0, run.stderr
    program = obtained(model_signing_python).parent / "model_signing"
    model = playground.root / MODEL
    command = [str(program), "verify", "key", "--public_key", str(above / "k.pub")]
    verify = subprocess.run(
        [*command, "--signature", str(above / "ours.sig"), str(model)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verify.returncode == 0, verify.stdout + verify.stderr
    sign = [str(program), "sign", "key", "--private_key", str(above / "k.key")]
    subprocess.run(
        [*sign, "--signature", str(above / "theirs.sig"), str(model.parent)],
        capture_output=True, check=True,
    )  # fmt: skip
    run = playground.aigf(
        "verify", str(model.parent), "--oms", "../theirs.sig", "--key", "../k.pub"
    )
    assert run.returncode == 0, run.stdout + run.stderr
