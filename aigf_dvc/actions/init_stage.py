"""The governance stage of `aigf init`: where it goes, and what it depends on."""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from aigf_dvc.actions.init_plan import PlannedFile, planned, read_plain
from aigf_dvc.capture.dvc_yaml_edit import NewStage, add_stage
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.settings import FILE_NAME, Settings

STAGE = "governance"
STAGE_FILE = "dvc.yaml"
FOLDER = "governance"
_COMMENT = "Refuses a model that does not pass its policy (aigf.yaml). No outs, on purpose."
_OWN_COMMAND = lazy_pattern(r"\baigf check\b")


def plan_stage(
    root: Path, file: str, pipeline: Pipeline, settings: Settings, *, metrics: Iterable[str]
) -> PlannedFile:
    """Return the dvc.yaml with the governance stage; kept when there is one that runs ours.

    Args:
        root: the project's folder.
        file: the dvc.yaml to write the stage to.
        pipeline: the project's.
        settings: what the stage checks.
        metrics: more files that the verdict depends on.

    Raises:
        InputError: no such stage file, the name is taken, or no place in the file's text.
    """
    _demand_stage_file(file)
    for stage in pipeline.stages.values():
        if stage.address.rpartition(":")[2] != STAGE:
            continue
        if any(_OWN_COMMAND.search(command) for command in stage.commands):
            data = read_plain(root / stage.file)
            return planned(root / stage.file, data, data or b"", f"has the stage {STAGE}")
        if stage.file == file:
            raise InputError(
                f"a stage {STAGE} of yours",
                where=file,
                expected="that name free, or a stage that runs `aigf check`",
                hint="rename it, or use `aigf init --stage-file governance/dvc.yaml`",
            )
    folder = posixpath.dirname(file)
    new = NewStage(
        name=STAGE,
        command="aigf check",
        deps=_deps(settings, metrics, folder),
        directory=posixpath.relpath(".", folder) if folder else "",
        comment=_COMMENT,
    )
    before = read_plain(root / file)
    return planned(root / file, before, add_stage(before, new, where=file), f"the stage {STAGE}")


def _deps(settings: Settings, metrics: Iterable[str], folder: str) -> tuple[str, ...]:
    """Return what the verdict depends on.

    The whole governance folder, unless the stage's own dvc.lock will lie there: the stage would
    change its own dependency, and never be up to date.
    """
    files = [FILE_NAME, settings.policy, *metrics]
    for model in settings.models:
        files += [model.path, model.card]
        files += [source.file for source in model.metrics.values()]
        files += [document.path for document in model.documents]
    if not f"{folder}/".startswith(f"{FOLDER}/"):
        files = [file for file in files if not file.startswith(f"{FOLDER}/")] + [FOLDER]
    return tuple(sorted(dict.fromkeys(files)))


def _demand_stage_file(file: str) -> None:
    is_inside = posixpath.normpath(file) == file and not file.startswith(("/", "../"))
    if not is_inside or posixpath.basename(file) != STAGE_FILE:
        raise InputError(
            f"the stage file {file!r}",
            where="--stage-file",
            expected="a path below the project's folder that ends in dvc.yaml",
            hint="DVC reads stages from files of that name only",
        )
