"""Approve, waive and sign a document; attest with them; verify under one's own trust file."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.clock import now
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.git_ref import REF
from tests.attestation.consent_builders import an_engine_statement
from tests.local_sigstore.server import LocalSigstore
from tests.playground import MODEL, Playground, copy, environment, statement_of
from tests.signing.by_key import sign_statement

pytestmark = pytest.mark.slow

POLICY = "governance/policy.yaml"
RISK = "governance/documents/risk.md"
ISSUER = "https://issuer.test.example"
RULES = """
  - {id: approved, kind: approvals, role: validator}
  - {id: risk, kind: document, document: risk-assessment, bound_to: nothing, signed_by_role: owner}
  - {id: scanned, kind: external-verdict, engine: ampel, type: svr, properties: [AMPEL_SCANNED]}
"""
TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
people:
  Dana: {emails: [dana@corp], keys: [{file: dana.pub}]}
  Vera: {emails: [vera@corp], keys: [{file: vera.pub}]}
roles: {waive: [Dana], owner: [Dana], validator: [Vera]}
engines: {ampel: {types: [svr], keys: [{file: ampel.pub}]}}
"""


def day(days: int) -> str:
    return (now().date() + timedelta(days=days)).isoformat()


def place(p: Playground, name: str) -> str:
    return str(p.root.parent / name)


def aigf(p: Playground, *arguments: str, code: int = 0, **extra: Any) -> str:  # noqa: ANN401
    done = p.aigf(*arguments, **extra)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, said
    return said


def approve(p: Playground, name: str, *arguments: str) -> str:
    key = ("--key", place(p, f"{name}.key"))
    return aigf(p, "approve", *arguments, *key, "--reason", "looked at it", "--yes")


def verify(p: Playground, *more: str, trust: str = "trust.yaml", code: int = 0) -> str:
    digest = sha256((p.root / POLICY).read_bytes())
    return aigf(
        p, "verify", MODEL, "--from", "git", "--key", place(p, "release.pub"),
        "--policy-digest", f"sha256:{digest}", "--trust", place(p, trust), *more, code=code,
    )  # fmt: skip


