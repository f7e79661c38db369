"""Real pushes to a bare repository that judges them itself, before it takes them in."""

import shlex
import sys
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.gates.pushed_refs import read_received_refs
from aigf_dvc.signing.private_keys import generate_key
from tests.gates.pushing import spoil
from tests.playground import Playground, run

POLICY = "governance/policy.yaml"


class Server:
    """A project, and the repository that it is pushed to; no hook of its own holds it back."""

    def __init__(self, place: Playground, bare: Path) -> None:
        self.place, self.bare = place, bare

    def push(self, *arguments: str) -> tuple[int, str]:
        done = run(
            ["git", "push", "--no-verify", "origin", *arguments], self.place.root, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    def has(self, ref: str) -> str:
        command = ["git", "rev-parse", "--verify", "--quiet", ref]
        return run(command, self.bare, check=False).stdout.strip()


@pytest.fixture
def server(playground: Playground, tmp_path: Path) -> Server:
    """Push the sound project once to a repository that has the hook from its first push on."""
    bare = tmp_path / "server.git"
    run(["git", "init", "--quiet", "--bare", str(bare)], tmp_path)
    hook = bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    python = shlex.quote(sys.executable)
    hook.write_text(f"#!/bin/sh\nexec {python} -m aigf_dvc hook pre-receive\n")
    hook.chmod(0o755)
    playground.git("remote", "add", "origin", str(bare))
    made = Server(playground, bare)
    code, said = made.push("main")
    assert (code, "by its own policy: passed" in said) == (0, True), said
    return made


def test_what_passes_is_taken_in(server: Server) -> None:
    server.place.write("README.md", "more\n")
    head = server.place.commit()
    code, said = server.push("main")
    assert code == 0, said
    assert "remote: aigf: main at" in said
    assert server.has("main") == head


def test_what_is_denied_is_not_taken_in_and_the_pusher_reads_why(server: Server) -> None:
    before = server.has("main")
    spoil(server.place)
    code, said = server.push("main")
    assert code == 1
    assert "REFUSED" in said
    assert "remote: aigf: not accepted: mend what is named above" in said
    assert "pre-receive hook declined" in said
    assert "no-verify" not in said
    assert server.has("main") == before
    assert server.push("HEAD:refs/heads/release/1")[0] == 1  # new, and protected
    code, said = server.push("HEAD:refs/heads/feature")
    assert (code, "not protected, but would be denied (fairness)" in said) == (0, True), said


def test_a_push_cannot_switch_the_gate_off(server: Server) -> None:
    server.place.replace(POLICY, "min: 0.8", "min: 0.0")
    spoil(server.place)
    code, said = server.push("main")
    assert code == 1
    assert "REFUSED" in said
    assert "✘ weakens" in said


def test_one_refused_ref_refuses_the_whole_push(server: Server) -> None:
    good = server.place.git("rev-parse", "HEAD")
    spoil(server.place)
    code, said = server.push("main", f"{good}:refs/heads/feature", f"{good}:refs/tags/v1")
    assert code == 1
    assert "v1 is a tag that promotes no model" in said
    assert (server.has("feature"), server.has("v1")) == ("", "")


def test_a_forced_push_is_judged_by_what_it_replaces(server: Server) -> None:
    server.place.replace(POLICY, "min: 0.8", "min: 0.85")
    server.place.commit()
    assert server.push("main")[0] == 0
    before = server.has("main")
    server.place.git("reset", "--quiet", "--hard", "HEAD~1")
    server.place.replace(POLICY, "min: 0.8", "min: 0.0")
    spoil(server.place)
    code, said = server.push("--force", "main")
    assert (code, server.has("main")) == (1, before)
    assert f"by the policy of {before[:12]}: REFUSED" in said


def test_a_protected_branch_is_not_deleted_and_another_is(server: Server) -> None:
    run(["git", "config", "receive.denyDeleteCurrent", "ignore"], server.bare)
    assert server.push("main:refs/heads/feature")[0] == 0
    code, said = server.push(":refs/heads/main")
    assert (code, "would be deleted" in said) == (1, True), said
    assert server.has("main")
    assert server.push(":refs/heads/feature")[0] == 0
    assert server.has("feature") == ""


def test_a_branch_of_the_pusher_is_not_the_base_of_another_main_branch(server: Server) -> None:
    place = server.place
    place.write("aigf.yaml", place.read("aigf.yaml") + "protected: [trunk]\n")
    place.commit()
    assert server.push("main", "main:refs/heads/trunk")[0] == 0
    run(["git", "symbolic-ref", "HEAD", "refs/heads/trunk"], server.bare)
    place.replace(POLICY, "min: 0.8", "min: 0.0")
    place.commit()
    assert server.push("main")[0] == 0  # not protected any more
    spoil(place)
    code, said = server.push("main", "main:refs/heads/trunk")
    assert code == 1, said
    assert "trunk at" in said


def test_no_variable_points_to_other_objects_without_a_quarantine(server: Server) -> None:
    spoil(server.place)
    old, new = server.place.git("rev-parse", "HEAD~1", "HEAD").split()
    elsewhere = {"GIT_OBJECT_DIRECTORY": str(server.place.root / ".git/objects")}
    command = [sys.executable, "-m", "aigf_dvc", "hook", "pre-receive"]
    line = f"{old} {new} refs/heads/main\n"
    done = run(command, server.bare, check=False, stdin=line, extra=elsewhere)
    assert done.returncode == 1
    assert f"no commit {new[:12]}" in done.stderr


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"main\n", b"a b c\n", b"0" * 40 + b" refs/heads/x\n"]
)
def test_what_git_did_not_write_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="old-id new-id ref"):
        read_received_refs(data)


