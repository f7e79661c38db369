"""Say it in the words of other standards too: statements beside a deployment attestation."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.summary_statement import (
    Summary,
    properties,
    svr_statement,
    vsa_statement,
)
from aigf_dvc.canonical import dumps
from aigf_dvc.capture.deployment import AttestedTree, Judged
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.report.export_source import ExportSource, Origin, read_export_source
from aigf_dvc.report.export_values import location
from aigf_dvc.report.slsa import slsa_statement
from aigf_dvc.signing.identity import signing_identity

_MAIL = "mailto:"


@unique
class Standard(StrEnum):
    """A statement that other tools read."""

    SLSA = "slsa"  # provenance: how observed runs made the model
    SVR = "svr"  # what holds of it
    VSA = "vsa"  # the same, in SLSA's form


class Also(Struct, frozen=True, kw_only=True):
    """What to sign beside the deployment attestation, and in whose name."""

    standards: tuple[Standard, ...] = ()
    builder: str | None = None  # the URI of the build platform; None: as the certificate says
    verifier: str | None = None  # the URI of who judged; None: as the certificate says


class Subject(Struct, frozen=True, kw_only=True):
    """A model that was judged, and is about to be attested."""

    tree: AttestedTree
    judged: Judged
    deployment: Deployment
    files: tuple[ModelFile, ...]
    folder: str  # the project's, in the repository

    @property
    def origin(self) -> Origin:
        """Return where the evidence was read from."""
        source = self.deployment.source
        return Origin(
            repository=source.uri,
            commit=source.git_commit,
            folder=self.folder,
            at=self.deployment.issued_on,
        )


def demand_possible(also: Also, subject: Subject) -> None:
    """Refuse before anything is signed what could not be said afterwards.

    Raises:
        RefusedError: provenance is asked for, and nobody observed a stage.
    """
    if Standard.SLSA in also.standards:
        slsa_statement(_source(subject))


def other_payloads(also: Also, subject: Subject, bundle: bytes) -> Iterator[tuple[Standard, bytes]]:
    """Yield each further statement as the bytes to sign.

    Args:
        also: what is asked for.
        subject: the model.
        bundle: the deployment attestation, signed; a certificate in it says who signs.

    Raises:
        RefusedError: nobody says who built or judged, or a statement holds a secret.
    """
    identity = signing_identity(bundle)
    for standard in dict.fromkeys(also.standards):
        if standard is Standard.SLSA:
            payload = _provenance(also, subject, identity)
        else:
            verifier = _named(also.verifier or identity, "--verifier-id", "who judged")
            write = svr_statement if standard is Standard.SVR else vsa_statement
            payload = write(subject.files, _summary(subject, verifier, bundle))
        refuse_secrets(payload.decode(), where=f"the {standard} of {subject.deployment.model}")
        yield standard, payload


def _provenance(also: Also, subject: Subject, identity: str | None) -> bytes:
    platform = None if (identity or "").startswith(_MAIL) else identity  # a person is no platform
    builder = _named(also.builder or platform, "--builder-id", "the build platform")
    payload = dumps(slsa_statement(_source(subject), builder=builder))
    read_statement(payload)  # nobody signs what a judge would refuse to read
    return payload


def _named(uri: str | None, option: str, who: str) -> str:
    if uri is None:
        raise RefusedError(
            f"the signature does not say {who}", where=option, expected=f"{option} URI"
        )
    return uri


def _source(subject: Subject) -> ExportSource:
    records = {digest: found.record for digest, found in subject.judged.records.items()}
    return read_export_source(
        subject.judged.evidence,
        subject.tree.manifest,
        origin=subject.origin,
        files=subject.files,
        records=records,
    )


def _summary(subject: Subject, verifier: str, bundle: bytes) -> Summary:
    deployment, origin = subject.deployment, subject.origin
    return Summary(
        verifier=verifier,
        at=deployment.issued_on,
        resource=location(origin, deployment.path),
        policy=deployment.policy.sha256,
        policy_uri=location(origin, deployment.policy_evidence or ""),
        attestations=(sha256(bundle),),
        properties=tuple(
            properties(
                outcomes_of(deployment),
                environment=deployment.environment,
                level=deployment.lineage_verification.level,
            )
        ),
    )


def outcomes_of(deployment: Deployment) -> Mapping[str, Sequence[str]]:
    """Return what came of each rule of an attested verdict."""
    found: dict[str, list[str]] = defaultdict(list)
    for finding in Fields.of(dict(deployment.verdict), "predicate.verdict").objects("findings"):
        found[finding.text("rule")].append(finding.text("outcome"))
    return found
