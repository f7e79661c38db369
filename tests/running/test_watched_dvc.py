"""A stage that is watched runs as without us, and leaves the record that the recorder would."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigf_dvc.canonical import dumps
from aigf_dvc.evidence.run_record import RunRecord, parse_run_record
from aigf_dvc.running import watched_dvc as module
from aigf_dvc.running.observer import Note
from aigf_dvc.running.run_plan import plan_project
from aigf_dvc.running.stage_door import StageDoor
from aigf_dvc.running.user_shell import Shell
from aigf_dvc.running.watched_dvc import watched_dvc
from aigf_dvc.stage_run import read_plan

PIPELINE = """\
stages:
  train:
    cmd: {train}
    deps: [data.csv]
    params: [rate]
    outs: [model]
  steps:
    cmd:
      - echo one > made
      - echo two >> made
    outs: [made]
  view:
    cmd: cat data.csv
    deps: [data.csv]
"""
# Starts commands as DVC does, [stage, command] each, until one fails.
STAND_IN_FOR_DVC = """
import json, os, subprocess, sys
for stage, command in json.loads(sys.argv[1]):
    shell = [os.environ["SHELL"], "--noprofile", "--norc", "-c", command]
    process = subprocess.Popen(shell, env={**os.environ, "DVC_STAGE": stage})
    code = process.wait()
    if code != 0:
        print("ended", code, file=sys.stderr)
        break
