"""The stage that refuses a model inside a pipeline: which one it is, and what it must depend on.

DVC runs a stage again when something that it depends on has changed, and at no other time. So a
gate that leaves a file out lets a model pass on the strength of an older verdict.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator

from aigf_dvc.evidence.pipeline import Pipeline, Stage, parents
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.settings import FILE_NAME, Settings

FOLDER = "governance"
_COMMAND = lazy_pattern(r"\baigf\s+check\b(?!.*\s--(?:before|card|rev)\b)")

Hides = Callable[[str], bool]
"""Tells whether DVC does not see a path: `.dvcignore`."""


def gate_of(pipeline: Pipeline) -> Stage | None:
    """Return the stage whose command judges what the pipeline has made, or None."""
    for stage in pipeline.stages.values():
        if any(_COMMAND.search(command) for command in stage.commands):
            return stage
    return None


def gate_deps(
    settings: Settings, metrics: Iterable[str], *, folder: str, hides: Hides
) -> tuple[str, ...]:
    """Return what a gate depends on.

    The whole governance folder, unless the stage's own dvc.lock will lie there: the stage would
    change its own dependency, and never be up to date. DVC sees no ignored file in a folder, but
    it does see one that is named.

    Args:
        settings: what the gate judges.
        metrics: more files that the verdict depends on.
        folder: where the stage's dvc.yaml is.
        hides: what DVC ignores.
    """
    files = [FILE_NAME, *_judged(settings), *metrics]
    if not f"{folder}/".startswith(f"{FOLDER}/"):
        files = [f for f in files if not f.startswith(f"{FOLDER}/") or hides(f)] + [FOLDER]
    return tuple(sorted(dict.fromkeys(files)))


def lacking_deps(gate: Stage, settings: Settings, *, hides: Hides) -> tuple[str, ...]:
    """Return the files that a gate judges and does not depend on."""
    return tuple(
        file
        for file in dict.fromkeys((FILE_NAME, *_judged(settings)))
        if file not in gate.deps and (hides(file) or not set(parents(file)) & set(gate.deps))
    )


def _judged(settings: Settings) -> Iterator[str]:
    yield posixpath.normpath(settings.policy)
    for model in settings.models:
        yield from (model.path, model.card)
        yield from (source.file for source in model.metrics.values())
        yield from (document.path for document in model.documents)
