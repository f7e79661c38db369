"""The production model is the newest one that somebody trusted attested for production."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.actions.production_baseline import ProductionSearch
from aigf_dvc.attestation.deployment import ModelKind, evidence_item
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.bundle import join_bundles
from aigf_dvc.signing.key_kinds import PrivateKey
from aigf_dvc.signing.keys import fingerprint
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, Stored
from tests.attestation.builders import a_deployment
from tests.signing.by_key import sign_statement

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def a_key() -> PrivateKey:
    return load_private_key(generate_key(None)[0], None, where="key")


OURS, THEIRS = a_key(), a_key()
MODEL_SHA256 = sha256(b"old model")


def a_bundle(
    auc: float,
    *,
    days_ago: int = 1,
    key: PrivateKey = OURS,
    **changes: Any,  # noqa: ANN401 (the fields of a Deployment)
) -> bytes:
    deployment = a_deployment(
        metrics={"auc": Metric(value=auc, where="m.json:test.auc")},
        issued_on=NOW - timedelta(days=days_ago),
        environment=changes.pop("environment", "production"),
        **changes,
    )
    files = [ModelFile(name=deployment.path, sha256=MODEL_SHA256)]
    if deployment.kind is ModelKind.DIRECTORY:
        files = [ModelFile(name=f"{deployment.path}/{n}", sha256=sha256(n.encode())) for n in "ab"]
    return sign_statement(build_statement(deployment, files), key)


def stored(folder: Path, *bundles: bytes) -> str:
    FolderStore(folder / "store").add(
        tuple(Stored(model=MODEL_SHA256, ending=BUNDLE, data=data) for data in bundles)
    )
    return str(folder / "store")


def found(place: str, *keys: PrivateKey, names: tuple[str, ...] = ()) -> Baseline:
    signers = tuple(KeySigner(public_key=key.public_key()) for key in keys)
    return ProductionSearch(place=place, at=NOW, signers=signers)("fraud", names)


def auc(baseline: Baseline) -> object:
    return baseline.metrics["auc"].value


def test_the_newest_one_counts_with_its_signer_and_its_model(tmp_path: Path) -> None:
    newest = a_bundle(0.8, days_ago=2)
    place = stored(tmp_path, a_bundle(0.7, days_ago=9), newest, a_bundle(0.6, days_ago=5))
    baseline = found(place, OURS)
    assert str(auc(baseline)) == "0.8"
    assert baseline.signer == fingerprint(OURS.public_key())
    assert baseline.model == MODEL_SHA256
    assert baseline.where == f"attestation sha256:{sha256(newest)[:12]} of 2026-11-24"
    assert (baseline.problem, baseline.absent) == ("", False)


def test_one_that_people_approved_counts_like_any_other(tmp_path: Path) -> None:
    approval = evidence_item("approval/Dana", "application/json", b"{}")
    place = stored(tmp_path, a_bundle(0.8, approvals=(approval,), waivers=(approval,)))
    assert str(auc(found(place, OURS))) == "0.8"


def test_what_others_signed_changed_or_dated_ahead_does_not_hide_it(tmp_path: Path) -> None:
    good = a_bundle(0.8, days_ago=9)
    other = a_bundle(0.9, days_ago=3)
    tampered = a_bundle(0.1, days_ago=2).replace(b'"sig":"', b'"sig":"AAAA')
    place = stored(
        tmp_path, good, other.replace(b"a", b"b"), tampered, b"no bundle",
        a_bundle(0.1, days_ago=1, key=THEIRS), a_bundle(0.2, days_ago=-1),
    )  # fmt: skip
    assert str(auc(found(place, OURS))) == "0.8"


def test_other_models_and_environments_are_not_looked_at(tmp_path: Path) -> None:
    place = stored(tmp_path, a_bundle(0.1, model="other"), a_bundle(0.2, environment="staging"))
    for keys in ((), (OURS,)):
        baseline = found(place, *keys)
        assert baseline.absent
        assert baseline.problem == f"{place} has no attestation of fraud for production"


def test_one_that_nobody_trusted_signed_is_never_taken_for_none(tmp_path: Path) -> None:
    baseline = found(stored(tmp_path, a_bundle(0.1, key=THEIRS)), OURS)
    assert not baseline.absent
    assert baseline.metrics == {}
    assert baseline.problem.startswith("none of 1 attestations of fraud counts; the newest: ")


def test_without_a_trusted_signer_it_is_said_to_be_unsigned(tmp_path: Path) -> None:
    baseline = found(stored(tmp_path, a_bundle(0.8)))
    assert str(auc(baseline)) == "0.8"
    assert baseline.signer == ""


def test_a_metric_is_given_by_its_place_too_when_that_is_asked(tmp_path: Path) -> None:
    names = ("m.json:test.auc", "n.json:auc")
    baseline = found(stored(tmp_path, a_bundle(0.8)), OURS, names=names)
    assert set(baseline.metrics) == {"auc", "m.json:test.auc"}


def test_a_file_of_bundles_does_too(tmp_path: Path) -> None:
    path = tmp_path / "production.sigstore.json"
    path.write_bytes(join_bundles([a_bundle(0.7, days_ago=9), a_bundle(0.8, days_ago=2)]))
    assert str(auc(found(str(path), OURS))) == "0.8"


def test_a_model_that_is_a_directory_is_one_too(tmp_path: Path) -> None:
    baseline = found(stored(tmp_path, a_bundle(0.8, kind=ModelKind.DIRECTORY)), THEIRS, OURS)
    assert baseline.problem == ""
    assert baseline.model not in (None, MODEL_SHA256)


def test_a_denied_model_is_not_in_production(tmp_path: Path) -> None:
    verdict = {**a_deployment().verdict, "result": "denied"}
    baseline = found(stored(tmp_path, a_bundle(0.1, verdict=verdict)), OURS)
    assert "the verdict is 'denied'" in baseline.problem


def test_a_place_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        found(str(tmp_path / "nowhere"), OURS)
