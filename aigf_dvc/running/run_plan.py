"""Prepares a private folder for the recorder: the plan of what to observe, and a stand-in shell."""

import os
import posixpath
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.capture.parameters import ABSENT, look_up, read_parameters
from aigf_dvc.capture.pipeline import load_definition
from aigf_dvc.capture.run_records import FOLDER as RECORDS
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import Stage
from aigf_dvc.evidence.run_record import RECORD_TYPE, recorded_commands, recorded_parameters
from aigf_dvc.hashing.digest_cache import state_folder
from aigf_dvc.running.environment import capture_environment
from aigf_dvc.running.user_shell import Shell, find_shell, write_stand_in
from aigf_dvc.shipped import version
from aigf_dvc.trees.snapshot import Snapshot
from aigf_dvc.trees.working_tree import WorkingTree

_PACKAGES = Path(__file__).resolve().parent.parent.parent
_START = "import sys; sys.path.append(sys.argv.pop(1)); import aigf_dvc.recorder as r; r.main()"
_PROBE_EXIT_CODE = 7
_STAND_IN = """\
#!/bin/sh
[ -x {python} ] || exec {program} "$@"
set -- "${{LC_ALL+=}}${{LC_ALL-}}" "$@"
export LC_ALL=C
exec {python} -I -S -c {arguments} "$@"
"""


def plan_project(
    root: Path, *, start: Path, variables: Mapping[str, str], container_image: Json = None
) -> dict[str, Json]:
    """Return what to observe in a project's folder, and make the folder of its run records.

    Args:
        root: the project's folder.
        start: the folder that DVC is started in: it names stages as seen from there.
        variables: the environment variables of the stages.
        container_image: what the caller states that they run in, as `stated_image` returns it.

    Raises:
        AigfError: stages can not be observed; the message says why.
    """
    records = records_folder(root)
    try:
        environment = capture_environment(root, variables, container_image=container_image)
        return make_plan(root, start=start, records=records, environment=environment)
    except OSError as error:
        raise UndecidedError(f"{error.strerror}", where=str(error.filename)) from None


def prepare_recorder(
    folder: Path, root: Path, *, start: Path, variables: Mapping[str, str]
) -> Path:
    """Write the plan and the stand-in shell into a private folder, and try it once.

    Args:
        folder: the private folder.
        root: the project's folder.
        start: the folder that DVC is started in: it names stages as seen from there.
        variables: the environment variables of the stages.

    Returns:
        The program to which SHELL must point.

    Raises:
        AigfError: stages can not be observed; the message says why.
    """
    return write_recorder(folder, plan_project(root, start=start, variables=variables), variables)


def records_folder(root: Path) -> Path:
    """Return the folder of a project's run records; it is made when it is not there.

    Raises:
        UndecidedError: it cannot be made.
    """
    try:
        if state_folder(root) is not None:
            (root / RECORDS).mkdir(exist_ok=True)
            _forget_unfinished(root / RECORDS)
            return root / RECORDS
    except OSError:
        pass
    raise UndecidedError("cannot be written", where=str(root / RECORDS), expected="a folder")


def _forget_unfinished(records: Path) -> None:
    """Remove the records that a killed recorder was writing: each has the number of its process."""
    for path in records.glob("*.json.*"):
        writer = path.name.rpartition(".")[2]
        if writer.isdecimal():
            try:
                os.kill(int(writer), 0)
            except ProcessLookupError:
                path.unlink(missing_ok=True)
            except OSError:  # somebody else's process
                pass


def write_recorder(folder: Path, plan: Json, variables: Mapping[str, str]) -> Path:
    """Write a plan and the stand-in shell into a folder, try it once, and return the stand-in.

    Raises:
        UndecidedError: the shell of a stage cannot be replaced here.
    """
    if os.name != "posix" or not sys.executable:
        raise UndecidedError("on this system the shell of a stage cannot be replaced")
    shell = find_shell(variables)
    try:
        write_atomically(folder / "plan.json", dumps(plan))
        stand_in = write_stand_in(folder, shell, _stand_in(folder, shell))
        _try(stand_in, variables)
    except OSError as error:
        raise UndecidedError(f"{error.strerror}", where=str(error.filename)) from None
    return stand_in


