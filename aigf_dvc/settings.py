"""`aigf.yaml`: which models a repository governs, and where their evidence is."""

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from aigf_dvc.close_names import close_names
from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from aigf_dvc.strict_yaml import Document

FILE_NAME = "aigf.yaml"
DEFAULT_POLICY = "governance/policy.yaml"
DEFAULT_PROTECTED = ("main", "master", "release/*")
DEFAULT_ENVIRONMENT = "production"

_NAME = lazy_pattern(r"[a-z0-9]([a-z0-9._/-]{0,62}[a-z0-9])?\Z")
_TOP_KEYS = ("models", "policy", "protected", "push", "environment", "transparency")
_MODEL_KEYS = ("path", "card", "metrics", "documents")


class MetricSource(Struct, frozen=True, kw_only=True):
    """Where one named metric stands: a file and the key in it, dots for nesting."""

    file: str
    key: str

    @property
    def place(self) -> str:
        """Return `file:key`, as people write it."""
        return f"{self.file}:{self.key}"


class DocumentSource(Struct, frozen=True, kw_only=True):
    """One governance document: its type, and where it is."""

    type: str
    path: str


class ModelSettings(Struct, frozen=True, kw_only=True):
    """One governed model; paths are relative to the folder of aigf.yaml."""

    name: str
    path: str
    card: str
    metrics: Mapping[str, MetricSource]
    documents: tuple[DocumentSource, ...]


class Settings(Struct, frozen=True, kw_only=True):
    """What aigf.yaml says."""

    models: tuple[ModelSettings, ...]
    policy: str = DEFAULT_POLICY
    protected: tuple[str, ...] = DEFAULT_PROTECTED  # branch names or patterns such as release/*
    judges_all_commits: bool = False  # of a push to a protected branch; else the last one
    environment: str = DEFAULT_ENVIRONMENT
    transparency: str = "private"  # or "public": signing may write to the public log

    def model(self, name: str) -> ModelSettings:
        """Return one model by its name.

        Raises:
            InputError: there is no such model.
        """
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise InputError(f"no model named {name!r}", where=FILE_NAME, expected=f"one of {known}")


def is_plain_path(text: str) -> bool:
    """Tell whether a path leads to one place below the project's folder, and is written plainly."""
    inside = not text.startswith(("/", "~")) and "\\" not in text and "\0" not in text
    return inside and posixpath.normpath(text) == text and text.partition("/")[0] not in ("..", ".")


def read_settings(data: bytes, *, where: str = FILE_NAME) -> Settings:
    """Read aigf.yaml.

    Raises:
        InputError: it is not strict YAML, or a value has a wrong form; the message names the line.
    """
    from aigf_dvc.strict_yaml import read_strict  # noqa: PLC0415  # finding a project needs no YAML

    return _Reader(read_strict(data, where=where)).settings()


class _Reader:
    """Typed access to the document; every refusal names the line."""

    def __init__(self, document: "Document") -> None:
        self._document = document

    def settings(self) -> Settings:
        top = self._mapping((), self._document.value, _TOP_KEYS)
        models = self._mapping(("models",), top.get("models"), None)
        if not models:
            raise self._wrong(("models",), "no models", "at least one model under `models:`")
        transparency = self._text(("transparency",), top.get("transparency", "private"))
        if transparency not in ("private", "public"):
            raise self._wrong(("transparency",), repr(transparency), "`private` or `public`")
        return Settings(
            models=tuple(self._model(name, models[name]) for name in models),
            policy=self._path(("policy",), top.get("policy", DEFAULT_POLICY)),
            protected=self._texts(("protected",), top.get("protected", list(DEFAULT_PROTECTED))),
            judges_all_commits=self._push(top.get("push", {})) == "all",
            environment=self._text(("environment",), top.get("environment", DEFAULT_ENVIRONMENT)),
            transparency=transparency,
        )

    def _push(self, value: object) -> str:
        commits = self._mapping(("push",), value, ("commits",)).get("commits", "tips")
        if commits not in ("tips", "all"):
            raise self._wrong(("push", "commits"), repr(commits), "`tips` or `all`")
        return str(commits)

    def _model(self, name: str, value: object) -> ModelSettings:
        at = ("models", name)
        if not _NAME.match(name):
            raise self._wrong(
                at, f"the model name {name!r}", "lower-case letters, digits and . _ - /"
            )
        model = self._mapping(at, value, _MODEL_KEYS)
        if "path" not in model:
            raise self._wrong(
                at, "a model without `path`", "`path:` of the model file or directory"
            )
        metrics = self._mapping((*at, "metrics"), _or(model, "metrics", {}), None)
        documents = _or(model, "documents", [])
        if not isinstance(documents, list):
            raise self._wrong((*at, "documents"), repr(documents), "a list of `{type, path}`")
        return ModelSettings(
            name=name,
            path=self._path((*at, "path"), model["path"]),
            card=self._path((*at, "card"), model.get("card", "MODEL_CARD.md")),
            metrics={key: self._metric((*at, "metrics", key), metrics[key]) for key in metrics},
            documents=tuple(
                self._governance_document((*at, "documents", index), item)
                for index, item in enumerate(documents)
            ),
        )

    def _metric(self, at: tuple[str | int, ...], value: object) -> MetricSource:
        text = self._text(at, value)
        file, colon, key = text.rpartition(":")
        if not (file and colon and key):
            raise self._wrong(at, repr(text), '"file:key", such as "metrics.json:fairness_score"')
        return MetricSource(file=self._path(at, file), key=key)

    def _governance_document(self, at: tuple[str | int, ...], value: object) -> DocumentSource:
        item = self._mapping(at, value, ("type", "path"))
        if set(item) != {"type", "path"}:
            raise self._wrong(at, f"{item!r}", "`type` and `path`")
        return DocumentSource(
            type=self._text((*at, "type"), item["type"]),
            path=self._path((*at, "path"), item["path"]),
        )

    def _mapping(
        self, at: tuple[str | int, ...], value: object, keys: tuple[str, ...] | None
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            found = "nothing" if value is None else repr(value)
            raise self._wrong(at, found, "a mapping" + (f" with {', '.join(keys)}" if keys else ""))
        for key in value if keys else ():
            if key not in (keys or ()):
                close = close_names(key, keys or ())
                raise self._wrong(
                    (*at, key),
                    f"the unknown key {key!r}",
                    f"one of {', '.join(keys or ())}",
                    f"did you mean `{close[0]}`?" if close else "",
                )
        return value

    def _text(self, at: tuple[str | int, ...], value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(at, repr(value), "text")
        return value

    def _texts(self, at: tuple[str | int, ...], value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise self._wrong(at, repr(value), "a list of texts")
        return tuple(self._text((*at, index), item) for index, item in enumerate(value))

    def _path(self, at: tuple[str | int, ...], value: object) -> str:
        text = self._text(at, value)
        if not is_plain_path(text):
            raise self._wrong(
                at, f"the path {text!r}", "a plain path below the folder of aigf.yaml, `/` between"
            )
        return text

    def _wrong(
        self, at: tuple[str | int, ...], found: str, expected: str, hint: str = ""
    ) -> InputError:
        return InputError(found, where=self._document.place(*at), expected=expected, hint=hint)


def _or(values: Mapping[str, Any], key: str, default: object) -> object:
    """Return a value, or the default when the key is absent or stands without a value."""
    value = values.get(key)
    return default if value is None else value
