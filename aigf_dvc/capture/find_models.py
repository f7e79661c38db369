"""Finds the outputs of a pipeline that are models: named as artifacts, or by how they look."""

import posixpath
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from aigf_dvc.capture.pipeline import load_definition
from aigf_dvc.evidence.pipeline import Out, Pipeline, Stage
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.trees.snapshot import Snapshot

_MODEL_SUFFIXES = frozenset(
    {".pkl", ".joblib", ".onnx", ".pt", ".pth", ".safetensors", ".h5", ".keras", ".pb", ".bin"}
)
_BOOSTER_SUFFIXES = frozenset({".txt", ".json", ".ubj"})
_MODEL_FOLDERS = frozenset({"model", "models"})
_ABOUT_A_MODEL = ("metric", "report", "plot", "card", "metadata", "prediction", "param")
_MEASURING = lazy_pattern(
    r"eval|test|predict|scor|metric|plot|report|latency|bench|explain|valid|monitor|infer"
)
_NOT_IN_NAMES = lazy_pattern(r"[^a-z0-9._/-]+")
_LONGEST_NAME = 64


class FoundModel(Struct, frozen=True, kw_only=True):
    """An output that is, or looks like, a model."""

    name: str
    path: str
    why: str


class Found(Struct, frozen=True, kw_only=True):
    """The models of a pipeline, and what was left out and why."""

    models: tuple[FoundModel, ...]
    notes: tuple[str, ...]


class Extras(Struct, frozen=True, kw_only=True):
    """What a dvc.yaml says beside its stages, with paths relative to the project."""

    models: tuple[tuple[str, str], ...]  # artifacts of type model: name, path
    metrics: tuple[str, ...]  # files under the top-level `metrics:`


def read_extras(snapshot: Snapshot, definitions: Iterable[str]) -> Extras:
    """Read `artifacts:` and top-level `metrics:` of every dvc.yaml; other shapes are skipped."""
    models: list[tuple[str, str]] = []
    metrics: list[str] = []
    for file in definitions:
        value = load_definition(snapshot, file)
        folder = posixpath.dirname(file)
        artifacts = value.get("artifacts") if isinstance(value, Mapping) else None
        for name, item in artifacts.items() if isinstance(artifacts, Mapping) else ():
            path = item.get("path") if isinstance(item, Mapping) else None
            if isinstance(path, str) and item.get("type") == "model":
                models.append((str(name), _join(folder, path)))
        listed = value.get("metrics") if isinstance(value, Mapping) else None
        paths = listed if isinstance(listed, list) else []
        metrics.extend(_join(folder, path) for path in paths if isinstance(path, str))
    return Extras(models=tuple(models), metrics=tuple(metrics))


def find_models(pipeline: Pipeline, extras: Extras) -> Found:
    """Return the models: artifacts of type model, else outputs that look like one, else the last.

    Raises:
        UndecidedError: two stages make one path.
    """
    producers = pipeline.producers()
    notes = tuple(
        f"left out: the artifact {name}, because no stage makes {path}"
        for name, path in extras.models
        if path not in producers
    )
    named = [(name, path) for name, path in extras.models if path in producers]
    if named:
        reasons = [(name, path, "DVC's artifact of type model") for name, path in named]
        return Found(models=_models(reasons), notes=notes)
    chosen, more = _by_look(pipeline)
    if not chosen:
        chosen = _last(pipeline)
    reasons = [(posixpath.splitext(posixpath.basename(p))[0], p, why) for p, why in chosen]
    return Found(models=_models(reasons), notes=notes + more)


def _join(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _by_look(pipeline: Pipeline) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return path and reason of each output that looks like a model, and what was left out."""
    found = {
        out.path: why
        for stage in pipeline.stages.values()
        if not _only_measures(stage)
        for out in stage.outs
        if out.kind == "outs" and (why := _look(out))
    }
    called_model = {path for path in found if "model" in path.lower()}
    candidates = [path for path in found if path in called_model or not called_model]
    kept, notes = [], []
    for path in candidates:
        later = [p for p in candidates if p != path and _is_made_from(p, path, pipeline)]
        if later:
            notes.append(f"left out: {path}, because {later[0]} is made from it")
        else:
            kept.append((path, found[path]))
    return kept, tuple(notes)


def _look(out: Out) -> str:
    """Say why an output looks like a model; nothing when it doesn't."""
    path = out.path.lower()
    folder, name = posixpath.split(path)
    suffix = posixpath.splitext(name)[1]
    if any(word in name for word in _ABOUT_A_MODEL):
        return ""
    if suffix in _MODEL_SUFFIXES:
        return f"a {suffix} file"
    if suffix in _BOOSTER_SUFFIXES and _MODEL_FOLDERS & set(folder.split("/")):
        return f"a {suffix} file in a folder for models"
    if not suffix and "model" in name:
        return "its name says model"
    return ""


def _only_measures(stage: Stage) -> bool:
    """Tell whether a stage looks like an evaluation: by its name, or it has nothing but numbers."""
    name = stage.address.rpartition(":")[2].lower()
    if not any(out.kind == "outs" for out in stage.outs):
        return True
    return bool(_MEASURING.search(name)) and not re.search(r"train|fit", name)


def _is_made_from(path: str, origin: str, pipeline: Pipeline) -> bool:
    return any(origin in pipeline.stages[address].deps for address in pipeline.ancestors(path))


def _last(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Return the outputs in DVC's cache that only evaluations read."""
    makers = [stage for stage in pipeline.stages.values() if not _only_measures(stage)]
    read = {dep for stage in makers for dep in stage.deps}
    return [
        (out.path, "an output that no later stage builds on")
        for stage in makers
        for out in stage.outs
        if out.kind == "outs" and out.cached and out.path not in read
    ]


def _models(reasons: Iterable[tuple[str, str, str]]) -> tuple[FoundModel, ...]:
    """Give each path one model, with a name that is its own."""
    found: dict[str, FoundModel] = {}
    names: set[str] = set()
    for wanted, path, why in reasons:
        if path in found:
            continue
        stem = posixpath.splitext(path)[0]
        options = [_name(wanted), _name(stem), _name(path)]
        numbered = (f"{options[0][:56]}-{number}" for number in range(2, len(names) + 3))
        name = next(option for option in (*options, *numbered) if option not in names)
        names.add(name)
        found[path] = FoundModel(name=name, path=path, why=why)
    return tuple(found.values())


def _name(text: str) -> str:
    """Return a text in the form of a model's name in aigf.yaml."""
    return _NOT_IN_NAMES.sub("-", text.lower())[:_LONGEST_NAME].strip("._/-") or "model"
