"""Verification hashes what is here, and takes nothing but an accepted bundle for a yes."""

import os
from base64 import b64encode
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.judge_again import uphold_under
from aigf_dvc.actions.stored_candidates import candidates_from_store
from aigf_dvc.actions.verify import MARKS, exit_code, read_artifact
from aigf_dvc.attestation.deployment import DEPLOYMENT, Deployment, Statement, evidence_item
from aigf_dvc.attestation.upheld import ConsentAgain
from aigf_dvc.digests import sha256, tree_digest
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.policy.verdict import PolicyReference
from aigf_dvc.report.verdict_json import verdict_as_json
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, Stored
from tests.actions.test_consents import judge
from tests.attestation.builders import MODEL_FILES, a_deployment, a_verdict


def test_a_file_is_one_subject_and_a_directory_one_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "m/sub").mkdir(parents=True)
    (tmp_path / "m/a").write_bytes(b"1")
    (tmp_path / "m/sub/b").write_bytes(b"2")
    found = read_artifact(tmp_path / "m")
    assert [(f.name, f.sha256) for f in found.files] == [
        ("a", sha256(b"1")),
        ("sub/b", sha256(b"2")),
    ]
    assert found.key == tree_digest([(b"a", sha256(b"1")), (b"sub/b", sha256(b"2"))])
    single = read_artifact(tmp_path / "m/a")
    assert single.key == single.files[0].sha256 == sha256(b"1")


def test_a_link_to_a_model_is_the_model_that_a_loader_would_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    found = read_artifact(tmp_path / "link")
    assert (found.files[0].name, found.key) == ("link", sha256(b"1"))


def test_nothing_and_an_empty_directory_are_the_callers_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nothing", tmp_path / "nothing/x"):
        with pytest.raises(InputError):
            read_artifact(path)


def test_a_folder_that_changes_while_it_is_read_cannot_be_decided(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/a").write_bytes(bytes(1 << 20))

    def add(_count: int) -> None:
        (tmp_path / "m/b").touch()

    with pytest.raises(UndecidedError, match="the directory changed"):
        read_artifact(tmp_path / "m", progress=add)


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("loop", "loop/x", "pipe", "link"):
        with pytest.raises(UndecidedError):
            read_artifact(tmp_path / name)


def test_a_link_out_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "other").write_text("x")
    (tmp_path / "m/a").symlink_to(tmp_path / "other")
    with pytest.raises(UndecidedError, match="leads out"):
        read_artifact(tmp_path / "m")


def test_bundles_and_the_evidence_beside_them_come_from_the_store(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    artifact = read_artifact(tmp_path / "a")
    store = FolderStore(tmp_path / "store")
    store.add(
        (
            Stored(model=artifact.key, ending=BUNDLE, data=b"bundle"),
            Stored(model=artifact.key, ending=EVIDENCE, data=b"evidence"),
        )
    )
    found = candidates_from_store(store, artifact)
    assert found.bundles == (b"bundle",)
    assert found.beside == {sha256(b"evidence"): b"evidence"}


def test_no_verification_at_all_is_a_no() -> None:
    assert exit_code(()) == 1


APPROVED = b"rules:\n  - {id: approved, kind: approvals, role: risk-owner}\n"
LIMITS = b"rules:\n  - {id: fairness, kind: metric, metric: fairness_score, min: 0.9}\n"
ROOT = f"""\
id: test
version: "1"
includes:
  - {{path: parts/approved.yaml, sha256: "{sha256(APPROVED)}"}}
  - {{path: limits.yaml, sha256: "{sha256(LIMITS)}"}}
""".encode()


def attested_under(*parts: tuple[str, bytes | None]) -> Deployment:
    """An attestation of a policy of three files, with some of them."""
    files = (("governance/policy.yaml", ROOT), *parts)
    items = [evidence_item(name, "application/yaml", data or b"") for name, data in files]
    reference = PolicyReference(id="test", version="1", sha256=sha256(ROOT))
    return a_deployment(
        policy=reference,
        verdict=verdict_as_json(a_verdict(policy=reference)),
        evidence=tuple(item if item.content else replace(item, content=None) for item in items),
    )


WHOLE = (("governance/parts/approved.yaml", APPROVED), ("governance/limits.yaml", LIMITS))


def upheld(deployment: Deployment) -> ConsentAgain:
    statement = Statement(predicate_type=DEPLOYMENT, subjects=MODEL_FILES, predicate={})
    return uphold_under(judge(), beside={})(statement, deployment)


def test_a_rule_in_a_part_of_the_attested_policy_is_upheld_by_people_too() -> None:
    denied = upheld(attested_under(*WHOLE)).denied
    assert denied
    assert all(line.startswith("approved, on ") for line in denied)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (WHOLE[1:], "there is no part"),
        ((WHOLE[0], ("governance/limits.yaml", LIMITS + b"# \n")), "has the SHA-256"),
        ((WHOLE[0], ("governance/limits.yaml", None)), "by digest only"),
    ],
)
def test_a_policy_that_is_not_whole_is_undecided(
    parts: tuple[tuple[str, bytes | None], ...], said: str
) -> None:
    with pytest.raises(UndecidedError, match=said):
        upheld(attested_under(*parts))
    bare = replace(attested_under(*WHOLE), policy_evidence="elsewhere.yaml")
    with pytest.raises(UndecidedError, match="does not carry its policy"):
        upheld(bare)


@pytest.mark.parametrize("before", range(6))
def test_the_type_of_a_deployment_is_seen_in_base64_wherever_it_stands(before: int) -> None:
    payload = b"x" * before + b'"predicateType":"' + DEPLOYMENT.encode() + b'"}'
    other = payload.replace(b"deployment", b"employment")
    assert [mark in b64encode(payload) for mark in MARKS].count(True) == 1
    assert not any(mark in b64encode(other) for mark in MARKS)
