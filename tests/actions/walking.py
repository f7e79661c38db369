"""Attestations whose lineage tests walk again, honest and forged."""

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.actions.attest import Order, attest
from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.actions.walk_again import DeepWalk, walk_under
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.verification import StepName, StepOutcome, Verification
from aigf_dvc.canonical import dumps
from aigf_dvc.capture.judged_clone import judged_repository
from aigf_dvc.digests import sha256
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from tests.playground import MODEL, Playground, copy, environment
from tests.signing.by_key import sign_statement

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEYS = generate_key(None)
SIGNER = KeySigner(public_key=load_public_key(KEYS[1], where="key"))
Json = dict[str, Any]  # Any: a document that tests edit at will


def signed(payload: bytes) -> bytes:
    return sign_statement(payload, load_private_key(KEYS[0], None, where="key"))


def attested(p: Playground) -> Json:
    """Attest the model honestly, and return the statement."""
    given: list[bytes] = []

    def sign(payload: bytes) -> bytes:
        given.append(payload)
        return signed(payload)

    store = FolderStore(p.root.parent / "store")
    (found,) = attest(Order(project=p.project, sign=sign, store=store, at=AT))
    assert found.bundle is not None, found.verdict
    statement: Json = json.loads(given[0])
    return statement


def honest_project(
    template: Path, folder: Path, edit: Callable[[Playground], object] = lambda _: None
) -> tuple[Playground, bytes]:
    """Return a project that no test changes, and the honest statement about its model."""
    p = copy(template, folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        edit(p)
        return p, dumps(attested(p))


def walked(
    statement: Json, repository: str | Path, model: Path, *, deep: DeepWalk | None = None
) -> Verification:
    """Verify a statement that the trusted key signed, with its lineage walked again."""
    artifact = read_artifact(model)
    order = deep or DeepWalk(repository=judged_repository(str(repository)))
    demands = Demands(at=AT, any_policy=True, walk=walk_under(order, model, artifact, {}))
    candidates = candidates_from_file(signed(dumps(statement)), where="bundle")
    (outcome,) = verify(artifact, candidates, signer=SIGNER, demands=demands)
    return outcome


def said(outcome: Verification) -> tuple[StepOutcome, str]:
    """Return what came of the walk; every step before it must have passed."""
    step = outcome.steps[StepName.LINEAGE.value - 1]
    assert step.outcome is not StepOutcome.NOT_REACHED, outcome.stopped_at
    return step.outcome, step.detail


def with_manifest(statement: Json, edit: Callable[[Json], None]) -> Json:
    """Return a statement with another manifest, as consistent as a forger can make it."""
    item = statement["predicate"]["lineage"]
    manifest = json.loads(content_of(item))
    edit(manifest)
    item |= described(dumps(manifest))
    return statement


def content_of(item: Json) -> bytes:
    return b64decode(item["content"])


def described(data: bytes) -> Json:
    return {"digest": {"sha256": sha256(data)}, "content": b64encode(data).decode()}


def another_parameter(manifest: Json) -> None:
    stage = next(s for s in manifest["pipeline"]["stages"] if s["name"] == "train")
    stage["parameters"]["params.yaml"]["train.depth"] = 30


def with_data(
    p: Playground, statement: Json, place: str, *, remote: str = "", model: Path | None = None
) -> Verification:
    deep = DeepWalk(repository=judged_repository(place), data=True, remote=remote)
    return walked(statement, place, model or p.root / MODEL, deep=deep)


def to_a_store(p: Playground) -> Path:
    """Lay the objects of DVC's cache out as a remote has them, and return the folder."""
    store = p.root.parent / "remote"
    shutil.copytree(p.root / ".dvc/cache", store)
    return store
