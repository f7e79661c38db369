"""The manifest is a function of the tree: the same bytes anywhere, and nothing of the machine."""

import getpass
import json
import socket
from pathlib import Path

import pytest

from aigf_dvc.digests import sha256
from tests.playground import MODEL, Playground


def manifest_by_command(playground: Playground, *arguments: str, **extra: str) -> bytes:
    out = playground.root.parent / "manifest.json"
    outcome = playground.aigf("capture", "--output", str(out), *arguments, extra=extra)
    assert outcome.returncode == 0, outcome.stderr
    return out.read_bytes()


def test_working_tree_commit_and_a_clone_without_data_give_the_same_bytes(
    playground: Playground, tmp_path: Path
) -> None:
    working = playground.manifest()
    clone = playground.clone(tmp_path / "somewhere else")
    assert not (clone.root / MODEL).exists()
    assert clone.manifest() == working
    assert clone.manifest("HEAD") == working
    assert playground.manifest("HEAD") == working
    for artifact in json.loads(working)["artifacts"]:
        assert artifact["digest"]["sha256"], artifact


@pytest.mark.parametrize(
    "extra",
    [
        {"TZ": "Asia/Kolkata", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "tr_TR.UTF-8", "USER": "somebody", "PYTHONHASHSEED": "3"},
    ],
    ids=["time zone", "C locale", "Turkish"],
)
def test_time_zone_locale_and_hash_seed_change_nothing(
    playground: Playground, extra: dict[str, str]
) -> None:
    playground.write("docs/ümläut.md", "x")
    playground.commit()
    assert manifest_by_command(playground, **extra) == playground.manifest()
    assert manifest_by_command(playground, "--rev", "HEAD", **extra) == playground.manifest()


def test_nothing_of_the_machine_or_the_moment_is_in_it(playground: Playground) -> None:
    playground.git("remote", "add", "origin", "https://user:hunter2@example.com/repo.git")
    text = playground.manifest("HEAD").decode()
    head = playground.git("rev-parse", "HEAD")
    for secret in (str(playground.root), str(playground.root.parent), socket.gethostname()):
        assert secret not in text
    for word in (getpass.getuser() + "@", head, head[:12], "hunter2", "Jane Doe", "2026-11-23"):
        assert word not in text, word


def test_the_same_tree_in_another_commit_gives_the_same_manifest(playground: Playground) -> None:
    before = playground.manifest("HEAD")
    playground.git("commit", "--quiet", "--amend", "-m", "other words", "--author", "A <a@b.c>")
    assert playground.manifest("HEAD") == before


def test_artifacts_carry_the_digest_of_their_bytes_and_dvcs_name(playground: Playground) -> None:
    artifacts = {a["name"]: a for a in json.loads(playground.manifest())["artifacts"]}
    for path, role in {
        MODEL: "model",
        "data/raw.csv": "dataset",
        "data/clean.csv": "intermediate",
        "src/train.sh": "code",
        "metrics.json": "metrics",
    }.items():
        data = (playground.root / path).read_bytes()
        assert artifacts[path]["role"] == role
        assert artifacts[path]["digest"] == {"sha256": sha256(data)}
        assert artifacts[path]["dvc"]["size"] == len(data)


def test_bytes_that_were_never_seen_are_null_with_the_reason(playground: Playground) -> None:
    playground.write("aigf.lock", "")
    playground.commit()
    artifacts = json.loads(playground.manifest("HEAD"))["artifacts"]
    unseen = [a["name"] for a in artifacts if a["digest"]["sha256"] is None]
    assert unseen == ["data/clean.csv", "data/raw.csv", MODEL]
    assert all("never seen" in a["reason"] for a in artifacts if a["name"] in unseen)


def test_an_output_that_no_run_made_has_no_record_of_its_readers(playground: Playground) -> None:
    lock = playground.read("dvc.lock")
    start = lock.index("  train:")
    playground.write("dvc.lock", lock[:start])
    playground.write("dvc.lock", _without_stage(lock, "train"))
    artifacts = {a["name"]: a for a in json.loads(playground.manifest())["artifacts"]}
    assert "dvc" not in artifacts[MODEL]
    assert artifacts[MODEL]["digest"]["sha256"] is None


def _without_stage(lock: str, name: str) -> str:
    kept, inside = [], False
    for line in lock.splitlines(keepends=True):
        if line.startswith("  ") and not line.startswith("   "):
            inside = line == f"  {name}:\n"
        if not inside:
            kept.append(line)
    return "".join(kept)


def test_a_file_put_into_git_inside_a_dvc_folder_does_not_become_the_folders_digest(
    playground: Playground,
) -> None:
    playground.write("pool/a.csv", "1\n")
    playground.dvc("add", "--quiet", "pool")
    playground.commit()
    playground.write("pool/.keep", "")
    playground.git("add", "--force", "pool/.keep")
    playground.git("commit", "--quiet", "-m", "keep")
    playground.git("rm", "--quiet", "--cached", "pool/.keep")
    before = {a["name"]: a for a in json.loads(playground.manifest("HEAD"))["artifacts"]}
    assert before["pool"]["digest"]["sha256"] is None


def test_secrets_in_commands_and_parameters_are_redacted(playground: Playground) -> None:
    token = "ghp_" + "a" * 36
    playground.replace("dvc.yaml", "cmd: sh src/train.sh", f"cmd: TOKEN={token} sh src/train.sh")
    playground.replace("dvc.lock", "cmd: sh src/train.sh", f"cmd: TOKEN={token} sh src/train.sh")
    playground.replace("dvc.lock", "train.depth: 3", "train.depth: 3\n        api_key: hunter2")
    text = playground.manifest().decode()
    assert token not in text
    assert "hunter2" not in text
    assert "redacted" in text
