"""Run records in signed bundles: made where a stage ran, looked up where a model is judged."""

import logging
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from aigf_dvc.attestation.run_statement import read_run_statement, run_statement
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import (
    Find,
    FoundRecord,
    keep_signed_run,
    local_record,
    read_signed_run,
    run_key,
)
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.redaction import refuse_secrets
from aigf_dvc.signing.bundle import MEDIA_TYPE, parse_bundle
from aigf_dvc.signing.observers import Observer, verify_run
from aigf_dvc.signing.signature import Signer
from aigf_dvc.stores.layout import BUNDLE, Store, Stored
from aigf_dvc.trees.working_tree import WorkingTree

_log = logging.getLogger(__name__)


class SignedRuns(Struct, frozen=True, kw_only=True):
    """The stages of a lock whose run records are signed."""

    now: tuple[str, ...]
    before: tuple[str, ...]  # signed by an earlier call, on this machine


def sign_runs(project: Project, *, sign: Signer, store: Store) -> SignedRuns:
    """Sign each run record that this machine has made of a stage of the present dvc.lock.

    Whoever signs vouches for what this machine's recorder saw, now or in an earlier run. A record
    that is signed already is not signed again; its bundle goes to the store if it is not there.

    Raises:
        RefusedError: there is no such record, or one holds what looks like a secret.
        InputError, UndecidedError: the pipeline cannot be read, or the store not be written.
    """
    pipeline = read_pipeline(WorkingTree(project.root))
    now: list[str] = []
    before: list[str] = []
    bundles: list[Stored] = []
    for address in pipeline.stages:
        found = local_record(pipeline, address, project.root)
        if found is None:
            continue
        key = found.record.key
        bundle = _signed_here(project.root, found)
        (before if bundle is not None else now).append(address)
        if bundle is None:
            payload = run_statement(found.record)
            refuse_secrets(payload.decode(), where=f"the run record of {address}")
            bundle = sign(payload)
            keep_signed_run(project.root, key, bundle)
        bundles.append(Stored(model=key, ending=BUNDLE, data=bundle))
    if not bundles:
        raise RefusedError(
            "nothing to sign",
            where="dvc.lock",
            expected="a stage that this machine has observed",
            hint="`aigf repro --force --sign ...` runs, observes and signs every stage",
        )
    store.add(tuple(bundles))
    return SignedRuns(now=tuple(now), before=tuple(before))


def _signed_here(root: Path, found: FoundRecord) -> bytes | None:
    """Return the bundle that holds this very record, or None: a later run has another record."""
    bundle = read_signed_run(root, found.record.key)
    if bundle is None:
        return None
    try:
        record = read_run_statement(parse_bundle(bundle).payload)
    except RefusedError:
        return None
    return bundle if record.to_bytes() == found.data else None


def find_signed_here(pipeline: Pipeline, address: str, root: Path) -> FoundRecord | None:
    """Return the record that this machine made, in the bundle that it was signed in if it was."""
    found = local_record(pipeline, address, root)
    bundle = _signed_here(root, found) if found is not None else None
    if found is None or bundle is None:
        return found
    return FoundRecord(record=found.record, data=bundle, media_type=MEDIA_TYPE)


def find_signed_by(observers: Sequence[Observer], store: Store) -> Find:
    """Return what finds the records that one of the observers signed; no others count.

    They are found by content, so it does not matter which branch or machine they come from.
    """

    def find(pipeline: Pipeline, address: str, _root: Path) -> FoundRecord | None:
        key = run_key(pipeline, address)
        stored = store.find(key) if key is not None else ()
        bundles = [item.data for item in stored if item.ending == BUNDLE]
        for bundle in bundles:
            try:
                signed = verify_run(bundle, observers)
            except RefusedError:
                continue
            same_folder = signed.record.directory == pipeline.stages[address].directory
            if signed.record.key == key and same_folder:
                return FoundRecord(
                    record=signed.record,
                    data=bundle,
                    media_type=MEDIA_TYPE,
                    observer=signed.observer,
                )
        if bundles:
            _log.warning("stage %s: its run is signed by nobody you trust to observe", address)
        return None

    return find
