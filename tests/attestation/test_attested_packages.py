"""Packages and advisories are read from a statement as they were written, or refused."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.attested_packages import (
    MEDIA_TYPE,
    NAME,
    advisories_again,
    packages_again,
    packages_item,
)
from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, evidence_item
from aigf_dvc.canonical import dumps
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.advisory import Advisory, AdvisoryList, Affected, Event, EventKind
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.package import Package, PackageList, PackageSource
from tests.attestation.builders import a_deployment

LOCK = PackageList(
    source=PackageSource.LOCK_FILE,
    where="uv.lock",
    packages=(Package(name="numpy", version="2"), Package(name="numpy", version="1")),
    sha256=sha256(b"lock"),
    problem="a part",
)
RUN = PackageList(source=PackageSource.RUN_RECORD, where="train")
EVENTS = (
    Event(kind=EventKind.INTRODUCED, version="0"),
    Event(kind=EventKind.LAST_AFFECTED, version="1"),
)
ADVISORIES = {
    "osv.json": AdvisoryList(
        sha256=sha256(b"osv"),
        advisories=(
            Advisory(
                id="X-1", package="numpy", affected=Affected(ranges=(EVENTS,), versions=("1",))
            ),
        ),
    )
}


def content(item: EvidenceItem) -> bytes | None:
    return item.content


def carrying(*items: EvidenceItem) -> Deployment:
    plain = a_deployment()
    stages = plain.lineage_verification.stages
    known = replace(plain.lineage_verification, stages=stages[1:])
    return replace(plain, evidence=items, lineage_verification=known)


def carrying_json(value: Mapping[str, object]) -> Deployment:
    return carrying(evidence_item(NAME, MEDIA_TYPE, dumps(value)))


def test_lock_files_and_advisories_are_read_as_they_were_written() -> None:
    evidence = ModelEvidence(model="m", card=None, packages=(RUN, LOCK), advisories=ADVISORIES)
    item = packages_item(evidence)
    assert item is not None
    assert packages_again(carrying(item), content) == (LOCK,)
    assert advisories_again(carrying(item), content) == ADVISORIES


def test_nothing_is_written_where_there_is_nothing() -> None:
    assert packages_item(ModelEvidence(model="m", card=None, packages=(RUN,))) is None
    assert packages_again(carrying(), content) == ()
    assert advisories_again(carrying(), content) == {}


def test_what_is_not_at_hand_is_said() -> None:
    item = replace(evidence_item(NAME, MEDIA_TYPE, b"{}"), content=None)
    (known,) = packages_again(carrying(item), content)
    assert (known.where, known.at_hand) == (NAME, False)


GOOD: dict[str, object] = {
    "name": "uv.lock",
    "digest": {"sha256": sha256(b"x")},
    "problem": "",
    "packages": [],
}
EXPORT: dict[str, object] = {"digest": {"sha256": sha256(b"x")}, "advisories": []}


@pytest.mark.parametrize(
    "lock",
    [
        {"packages": [["numpy"]]}, {"packages": [["numpy", 1]]}, {"packages": [["", "1"]]},
        {"packages": {}}, {"digest": {}}, {"name": 1}, {"problem": None},
    ],
)  # fmt: skip
def test_a_list_of_another_form_is_refused(lock: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        packages_again(carrying_json({"lockFiles": [GOOD | lock], "advisories": {}}), content)


@pytest.mark.parametrize(
    "advisory",
    [
        {"ranges": [1]}, {"ranges": [[{"began": "1"}]]}, {"ranges": [[{"fixed": 1}]]},
        {"ranges": [[{"fixed": "1", "introduced": "0"}]]}, {"versions": [1]}, {"id": ""},
    ],
)  # fmt: skip
def test_an_advisory_of_another_form_is_refused(advisory: dict[str, object]) -> None:
    one = {"id": "X", "package": "numpy", "ranges": [], "versions": []} | advisory
    value = {"lockFiles": [], "advisories": {"osv.json": EXPORT | {"advisories": [one]}}}
    with pytest.raises(RefusedError):
        advisories_again(carrying_json(value), content)


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("application/vnd.aigf.run-record.v1+json", b"{}"),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", b"{}"),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", b'{"dsseEnvelope":{"payload":"?"}}'),
    ],
)
def test_what_is_no_run_record_is_refused(media_type: str, data: bytes) -> None:
    item = evidence_item("run-record/train", media_type, data)
    plain = a_deployment()
    stage = replace(plain.lineage_verification.stages[0], run_record=item.sha256)
    known = replace(plain.lineage_verification, stages=(stage,))
    deployment = replace(plain, evidence=(item,), lineage_verification=known)
    with pytest.raises(RefusedError, match="run-record/train"):
        packages_again(deployment, content)
