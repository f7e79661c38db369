"""Verify a model before it is deployed: its bytes, the signature about them, and what it says."""

import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import FAMILY
from aigf_dvc.attestation.expectations import ReadAttestation
from aigf_dvc.attestation.statement import predicate_type, read_attestation
from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.hashing.hash_ranges import hash_ranges, whole_file
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.hashing.scan import demand_unchanged, scan, walk
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.signing.bundle import parse_bundle, view_bundles
from aigf_dvc.signing.verify import verify_bundle


class Artifact(Struct, frozen=True, kw_only=True):
    """A model on disk: each of its files, and the digest under which a store keeps it."""

    files: tuple[ModelFile, ...]
    key: Sha256


class Candidates(Struct, frozen=True, kw_only=True):
    """The bundles to try, and the evidence that lay beside them."""

    bundles: tuple[bytes | memoryview, ...]  # a view of each where a file has them all
    beside: dict[Sha256, bytes]
    place: str
    others: tuple[bytes | memoryview, ...] = ()  # other statements, such as approvals or clean runs

    @property
    def passed_over(self) -> int:
        """Return how many statements are no candidates."""
        return len(self.others)


Bytes = TypeVar("Bytes", bytes, memoryview)

Hash = Callable[[Path, str, str], Sha256]
"""Takes a folder, the path of a file in it, and the file's name in the model."""


def read_artifact(
    path: Path, *, progress: Progress | None = None, hash_file: Hash | None = None
) -> Artifact:
    """Hash a model file, or every file of a model directory; no cache is asked.

    Args:
        path: of the file or directory.
        progress: called with each number of bytes read.
        hash_file: hashes a file, one after the other; by default all cores read them.

    Raises:
        InputError: nothing is there, or the directory is empty.
        UndecidedError: it cannot be read, holds links that lead out of it, or changed meanwhile.
    """
    if hash_file is not None:
        return _one_by_one(path, hash_file)
    # A file is looked at as what a loader would read: the one that a link leads to.
    root, name = (path, ".") if path.is_dir() else _resolved(path)
    try:
        found = scan(root, name)
        ranges = [whole_file(found.wanted(index)) for index in range(len(found.names))]
        digests = [Sha256(digest) for digest in hash_ranges(ranges, progress)]
        demand_unchanged(root, found)
    except (FileNotFoundError, NotADirectoryError):
        raise _nothing(path) from None
    if not found.is_directory:
        return Artifact(files=(ModelFile(name=path.name, sha256=digests[0]),), key=digests[0])
    return _directory(path, sorted(zip(found.names, digests, strict=True)))


def _one_by_one(path: Path, hash_file: Hash) -> Artifact:
    if path.is_dir():
        return _directory(path, [(name, hash_file(path, name, name)) for name in walk(path, ".")])
    root, name = _resolved(path)
    try:
        digest = hash_file(root, name, path.name)
    except (FileNotFoundError, NotADirectoryError):
        raise _nothing(path) from None
    return Artifact(files=(ModelFile(name=path.name, sha256=digest),), key=digest)


def _directory(path: Path, files: Sequence[tuple[str, Sha256]]) -> Artifact:
    if not files:
        raise InputError("an empty directory", where=str(path), expected="a model")
    return Artifact(
        files=tuple(ModelFile(name=name, sha256=digest) for name, digest in files),
        key=tree_digest((name.encode(), digest) for name, digest in files),
    )


def _resolved(path: Path) -> tuple[Path, str]:
    """Return the folder and the name of the file that a path leads to."""
    try:
        real = Path(os.path.realpath(path, strict=True))
    except (FileNotFoundError, NotADirectoryError):
        raise _nothing(path) from None
    except OSError as error:  # such as a link that leads to itself
        raise UndecidedError(
            f"cannot be read: {error.strerror}", where=str(path), expected="the model to verify"
        ) from None
    return real.parent, real.name


def _nothing(path: Path) -> InputError:
    return InputError("no such file or directory", where=str(path), expected="the model to verify")


