"""Runs in KFP's Python: does one job for each line of JSON that it reads, in a process of its own.

To import KFP takes longer than most jobs; a child has it already, and leaves nothing behind.
"""

import json
import os
import runpy
import sys
import warnings
from collections.abc import Callable
from typing import Any

from kfp import compiler, local

from tests.kfp.pipelines import PIPELINES


def run(job: dict[str, Any]) -> None:
    """Run a pipeline."""
    # The tasks run here, not in the image that a cluster would take.
    warnings.filterwarnings("ignore", message="You may be attemping to run a task")
    local.init(
        local.SubprocessRunner(use_venv=False),
        pipeline_root=job["root"],
        enable_caching=job["caching"],
    )
    pipeline(job)(**job["with"])


def compile_yaml(job: dict[str, Any]) -> None:
    """Write the YAML of a pipeline."""
    compiler.Compiler().compile(pipeline(job), job["output"])


def pipeline(job: dict[str, Any]) -> Callable[..., object]:
    """Return a pipeline that a file makes, or one of `pipelines.py`."""
    made = runpy.run_path(job["file"]) if job["file"] else PIPELINES
    found: Callable[..., object] = made[job["name"]]
    return found


def _do(job: dict[str, Any]) -> int:
    """Do a job, and return 1 when it fails; what is said goes into a file."""
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    warnings.filterwarnings("error")
    try:
        {"run": run, "compile": compile_yaml}[job["do"]](job)
    except Exception as error:  # noqa: BLE001  # whatever it is, the test is told
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def _alone(job: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        code = _do(job)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


for line in sys.stdin:
    sys.stdout.write(f"{_alone(json.loads(line))}\n")
    sys.stdout.flush()
