"""Models with attestations and signatures, to measure what it takes to verify them."""

import hashlib
import json
import os
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import (
    Deployment,
    EvidenceItem,
    ModelKind,
    Statement,
    evidence_item,
)
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import build_statement, read_statement
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.private_keys import load_private_key
from benchmarks.process import aigf, run
from benchmarks.projects import mortgage
from tests.signing.by_key import sign_statement

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedModel:
    """The example's model, attested and signed with a key for model_signing, too."""

    folder: Path
    root: Path  # of the project
    model: Path
    policy_digest: str

    @property
    def bundle(self) -> Path:
        """The attestation."""
        return self.folder / "model.sigstore.json"

    @property
    def oms(self) -> Path:
        """The OpenSSF Model Signing signature."""
        return self.folder / "model.sig"

    @property
    def key(self) -> Path:
        """The private key."""
        return self.folder / "release.key"

    @property
    def public_key(self) -> Path:
        """The public key."""
        return self.folder / "release.pub"

    def attested(self) -> tuple[Statement, Deployment]:
        """Return what the attestation says."""
        document = json.loads(self.bundle.read_bytes())
        statement = read_statement(b64decode(document["dsseEnvelope"]["payload"]))
        return statement, read_deployment(statement)


def sign_example(folder: Path) -> SignedModel:
    """Make the example project, attest its model and sign its bytes."""
    project = mortgage(folder)
    digest = hashlib.sha256((project.root / "governance/policy.yaml").read_bytes()).hexdigest()
    signed = SignedModel(
        folder=folder,
        root=project.root,
        model=project.root / project.model,
        policy_digest=f"sha256:{digest}",
    )
    run(aigf("key", "generate", str(signed.key), "--no-passphrase"), folder)
    outputs = ("--output", str(signed.bundle), "--oms", str(signed.oms))
    run(aigf("attest", "--key", str(signed.key), *outputs), project.root)
    return signed


def many_files(folder: Path, *, files: int, size: int) -> tuple[ModelFile, ...]:
    """Write a directory of files of one size, each with other bytes; return their digests."""
    block = os.urandom(_BLOCK)
    made = []
    for number in range(files):
        name = f"{number // 1000:02}/part-{number:05}.bin"
        data = number.to_bytes(8) + block[: size - 8]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        made.append(ModelFile(name=name, sha256=hashlib.sha256(data).hexdigest()))  # type: ignore[arg-type]  # a NewType of it
    return tuple(made)


def attest_directory(signed: SignedModel, files: Sequence[ModelFile], bundle: Path) -> None:
    """Write an attestation that says of a directory what the example's says of its model."""
    _, deployment = signed.attested()
    below = [replace(file, name=f"models/net/{file.name}") for file in files]
    said = replace(deployment, path="models/net", kind=ModelKind.DIRECTORY)
    bundle.write_bytes(_sign(signed, build_statement(said, below)))


def attest_often(signed: SignedModel, count: int, *, alike: bool) -> bytes:
    """Return attestations of the example's model as JSON Lines: all but the last a day older.

    Args:
        signed: the model.
        count: how many.
        alike: whether they carry the same evidence, or each one other bytes.
    """
    statement, deployment = signed.attested()
    issued = deployment.issued_on
    times = [issued - timedelta(days=1, seconds=number) for number in range(1, count)]
    said = (replace(deployment, issued_on=time) for time in (*times, issued))
    return join_bundles(
        _sign(signed, build_statement(each if alike else _of_its_own(each), statement.subjects))
        for each in said
    )


def _of_its_own(deployment: Deployment) -> Deployment:
    """Return what a deployment attestation says with other bytes in each of its evidence."""
    mark = f"\n{deployment.issued_on}".encode()

    def other(item: EvidenceItem) -> EvidenceItem:
        return evidence_item(item.name, item.media_type, (item.content or b"") + mark)

    card = deployment.model_card
    return replace(
        deployment,
        lineage=other(deployment.lineage),
        model_card=other(card) if card is not None else None,
        documents=tuple(replace(each, file=other(each.file)) for each in deployment.documents),
        evidence=tuple(map(other, deployment.evidence)),
    )


def _sign(signed: SignedModel, payload: bytes) -> bytes:
    return sign_statement(payload, load_private_key(signed.key.read_bytes(), None, where="key"))