def keys(folder: Path, *names: str) -> None:
    for name in names:
        private, public = generate_key(None)
        (folder / f"{name}.key").write_bytes(private)
        (folder / f"{name}.pub").write_bytes(public)


TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: server
services:
  release: {keys: [{file: release.pub}]}
  risk: {keys: [{file: risk.pub}]}
roles: {attest: [release, risk]}
"""


def promote(server: Server, folder: Path, *signers: str) -> tuple[int, str]:
    """Attest what is there, send that, and push a tag that promotes it."""
    for signer in signers:
        done = server.place.aigf("attest", "--key", str(folder / f"{signer}.key"))
        assert done.returncode == 0, done.stderr
    assert server.push("refs/aigf/attestations")[0] == 0
    server.place.git("tag", "--force", "scorer#prod#1")
    return server.push("scorer#prod#1")


@pytest.fixture
def trusting(server: Server, tmp_path: Path) -> Path:
    """Let the server trust a file beside it; give the folder of that and of the keys."""
    keys(tmp_path, "release", "risk", "eve")
    (tmp_path / "trust.yaml").write_text(TRUST)
    hook = server.bare / "hooks/pre-receive"
    command = hook.read_text().rstrip("\n")
    hook.write_text(f"{command} --trust {shlex.quote(str(tmp_path / 'trust.yaml'))}\n")
    return tmp_path


def test_without_a_trust_file_nobody_looks_at_who_attested_and_that_is_said(
    server: Server, tmp_path: Path
) -> None:
    keys(tmp_path, "eve")
    code, said = promote(server, tmp_path, "eve")
    assert code == 0, said
    assert "attested: scorer (who signed is for `aigf verify`)" in said


def test_a_promotion_is_taken_in_only_when_somebody_attested_whom_the_file_lets(
    server: Server, trusting: Path
) -> None:
    code, said = promote(server, trusting, "eve")
    assert code == 1, said
    assert "signed by nobody whom trust.yaml lets attest" in said
    assert server.has("refs/tags/scorer#prod#1") == ""
    code, said = promote(server, trusting, "release")
    assert code == 0, said
    assert "attested: scorer" in said
    assert "who signed" not in said


def test_as_many_must_have_attested_as_the_file_demands(server: Server, trusting: Path) -> None:
    (trusting / "trust.yaml").write_text(TRUST + "demands: {thresholds: {attest: 2}}\n")
    code, said = promote(server, trusting, "release", "release")
    assert code == 1, said
    assert "signed by 1 of 2 that trust.yaml demands" in said
    code, said = promote(server, trusting, "risk")
    assert code == 0, said


@pytest.mark.parametrize("text", ["", "schema: x\n", TRUST + "expires: 2026-01-01\n"])
def test_a_trust_file_that_does_not_hold_takes_nothing_in(
    server: Server, trusting: Path, text: str
) -> None:
    (trusting / "trust.yaml").write_text(text)
    server.place.write("README.md", "more\n")
    server.place.commit()
    code, said = server.push("main")
    assert code == 1
    assert "trust.yaml" in said