"""
TRAIN = "cat data.csv params.yaml > model"


@dataclass(frozen=True)
class Workshop:
    """A project whose stages are run by something like DVC, but faster."""

    root: Path
    variables: dict[str, str]

    def run(self, *commands: tuple[str, str], plan: bool = True) -> tuple[Note, ...]:
        """Run commands of stages, watched, and return what became of them."""
        arguments = ["-c", STAND_IN_FOR_DVC, json.dumps(commands)]
        with watched_dvc(
            sys.executable, arguments, folder=self.root, variables=self.variables
        ) as watched:
            assert watched is not None
            planned = self.plan() if plan else None
            return watched.run(planned)[1]

    def plan(self) -> dict[str, object]:
        plan = plan_project(self.root, start=self.root, variables=self.variables)
        return read_plan(dumps(plan).decode())

    def define(self, command: str) -> None:
        """Make a command that of the stage `train`."""
        text = PIPELINE.format(train=json.dumps(command))
        (self.root / "dvc.yaml").write_text(text, encoding="utf-8")

    def train(self, command: str) -> tuple[Note, ...]:
        self.define(command)
        return self.run(("train", command))

    def records(self) -> list[RunRecord]:
        files = sorted((self.root / ".aigf/runs").iterdir())
        return [parse_run_record(file.read_bytes(), where=file.name) for file in files]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    root = tmp_path / "my project"
    (root / ".dvc").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "params.yaml").write_text("rate: 1e-7\n", encoding="utf-8")
    (root / "data.csv").write_text("1,2\n", encoding="utf-8")
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SHELL": "/bin/bash"}
    made = Workshop(root, variables)
    made.define(TRAIN)
    return made


def test_a_stage_is_recorded_with_what_it_read_and_made(workshop: Workshop) -> None:
    assert workshop.run(("train", TRAIN)) == (Note(stage="train"),)
    (record,) = workshop.records()
    assert record.commands == (TRAIN,)
    assert record.outputs["model"].size == len("1,2\nrate: 1e-7\n")
    assert list(record.inputs) == ["data.csv"]
    assert (workshop.root / f".aigf/runs/{record.key}.json").exists()
    assert record.environment["python"] is not None


def test_a_stage_of_several_commands_is_recorded_after_the_last(workshop: Workshop) -> None:
    first, last = ("steps", "echo one > made"), ("steps", "echo two >> made")
    assert workshop.run(first) == ()
    assert workshop.run(first, last) == (Note(stage="steps"),)
    assert workshop.records()[0].outputs["made"].size == len("one\ntwo\n")


def test_a_stage_that_makes_nothing_is_let_through(
    workshop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    assert workshop.run(("view", "cat data.csv")) == ()
    assert capfd.readouterr().out == "1,2\n"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo x > model; exit 3", "its command failed (exit code 3)"),
        ("echo x > model; kill -9 $$", "its command failed (killed by signal 9)"),
        ("echo x > model; echo 3 >> data.csv", "data.csv, an input, changed while it ran"),
        ("true", "model is not there"),
        ("rm -r .aigf/runs; echo x > model", "the recorder failed: FileNotFoundError"),
    ],
)
def test_one_doubt_and_there_is_no_record(command: str, reason: str, workshop: Workshop) -> None:
    (note,) = workshop.train(command)
    assert (note.stage, note.problem[: len(reason)]) == ("train", reason)
    assert not any((workshop.root / ".aigf").rglob("*.json"))


def test_another_command_than_the_planned_one_is_not_vouched_for(workshop: Workshop) -> None:
    (note,) = workshop.run(("train", "echo x > model"))
    assert note.problem == "DVC ran another command than dvc.yaml lists"


def test_without_a_plan_the_stages_run_unobserved(workshop: Workshop) -> None:
    assert workshop.run(("train", TRAIN), plan=False) == ()
    assert (workshop.root / "model").exists()


def test_when_we_fail_before_there_is_a_plan_the_pipeline_still_runs(workshop: Workshop) -> None:
    arguments = ["-c", STAND_IN_FOR_DVC, json.dumps([("train", TRAIN)])]
    with (
        pytest.raises(ZeroDivisionError),
        watched_dvc(sys.executable, arguments, folder=workshop.root, variables=workshop.variables),
    ):
        raise ZeroDivisionError
    assert (workshop.root / "model").exists()


@pytest.mark.parametrize(
    ("end", "code"),
    [("exit 3", 3), ("exit 137", 137), ("kill -TERM $$", -15), ("kill -9 $$", -9),
     ("kill -SEGV $$", -11)],
)  # fmt: skip
@pytest.mark.parametrize("stage", ["train", "nowhere"])
def test_the_end_of_the_command_is_passed_on_exactly(
    end: str, code: int, stage: str, workshop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    workshop.define(end)
    workshop.run((stage, end))
    assert capfd.readouterr().err == f"ended {code}\n"


@pytest.mark.parametrize("stage", ["train", "view", "nowhere"])
def test_the_command_finds_everything_as_without_us(
    stage: str, workshop: Workshop, capfd: pytest.CaptureFixture[str]
) -> None:
    command = (
        "env | grep -v '^SHLVL=\\|^_=' | sort; set | grep ^aigf; pwd; echo $0; trap;"
        " readlink /proc/self/fd/0; ls /proc/self/fd; ulimit -a; echo x > model"
    )
    workshop.define(command)
    arguments = ["-c", STAND_IN_FOR_DVC, json.dumps([(stage, command)])]
    subprocess.run(
        [sys.executable, *arguments], cwd=workshop.root, env=workshop.variables, check=True
    )
    plain = capfd.readouterr()
    workshop.run((stage, command))
    assert capfd.readouterr() == plain
    assert "SHELL=/bin/bash" in plain.out


# Watches in a process of its own, so that signals can be sent to it.
WATCHER = """
import json, sys
from tests.running.test_watched_dvc import Workshop
from pathlib import Path
root, variables, commands = json.loads(sys.argv[1])
notes = Workshop(Path(root), variables).run(*map(tuple, commands))
print("notes", [note.problem for note in notes])
"""


def watcher(workshop: Workshop, *commands: str) -> subprocess.Popen[bytes]:
    """Start commands of the stage `train`, watched; return when one has said that it is ready."""
    workshop.define(commands[0])
    pairs = [("train", command) for command in commands]
    told = json.dumps([str(workshop.root), workshop.variables, pairs])
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHER, told],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        process_group=0,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def said(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    out, err = process.communicate(timeout=60)
    return out.decode(), err.decode()


def interrupt_all_but_dvc(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C; DVC ignores it while a command runs."""
    dvc = children(process.pid)[0]
    for number in (process.pid, *below(dvc)):
        with contextlib.suppress(ProcessLookupError):  # the first of them has let others end
            os.kill(number, signal.SIGINT)


def children(number: int) -> list[int]:
    text = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="utf-8")
    return [int(child) for child in text.split()]


def below(number: int) -> Sequence[int]:
    return [one for child in children(number) for one in (child, *below(child))]


def test_an_interrupt_ends_the_stage(workshop: Workshop) -> None:
    process = watcher(workshop, "echo ready; exec sleep 60")
    interrupt_all_but_dvc(process)
    out, err = said(process)
    assert err == f"ended {-signal.SIGINT}\n"
    assert out == "notes ['its command failed (killed by signal 2)']\n"
    assert workshop.records() == []


def test_an_interrupt_reaches_the_command_once_and_its_answer_counts(workshop: Workshop) -> None:
    command = "trap 'echo stop' INT; echo ready; sleep 0.3; sleep 0.3; echo end; exit 4"
    process = watcher(workshop, command)
    interrupt_all_but_dvc(process)
    out, err = said(process)
    assert out.splitlines()[:2] == ["stop", "end"]
    assert err == "ended 4\n"


