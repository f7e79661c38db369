"""Whether a statement speaks of this artifact, and of the source that a certificate names."""

from collections.abc import Sequence

from aigf_dvc.attestation.deployment import Deployment, ModelKind, Source, StatementHead
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.lazy_pattern import lazy_pattern

_NAMED = 20  # differences named in a message
_SSH = lazy_pattern(r"(?:ssh://(?:[\w.-]+@)?|[\w.-]+@)(?P<host>[\w.-]+)[:/](?P<path>[^\s?#]+)\Z")


def subject_differences(
    statement: StatementHead, deployment: Deployment, artifact: Sequence[ModelFile]
) -> tuple[str, ...]:
    """Return how an artifact differs from what the statement is about; empty when it does not.

    A single file is known by its bytes, whatever its name; a directory is the exact set of names
    and bytes below it.

    Args:
        statement: its subjects are named by their path in the repository.
        deployment: the statement's predicate.
        artifact: the recomputed digests; the names of a directory's files are relative to it.
    """
    if deployment.kind is ModelKind.FILE:
        return _file_differences(statement.subjects, artifact)
    return _directory_differences(statement.subjects, f"{deployment.path}/", artifact)


def _file_differences(
    subjects: Sequence[ModelFile], artifact: Sequence[ModelFile]
) -> tuple[str, ...]:
    if len(subjects) != 1:
        return (f"the statement is about one file, yet names {len(subjects)} subjects",)
    if len(artifact) != 1:
        return (f"the statement is about one file, the artifact has {len(artifact)}",)
    found, expected = artifact[0].sha256, subjects[0].sha256
    if found == expected:
        return ()
    return (f"{artifact[0].name!r} has the SHA-256 {found}, the statement is about {expected}",)


def _directory_differences(
    subjects: Sequence[ModelFile], folder: str, artifact: Sequence[ModelFile]
) -> tuple[str, ...]:
    outside = [subject.name for subject in subjects if not subject.name.startswith(folder)]
    if outside:
        return tuple(f"the subject {name!r} is not below {folder!r}" for name in outside[:_NAMED])
    expected = {subject.name.removeprefix(folder): subject.sha256 for subject in subjects}
    found = {file.name: file.sha256 for file in artifact}
    if len(found) != len(artifact):
        return ("the artifact names a file twice",)
    missing = sorted(expected.keys() - found.keys())
    extra = sorted(found.keys() - expected.keys())
    renamed = {
        name: next((other for other in extra if found[other] == expected[name]), None)
        for name in missing[:_NAMED]
    }
    changed = sorted(
        name for name in expected.keys() & found.keys() if expected[name] != found[name]
    )
    return (
        *(f"missing: {name!r}{_renamed(renamed.get(name))}" for name in missing),
        *(f"not attested: {name!r}" for name in extra),
        *(
            f"changed: {name!r} has the SHA-256 {found[name]}, not {expected[name]}"
            for name in changed
        ),
    )


def _renamed(other: str | None) -> str:
    return f" (its bytes are in {other!r})" if other else ""


def source_differences(source: Source, signer: SignerFacts) -> tuple[str, ...]:
    """Return what a certificate says of the source and the statement does not; empty when equal.

    A ref is compared where both name one: a checkout of a commit has none.
    """
    found = []
    if signer.source_repository and plain_repository(source.uri) != plain_repository(
        signer.source_repository
    ):
        found.append(
            f"repository {source.uri!r}, the certificate says {signer.source_repository!r}"
        )
    if signer.source_digest and source.git_commit != signer.source_digest:
        found.append(f"commit {source.git_commit!r}, the certificate says {signer.source_digest!r}")
    if signer.source_ref and source.ref and source.ref != signer.source_ref:
        found.append(f"ref {source.ref!r}, the certificate says {signer.source_ref!r}")
    return tuple(found)


def plain_repository(uri: str | None) -> str | None:
    """Return a repository's address without the spellings that git takes for the same."""
    if uri is None:
        return None
    plain = uri.removeprefix("git+")
    ssh = _SSH.match(plain)
    address = f"https://{ssh['host']}/{ssh['path']}" if ssh else plain
    return address.removesuffix("/").removesuffix(".git")
