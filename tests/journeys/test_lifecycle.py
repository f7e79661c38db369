"""Revoke, release and materialize through the real command, with real signatures."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.attestation.lists.revocations import Kind, Target, revocation_statement
from aigf_dvc.cli.main import _run as run_command
from aigf_dvc.clock import now
from aigf_dvc.digests import sha256
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.attestation.list_builders import OTHER, a_list, an_entry
from tests.local_sigstore.server import LocalSigstore
from tests.playground import MODEL, Playground, copy, environment
from tests.signing.by_key import sign_statement
from tests.waiting import handles_of

pytestmark = pytest.mark.slow

ISSUER = "https://issuer.test.example"
OFFICER = "security@corp.example"
TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
people:
  Dana: {emails: [dana@corp], keys: [{file: dana.pub}]}
  Sec: {keys: [{file: sec.pub}]}
  Ops: {keys: [{file: ops.pub}]}
roles: {validator: [Dana], revoke: [Sec], release: [Ops]}
"""
APPROVED = "\n  - {id: approved, kind: approvals, role: validator}\n"


def run(p: Playground, *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process: to start Python anew each time would take minutes here."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, chdir(p.root):
        patch.setattr(sys, "argv", ["aigf", *arguments])
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command()
    out.seek(0)
    err.seek(0)
    return code, out.read(), err.read()


def aigf(p: Playground, *arguments: str, code: int = 0) -> str:
    found, out, err = run(p, *arguments)
    said = " ".join((out + err).split())
    assert found == code, said
    return said


def place(p: Playground, name: str) -> str:
    return str(p.root.parent / name)


def revoke(p: Playground, *what: str, key: str = "sec", code: int = 0) -> str:
    signed = ("--key", place(p, f"{key}.key"), "--yes")
    reason = () if "--reason" in what or "--renew" in what else ("--reason", "it is wrong")
    return aigf(p, "revoke", *what, *reason, *signed, code=code)


def verify(p: Playground, *more: str, model: str = MODEL, code: int = 0) -> str:
    return aigf(
        p, "verify", model, "--from", "git", "--key", place(p, "release.pub"),
        "--any-policy", "--trust", place(p, "trust.yaml"), *more, code=code,
    )  # fmt: skip


LISTED = ("--revocations", "git", "--require-revocations")
RELEASED = ("--releases", "git", "--require-releases")


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model somebody approved, attested."""
    folder = tmp_path_factory.mktemp("lifecycle")
    p = copy(template, folder / "project")
    for name in ("release", "dana", "sec", "ops", "eve"):
        private, public = generate_key(None)
        (folder / f"{name}.key").write_bytes(private)
        (folder / f"{name}.pub").write_bytes(public)
    (folder / "trust.yaml").write_text(TRUST)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        p.write("governance/policy.yaml", p.read("governance/policy.yaml") + APPROVED)
        p.commit()
        approve = ("approve", "scorer", "--role", "validator", "--reason", "looked at it", "--yes")
        aigf(p, *approve, "--key", place(p, "dana.key"))
        signed = ("--key", place(p, "release.key"), "--trust", place(p, "trust.yaml"))
        aigf(p, "attest", *signed, "--output", place(p, "bundle.json"))
    return folder


@pytest.fixture
def governed(finished: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    shutil.copytree(finished, tmp_path / "work", symlinks=True)
    return Playground(tmp_path / "work/project")


def a_list_file(p: Playground, content: Any, key: str = "sec") -> str:  # noqa: ANN401 (a list)
    private = load_private_key((p.root.parent / f"{key}.key").read_bytes(), None, where=key)
    path = p.root.parent / f"{key}-{content.head.sequence}.json"
    path.write_bytes(sign_statement(revocation_statement(content), private))
    return str(path)


def test_the_line_that_impact_prints_revokes_what_the_data_led_to(governed: Playground) -> None:
    p = governed
    assert "nobody" not in revoke(p, "--renew")
    assert "not revoked: list 'revocations-" in verify(p, *LISTED)
    _, printed, _ = run(p, "impact", "data/raw.csv")
    line = next(line for line in printed.splitlines() if "aigf revoke" in line)
    *arguments, key = shlex.split(line)[2:]
    assert (arguments.pop(), key) == ("--key", "PRIVATE.key")  # whose, only the reader knows
    assert "number 2" in revoke(p, *arguments)
    said = verify(p, *LISTED, code=1)
    assert "REFUSED at step 11, revocation: the model" in said
    assert "made from data/raw.csv (unspecified, on " in said
    assert "ACCEPTED" in verify(p)  # nobody asked for lists: it is said that none were given
    revoke(p, "--lift", *arguments)
    assert "which was lifted on" in verify(p, *LISTED)


def test_data_is_revoked_by_its_path_or_either_digest(governed: Playground) -> None:
    p = governed
    revoke(p, "--data", "data/raw.csv", "--cause", "withdrawn")
    said = verify(p, *LISTED, code=1)
    assert "'data/raw.csv', which it was made from" in said
    assert "it is wrong (withdrawn" in said
    md5 = "md5:" + p.read("data/raw.csv.dvc").split("md5: ")[1].split()[0]
    assert "is in the list since" in revoke(p, "--data", md5, code=2)
    revoke(p, "--lift", "--data", md5)
    verify(p, *LISTED)


def test_an_attestation_is_revoked_whatever_its_bundle_looks_like(governed: Playground) -> None:
    p = governed
    bundle = Path(place(p, "bundle.json"))
    revoke(p, "--attestation", str(bundle))
    spaced = bundle.with_name("spaced.json")
    spaced.write_text(json.dumps(json.loads(bundle.read_text()), indent=3))
    key = ("--key", place(p, "release.pub"), "--any-policy", "--trust", place(p, "trust.yaml"))
    for one in (bundle, spaced):
        said = aigf(p, "verify", MODEL, "--bundle", str(one), *key, *LISTED, code=1)
        assert "the attestation is revoked: it is wrong" in said
    assert "the attestation is revoked" in verify(p, *LISTED, code=1)
    revoke(p, "--lift", "--attestation", f"sha256:{sha256(bundle.read_bytes())}")
    verify(p, *LISTED)


def test_a_revoked_approver_and_a_revoked_attester_are_refused(governed: Playground) -> None:
    p = governed
    revoke(p, "--signer", place(p, "dana.pub"), "--cause", "compromised")
    said = verify(p, *LISTED, code=1)
    assert "REFUSED at step 8" in said
    assert "is revoked: it is wrong (compromised" in said
    revoke(p, "--lift", "--signer", place(p, "dana.pub"))
    verify(p, *LISTED)
    revoke(p, "--signer", place(p, "release.pub"), "--date", "2020-01-01")
    assert "its signer, sha256:" in verify(p, *LISTED, code=1)


def test_only_who_may_revoke_is_heard(governed: Playground) -> None:
    p = governed
    revoke(p, "--model", MODEL, key="eve")
    said = verify(p, *LISTED, code=3)
    assert "holds no revocation list by anybody whom you trust" in said
    assert "ACCEPTED" in verify(p, "--revocations", "git")
    eve = ("--revocation-key", place(p, "eve.pub"))
    assert "REFUSED at step 11" in verify(p, "--revocations", "git", *eve, code=1)
    assert "none by anybody whom you trust" in revoke(p, "--renew", code=2)
    revoke(p, "--renew", "--new")
    assert "1 that do not count" in verify(p, *LISTED)


def test_a_stale_list_is_undecided_offline_unless_somebody_overrides_it(
    governed: Playground,
) -> None:
    p = governed
    day = timedelta(days=1)
    stale = a_list_file(p, a_list(issued=now() - 9 * day, next_update=now() - 2 * day))
    listed = ("--revocations", stale)
    said = verify(p, *listed, "--require-revocations", code=3)
    assert "UNDECIDED at step 11" in said
    assert "is stale: the next was due on" in said
    assert "NOT DEMANDED, and whether it is revoked CANNOT BE TOLD" in verify(p, *listed)
    by_hand = ("--require-revocations", "--override-revocation", "the pager rang")
    assert "REVOCATION WAS OVERRIDDEN BY HAND: the pager rang" in verify(p, *listed, *by_hand)
    said = verify(p, *listed, *by_hand, "--format", "json")
    outcome = json.loads(said)
    assert outcome["accepted"] is True
    (overridden,) = outcome["verifications"][0]["overridden"]
    assert overridden["name"] == "revocation"
    assert "the pager rang" in overridden["detail"]
    hit = an_entry(Target(kind=Kind.MODEL, sha256=sha256((p.root / MODEL).read_bytes())))
    older = a_list_file(
        p, a_list(hit, issued=now() - 9 * day, next_update=now() - 2 * day, sequence=4)
    )
    verify(p, "--revocations", older, *by_hand, code=1)


def test_an_old_list_is_noticed_by_whoever_saw_a_newer_one(governed: Playground) -> None:
    p = governed
    good = {"issued": now(), "next_update": now() + timedelta(days=1)}
    old, new = a_list_file(p, a_list(**good)), a_list_file(p, a_list(sequence=8, **good))
    for path in (old, new, new):
        verify(p, "--revocations", path, "--require-revocations")
    said = verify(p, "--revocations", old, "--require-revocations", code=3)
    assert "number 3, is an old one: number 8 was seen before" in said
    verify(p, "--revocations", old, "--require-revocations", "--state", place(p, "fresh.json"))
    said = verify(p, "--revocations", new, "--state", "/proc/nowhere/lists.json")
    assert "the numbers of the lists cannot be kept" in said
    Path(place(p, "fresh.json")).write_text("{")
    state = ("--state", place(p, "fresh.json"))
    said = verify(p, "--revocations", new, "--require-revocations", *state, code=3)
    assert "damaged" in said
    assert Path(place(p, "fresh.json")).read_text() == "{"


def test_an_older_model_that_was_attested_once_cannot_come_back(governed: Playground) -> None:
    p = governed
    shutil.copy(p.root / MODEL, place(p, "old.bin"))
    attester = ("--attested-by", place(p, "release.pub"), "--any-policy")
    common = ("--environment", "production", "--key", place(p, "ops.key"), "--yes")
    trust = ("--trust", place(p, "trust.yaml"))
    release = ("release", MODEL, *attester, *trust, *common)
    aigf(p, *release, "--release-version", "1")
    assert "the current release 1 of" in verify(p, *RELEASED)

    p.replace("src/train.sh", "echo model", "echo better")
    p.dvc("repro", "--quiet")
    aigf(p, "capture")
    p.commit()
    approve = ("approve", "scorer", "--role", "validator", "--reason", "looked at it", "--yes")
    aigf(p, *approve, "--key", place(p, "dana.key"))
    aigf(p, "attest", "--key", place(p, "release.key"), *trust)
    assert "REFUSED at step 14" in verify(p, *RELEASED, code=1)  # not released yet
    said = aigf(p, *release, "--release-version", "2")
    assert "number 2" in said
    assert "before it was sha256:" in said

    assert "the current release 2 of" in verify(p, *RELEASED)
    said = verify(p, *RELEASED, model=place(p, "old.bin"), code=1)
    assert "REFUSED at step 14, release: not the current release of 'scorer': that is 2" in said
    old = sha256(Path(place(p, "old.bin")).read_bytes())
    aigf(p, *release, "--release-version", "2", "--allow", f"sha256:{old}")
    assert "AN OLDER RELEASE" in verify(p, *RELEASED, model=place(p, "old.bin"))
    aigf(p, "release", "--withdraw", "scorer", "--reason", "retired", *trust, *common)
    assert "was withdrawn" in verify(p, *RELEASED, model=place(p, "old.bin"), code=1)


def test_a_trust_file_that_demands_lists_needs_no_option(governed: Playground) -> None:
    p = governed
    Path(place(p, "trust.yaml")).write_text(
        TRUST + "demands: {revocations: required, releases: required}\n"
    )
    assert "UNDECIDED at step 11" in verify(p, code=3)
    revoke(p, "--renew")
    assert "UNDECIDED at step 14" in verify(p, code=3)
    aigf(
        p, "release", MODEL, "--environment", "production", "--attested-by",
        place(p, "release.pub"), "--any-policy", "--trust", place(p, "trust.yaml"),
        "--key", place(p, "ops.key"), "--yes",
    )  # fmt: skip
    assert "ACCEPTED" in verify(p)
    revoke(p, "--model", MODEL)
    assert "REFUSED at step 11" in verify(p, code=1)


def test_a_model_that_does_not_verify_is_not_released(governed: Playground) -> None:
    p = governed
    said = aigf(
        p, "release", MODEL, "--environment", "production", "--attested-by", place(p, "eve.pub"),
        "--any-policy", "--key", place(p, "ops.key"), "--yes", "--list", place(p, "index.json"),
        code=1,
    )  # fmt: skip
    assert "REFUSED at step 2" in said
    assert "nothing was released" in said
    assert not Path(place(p, "index.json")).exists()


def test_two_machines_that_revoke_at_once_lose_nothing(governed: Playground) -> None:
    p = governed
    remote = place(p, "remote.git")
    p.git("init", "--quiet", "--bare", remote)
    p.git("remote", "add", "shared", remote)
    revoke(p, "--renew")
    aigf(p, "push", "shared")
    shutil.copytree(p.root, place(p, "other"), symlinks=True)
    other = Playground(Path(place(p, "other")))
    revoke(p, "--model", MODEL)
    revoke(other, "--data", "data/raw.csv")
    aigf(p, "push", "shared")
    aigf(other, "push", "shared")
    aigf(p, "pull", "shared")
    trust = ("--trust", place(p, "trust.yaml"))
    for one in (p, other):
        said = verify(one, *LISTED, code=1)
        assert "the model, sha256:" in said
        assert "'data/raw.csv', which it was made from" in said
    said = revoke(p, "--model", f"sha256:{OTHER}", *trust)
    assert "it joins 2 lists that were written at the same time" in said
    assert "number 3" in said
    assert "entries 3, of which 3 count" in said


@pytest.mark.filterwarnings("ignore")
def test_a_list_by_an_identity_counts_for_who_trusts_it(governed: Playground) -> None:
    p = governed
    with LocalSigstore(issuer=ISSUER) as sigstore:
        config = Path(place(p, "config.json"))
        config.write_text(json.dumps(sigstore.trust_config(rekor=2)))
        Path(place(p, "root.json")).write_text(json.dumps(sigstore.trusted_root()))
        token = ("--identity-token", sigstore.token(OFFICER))
        keyless = ("--keyless", "--trust-config", str(config), "--yes", *token)
        where = ("--list", place(p, "list.json"))
        reason = ("--model", MODEL, "--reason", "poisoned")
        aigf(p, "revoke", *reason, *where, *keyless)
        assert sigstore.errors == []
    officer = f'  Officer: {{identities: [{{identity: {OFFICER}, issuer: "{ISSUER}"}}]}}\n'
    trust = TRUST.replace("roles:", f"{officer}trusted_root: root.json\nroles:")
    Path(place(p, "trust.yaml")).write_text(trust.replace("revoke: [Sec]", "revoke: [Officer]"))
    listed = ("--revocations", place(p, "list.json"), "--require-revocations")
    assert "poisoned (unspecified" in verify(p, *listed, code=1)
    Path(place(p, "trust.yaml")).write_text(trust)  # the officer is known, and may not revoke
    assert "by anybody whom you trust" in verify(p, *listed, code=3)


def test_what_is_put_in_place_is_what_was_verified_whoever_exchanges_the_model(
    governed: Playground,
) -> None:
    p, target = governed, Path(place(governed, "deployed"))
    honest = (p.root / MODEL).read_bytes()
    good = a_list_file(p, a_list(issued=now(), next_update=now() + timedelta(days=1)))
    read, write = os.pipe()  # as a shell's <(...)
    running = subprocess.Popen(
        [
            sys.executable, "-m", "aigf_dvc", "verify", MODEL, "--from", "git", "--any-policy",
            "--key", place(p, "release.pub"), "--trust", place(p, "trust.yaml"),
            "--revocations", f"/dev/fd/{read}", "--materialize", str(target),
        ],
        cwd=p.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, pass_fds=(read,),
    )  # fmt: skip
    os.close(read)
    try:
        with os.fdopen(write, "wb") as file:
            while handles_of(running.pid, file.fileno()) < 2 and running.poll() is None:
                time.sleep(0.01)  # until the list is opened: by then the model was read
            (p.root / MODEL).unlink()
            p.write(MODEL, b"poison")
            assert not target.exists()
            file.write(Path(good).read_bytes())
        said, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 0, said
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {"model.bin": honest}


def test_nothing_is_put_in_place_of_a_model_that_is_refused(governed: Playground) -> None:
    p = governed
    revoke(p, "--model", MODEL)
    before = sorted(path.name for path in p.root.parent.iterdir())
    verify(p, *LISTED, "--materialize", place(p, "deployed"), code=1)
    assert sorted(path.name for path in p.root.parent.iterdir()) == before
    (p.root / "here").mkdir()
    assert "it is there already" in verify(p, "--materialize", "here", code=2)


def test_what_does_not_go_together_is_said(governed: Playground) -> None:
    p = governed
    key = ("--key", place(p, "sec.key"))
    for arguments in (
        ("revoke", *key),
        ("revoke", "--renew", "--model", MODEL, *key),
        ("revoke", "--renew", "--lift", *key),
        ("revoke", "--model", MODEL, *key),
        ("revoke", "--model", MODEL, "--reason", "x", "--issuer", "https://i", *key),
        ("revoke", "--model", MODEL, "--reason", "x", *key),  # nobody to ask
        ("release", "--environment", "e", *key),
        ("release", MODEL, "--renew", "--environment", "e", *key),
        ("release", "--renew", "--environment", "e", "--allow", f"sha256:{OTHER}", *key),
        ("release", MODEL, "--environment", "e", *key),
        ("verify", MODEL, "--from", "git", "--any-policy", "--key", place(p, "release.pub"),
         "--require-revocations"),
    ):  # fmt: skip
        aigf(p, *arguments, code=2)
