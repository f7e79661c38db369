"""Verify that somebody signed the bytes of a model, by OpenSSF Model Signing."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from aigf_dvc.attestation.oms import HashType, OmsStatement
from aigf_dvc.attestation.oms_reading import read_oms_statement
from aigf_dvc.attestation.oms_tree import (
    digest_differences,
    not_covered,
    path_of,
    tree_differences,
)
from aigf_dvc.attestation.oms_verification import OmsStep, OmsStepName, OmsVerification
from aigf_dvc.attestation.verification import SignerFacts, StepOutcome
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.hashing.hash_ranges import NewHash, hash_ranges
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.hashing.signed_tree import SignedTree, demand_same, look_at
from aigf_dvc.signing.oms_bundle import read_oms_bundle
from aigf_dvc.signing.open import OmsSigner, verify_oms_signature


class SignedModel(Struct, frozen=True, kw_only=True):
    """A model on disk, and a signature that somebody made of it."""

    path: Path
    signature: bytes
    signature_path: Path | None = None  # where it lies; in the model, it is no part of it


def verify_oms(
    model: SignedModel, *, signer: OmsSigner, progress: Progress | None = None
) -> OmsVerification:
    """Verify a signature, and that the model is what was signed, with no file more or less.

    Raises:
        InputError: there is no model, or a file that says whom to trust cannot be read.
    """
    checks = _Checks(model, signer, progress)
    steps = tuple(checks.taken())
    return OmsVerification(steps=steps, signer=checks.signed_by, not_covered=checks.not_covered)


class _Checks:
    """One verification; each check uses what those before it found."""

    def __init__(self, model: SignedModel, signer: OmsSigner, progress: Progress | None) -> None:
        self._model = model
        self._signer = signer
        self._progress = progress
        self._payload = b""
        self._statement: OmsStatement
        self._tree: SignedTree
        self.signed_by: SignerFacts | None = None
        self.not_covered: tuple[str, ...] = ()

    def taken(self) -> Iterator[OmsStep]:
        """Yield the steps; the first that says no is the last one taken."""
        checks: dict[OmsStepName, Callable[[], str]] = {
            OmsStepName.BUNDLE: self._bundle,
            OmsStepName.SIGNATURE: self._signature,
            OmsStepName.STATEMENT: self._read,
            OmsStepName.FILES: self._files,
            OmsStepName.BYTES: self._bytes,
        }
        outcome = StepOutcome.PASSED
        for name, check in checks.items():
            if outcome is not StepOutcome.PASSED:
                yield OmsStep(name=name, outcome=StepOutcome.NOT_REACHED)
                continue
            try:
                detail = check()
            except RefusedError as error:
                outcome, detail = StepOutcome.FAILED, error.told
            except UndecidedError as error:
                outcome, detail = StepOutcome.UNDECIDED, error.told
            yield OmsStep(name=name, outcome=outcome, detail=detail)

    def _bundle(self) -> str:
        read_oms_bundle(self._model.signature)
        return "a Sigstore bundle with one signature"

    def _signature(self) -> str:
        found = verify_oms_signature(self._model.signature, self._signer)
        self._payload, self.signed_by = found.payload, found.signer
        if found.signer.issuer is None:
            return f"the key {found.signer.name}"
        return f"{found.signer.name}, for whom {found.signer.issuer} vouches"

    def _read(self) -> str:
        self._statement = read_oms_statement(self._payload)
        count, kind = len(self._statement.paths), self._statement.hash_type
        return f"a model of {count} {'file' if count == 1 else 'files'}, hashed with {kind}"

    def _files(self) -> str:
        self._tree = self._look()
        self.not_covered = not_covered(self._statement, self._tree.seen)
        _refuse(tree_differences(self._statement, self._tree.seen))
        return "the files are those that were signed, none more and none less"

    def _bytes(self) -> str:
        seen = self._tree.seen
        digests = hash_ranges(
            [
                self._tree.range(path_of(item, seen), item.start, item.end)
                for item in self._statement.resources
            ],
            self._progress,
            new=_new_hash(self._statement.hash_type),
        )
        demand_same(self._tree, self._look())
        _refuse(digest_differences(self._statement, seen, digests))
        return "each file has the bytes that were signed"

    def _look(self) -> SignedTree:
        unsigned = self._statement.unsigned
        return look_at(self._model.path, unsigned=unsigned, signature=self._model.signature_path)


def _refuse(differences: tuple[str, ...]) -> None:
    if differences:
        raise RefusedError("\n".join(differences))


def _new_hash(kind: HashType) -> NewHash:
    match kind:
        case HashType.SHA256:
            return hashlib.sha256
        case HashType.BLAKE2B:
            return hashlib.blake2b
        case HashType.BLAKE3:
            return _blake3()


def _blake3() -> NewHash:
    try:
        from aigf_dvc.hashing.blake3_hash import new_hash  # noqa: PLC0415  # of an extra
    except ImportError:
        raise UndecidedError(
            "hashed with BLAKE3, and the package blake3 is not installed",
            hint="pip install 'aigf-dvc[blake3]'",
        ) from None
    return new_hash