def candidates_from_file(data: bytes, *, where: str) -> Candidates:
    """Return the bundles of a file: one, or several as JSON Lines.

    A file without a deployment attestation is tried as it is: the refusal says what it holds.
    """
    bundles = view_bundles(data)
    kept, others = part(bundles)
    if not kept:
        kept, others = bundles, ()
    return Candidates(bundles=kept, beside={}, place=where, others=others)


def part(bundles: Iterable[Bytes]) -> tuple[tuple[Bytes, ...], tuple[Bytes, ...]]:
    """Return those bundles that may be deployment attestations, and all others."""
    kept: list[Bytes] = []
    others: list[Bytes] = []
    for bundle in bundles:
        (kept if may_be_deployment(bundle) else others).append(bundle)
    return tuple(kept), tuple(others)


def _in_base64(text: bytes) -> tuple[bytes, ...]:
    """Return what stands in any base64 of bytes that hold a text: it may start at 0, 1 or 2 mod 3.

    The digits at either end that are made of other bytes, too, are left out.
    """
    return tuple(
        b64encode(bytes(before) + text)[-(-before * 8 // 6) : (before + len(text)) * 8 // 6]
        for before in range(3)
    )


MARKS = _in_base64(f'"predicateType":"{FAMILY}'.encode())
"""One of these stands in the bundle of a deployment attestation, as tools write it."""


_NEAR_THE_END = 2048  # bytes: what follows the predicate, and the signature


def may_be_deployment(bundle: bytes | memoryview) -> bool:
    """Tell whether a bundle claims to be a deployment attestation, or cannot be read at all."""
    # It stands near the end of what tools write; to look there first spares a large file.
    for start in (-_NEAR_THE_END, None):
        text = bytes(bundle[start:])
        if any(mark in text for mark in MARKS):
            return True  # all of it is read when it is verified
    try:
        kind = predicate_type(parse_bundle(bytes(bundle)).payload)
    except RefusedError:
        return True  # verification says what is wrong with it
    return kind.startswith(FAMILY)


_MANY = 64  # bundles, before it pays to load the quicker reader


def _reader(count: int) -> ReadAttestation:
    """Return what reads so many statements soonest; they read the same."""
    if count < _MANY:
        return read_attestation
    from aigf_dvc.attestation.compact_attestation import CompactReader  # noqa: PLC0415 (hardly a judge has so many)

    return CompactReader()


def verify(
    artifact: Artifact,
    candidates: Candidates,
    *,
    signer: AnyAttester,
    demands: Demands,
) -> tuple[Verification, ...]:
    """Verify each bundle; the artifact is accepted when as many owners attest it as are demanded.

    Returns:
        The verifications; the accepted ones alone when there are enough.
    """
    tried: list[Verification] = []
    accepted: list[Verification] = []
    read = _reader(len(candidates.bundles))
    for bundle in candidates.bundles:
        outcome = verify_bundle(
            bundle, artifact=artifact.files, signer=signer, demands=demands, read=read
        )
        outcome = _with_bundle(outcome, bundle)
        tried.append(outcome)
        if outcome.accepted:
            accepted.append(outcome)
            if len(owners_of(accepted)) >= demands.attesters:
                return tuple(accepted)
    return tuple(tried)


def _with_bundle(outcome: Verification, bundle: bytes | memoryview) -> Verification:
    """Return a verification that reads its statement out of the bundle again, and keeps no copy."""
    read = partial(_payload_of, bundle) if outcome.read_payload is not None else None
    return replace(outcome, bundle=bundle, read_payload=read)


def _payload_of(bundle: bytes | memoryview) -> bytes:
    return parse_bundle(bytes(bundle)).payload


def exit_code(tried: Sequence[Verification], *, attesters: int = 1) -> int:
    """Return 0 when enough owners attest it, 3 when one could not be decided, else 1."""
    if len(owners_of(tried)) >= attesters:
        return 0
    undecided = UndecidedError.exit_code
    return undecided if undecided in {outcome.exit_code for outcome in tried} else 1
