"""`aigf repro --clean` with real DVC and git: what it finds, and what it leaves alone."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.capture.reproductions import FOLDER
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.reproduction import Reproduction, Result, parse_reproduction
from aigf_dvc.evidence.run_record import parse_run_record
from tests.playground import MODEL, Playground, copy, environment, make_home, statement_of

pytestmark = pytest.mark.slow

SECRETS = {
    "AIGF_KEY_PASSPHRASE": "do-not-tell-1",
    "COSIGN_PASSWORD": "do-not-tell-2",
    "HARMLESS": "told",
}
TOLERANCE = "min_trust: reproduced\n    tolerance: {fairness_score: 0.01}"
TIMED = "mkdir -p models; (echo model; date +%s%N; cat data/clean.csv) > models/model.bin\n"

AFTER_OTHER_BYTES = {  # in the order of the model's scope: the first made the same from the same
    "prepare": TrustLevel.REPRODUCED,
    "train": TrustLevel.OBSERVED,
    "evaluate": TrustLevel.OBSERVED,
}


def scratch(place: Playground) -> Path:
    """Return the only folder for temporary files that the command gets."""
    folder = place.root.parent / "scratch"
    folder.mkdir(exist_ok=True)
    return folder


def clean(place: Playground, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    variables = {"TMPDIR": str(scratch(place)), **extra}
    return place.aigf("repro", "--clean", "HEAD", *arguments, extra=variables)


def record_of(place: Playground) -> Reproduction:
    (path,) = (place.root / FOLDER).glob("*.json")
    return parse_reproduction(path.read_bytes(), where="record")


def levels(place: Playground) -> dict[str, TrustLevel]:
    return {stage.stage: stage.level for stage in capture(place.project).stages}


def state(place: Playground) -> dict[str, str]:
    """Return every file of a project but our own state, with its content, mode and time."""
    found = {}
    for path in sorted(place.root.rglob("*")):
        name = path.relative_to(place.root).as_posix()
        if path.is_file() and not name.startswith((".aigf/", ".dvc/tmp/", ".git/refs/aigf")):
            status = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = f"{content} {status.st_mode:o} {status.st_mtime_ns}"
    return found


@dataclass(frozen=True)
class Finished:
    """A project after one clean run of its commit."""

    place: Playground
    outcome: subprocess.CompletedProcess[str]
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    base = tmp_path_factory.mktemp("finished")
    make_home(base / "home")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(base / "home").items():
            patch.setenv(key, value)
        place = copy(template, base / "project")
        place.write("src/train.sh", "env > environment.txt; pwd > place.txt; git status >> "
                    "place.txt; ls -a . .dvc data models >> place.txt; " + "mkdir -p models; "
                    "(echo model; cat data/clean.csv) > models/model.bin; "
                    "cat environment.txt place.txt >&2; "
                    "cat .dvc/config.local >&2 || true\n")  # fmt: skip
        place.dvc("repro", "--quiet")
        capture(place.project)
        place.write(".gitignore", place.read(".gitignore") + "/*.txt\n")
        place.commit("talk")
        place.write(".dvc/config.local", "[core]\n    checksum_jobs = 1\n"
                    "['remote \"private\"']\n    url = https://127.0.0.1:1\n"
                    "    password = do-not-tell-3\n")  # fmt: skip
        place.aigf("key", "generate", "../key", "--no-passphrase")
        before = state(place)
        outcome = clean(place, "--sign", "--key", "../key", "--format", "json", **SECRETS,
                        GIT_DIR=str(base / "nowhere"), DVC_ROOT="/nowhere")  # fmt: skip
        yield Finished(place=place, outcome=outcome, before=before, after=state(place))


def test_a_deterministic_project_is_identical(finished: Finished) -> None:
    assert finished.outcome.returncode == 0, finished.outcome.stderr
    record = record_of(finished.place)
    assert record.result is Result.IDENTICAL
    assert [stage.name for stage in record.stages] == ["prepare", "train", "evaluate"]
    assert set(levels(finished.place).values()) == {TrustLevel.REPRODUCED}


def test_json_alone_is_on_standard_output(finished: Finished) -> None:
    (shown,) = json.loads(finished.outcome.stdout)["reproductions"]
    assert shown["result"] == "identical"
    assert shown["reproduction"] == json.loads(record_of(finished.place).to_bytes())
    assert {stage["trustLevel"] for stage in shown["stages"]} == {"reproduced"}


def test_nothing_of_the_project_changes(finished: Finished) -> None:
    changed = {name for name in finished.before if finished.before[name] != finished.after[name]}
    assert changed == set()
    added = finished.after.keys() - finished.before.keys()
    assert all(name.startswith(".git/objects/") for name in added)  # the signed record's
    assert finished.place.git("status", "--porcelain") == ""


def test_the_scratch_folder_is_removed(finished: Finished) -> None:
    assert list(scratch(finished.place).iterdir()) == []


def test_the_stages_see_no_secret_and_no_output(finished: Finished) -> None:
    said = finished.outcome.stderr
    assert "HARMLESS=told" in said
    assert str(scratch(finished.place)) in said
    assert "raw.csv" in said
    assert "do-not-tell" not in said
    assert {"model.bin", "metrics.json"}.isdisjoint(said.splitlines())


def test_no_secret_is_in_what_is_kept(finished: Finished) -> None:
    kept = [path.read_bytes() for path in (finished.place.root / ".aigf").rglob("*.json")]
    assert len(kept) == 4  # the reproduction, and a run record for each stage
    assert not [data for data in kept if b"do-not-tell" in data]


def test_each_stage_of_the_clean_run_leaves_its_run_record(finished: Finished) -> None:
    for stage in record_of(finished.place).stages:
        path = finished.place.root / f".aigf/runs/{stage.key}.json"
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == stage.run_record
        assert parse_run_record(data, where="run").stage == stage.name


def test_the_signed_record_is_in_the_store_under_its_key(finished: Finished) -> None:
    record = record_of(finished.place)
    listed = finished.place.git("ls-tree", "-r", "--name-only", "refs/aigf/attestations")
    assert listed.startswith(f"{record.key}/")
    bundle = finished.place.git("show", f"refs/aigf/attestations:{listed}")
    statement = statement_of(bundle.encode())
    assert statement["predicateType"].endswith("/predicates/reproduction/v1")  # type: ignore[attr-defined]  # it is a text
    assert statement["predicate"] == json.loads(record.to_bytes())


def test_a_tampered_record_is_not_counted(finished: Finished, tmp_path: Path) -> None:
    place = copy(finished.place.root, tmp_path / "project")
    (path,) = (place.root / FOLDER).glob("*.json")
    path.write_bytes(path.read_bytes().replace(b'"name":"train"', b'"name":"trajn"', 1) + b" ")
    assert TrustLevel.REPRODUCED not in levels(place).values()


def test_a_record_that_came_with_a_commit_is_not_counted(
    finished: Finished, tmp_path: Path
) -> None:
    place = copy(finished.place.root, tmp_path / "project")
    place.git("add", "--force", ".aigf")
    place.git("commit", "--quiet", "-m", "harmless")
    assert set(levels(place).values()) == {TrustLevel.DECLARED}


def test_a_squash_keeps_the_reproduction(finished: Finished, tmp_path: Path) -> None:
    place = copy(finished.place.root, tmp_path / "project")
    place.git("checkout", "--quiet", "--orphan", "squashed")
    place.commit("squashed")
    assert set(levels(place).values()) == {TrustLevel.REPRODUCED}


def with_time_in_the_model(place: Playground, *, policy: str) -> None:
    """Let the model have other bytes after each run; its metrics stay the same."""
    place.write("src/train.sh", TIMED)
    place.replace("governance/policy.yaml", "min_trust: declared", policy)
    assert place.aigf("repro").returncode == 0
    capture(place.project)
    place.commit("time")


def test_other_bytes_with_near_metrics_are_within_the_tolerance(playground: Playground) -> None:
    with_time_in_the_model(playground, policy=TOLERANCE)
    outcome = clean(playground)
    assert outcome.returncode == 0, outcome.stderr
    assert record_of(playground).result is Result.WITHIN_TOLERANCE
    assert set(levels(playground).values()) == {TrustLevel.REPRODUCED}
    assert playground.aigf("check", "--at", "attest").returncode == 0
    # The same record, under a policy without a tolerance:
    playground.replace("governance/policy.yaml", TOLERANCE, "min_trust: reproduced")
    assert playground.aigf("check", "--at", "attest").returncode == 1
    assert levels(playground) == AFTER_OTHER_BYTES


def test_other_bytes_without_a_tolerance_are_different(playground: Playground) -> None:
    with_time_in_the_model(playground, policy="min_trust: reproduced")
    outcome = clean(playground)
    assert outcome.returncode == 1
    assert "scorer: different" in outcome.stdout
    assert "fairness_score" in outcome.stdout
    assert levels(playground) == AFTER_OTHER_BYTES


def forge(place: Playground, *, policy: str) -> None:
    """Swap the model, leave the metrics, and let DVC say that all is as it was run."""
    place.replace("governance/policy.yaml", "min_trust: declared", policy)
    (place.root / MODEL).chmod(0o644)
    place.write(MODEL, b"a model from elsewhere\n")
    place.dvc("commit", "--force", "--quiet")
    capture(place.project)
    place.commit("forged")


@pytest.mark.parametrize(
    ("policy", "code", "result"),
    [("min_trust: reproduced", 1, Result.DIFFERENT), (TOLERANCE, 0, Result.WITHIN_TOLERANCE)],
    ids=["exact", "tolerant"],
)
def test_a_forged_lock_is_never_reproduced(
    playground: Playground, policy: str, code: int, result: Result
) -> None:
    forge(playground, policy=policy)
    outcome = clean(playground)
    assert outcome.returncode == code, outcome.stderr
    assert record_of(playground).result is result
    row = next(line for line in outcome.stdout.splitlines() if MODEL in line)
    assert row.split() == ["train", MODEL, *(d[:12] for d in compared(playground))]
    assert levels(playground)["train"] is TrustLevel.DECLARED
    assert "not reproduced: " in outcome.stdout
    assert playground.aigf("check", "--at", "attest").returncode == 1


def compared(place: Playground) -> tuple[str, str]:
    (output,) = record_of(place).stages[1].outputs
    return output.recorded.sha256, output.made.sha256


def test_data_that_is_nowhere_cannot_be_decided(playground: Playground) -> None:
    shutil.rmtree(playground.root / ".dvc/cache")
    outcome = clean(playground)
    assert outcome.returncode == 3, outcome.stdout
    assert "data/raw.csv" in outcome.stderr
    assert "dvc push" in outcome.stderr
    assert "No remote provided" in outcome.stderr  # what DVC says itself
    assert not (playground.root / FOLDER).exists()
    assert list(scratch(playground).iterdir()) == []


def test_data_comes_from_a_remote_beside_the_project(playground: Playground) -> None:
    playground.dvc("remote", "add", "--default", "storage", "../storage")
    assert "url = ../../storage" in playground.read(".dvc/config")
    playground.commit("remote")
    playground.dvc("push", "--quiet", "data/raw.csv")
    shutil.rmtree(playground.root / ".dvc/cache")
    outcome = clean(playground)
    assert outcome.returncode == 0, outcome.stderr
    assert not (playground.root / ".dvc/cache").exists()


def test_other_bytes_in_the_remote_are_not_run(playground: Playground) -> None:
    playground.dvc("remote", "add", "--default", "storage", "../storage")
    playground.commit("remote")
    playground.dvc("push", "--quiet", "data/raw.csv")
    shutil.rmtree(playground.root / ".dvc/cache")
    (path,) = (p for p in (playground.root.parent / "storage").rglob("*") if p.is_file())
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"9")
    outcome = clean(playground)
    assert outcome.returncode == 3
    assert "data/raw.csv" in outcome.stderr
    assert "running" not in outcome.stderr


def test_a_stage_that_needs_what_no_stage_declares_cannot_be_decided(
    playground: Playground,
) -> None:
    playground.write("secret-input", "x\n")
    playground.write(".gitignore", playground.read(".gitignore") + "/secret-input\n")
    playground.write("src/train.sh", "cat secret-input && " + playground.read("src/train.sh"))
    playground.dvc("repro", "--quiet")
    capture(playground.project)
    playground.commit("undeclared")
    outcome = clean(playground, "--keep")
    assert outcome.returncode == 3
    assert "no stage declares" in outcome.stderr
    (kept,) = scratch(playground).iterdir()
    assert f"the clone stays in {kept}" in outcome.stderr


def test_a_commit_that_contradicts_its_lock_is_not_run(playground: Playground) -> None:
    playground.write("src/train.sh", "echo other > models/model.bin\n")
    playground.commit("stale")
    outcome = clean(playground)
    assert outcome.returncode == 3
    assert "train: input src/train.sh" in outcome.stderr
    assert "cloning" not in outcome.stderr


def test_a_project_of_another_shape_is_reproduced(playground: Playground, tmp_path: Path) -> None:
    """Below the git root, frozen, with folders as data, a kept output and a cache elsewhere."""
    top = Playground(tmp_path / "top")
    inner = Playground(top.root / "inner")
    shutil.copytree(playground.root, inner.root, ignore=shutil.ignore_patterns(".git", ".dvc"))
    for name in ("dvc.lock", "aigf.lock", "data/raw.csv.dvc", "data/.gitignore"):
        (inner.root / name).unlink()
    inner.write("data/raw/a/1", "one\n")
    inner.write("data/raw/2", "two\n")
    inner.write("dvc.yaml", "stages:\n  train:\n    frozen: true\n    wdir: data\n    cmd:\n"
                "    - cp -r raw/a kept\n    - cat raw/2 > ../models/model.bin\n"
                "    deps: [raw]\n    outs: [kept: {persist: true}, ../models/model.bin]\n"
                "  evaluate:\n    cmd: sh src/evaluate.sh\n"
                "    deps: [models/model.bin, src/evaluate.sh]\n"
                "    metrics: [metrics.json: {cache: false}]\n")  # fmt: skip
    inner.write("models/.gitignore", "/model.bin\n")
    inner.write(".gitignore", "")
    top.git("init", "--quiet")
    inner.dvc("init", "--quiet", "--subdir")
    inner.dvc("cache", "dir", str(tmp_path / "shared"))
    inner.dvc("add", "--quiet", "data/raw")
    inner.dvc("unfreeze", "train")
    inner.dvc("repro", "--quiet")
    inner.dvc("freeze", "train")
    capture(inner.project)
    top.commit("shape")
    before = sorted((tmp_path / "shared").rglob("*"))
    outcome = clean(inner, TMPDIR=str(scratch(top)))
    assert outcome.returncode == 0, outcome.stderr
    assert record_of(inner).stages[0].directory == "data"
    assert sorted((tmp_path / "shared").rglob("*")) == before


def test_an_interrupted_run_leaves_nothing(playground: Playground) -> None:
    started = playground.root.parent / "started"
    waits = f"test -z $WAIT || {{ echo $$ > {started}; exec sleep 60; }}; "
    playground.write("src/train.sh", waits + playground.read("src/train.sh"))
    playground.dvc("repro", "--quiet")
    capture(playground.project)
    playground.commit("waits")
    process = subprocess.Popen(
        [sys.executable, "-m", "aigf_dvc", "repro", "--clean", "HEAD"],
        cwd=playground.root,
        env=os.environ | {"TMPDIR": str(scratch(playground)), "WAIT": "1"},
        stderr=subprocess.PIPE,
    )
    while not (started.exists() and started.read_text().strip()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, errors
    assert "interrupted" in errors
    assert list(scratch(playground).iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
