"""Prepares the recorder for experiments: each has a copy of the project, which is read in it.

DVC makes the copy, changes its parameters and runs its stages; a queue's worker does so long after
the command that queued it has ended. So the plan of what to observe is made by the first stage.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.canonical import Json, dumps, loads
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import UndecidedError
from aigf_dvc.running.environment import capture_environment
from aigf_dvc.running.run_plan import make_plan, records_folder, write_recorder

_PACKAGES = Path(__file__).resolve().parent.parent.parent
_PLANNER = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from aigf_dvc.running.experiment_plan import plan_experiment; plan_experiment(*sys.argv[2:])"
)
_PLAN = "plan.json"


def prepare_experiments(
    folder: Path,
    project: Project,
    *,
    start: Path,
    variables: Mapping[str, str],
    container_image: Json = None,
) -> Path:
    """Write what the recorder needs into a folder, which must last as long as the experiments.

    Args:
        folder: the folder; what an earlier call left there may still be in use.
        project: whose experiments.
        start: the folder that DVC is started in.
        variables: the environment variables of the stages.
        container_image: what the caller states that they run in, as `stated_image` returns it.

    Returns:
        The program to which SHELL must point.

    Raises:
        AigfError: stages can not be observed; the message says why.
    """
    base: Json = {
        "root": str(project.root),
        "prefix": project.prefix,
        "start": os.path.realpath(start),
        "records": str(records_folder(project.root)),
        "containerImage": container_image,
        "planner": [sys.executable, "-I", "-c", _PLANNER, str(_PACKAGES)],
    }
    return write_recorder(folder, base, variables)


def plan_experiment(folder: str, name: str, here: str) -> None:
    """Write the plan for the copy that an experiment runs in: the program that its recorder starts.

    Args:
        folder: as it was prepared.
        name: of the plan's file there.
        here: the folder of the stage that is about to run.
    """
    place = Path(folder)
    base = loads((place / _PLAN).read_bytes(), where=_PLAN)
    if not isinstance(base, dict):
        raise UndecidedError("no JSON object", where=_PLAN)
    own = Path(str(base["root"]))
    root = _experiment_root(own, str(base["prefix"]), Path(os.path.realpath(here)))
    environment = capture_environment(root, os.environ, container_image=base["containerImage"])
    plan = make_plan(
        root,
        start=_start(root, os.path.relpath(str(base["start"]), own)),
        records=Path(str(base["records"])),
        environment=environment,
    )
    write_atomically(place / name, dumps(plan))


def _experiment_root(own: Path, prefix: str, here: Path) -> Path:
    """Return the project's folder in the copy that a stage runs in, or the project's own."""
    copies = Path(os.path.realpath(own / ".dvc/tmp/exps"))
    if not here.is_relative_to(copies):
        return own
    for folder in reversed((here, *here.parents)):
        if folder != copies and folder.is_relative_to(copies) and (folder / ".git").exists():
            return folder / prefix
    raise UndecidedError("in no copy of the repository", where=str(here))


def _start(root: Path, below: str) -> Path:
    """Return the folder that DVC runs in, from which it names its stages.

    In a copy that is the folder that it was called from; a queue's worker takes the project's.
    """
    file = os.environ.get("DVC_STAGE", "").rpartition(":")[0]
    called = root / below
    return called if (called / (file or "dvc.yaml")).is_file() else root


def forget_ended(folder: Path) -> None:
    """Remove the plans of experiments whose copies are gone."""
    for path in folder.glob("plan-*.json"):
        plan = loads(path.read_bytes(), where=path.name)
        if isinstance(plan, dict) and not Path(str(plan["root"])).is_dir():
            path.unlink(missing_ok=True)