def is_open(pid: int, path: Path) -> bool:
    """Tell whether a process has a file open."""
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed since
            if handle.readlink() == path:
                return True
    return False


def test_an_interrupt_while_outputs_are_read_ends_the_stage(workshop: Workshop) -> None:
    # A hole takes no space, but long to read.
    process = watcher(workshop, "truncate -s 40G model; echo ready")
    while not is_open(process.pid, workshop.root / "model"):
        time.sleep(0.01)
    interrupt_all_but_dvc(process)
    out, err = said(process)
    assert err == f"ended {-signal.SIGINT}\n"
    assert "interrupted while" in out
    assert workshop.records() == []


def test_a_termination_of_the_process_that_dvc_knows_reaches_the_command(
    workshop: Workshop,
) -> None:
    process = watcher(workshop, "sleep 60 & trap 'kill $!; echo bye' TERM; echo ready; wait")
    stand_in = children(children(process.pid)[0])[0]
    os.kill(stand_in, signal.SIGTERM)
    out, err = said(process)
    assert "bye" in out.splitlines()
    assert err == f"ended {-signal.SIGTERM}\n"
    assert workshop.records() == []


def test_when_we_are_killed_the_command_and_all_after_it_run_on(workshop: Workshop) -> None:
    first = "echo ready; while [ ! -e go ]; do sleep 0.05; done; echo done > model"
    process = watcher(workshop, first, "echo last > last; echo all")
    process.kill()
    (workshop.root / "go").touch()
    out, err = said(process)  # until all who could write have ended
    assert (out, err) == ("all\n", "")
    assert (workshop.root / "last").read_bytes() == b"last\n"
    assert workshop.records() == []


def test_a_stage_cannot_have_another_stage_observed(workshop: Workshop) -> None:
    steps = "$shell -c 'echo one > made'; $shell -c 'echo two >> made'"
    command = (
        # What stands in for the shell is the parent's program; who asks it must be DVC's child.
        "shell=$(tr '\\0' ' ' < /proc/$PPID/cmdline | cut -d' ' -f2); export DVC_STAGE=steps;"
        f" {steps}; echo x > model"
    )
    assert workshop.train(command) == (Note(stage="train"),)
    assert (workshop.root / "made").read_bytes() == b"one\ntwo\n"
    assert [record.stage for record in workshop.records()] == ["train"]


def test_what_a_stage_writes_where_others_ask_changes_nothing(workshop: Workshop) -> None:
    command = (
        "folder=$(dirname $(dirname $(tr '\\0' ' ' < /proc/$PPID/cmdline | cut -d' ' -f2)));"
        " echo \"$$ $PPID\" > $folder/requests; echo '1 2 3' > $folder/requests;"
        " echo '999999999 999999999' > $folder/requests; echo x > model"
    )
    workshop.define(command)
    notes = workshop.run(("train", command), ("steps", "echo one > made"))
    assert notes == (Note(stage="train"),)
    assert (workshop.root / "made").exists()


def test_where_the_systems_shell_waits_for_its_child_it_tells_the_end(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "StageDoor", DoorOfBash)
    failing = "echo x > model; exit 3"
    workshop.define(failing)
    for _ in range(3):  # bash may be too slow to do it
        notes = workshop.run(("steps", "echo one > made"), ("steps", "echo two >> made"))
        assert notes == (Note(stage="steps"),)
        (note,) = workshop.run(("train", failing))
        assert note.problem == "its command failed (exit code 3)"
    assert capfd.readouterr().err == "ended 3\n" * 3
    assert [record.stage for record in workshop.records()] == ["steps"]


class DoorOfBash(StageDoor):
    """A door as it is where bash is the system's shell: it waits for a child as soon as it ends."""

    def __init__(self, folder: Path, shell: Shell) -> None:
        super().__init__(folder, shell)
        text = self.stand_in.read_text(encoding="utf-8")
        bash = shutil.which("bash")
        self.stand_in.write_text(text.replace("#!/bin/sh", f"#!{bash} --posix"), encoding="utf-8")


def test_where_no_door_works_nothing_is_started(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pidfd_open", _not_implemented)
    command = ["-c", "open('started', 'w')"]
    with watched_dvc(
        sys.executable, command, folder=workshop.root, variables=workshop.variables
    ) as watched:
        assert watched is None
    assert not (workshop.root / "started").exists()


def _not_implemented(_: int) -> int:
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
