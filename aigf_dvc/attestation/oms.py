"""OpenSSF Model Signing v1: who signed which bytes of a model, and nothing else; written here.

A signature of this kind is a Sigstore bundle as ours is; its statement lists the files of a model.

See: https://github.com/ossf/model-signing-spec/blob/main/spec/v1.0.md
See: model_signing 1.1.1, the program of reference. Where it differs from the specification, both
are read: it names the file of a model of one file `.`, marks shards' algorithms as
`sha256-sharded-SIZE`, writes `shard_size` with a fraction, and sorts names part by part.
"""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.attestation.statement import STATEMENT
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile

OMS = "https://model_signing/signature/v1.0"
SINGLE = "."  # what the program calls the file of a model of one file

# What every verifier leaves out at the top of a model (specification, section 6.2).
GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")


@unique
class Method(StrEnum):
    """What has a digest of its own."""

    FILES = "files"
    SHARDS = "shards"  # ranges of bytes, all of one size but a file's last


@unique
class HashType(StrEnum):
    """How it is hashed."""

    SHA256 = "sha256"
    BLAKE2B = "blake2b"  # of 64 bytes
    BLAKE3 = "blake3"


class Resource(Struct, frozen=True, kw_only=True):
    """A range of a file's bytes, and its digest; `end` is None for a whole file."""

    path: str  # relative to the model; of a model of one file, `SINGLE`
    start: int = 0
    end: int | None = None
    digest: str


class OmsStatement(Struct, frozen=True, kw_only=True):
    """What was signed; made by the strict reader, so that its parts fit together."""

    name: str  # the model's; nobody relies on it
    method: Method
    hash_type: HashType
    allow_symlinks: bool
    ignore_paths: tuple[str, ...]  # relative to the model; each with all that is below it
    resources: tuple[Resource, ...]
    root: Sha256  # over the digests of the resources

    @property
    def paths(self) -> frozenset[str]:
        """Return the files that were signed."""
        return frozenset(resource.path for resource in self.resources)

    @property
    def unsigned(self) -> frozenset[str]:
        """Return the paths that were left out: by the signer, or because they are git's own.

        What git keeps at the top of a model is left out by every verifier, unless it was signed.
        """
        signed = {path.partition("/")[0] for path in self.paths}
        return frozenset(self.ignore_paths) | (frozenset(GIT_PATHS) - signed)


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is another one, or stands below it."""
    return path == folder or path.startswith(f"{folder}/")


def root_digest(digests: Iterable[str]) -> Sha256:
    """Return the digest of a whole model: SHA-256 over the raw digests of its resources."""
    return sha256(b"".join(bytes.fromhex(digest) for digest in digests))


def build_oms_statement(name: str, files: Sequence[ModelFile]) -> bytes:
    """Return the statement to sign: each file of a model by its SHA-256.

    Args:
        name: the model's, for people.
        files: the model's files by their names relative to it; one named `SINGLE` when the model
            is a file.

    Raises:
        RefusedError: there are no files, or one is named twice.
    """
    ordered = sorted(files, key=lambda file: file.name)
    if not ordered or len({file.name for file in ordered}) != len(ordered):
        raise RefusedError("no file, or one named twice", where=name, expected="a model")
    resources: list[Json] = [
        {"name": file.name, "digest": file.sha256, "algorithm": HashType.SHA256.value}
        for file in ordered
    ]
    subject: Json = {
        "name": name,
        "digest": {"sha256": root_digest(file.sha256 for file in ordered)},
    }
    return dumps(
        {
            "_type": STATEMENT,
            "subject": [subject],
            "predicateType": OMS,
            "predicate": {
                "serialization": {
                    "method": Method.FILES.value,
                    "hash_type": HashType.SHA256.value,
                    "allow_symlinks": False,
                },
                "resources": resources,
            },
        }
    )


def digest_size(kind: HashType) -> int:
    """Return how many bytes a digest of a kind has."""
    return 64 if kind is HashType.BLAKE2B else hashlib.sha256().digest_size
