"""The recorder changes nothing for the command that it observes, and vouches for no doubt."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.evidence.run_record import RunRecord, parse_run_record
from aigf_dvc.hashing.file_hashing import hash_path
from aigf_dvc.recorder import _pass_on
from aigf_dvc.running.run_plan import prepare_recorder
from aigf_dvc.stage_run import Content

PIPELINE = """\
stages:
  train:
    cmd: cat data.csv params.yaml > model
    deps: [data.csv]
    params: [rate, list]
    outs: [model]
  steps:
    cmd:
      - echo one > made
      - echo two >> made
    outs: [made]
  lines:
    cmd: |
      echo one > lines
      echo two >> lines
    outs: [lines]
  folder:
    wdir: sub
    cmd: mkdir -p out/deep && cp in/* out && echo x > out/deep/x
    deps: [in]
    outs: [out]
  view:
    cmd: cat data.csv
    deps: [data.csv]
"""


@dataclass(frozen=True)
class Workshop:
    """A project, and the stand-in shell that DVC would start in it."""

    root: Path
    folder: Path
    shell: Path
    variables: Mapping[str, str]

    def arguments(self, command: str) -> list[str | Path]:
        return [self.shell, "--noprofile", "--norc", "-c", command]

    def plan(self, command: str) -> None:
        """Make a command that of the stage `train`."""
        file = self.folder / "plan.json"
        plan = json.loads(file.read_text())
        plan["stages"]["train"]["commands"] = [command]
        file.write_text(json.dumps(plan))

    def run(
        self, command: str, *, stage: str = "train", directory: str = "", **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command as DVC runs a stage's."""
        return subprocess.run(
            self.arguments(command),
            cwd=self.root / directory,
            env={**self.variables, "DVC_STAGE": stage, **variables},
            input=b"typed",
            capture_output=True,
            check=False,
        )

    def notes(self) -> list[dict[str, Any]]:
        file = self.folder / "notes"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def problem(self) -> str:
        """Return why nothing was observed; there must be one reason, and no record."""
        assert self.files() == []
        return str(self.notes()[0]["problem"])

    def files(self) -> list[Path]:
        return sorted((self.root / ".aigf/runs").iterdir())

    def record(self) -> RunRecord:
        """Return the one record; it is strictly canonical, and its name is its key."""
        (file,) = self.files()
        record = parse_run_record(file.read_bytes(), where=file.name)
        assert file.name == f"{record.key}.json"
        return record


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    root, folder = tmp_path / "my project", tmp_path / "private folder"
    for path in (folder, root / ".dvc", root / "sub/in"):
        path.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (root / "params.yaml").write_text("rate: 1e-7\nlist: [1.0, 1e+30, 5, ä]\n", encoding="utf-8")
    (root / "data.csv").write_text("1,2\n", encoding="utf-8")
    (root / "sub/in/b").write_text("b", encoding="utf-8")
    (root / "sub/in/ü").write_text("u", encoding="utf-8")
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SHELL": "/bin/bash"}
    shell = prepare_recorder(folder, root, start=root, variables=variables)
    return Workshop(root, folder, shell, variables | {"SHELL": str(shell)})


TRAIN = "cat data.csv params.yaml > model"


def test_a_stage_is_recorded_with_what_it_read_and_made(workshop: Workshop) -> None:
    assert workshop.run(TRAIN).returncode == 0
    record = workshop.record()
    assert (record.stage, record.commands, record.directory) == ("train", (TRAIN,), "")
    for path, seen in {**record.inputs, **record.outputs}.items():
        hashed = hash_path(workshop.root, path)
        assert (seen.md5, seen.sha256, seen.size) == (hashed.md5, hashed.sha256, hashed.size)
    assert [*record.inputs, *record.outputs] == ["data.csv", "model"]
    assert record.parameters.keys() == {"params.yaml"}
    assert workshop.notes() == [{"stage": "train", "observed": "train"}]


def test_directories_have_the_digests_that_dvc_and_the_digest_lock_give_them(
    workshop: Workshop,
) -> None:
    command = "mkdir -p out/deep && cp in/* out && echo x > out/deep/x"
    assert workshop.run(command, stage="folder", directory="sub").returncode == 0
    record = workshop.record()
    assert record.directory == "sub"
    assert [*record.inputs, *record.outputs] == ["sub/in", "sub/out"]
    for path, seen in {**record.inputs, **record.outputs}.items():
        hashed = hash_path(workshop.root, path)
        assert (seen.md5, seen.sha256, seen.size) == (hashed.md5, hashed.sha256, hashed.size)


@pytest.mark.parametrize(
    ("stage", "commands"),
    [
        ("steps", ["echo one > made", "echo two >> made"]),
        ("lines", ["echo one > lines", "echo two >> lines"]),
    ],
)
def test_a_stage_of_several_commands_is_recorded_after_the_last(
    stage: str, commands: Sequence[str], workshop: Workshop
) -> None:
    assert workshop.run(commands[0], stage=stage).returncode == 0
    assert workshop.files() == []
    assert workshop.run(commands[1], stage=stage).returncode == 0
    assert workshop.record().stage == stage


def test_a_stage_of_several_commands_is_not_recorded_when_one_failed(workshop: Workshop) -> None:
    workshop.run("echo one > made; exit 1", stage="steps")
    workshop.run("echo two >> made", stage="steps")
    assert "another command" in workshop.problem()


def test_a_stage_without_outputs_is_let_through(workshop: Workshop) -> None:
    assert workshop.run("cat data.csv", stage="view").stdout == b"1,2\n"
    assert (workshop.files(), workshop.notes()) == ([], [])


@pytest.mark.parametrize(
    ("stage", "directory", "reason"),
    [("nowhere", "", "not a plain stage"), ("train", "sub", "another folder")],
)
def test_a_stage_that_is_not_in_the_plan_runs_unobserved(
    stage: str, directory: str, reason: str, workshop: Workshop
) -> None:
    assert workshop.run("cat", stage=stage, directory=directory).stdout == b"typed"
    assert reason in workshop.problem()


def test_a_stage_is_found_by_its_name_from_another_folder(
    tmp_path: Path, workshop: Workshop
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    start = workshop.root / "sub"
    shell = prepare_recorder(folder, workshop.root, start=start, variables=workshop.variables)
    other = Workshop(workshop.root, folder, shell, {**workshop.variables, "SHELL": str(shell)})
    assert other.run(TRAIN, stage="../dvc.yaml:train").returncode == 0
    assert other.record().stage == "train"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (TRAIN + "; echo more >> data.csv", "data.csv, an input, changed"),
        (TRAIN + "; echo 3,4 > data.csv; touch -d @1 data.csv", "data.csv, an input, changed"),
        (TRAIN + "; rm data.csv", "data.csv is not there"),
        (TRAIN + "; echo 'rate: 2' > params.yaml", "params.yaml changed"),
        (TRAIN + "; rm model", "model is not there"),
        (TRAIN + "; rm model; mkfifo model", "model is not a regular file"),
        (TRAIN + "; rm model; mkdir model; ln -s /etc model/link", "link to a folder"),
        (TRAIN + "; rm -r .aigf/runs", "the recorder failed: FileNotFoundError"),
    ],
)
def test_one_doubt_and_there_is_no_record(command: str, reason: str, workshop: Workshop) -> None:
    workshop.plan(command)
    assert workshop.run(command).returncode == 0
    (workshop.root / ".aigf/runs").mkdir(exist_ok=True)
    assert reason in workshop.problem()


def test_an_edit_of_an_input_that_keeps_size_and_time_is_noticed(workshop: Workshop) -> None:
    time.sleep(2.1)  # until the inputs are old enough to be remembered by their signs
    edit = "touch -r data.csv t; printf 3,4 | dd of=data.csv conv=notrunc; touch -r t data.csv"
    command = f"{TRAIN}; {edit}"
    workshop.plan(command)
    assert workshop.run(command).returncode == 0
    assert "data.csv, an input, changed" in workshop.problem()


def test_a_file_that_was_just_written_is_read_again(workshop: Workshop) -> None:
    content = Content(str(workshop.root), {})
    (workshop.root / "data.csv").write_text("1,2\n", encoding="utf-8")
    content.look("data.csv")
    assert content.known == {}


def test_parameters_that_changed_since_the_plan_are_not_vouched_for(workshop: Workshop) -> None:
    (workshop.root / "params.yaml").write_text("rate: 2\nlist: []\n")
    assert workshop.run(TRAIN).returncode == 0
    assert "params.yaml changed" in workshop.problem()


@pytest.mark.parametrize("plan", ["", "{}", "[]"])
def test_a_broken_recorder_still_runs_the_command(plan: str, workshop: Workshop) -> None:
    (workshop.folder / "plan.json").write_text(plan)
    outcome = workshop.run("cat; exit 5")
    assert (outcome.stdout, outcome.returncode) == (b"typed", 5)
    assert "the recorder failed" in workshop.problem()


@pytest.mark.parametrize("variables", [{}, {"LC_ALL": "POSIX"}, {"LC_ALL": "", "LANG": "C.UTF-8"}])
@pytest.mark.parametrize("stage", ["train", "view", "nowhere"])
def test_the_command_finds_everything_as_without_us(
    stage: str, variables: dict[str, str], workshop: Workshop
) -> None:
    command = (
        "env | grep -v '^SHLVL=\\|^_=' | sort; pwd; echo $0; cat; trap; ls /proc/self/fd; ulimit -a"
    )
    workshop.plan(command)
    plain = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", command],
        cwd=workshop.root,
        env={**workshop.variables, "DVC_STAGE": stage, "SHELL": "/bin/bash", **variables},
        input=b"typed",
        capture_output=True,
        check=False,
    )
    assert workshop.run(command, stage=stage, **variables).stdout == plain.stdout


def test_the_command_answers_a_closed_pipe_as_without_us(workshop: Workshop) -> None:
    command = "yes | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}"
    workshop.plan(command)
    for stage in ("train", "nowhere"):
        outcome = workshop.run(command, stage=stage)
        assert outcome.stdout == str(128 + signal.SIGPIPE).encode() + b"\n"


@pytest.mark.parametrize(
    ("end", "code"), [("exit 3", 3), ("kill -TERM $$", -15), ("kill -9 $$", -9)]
)
def test_the_end_of_the_command_is_passed_on_exactly(
    end: str, code: int, workshop: Workshop
) -> None:
    workshop.plan(end)
    assert workshop.run(end).returncode == code
    assert "its command failed" in workshop.problem()


def interrupted(workshop: Workshop, command: str, number: int, *, group: bool) -> tuple[bytes, int]:
    """Start a command in a process group of its own, and send a signal once it is running."""
    workshop.plan(command)
    process = subprocess.Popen(
        workshop.arguments(command),
        cwd=workshop.root,
        env={**workshop.variables, "DVC_STAGE": "train"},
        stdout=subprocess.PIPE,
        process_group=0,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    (os.killpg if group else os.kill)(process.pid, number)
    rest = process.communicate(timeout=30)[0]
    return ready + rest, process.returncode


def test_an_interrupt_ends_the_stage_and_leaves_no_file(workshop: Workshop) -> None:
    out, code = interrupted(workshop, "echo ready; exec sleep 60", signal.SIGINT, group=True)
    assert (out, code) == (b"ready\n", -signal.SIGINT)
    assert "killed by signal 2" in workshop.problem()


def test_an_interrupt_reaches_the_command_once_and_its_answer_counts(workshop: Workshop) -> None:
    command = "trap 'echo stop' INT; echo ready; sleep 0.3; sleep 0.3; echo end; exit 4"
    out, code = interrupted(workshop, command, signal.SIGINT, group=True)
    assert (out, code) == (b"ready\nstop\nend\n", 4)


def test_a_termination_of_the_process_that_dvc_knows_reaches_the_command(
    workshop: Workshop,
) -> None:
    out, code = interrupted(workshop, "echo ready; exec sleep 60", signal.SIGTERM, group=False)
    assert (out, code) == (b"ready\n", -signal.SIGTERM)


def test_a_termination_that_comes_too_late_is_no_error() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    _pass_on(gone.pid, signal.SIGTERM)


def test_an_interrupt_while_outputs_are_read_leaves_no_file(workshop: Workshop) -> None:
    command = "truncate -s 40G model; echo ready"  # a hole: takes no space, but long to read
    workshop.plan(command)
    process = subprocess.Popen(
        workshop.arguments(command),
        cwd=workshop.root,
        env={**workshop.variables, "DVC_STAGE": "train"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == -signal.SIGINT
    assert workshop.files() == []