def attest(p: Playground, *more: str, code: int = 0) -> str:
    key = ("--key", place(p, "release.key"))
    return aigf(p, "attest", *key, "--trust", place(p, "trust.yaml"), *more, code=code)


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model people and an engine signed for, attested."""
    folder = tmp_path_factory.mktemp("consent")
    p = copy(template, folder / "project")
    for name in ("dana", "vera", "ampel", "release", "eve"):
        private, public = generate_key(None)
        (folder / f"{name}.key").write_bytes(private)
        (folder / f"{name}.pub").write_bytes(public)
    (folder / "trust.yaml").write_text(TRUST)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        p.write(POLICY, p.read(POLICY).replace("max: 500", "max: 5") + RULES)
        p.commit()
        assert "nobody approved it as validator" in attest(p, code=1)
        approve(p, "vera", "scorer", "--role", "validator")
        approve(p, "dana", "--waive", "latency", "--until", day(30), "--role", "owner")
        approve(p, "dana", "--document", RISK, "--role", "owner")
        model = sha256((p.root / MODEL).read_bytes())
        subject = [{"name": "m", "digest": {"sha256": model}}]
        when = now().isoformat()
        payload = an_engine_statement(VerdictType.SVR, subject=subject, timeCreated=when)
        signing = load_private_key((folder / "ampel.key").read_bytes(), None, where="ampel")
        (folder / "svr.json").write_bytes(sign_statement(payload, signing))
        said = attest(
            p, "--approvals", place(p, "svr.json"),
            "--output", place(p, "bundle.json"),
        )  # fmt: skip
        assert "WAIVED" in said
        assert "--trust FILE" in said
    return folder


@pytest.fixture
def consented(finished: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    shutil.copytree(finished, tmp_path / "consent", symlinks=True)
    return Playground(tmp_path / "consent/project")


def test_the_attestation_carries_all_that_was_signed_and_who_wrote_it(
    consented: Playground,
) -> None:
    bundle = (consented.root.parent / "bundle.json").read_bytes()
    predicate = statement_of(bundle)["predicate"]
    assert isinstance(predicate, dict)
    assert [item["name"] for item in predicate["waivers"]] == ["waiver/Dana"]
    assert {item["name"] for item in predicate["approvals"]} == {"approval/Vera", "signature/Dana"}
    assert "external-verdict/ampel" in {item["name"] for item in predicate["evidence"]}
    assert predicate["source"]["authors"] == ["jane.doe@example.com"]
    outcomes = {f["rule"]: f["outcome"] for f in predicate["verdict"]["findings"]}
    assert outcomes["latency"] == "waived"
    assert outcomes["approved"] == outcomes["risk"] == outcomes["scanned"] == "passed"


def test_a_judge_who_trusts_the_same_people_accepts_it(consented: Playground) -> None:
    said = verify(consented)
    assert "ACCEPTED" in said
    assert "latency is WAIVED by Dana (owner)" in said
    assert "approved: approved by Vera" in said


def test_the_bundle_alone_is_enough(consented: Playground, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    shutil.copy(consented.root / MODEL, alone / "m.bin")
    shutil.copy(consented.root / POLICY, alone / "policy.yaml")
    said = aigf(
        Playground(alone), "verify", "m.bin", "--bundle", place(consented, "bundle.json"),
        "--key", place(consented, "release.pub"), "--trust", place(consented, "trust.yaml"),
        "--policy", "policy.yaml",
    )  # fmt: skip
    assert "ACCEPTED" in said
    assert "WAIVED: latency by Dana" in said


def test_without_a_trust_file_it_is_refused(consented: Playground) -> None:
    digest = sha256((consented.root / POLICY).read_bytes())
    said = aigf(
        consented, "verify", MODEL, "--from", "git", "--key", place(consented, "release.pub"),
        "--policy-digest", f"sha256:{digest}", code=1,
    )  # fmt: skip
    assert "REFUSED at step 8" in said
    own = aigf(
        consented, "verify", MODEL, "--from", "git", "--key", place(consented, "release.pub"),
        "--policy", POLICY, code=1,
    )  # fmt: skip
    assert "REFUSED at step 7" in own


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("waive: [Dana]", "waive: [Vera]", ["latency"]),
        ("validator: [Vera]", "validator: [Dana]", ["approved"]),
        ("file: dana.pub", "file: eve.pub", ["latency", "risk"]),
        ("file: ampel.pub", "file: eve.pub", ["scanned"]),
        ("types: [svr]", "types: [vsa]", ["scanned"]),
        ("file: vera.pub", "file: vera.pub, valid_until: 2026-01-01", ["approved"]),
        ("emails: [vera@corp]", "emails: [Jane.Doe@example.com]", ["approved"]),
        ("emails: [vera@corp], ", "", ["approved"]),
    ],
)
def test_a_judge_who_trusts_other_people_refuses_it(
    consented: Playground, old: str, new: str, rules: list[str]
) -> None:
    assert old in TRUST
    (consented.root.parent / "mine.yaml").write_text(TRUST.replace(old, new))
    said = verify(consented, trust="mine.yaml", code=1)
    assert "REFUSED at step 8" in said
    for rule in ("latency", "approved", "risk", "scanned"):
        assert (f"{rule}, on " in said) == (rule in rules), said


def test_an_attester_cannot_say_that_a_rule_was_waived(consented: Playground) -> None:
    """Whoever holds the attesting key forges a waived verdict; a judge asks for the waiver."""
    bundle = (consented.root.parent / "bundle.json").read_bytes()
    statement: Any = statement_of(bundle)
    statement["predicate"]["waivers"] = []
    private = (consented.root.parent / "release.key").read_bytes()
    forged = sign_statement(
        json.dumps(statement).encode(), load_private_key(private, None, where="key")
    )
    (consented.root.parent / "forged.json").write_bytes(forged)
    digest = sha256((consented.root / POLICY).read_bytes())
    said = aigf(
        consented, "verify", MODEL, "--bundle", place(consented, "forged.json"),
        "--key", place(consented, "release.pub"), "--policy-digest", f"sha256:{digest}",
        "--trust", place(consented, "trust.yaml"), code=1,
    )  # fmt: skip
    assert "latency, on " in said
    assert "approved, on" not in said


def test_an_approval_is_about_one_tree_bytes_and_environment(consented: Playground) -> None:
    p = consented
    check = ("check", "--at", "attest", "--trust", place(p, "trust.yaml"),
             "--approvals", place(p, "svr.json"))  # fmt: skip
    assert "1 waived" in aigf(p, *check)
    assert "1 waived" in aigf(p, *check, "--rev", "HEAD")
    assert "for the environment production" in aigf(p, *check, "--environment", "x", code=1)
    p.write("src/train.sh", p.read("src/train.sh") + "# one more line\n")
    assert "another tree" in aigf(p, *check, code=1)
    p.git("checkout", "--quiet", "src/train.sh")
    p.git("commit", "--quiet", "--amend", "-m", "the same tree under another commit")
    assert "1 waived" in aigf(p, *check, "--rev", "HEAD")


def test_an_approver_who_turns_out_to_be_an_author_does_not_count(consented: Playground) -> None:
    p = consented
    p.write("src/train.sh", p.read("src/train.sh") + "# tuned\n")
    p.dvc("repro", "--quiet")
    p.git("add", "-A")
    p.git("-c", "user.email=vera@home", "commit", "--quiet", "-m", "tune")
    p.write(".mailmap", "Vera <vera@corp> <vera@home>\n")
    p.commit("mailmap")
    approve(p, "vera", "--role", "validator")
    said = attest(p, code=1)
    assert "they wrote a part of it (vera@corp)" in said


def test_consent_travels_and_is_no_attestation(consented: Playground, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    consented.git("clone", "--quiet", "--bare", str(consented.root), str(remote))
    consented.git("remote", "add", "away", str(remote))
    aigf(consented, "push", "away")
    listed = consented.git("ls-tree", "-r", "--name-only", REF).splitlines()
    assert len(listed) == 4  # an approval, a waiver, a signature and the attestation
    clone = Playground(remote).clone(tmp_path / "clone")
    aigf(clone, "pull", str(remote))
    assert clone.git("ls-tree", "-r", "--name-only", REF).splitlines() == listed
    history = json.loads(consented.aigf("show", "scorer", "--format", "json").stdout)
    assert len(history["versions"][0]["attestations"]) == 1
    stranger = ("verify", MODEL, "--from", "git", "--key", place(consented, "eve.pub"))
    done = consented.aigf(*stranger, "--any-policy")
    assert done.returncode == 1
    assert "None of" not in done.stdout  # one attestation was tried, no approval


def test_show_prints_what_somebody_signed(consented: Playground) -> None:
    out = place(consented, "approval.json")
    before = consented.git("rev-parse", REF)
    approve(consented, "vera", "--role", "validator", "--output", out)
    assert consented.git("rev-parse", REF) == before
    said = aigf(consented, "show", out)
    assert "decision approval as validator model scorer" in said
    assert "reason looked at it" in said
    assert "shown, not verified" in said


def test_nothing_is_signed_unasked_or_half_named(consented: Playground) -> None:
    p = consented
    before = p.git("rev-parse", REF)
    key = ("--key", place(p, "vera.key"), "--reason", "x")
    said = aigf(p, "approve", "--role", "validator", *key, code=2)
    assert "You sign: decision approval" in said
    assert "--yes" in said
    assert "--role" in aigf(p, "approve", *key, code=2)
    assert "--document" in aigf(
        p, "approve", "scorer", "--document", RISK, "--role", "r", *key, code=2
    )
    assert "not a day" in aigf(p, "approve", "--role", "r", "--until", "soon", *key, code=2)
    assert "Say who signs" in aigf(p, "approve", "--role", "r", "--reason", "x", code=2)
    assert "--trust" in aigf(p, "check", "--approvals", "git", code=2)
    assert p.git("rev-parse", REF) == before


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
def test_on_a_terminal_a_person_is_asked(consented: Playground, answer: str, code: int) -> None:
    before = consented.git("rev-parse", REF)
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "aigf_dvc", "approve", "--role", "validator", "--reason", "x",
         "--key", place(consented, "vera.key")],
        cwd=consented.root, stdin=theirs, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code, done.stderr
    assert done.stderr.index("You sign:") < done.stderr.index("Sign it?")
    assert (consented.git("rev-parse", REF) == before) == (code == 1)


@pytest.fixture
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running


def test_an_identity_approves_without_a_key(consented: Playground, sigstore: LocalSigstore) -> None:
    p, folder = consented, consented.root.parent
    (folder / "config.json").write_text(json.dumps(sigstore.trust_config()))
    (folder / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    known = f"identities: [{{identity: vera@corp, issuer: {ISSUER}}}]"
    text = TRUST.replace("keys: [{file: vera.pub}]", known) + "trusted_root: root.json\n"
    (folder / "trust.yaml").write_text(text)
    check = ("check", "--at", "attest", "--trust", place(p, "trust.yaml"),
             "--approvals", place(p, "svr.json"))  # fmt: skip
    assert "nobody approved it as validator" in aigf(p, *check, code=1)
    aigf(
        p, "approve", "--role", "validator", "--reason", "x", "--yes", "--keyless",
        "--trust-config", place(p, "config.json"),
        extra={"AIGF_IDENTITY_TOKEN": sigstore.token("vera@corp")},
    )  # fmt: skip
    assert "approved by Vera" in aigf(p, *check)
    attest(p, "--approvals", place(p, "svr.json"))
    assert "ACCEPTED" in verify(p)
