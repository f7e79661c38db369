"""What to type after `aigf init`, as it works in the folder where it is read."""

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import stage_trust
from aigf_dvc.evidence.digest_lock import FILE_NAME
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.trees.working_tree import WorkingTree


def next_steps(project: Project, written: Sequence[Path], *, here: Path) -> Iterator[str]:
    """Yield the commands, each with what it does.

    Args:
        project: which was set up.
        written: the files that were created or changed.
        here: the folder where the commands are typed.
    """
    pipeline = read_pipeline(WorkingTree(project.root))
    is_all = pipeline.definitions == ("dvc.yaml",) and here.samefile(project.root)
    force = _ran_unseen(pipeline, project.root)
    run = f"aigf repro{'' if is_all else ' --all-pipelines'}{' --force' if force else ''}"
    width = max(len(run), 25)
    yield f"{run:<{width}}  run the pipeline{' once more' if force else ''}, observed"
    yield f"{'aigf check':<{width}}  hold the models against the policy"
    yield f"{'aigf capture':<{width}}  write aigf.lock, for machines without the data"
    if written:
        # A file of its own for each dvc.yaml, some of which are yet to be written: git finds them.
        made = [*_kept_in_git(pipeline), "dvc.lock" if is_all else "*dvc.lock", FILE_NAME]
        files = [*written, *(project.root / path for path in made)]
        yield f"git add {shlex.join(os.path.relpath(file, here) for file in files)}"
        yield 'git commit -m "Set up governance"'


def _kept_in_git(pipeline: Pipeline) -> list[str]:
    """Return what the stages make and DVC leaves to git, such as metrics."""
    outs = (out for stage in pipeline.stages.values() for out in stage.outs)
    return sorted({out.path for out in outs if not out.cached})


def _ran_unseen(pipeline: Pipeline, root: Path) -> bool:
    """Tell whether a stage that makes something ran, and was not observed."""
    return any(
        stage_trust(pipeline, address, root).level is TrustLevel.DECLARED
        for address, stage in pipeline.stages.items()
        if stage.outs and address in pipeline.locks
    )
