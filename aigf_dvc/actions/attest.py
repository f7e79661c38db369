"""Attest models: sign, for each that passes its policy, what it was made from and how it passed."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from aigf_dvc.actions.also import Also, Standard, Subject, demand_possible, other_payloads
from aigf_dvc.actions.attest_oms import refuse_place, sign_model
from aigf_dvc.actions.consents import Consents, Found, carried, with_consents
from aigf_dvc.actions.signed_runs import find_signed_here
from aigf_dvc.attestation.consent_again import signed_items
from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.predicate import with_small_evidence
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.capture.asked_evidence import with_asked_files
from aigf_dvc.capture.attested_model import ModelData, hash_model, model_files, refuse_dirty
from aigf_dvc.capture.baselines import Production, gather_baselines
from aigf_dvc.capture.consent_binding import bind
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.deployment import AttestedTree, Judged, describe, left_out, read_attested_tree
from aigf_dvc.capture.lock_currency import with_lock_currency
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.package_evidence import with_packages
from aigf_dvc.capture.policy_metrics import with_policy_metrics
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.protected_branches import with_protected_branches
from aigf_dvc.capture.redactions import find_redactions
from aigf_dvc.capture.reproductions import refuse_other_bytes, trust_under
from aigf_dvc.capture.run_records import (
    CountedRecords,
    Find,
    refuse_foreign_records,
)
from aigf_dvc.errors import AigfError, RefusedError
from aigf_dvc.evidence.digest_lock import FILE_NAME, read_digest_lock
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.file_hashing import Hashed
from aigf_dvc.hashing.hash_wanted import Progress
from aigf_dvc.policy.evaluate import evaluate, undecided
from aigf_dvc.policy.verdict import Gate, Result, Verdict
from aigf_dvc.redaction import Redaction, refuse_secrets
from aigf_dvc.settings import ModelSettings
from aigf_dvc.signing.signature import Signer
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Store, Stored


class Order(Struct, frozen=True, kw_only=True):
    """What to attest, and how."""

    project: Project
    sign: Signer
    store: Store
    at: datetime  # UTC
    cosigners: tuple[Signer, ...] = ()  # who else signs the attestation, each in its own bundle
    models: tuple[str, ...] = ()  # empty: all
    revision: str | None = None  # None: HEAD, and the working tree must be the same
    environment: str | None = None  # None: the one that aigf.yaml names
    consents: Consents | None = None  # None: neither approvals nor waivers count
    find_run: Find = find_signed_here  # where run records are looked for
    production: Production | None = None  # None: nobody says which model is in production
    progress: Progress | None = None
    fail_on_secret: bool = False  # refuse a commit of which something had to be redacted
    told: Callable[[tuple[Redaction, ...]], None] | None = None  # is told what was redacted
    also: Also = field(default_factory=Also)  # what is signed beside the attestation
    before_signing: Callable[[ModelSettings, tuple[ModelFile, ...]], None] | None = None
    """May refuse a model that has passed, by raising an error."""
    oms: Path | None = None  # where an OpenSSF Model Signing signature will stand; None: none


class OtherBundle(Struct, frozen=True, kw_only=True):
    """A statement of another standard, signed beside an attestation."""

    standard: Standard
    bundle: bytes
    stored: str  # its name in the store


class Attested(Struct, frozen=True, kw_only=True):
    """The outcome for one model: its verdict, and the bundle when it passed."""

    verdict: Verdict
    bundle: bytes | None = None
    cosigned: tuple[bytes, ...] = ()  # the bundles of the other signers
    stored: str = ""  # its name in the store
    files: tuple[ModelFile, ...] = ()
    environment: str = ""
    path: str = ""  # the model's, in the project
    signed_by_others: bool = False  # it rests on approvals, waivers or verdicts
    others: tuple[OtherBundle, ...] = ()
    kept: tuple[Stored, ...] = ()  # the bundle, and the evidence beside it
    oms: bytes | None = None  # the signature of its bytes alone, where one was ordered


def attest(order: Order) -> tuple[Attested, ...]:
    """Judge each model of a commit, and sign and store an attestation for each that passes.

    The model's bytes are read anew from the working tree, never from a cache, and must be what
    the commit's dvc.lock records.

    Raises:
        RefusedError: the working tree is not the commit, the model's bytes are others, or run
            records came with the commit.
        InputError, UndecidedError: something cannot be read.
    """
    with GitObjects(order.project.repository) as objects:
        tree = read_attested_tree(order.project, objects, revision=order.revision or "HEAD")
        refuse_foreign_records(tree.snapshot, tree.pipeline, order.project.root)
        if order.revision is None:
            refuse_dirty(order.project, objects)
        _tell_redactions(order, tree)
        chosen = [tree.settings.model(name) for name in order.models] or tree.settings.models
        if order.oms is not None:
            refuse_place(order.oms, order.project.root, chosen)
        return tuple(_attest_model(order, tree, model, objects) for model in chosen)


def _tell_redactions(order: Order, tree: AttestedTree) -> None:
    """Say what stands in the commit and not in what is signed; refuse it where that is wanted."""
    if order.told is None and not order.fail_on_secret:
        return
    found = find_redactions(tree.snapshot, tree.pipeline, tree.settings)
    if order.told is not None:
        order.told(found)
    if found and order.fail_on_secret:
        raise RefusedError(
            f"{len(found)} values look like secrets",
            where=f"commit {tree.commit[:12]}",
            expected="no secret in the repository (--fail-on-secret)",
            hint="`aigf capture --rev HEAD` names their places; remove them, and revoke them",
        )


def _attest_model(
    order: Order, tree: AttestedTree, model: ModelSettings, objects: GitObjects
) -> Attested:
    hashed = hash_model(tree, model, progress=order.progress)
    comparison = Consistency(tree.snapshot, tree.pipeline, ModelData(model.path, hashed))
    files = model_files(model, hashed)
    environment = order.environment or tree.settings.environment
    runs = CountedRecords(order.find_run)
    try:
        evidence = _evidence(order, tree, model, comparison, objects=objects, runs=runs)
        found = _consented(order, evidence, model, comparison, files)
    except AigfError as error:
        return Attested(
            verdict=undecided(tree.policy, model.name, error, at=Gate.ATTEST),
            environment=environment,
        )
    verdict = evaluate(
        tree.policy,
        found.evidence,
        at=Gate.ATTEST,
        today=order.at.date(),
        environment=environment,
    )
    if verdict.result is not Result.PASSED:
        return Attested(verdict=verdict, environment=environment)
    judged = Judged(
        model=model,
        evidence=found.evidence,
        verdict=verdict,
        records=runs.counted,
        carried=carried(found),
    )
    _refuse_other_record(tree, judged, hashed)
    if order.before_signing is not None:
        order.before_signing(model, files)
    full = describe(tree, judged, environment=environment, at=order.at)
    small = with_small_evidence(full)
    payload = build_statement(small, files)
    refuse_secrets(payload.decode(), where=f"the attestation of {model.name}")
    subject = Subject(
        tree=tree, judged=judged, deployment=full, files=files, folder=order.project.prefix
    )
    demand_possible(order.also, subject)
    bundle, *cosigned = (sign(payload) for sign in (order.sign, *order.cosigners))
    oms = sign_model(model, files, order.sign) if order.oms is not None else None
    key = files[0].sha256 if small.kind is ModelKind.FILE else hashed.sha256
    stored = Stored(model=key, ending=BUNDLE, data=bundle)
    others = {
        standard: Stored(model=key, ending=BUNDLE, data=order.sign(other))
        for standard, other in other_payloads(order.also, subject, bundle)
    }
    beside = (Stored(model=key, ending=EVIDENCE, data=data) for data in left_out(full, small))
    more = (Stored(model=key, ending=BUNDLE, data=data) for data in cosigned)
    kept = (stored, *more, *others.values(), *beside)
    order.store.add(kept)
    return Attested(
        verdict=verdict,
        bundle=bundle,
        cosigned=tuple(cosigned),
        stored=stored.name,
        files=files,
        environment=environment,
        path=model.path,
        signed_by_others=bool(signed_items(small)),
        others=tuple(
            OtherBundle(standard=standard, bundle=item.data, stored=item.name)
            for standard, item in others.items()
        ),
        kept=kept,
        oms=oms,
    )


def _evidence(
    order: Order,
    tree: AttestedTree,
    model: ModelSettings,
    comparison: Consistency,
    *,
    objects: GitObjects,
    runs: CountedRecords,
) -> ModelEvidence:
    """Gather all that the commit and this machine's records say of a model."""
    policy, project = tree.policy, order.project
    trust = trust_under(policy, runs)
    wanted = with_policy_metrics(model, policy)
    evidence = gather(wanted, comparison, root=project.root, trust=trust)
    evidence = with_packages(evidence, tree.snapshot, policy, runs.counted)
    baselines = gather_baselines(policy, wanted, comparison, project, order.production)
    evidence = replace(evidence, baselines=baselines)
    evidence = with_lock_currency(evidence, comparison)
    evidence = with_asked_files(evidence, comparison, policy, project)
    return with_protected_branches(evidence, project, objects, tree.commit)