def make_plan(
    root: Path, *, start: Path, records: Path, environment: Mapping[str, Json]
) -> dict[str, Json]:
    """Return what to observe in a project's folder.

    Args:
        root: the project's folder, or an experiment's copy of it.
        start: the folder that DVC is started in.
        records: where the run records go.
        environment: what the stages run in.
    """
    stages: dict[str, Json] = {}
    problems: dict[str, Json] = {}  # dvc.yaml -> why none of its stages can be observed
    snapshot = WorkingTree(root)
    for file in snapshot.files():
        if posixpath.basename(file) == "dvc.yaml":
            try:
                found = read_definition(load_definition(snapshot, file), file=file)
            except AigfError as error:
                problems[file] = f"not a plain stage: {error}"
                continue
            stages |= {address: _stage(stage, snapshot) for address, stage in found.items()}
    return {
        "root": str(root),
        "start": os.path.realpath(start),
        "records": str(records),
        "recorded": {
            "recordType": RECORD_TYPE,
            "environment": dict(environment),
            "recorder": {"name": "aigf-dvc", "version": version()},
        },
        "stages": stages,
        "problems": problems,
    }


def _stage(stage: Stage, snapshot: Snapshot) -> Json:
    try:
        if "" in (*stage.deps, *(out.path for out in stage.outs)):
            raise UndecidedError("it depends on the whole project, or makes it")
        parameters, files = _parameters(stage, snapshot)
    except AigfError as error:
        return {"problem": str(error)}
    return {
        "commands": list(stage.commands),
        "directory": stage.directory,
        "inputs": list(stage.deps),
        "outputs": [out.path for out in stage.outs],
        "parameterFiles": files,
        "recorded": {
            "commands": list(recorded_commands(stage.commands)),
            "parameters": dict(recorded_parameters(parameters)),
        },
    }


def _parameters(
    stage: Stage, snapshot: Snapshot
) -> tuple[dict[str, dict[str, object]], dict[str, Json]]:
    """Return the values of a stage's parameters, and the SHA-256 of the files they stand in."""
    values: dict[str, dict[str, object]] = {}
    files: dict[str, Json] = {}
    for file, keys in stage.parameters.items():
        data = snapshot.read(file)
        if data is None:
            raise UndecidedError("the parameter file was not there before the run", where=file)
        held = read_parameters(data, path=file)
        values[file] = {str(key): look_up(held, key) for key in keys or held}
        absent = [key for key, value in values[file].items() if value is ABSENT]
        if absent:
            raise UndecidedError(f"it has no parameter {absent[0]}", where=file)
        files[file] = sha256(data)
    return values, files


def _stand_in(folder: Path, shell: Shell) -> str:
    """Return the program that starts the recorder in the shell's place."""
    program = shlex.quote(shell.program)
    variable = shlex.quote(f"={shell.variable}" if shell.variable else "")
    return _STAND_IN.format(
        python=shlex.quote(sys.executable),
        arguments=f"{shlex.join([_START, str(_PACKAGES), str(folder)])} {program} {variable}",
        program=program,
    )


def _try(stand_in: Path, variables: Mapping[str, str]) -> None:
    """Run a command through the stand-in: a stage must not fail because of us."""
    outcome = subprocess.run(
        [stand_in, "-c", f"exit {_PROBE_EXIT_CODE}"],
        env={key: value for key, value in variables.items() if key != "DVC_STAGE"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if outcome.returncode != _PROBE_EXIT_CODE:
        found = outcome.stderr.decode(errors="replace").strip() or f"exit {outcome.returncode}"
        raise UndecidedError(f"the stand-in for the shell does not work: {found}")
