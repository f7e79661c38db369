"""Finds the attestation of the model in production: the baseline of a new one."""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, ModelKind, StatementHead
from aigf_dvc.attestation.evidence_again import model_digest
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.attestation.verification import Verification
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metrics import look_up
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.rules.no_regression import PRODUCTION
from aigf_dvc.signing.bundle import parse_bundle, split_bundles
from aigf_dvc.signing.open import KeylessSigner, KeySigner
from aigf_dvc.signing.verify import verify_bundle
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.open import open_store


class ProductionSearch(Struct, frozen=True, kw_only=True):
    """Where the attestations of what is in production are, and who must have signed them."""

    place: str  # a file of bundles, or a store as `--from` takes it
    at: datetime  # UTC
    signers: tuple[KeySigner | KeylessSigner, ...] = ()  # none: nothing is verified, and it says so

    def __call__(self, model: str, names: Collection[str]) -> Baseline:
        """Return the newest attestation of a model for production, as a baseline.

        Of several, only those that one of the signers signed and that say that the model passed
        count: anybody can put a bundle into a store.

        Args:
            model: the name of the model.
            names: the metrics to compare, by name or place.

        Raises:
            InputError, UndecidedError: the place cannot be read.
        """
        found = sorted(_claims(self._bundles(), model), key=lambda c: c.issued, reverse=True)
        if not found:
            reason = f"{self.place} has no attestation of {model} for {PRODUCTION}"
            return Baseline(name=PRODUCTION, where=self.place, absent=True, problem=reason)
        if not self.signers:
            return _baseline(found[0], names, signer="")
        problem = ""
        for claim in found:
            outcome = self._verified(claim)
            if outcome.accepted and outcome.signer is not None:
                return _baseline(claim, names, signer=outcome.signer.name)
            problem = problem or _why(outcome)
        reason = f"none of {len(found)} attestations of {model} counts; the newest: {problem}"
        return Baseline(name=PRODUCTION, where=self.place, problem=reason)

    def _bundles(self) -> Iterator[bytes]:
        path = Path(self.place)
        if path.is_file():
            yield from split_bundles(read_file(path))
            return
        for item in open_store(self.place).all():
            if isinstance(item, Stored) and item.ending == BUNDLE:
                yield item.data

    def _verified(self, claim: "_Claim") -> Verification:
        """Return the outcome under the signer who gets furthest."""
        demands = Demands(
            at=self.at, environment=PRODUCTION, any_policy=True, consent=_whoever_approved
        )
        outcomes = [
            verify_bundle(claim.bundle, artifact=claim.files, signer=signer, demands=demands)
            for signer in self.signers
        ]
        return max(outcomes, key=lambda outcome: (outcome.accepted, outcome.steps_taken))


class _Claim(Struct, frozen=True, kw_only=True):
    """What a bundle claims, before anybody checked who signed it."""

    bundle: bytes
    statement: StatementHead
    deployment: Deployment

    @property
    def issued(self) -> datetime:
        return self.deployment.issued_on

    @property
    def files(self) -> tuple[ModelFile, ...]:
        """The model's files as an artifact names them: relative to the directory that it is."""
        subjects = self.statement.subjects
        if self.deployment.kind is ModelKind.FILE:
            return subjects
        start = f"{self.deployment.path}/"
        return tuple(
            ModelFile(name=file.name.removeprefix(start), sha256=file.sha256) for file in subjects
        )


def _claims(bundles: Iterator[bytes], model: str) -> Iterator[_Claim]:
    for data in bundles:
        try:
            statement = read_statement(parse_bundle(data).payload)
            if statement.predicate_type != DEPLOYMENT:
                continue
            deployment = read_deployment(statement)
        except AigfError:  # anybody can put anything into a store: it hides no other bundle
            continue
        if deployment.model == model and deployment.environment == PRODUCTION:
            yield _Claim(bundle=data, statement=statement, deployment=deployment)


def _baseline(claim: _Claim, names: Collection[str], *, signer: str) -> Baseline:
    deployment = claim.deployment
    found = {name: look_up(deployment.metrics, name) for name in (*deployment.metrics, *names)}
    return Baseline(
        name=PRODUCTION,
        where=f"attestation sha256:{sha256(claim.bundle)[:12]} of {claim.issued.date()}",
        metrics={name: metric for name, metric in found.items() if metric is not None},
        model=model_digest(deployment, claim.statement.subjects),
        signer=signer,
    )


def _whoever_approved(_statement: StatementHead, _deployment: Deployment) -> ConsentAgain:
    """Ask for nobody's consent: these numbers are only compared with, nothing is let through."""
    return ConsentAgain()


def _why(outcome: Verification) -> str:
    return outcome.stopped_at.detail if outcome.stopped_at else "not accepted"