def _consented(
    order: Order,
    evidence: ModelEvidence,
    model: ModelSettings,
    comparison: Consistency,
    files: tuple[ModelFile, ...],
) -> Found:
    """Add what people and engines signed, as far as the caller trusts them."""
    if order.consents is None:
        return Found(evidence=evidence)
    bound = bind(evidence, model, comparison, order.project, files=files)
    return with_consents(bound, order.consents)


def _refuse_other_record(tree: AttestedTree, judged: Judged, hashed: Hashed) -> None:
    """Refuse records that saw other bytes than are known under an MD5, by which they are found."""
    path = judged.model.path
    producer = tree.pipeline.producers().get(path)
    for stage in judged.evidence.lineage.stages if judged.evidence.lineage else ():
        if stage.stage == producer:
            refuse_other_bytes(tree.root, stage, path, hashed.sha256)
    recorded = recorded_paths(tree.pipeline)
    lock = read_digest_lock(tree.snapshot.read(FILE_NAME))
    for found in judged.records.values():
        for place, seen in {**found.record.inputs, **found.record.outputs}.items():
            entry = recorded.get(place)
            if entry is None or entry.value != seen.md5:
                continue
            known = hashed.sha256 if place == path else lock.sha256(entry.value, entry.size)
            if known not in (None, seen.sha256):
                raise RefusedError(
                    f"the run record of {found.record.stage} saw other bytes with the same MD5 "
                    f"(sha256:{seen.sha256})",
                    where=place,
                    expected=f"sha256:{known}",
                    hint="somebody made two files with one MD5, or rewrote aigf.lock: do not "
                    "deploy this model",
                )
