"""What `aigf verify` remembers of lists, by their places: a rogue place hides none."""

import json
import os
import shutil
import subprocess
import threading
from contextlib import chdir
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigf_dvc.attestation.deployment import evidence_item
from aigf_dvc.attestation.lists.releases import RELEASES
from aigf_dvc.attestation.lists.revocations import Kind, RevocationList, Target
from aigf_dvc.cli.main import aigf
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError
from aigf_dvc.policy.verdict import PolicyReference
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.actions.list_signing import PAIRS, a_store, releasing, revoking, sign
from tests.attestation.builders import MODEL_BYTES, a_payload, a_verdict
from tests.attestation.list_builders import MODEL, a_list, an_entry, an_index

TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services: {release: {keys: [{file: ops.pub}]}}
people: {Sec: {keys: [{file: sec.pub}]}, Old: {keys: [{file: old.pub}]}}
roles: {attest: [release], revoke: [Sec, Old]}
"""
NOW = now()
DAY = timedelta(days=1)
POLICY_TEXT = b"required_metrics: {fairness_score_min: 0.8}\n"
POLICY = evidence_item("governance/policy.yaml", "application/yaml", POLICY_TEXT)
FAIR = PolicyReference(id="fair", version="1", sha256=POLICY.sha256)
READABLE = a_payload(
    issued_on=NOW, policy=FAIR, evidence=(POLICY,), verdict=verdict_as_json(a_verdict(policy=FAIR))
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A judge's folder: the model, its attestation, and the keys."""
    for name, (_, public) in PAIRS.items():
        (tmp_path / f"{name}.pub").write_bytes(public)
    (tmp_path / "model.pkl").write_bytes(MODEL_BYTES)
    (tmp_path / "bundle.json").write_bytes(sign(a_payload(issued_on=NOW), "ops"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> tuple[int, str]:
    run = CliRunner().invoke(aigf, arguments)
    said = " ".join(run.output.split())
    if isinstance(run.exception, AigfError):
        return run.exception.exit_code, f"{said} {run.exception}"
    return run.exit_code, said


def verify(*places: str, code: int = 0, more: tuple[str, ...] = ()) -> str:
    listed = [part for place in places for part in ("--revocations", place)]
    found, said = invoke(
        "verify", "model.pkl", "--bundle", "bundle.json", "--key", "ops.pub", "--any-policy",
        *listed, "--revocation-key", "sec.pub", "--require-revocations", *more,
    )  # fmt: skip
    assert found == code, said
    return said


def a_place(folder: Path, name: str, *lists: RevocationList) -> str:
    """A folder that holds these lists and nothing else."""
    shutil.rmtree(folder / name, ignore_errors=True)
    a_store(folder / name, *(revoking(one) for one in lists))
    return name


def fresh(identifier: str = "revocations", sequence: int = 3) -> RevocationList:
    return a_list(identifier=identifier, sequence=sequence, issued=NOW, next_update=NOW + DAY)


def test_a_place_that_hides_a_list_which_it_had_decides_nothing(folder: Path) -> None:
    verify(a_place(folder, "store", fresh("security"), fresh("other")))
    hiding = a_place(folder, "store", fresh("other", 9))
    said = verify(hiding, code=3)
    assert "UNDECIDED at step 11" in said
    assert "holds no list 'security' any more: number 3 was seen there" in said
    assert "security" in verify(str(folder / "store"), code=3)  # by whichever name it is called
    by_hand = ("--override-revocation", "the store moved")
    assert "REVOCATION WAS OVERRIDDEN BY HAND: the store moved" in verify(hiding, more=by_hand)
    verify(hiding, code=3)  # to override once forgets nothing


@pytest.mark.usefixtures("folder")
def test_what_comes_out_of_a_pipe_is_bound_to_no_place() -> None:
    for name in ("security", "other"):
        read, write = os.pipe()  # as a shell's <(...)
        writer = threading.Thread(target=_written, args=(write, revoking(fresh(name))))
        writer.start()
        verify(f"/dev/fd/{read}")
        writer.join()
        os.close(read)


def _written(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as pipe:
        pipe.write(data)


def test_a_place_that_serves_an_old_list_hides_it_behind_no_other_place(folder: Path) -> None:
    good = a_place(folder, "good", fresh(sequence=8))
    bad = a_place(folder, "bad", fresh(sequence=7))
    verify(good, bad)
    a_place(folder, "bad", fresh(sequence=2))
    assert "holds number 2 of the list 'revocations', and number 7 was seen there" in verify(
        good, bad, code=3
    )


def test_nothing_is_signed_on_top_of_a_place_that_hides_a_list(folder: Path) -> None:
    (folder / "sec.key").write_bytes(PAIRS["sec"][0])
    asked = ("revoke", "--renew", "--list", "store", "--key", "sec.key", "--yes")
    a_place(folder, "store", fresh("security"), fresh("other"))
    assert invoke(*asked, "--id", "other")[0] == 0
    a_place(folder, "store", fresh("other", 9))
    found, said = invoke(*asked, "--id", "other")
    assert (found, "holds no list 'security' any more" in said) == (3, True), said
    assert invoke(*asked, "--id", "other", "--new")[0] == 0


def test_two_who_have_revoked_each_other_are_told_apart_by_the_trust_file_alone(
    folder: Path,
) -> None:
    for name in ("sec", "old"):
        (folder / f"{name}.key").write_bytes(PAIRS[name][0])
    (folder / "bundle.json").write_bytes(sign(READABLE, "ops"))
    (folder / "trust.yaml").write_text(TRUST)
    (folder / "store").mkdir()
    asked = ("revoke", "--list", "store", "--id", "security", "--yes", "--reason", "stolen")
    by_sec = ("--key", "sec.key", "--trust", "trust.yaml")
    assert invoke(*asked, "--signer", "old.pub", *by_sec)[0] == 0
    assert invoke(*asked, "--signer", "sec.pub", "--key", "old.key", "--new")[0] == 0
    verified = ("verify", "model.pkl", "--bundle", "bundle.json", "--any-policy", "--trust",
                "trust.yaml", "--revocations", "store", "--require-revocations")  # fmt: skip
    found, said = invoke(*verified)
    assert found == 3, said
    assert "who is revoked too: take whoever must not count out of your trust file" in said
    renewed = ("revoke", "--list", "store", "--id", "security", "--yes", "--renew", *by_sec)
    found, said = invoke(*renewed)  # it would join what both have said
    assert (found, "the list says that its own signer is revoked" in said) == (1, True), said
    (folder / "trust.yaml").write_text(TRUST.replace("[Sec, Old]", "[Sec]"))
    assert invoke(*renewed)[0] == 0
    assert invoke(*verified)[0] == 0


def test_what_is_forgotten_on_purpose_is_recorded_and_hinders_no_more(folder: Path) -> None:
    verify(a_place(folder, "store", fresh("security"), fresh("other")))
    hiding = a_place(folder, "store", fresh("other", 9))
    assert "`aigf forget security --place" in verify(hiding, code=3)
    asked = ("forget", "security", "--place", "store", "--reason", "joined with the other")
    found, said = invoke(*asked)
    assert found == 0, said
    assert "forgot the list 'security' at" in said
    verify(hiding)
    kept = json.loads((folder / "state/aigf/lists.json").read_text())
    (record,) = kept["forgotten"]
    assert record["reason"] == "joined with the other"
    assert record["sequence"] == 3
    found, said = invoke(*asked)
    assert (found, "no list 'security'" in said) == (2, True)


def test_lists_of_one_name_in_two_stores_have_numbers_of_their_own(folder: Path) -> None:
    verify(a_place(folder, "one", fresh(sequence=8)))
    verify(a_place(folder, "two", fresh(sequence=3)))
    a_place(folder, "two", fresh(sequence=2))
    assert "number 3 was seen there" in verify("two", code=3)


def test_an_index_of_one_environment_in_two_projects_has_numbers_of_its_own(folder: Path) -> None:
    for name, sequence in (("one", 8), ("two", 3)):
        a_store(
            folder / name,
            releasing(an_index(sequence=sequence, issued=NOW, next_update=NOW + DAY)),
            kind=RELEASES,
        )
    for name in ("one", "two"):
        found, said = invoke(
            "verify", "model.pkl", "--bundle", "bundle.json", "--key", "ops.pub", "--any-policy",
            "--releases", name, "--release-key", "ops.pub", "--require-releases",
        )  # fmt: skip
        assert found == 0, said
    shutil.rmtree(folder / "two")
    old = releasing(an_index(sequence=2, issued=NOW, next_update=NOW + DAY))
    a_store(folder / "two", old, kind=RELEASES)
    found, said = invoke(
        "verify", "model.pkl", "--bundle", "bundle.json", "--key", "ops.pub", "--any-policy",
        "--releases", "two", "--release-key", "ops.pub", "--require-releases",
    )  # fmt: skip
    assert (found, "number 3 was seen there" in said) == (3, True), said


def test_two_projects_with_one_security_key_hinder_each_other_in_nothing(folder: Path) -> None:
    (folder / "sec.key").write_bytes(PAIRS["sec"][0])
    for name, times in (("one", 3), ("two", 1)):
        project = str(folder / name)
        git = ("git", "-C", project, "-c", "user.name=a", "-c", "user.email=a@b.example")
        subprocess.run(["git", "init", "--quiet", project], check=True)
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", name], check=True)
        for _ in range(times):
            with chdir(project):
                found, said = invoke("revoke", "--renew", "--key", "../sec.key", "--yes")
            assert found == 0, said
    assert "number 3," in verify("git:one")
    assert "number 1," in verify("git:two")
    assert verify("git:one", "git:two").count("signed by") == 2


def judging(folder: Path, trust: str) -> tuple[str, ...]:
    """Write a trust file beside the keys, and return the command that judges by it."""
    (folder / "trust.yaml").write_text(trust)
    (folder / "bundle.json").write_bytes(sign(READABLE, "ops"))
    return ("verify", "model.pkl", "--bundle", "bundle.json", "--any-policy",
            "--trust", "trust.yaml", "--revocations", "store")  # fmt: skip


def test_what_was_revoked_stays_so_when_the_key_is_exchanged(folder: Path) -> None:
    (folder / "sec.key").write_bytes(PAIRS["sec"][0])
    ended = {"issued": NOW - 3 * DAY, "next_update": NOW + 9 * DAY}
    bad = an_entry(Target(kind=Kind.MODEL, sha256=MODEL), revoked_on=NOW - 3 * DAY)
    a_store(folder / "store", revoking(a_list(bad, **ended), "old"))
    last = (NOW - 2 * DAY).date()
    asked = judging(folder, TRUST.replace("old.pub}", f"old.pub, valid_until: {last}}}"))
    found, said = invoke(*asked)
    assert (found, "the model, sha256:" in said) == (1, True), said
    signed = ("--list", "store", "--trust", "trust.yaml", "--key", "sec.key", "--yes")
    found, said = invoke("revoke", "--renew", *signed)
    assert (found, "number 4" in said) == (0, True), said
    assert invoke(*asked)[0] == 1  # the new key's list says it, too
    reason = ("--reason", "false alarm")
    assert invoke("revoke", "--lift", "--model", f"sha256:{MODEL}", *reason, *signed)[0] == 0
    found, said = invoke(*asked)
    assert (found, "number 5, signed by" in said) == (0, True), said


def test_a_trust_file_names_the_lists_that_must_be_there(folder: Path) -> None:
    asked = judging(folder, TRUST + "demands: {revocation_lists: [security, data]}\n")
    a_place(folder, "store", fresh("security"))
    found, said = invoke(*asked)
    assert (found, "the list 'data', which your trust file demands" in said) == (3, True), said
    a_place(folder, "store", fresh("security"), fresh("data"))
    assert invoke(*asked)[0] == 0
