"""A run record counts only when this machine made it: one that came along is hearsay."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.actions.attest import Order, attest
from aigf_dvc.actions.capture import capture
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import FOLDER
from aigf_dvc.digests import md5, sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.digest_lock import read_digest_lock
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.pipeline import Recorded
from aigf_dvc.evidence.run_record import (
    Observed,
    Recorder,
    RunRecord,
    recorded_commands,
    recorded_parameters,
)
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import MODEL, Playground

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def forge(place: Playground, folder: str = FOLDER) -> None:
    """Write a made-up record of every stage: all that it needs is public."""
    pipeline = read_pipeline(WorkingTree(place.root))
    lock = read_digest_lock((place.root / "aigf.lock").read_bytes())

    def seen(recorded: Recorded) -> Observed:
        digest = lock.sha256(recorded.value, recorded.size)
        return Observed(md5=recorded.value, sha256=digest or sha256(b""), size=1)

    for address, entry in pipeline.locks.items():
        record = RunRecord(
            stage=address,
            commands=recorded_commands(entry.commands),
            directory=pipeline.stages[address].directory,
            inputs={path: seen(dep) for path, dep in entry.deps.items()},
            parameters=recorded_parameters(entry.parameters),
            outputs={path: seen(out) for path, out in entry.outs.items()},
            started=AT,
            ended=AT,
            exit_code=0,
            environment={},
            recorder=Recorder(name="aigf-dvc", version="1.0"),
        )
        place.write(f"{folder}/{record.key}.json", record.to_bytes())


def levels(place: Playground) -> set[TrustLevel]:
    return {stage.level for stage in capture(place.project).stages}


def refusal(place: Playground, revision: str | None = None) -> RefusedError:
    def never(_: bytes) -> bytes:
        pytest.fail("something was signed")

    order = Order(
        project=place.project,
        sign=never,
        store=FolderStore(place.root.parent / "store"),
        at=AT,
        revision=revision,
    )
    with pytest.raises(RefusedError) as error:
        attest(order)
    return error.value


def demand_observed(place: Playground) -> None:
    place.replace("governance/policy.yaml", "min_trust: declared", "min_trust: observed")
    place.commit("demand observed")


def _in_the_folder(place: Playground) -> None:
    forge(place)
    place.git("add", "--force", ".aigf")


def _behind_a_link_in_git(place: Playground) -> None:
    forge(place, "harmless/runs")
    # The folder is there when a capture found files old enough to remember their digests.
    shutil.rmtree(place.root / ".aigf", ignore_errors=True)
    (place.root / ".aigf").symlink_to("harmless")
    place.git("add", "--force", ".aigf", "harmless")


@pytest.mark.parametrize(
    "bring", [_in_the_folder, _behind_a_link_in_git], ids=lambda f: f.__name__.strip("_")
)
def test_records_in_a_commit_are_counted_by_nobody_and_attest_refuses_by_name(
    playground: Playground, tmp_path: Path, bring: Callable[[Playground], None]
) -> None:
    demand_observed(playground)
    bring(playground)
    playground.git("commit", "--quiet", "-m", "harmless")
    victim = playground.clone(tmp_path / "victim")
    victim.write(MODEL, (playground.root / MODEL).read_bytes())
    assert levels(victim) == {TrustLevel.DECLARED}
    error = refusal(victim)
    assert error.where == ".aigf/"
    assert "git rm -r" in error.hint
    assert victim.aigf("check", "--at", "attest").returncode == 1
    assert victim.aigf("check", "--at", "attest", "--rev", "HEAD").returncode == 1


def test_forged_records_do_not_count_for_another_commit_than_the_one_they_came_with(
    playground: Playground, tmp_path: Path
) -> None:
    demand_observed(playground)
    clean = playground.git("rev-parse", "HEAD")
    forge(playground)
    playground.git("add", "--force", ".aigf")
    playground.git("commit", "--quiet", "-m", "harmless")
    victim = playground.clone(tmp_path / "victim")
    victim.write(MODEL, (playground.root / MODEL).read_bytes())
    assert refusal(victim, clean).where == ".aigf/"
    victim.git("rm", "--quiet", "-r", "--cached", ".aigf")  # not committed: HEAD brought them
    assert levels(victim) == {TrustLevel.DECLARED}
    assert refusal(victim, clean).where == ".aigf/"


def test_a_commit_that_carries_records_is_refused_when_they_do_not_lie_here(
    playground: Playground,
) -> None:
    forge(playground)
    playground.git("add", "--force", ".aigf")
    playground.git("commit", "--quiet", "-m", "harmless")
    carrying = playground.git("rev-parse", "HEAD")
    playground.git("rm", "--quiet", "-r", ".aigf")
    playground.git("commit", "--quiet", "-m", "away")
    assert refusal(playground, carrying).where == ".aigf/"


def test_records_that_dvc_would_bring_are_not_counted_and_refused(playground: Playground) -> None:
    forge(playground)
    names = sorted(path.name for path in (playground.root / FOLDER).iterdir())
    digest = md5((playground.root / FOLDER / names[0]).read_bytes())
    playground.write(
        "harmless.dvc",
        f"outs:\n- md5: {digest}\n  size: 1\n  hash: md5\n  path: {FOLDER}/{names[0]}\n",
    )
    playground.commit("harmless")
    assert levels(playground) == {TrustLevel.DECLARED}
    assert refusal(playground).where == ".aigf/"


def test_records_that_this_machine_made_count(playground: Playground) -> None:
    forge(playground)
    assert levels(playground) == {TrustLevel.OBSERVED}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_stdin(path: Path) -> None:
    path.symlink_to("/dev/stdin")


def _link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.parent / "pipe")
    path.symlink_to("pipe")


@pytest.mark.parametrize("put", [_pipe, _link_to_stdin, _link_to_a_pipe])
@pytest.mark.parametrize("name", ["00.json", ""])
def test_what_is_no_file_among_the_records_never_hangs(
    playground: Playground, put: Callable[[Path], None], name: str
) -> None:
    forge(playground)
    runs = playground.root / FOLDER
    path = runs / (name or min(p.name for p in runs.iterdir()))
    path.unlink(missing_ok=True)
    put(path)
    program = (
        "import sys; from pathlib import Path\n"
        "from aigf_dvc.actions.capture import capture\n"
        "from aigf_dvc.capture.project import find_project\n"
        "capture(find_project(Path.cwd()))\n"
    )
    reading, writing = os.pipe()  # a standard input that never says anything
    try:
        outcome = subprocess.run(
            [sys.executable, "-c", program],
            cwd=playground.root,
            stdin=reading,
            capture_output=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert outcome.returncode == 0, outcome.stderr
