"""A governance document: a risk assessment, a bias analysis, a data sheet."""

import datetime

from msgspec import Struct

from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_card import read_front_matter
from aigf_dvc.strict_yaml import Document, read_strict

_ALGORITHM = "sha256:"


class GovernanceDocument(Struct, frozen=True, kw_only=True):
    """What a document says of itself in its front matter, and the digest of its bytes."""

    type: str  # such as `risk-assessment`; from aigf.yaml, which must agree with the document
    path: str
    sha256: Sha256
    date: datetime.date | None = None  # None: the document does not say
    models: tuple[str, ...] = ()  # the models it speaks of; empty: it does not say
    digests: tuple[Sha256, ...] = ()  # of the model or data files it speaks of, when it says so


def read_governance_document(data: bytes, *, path: str, kind: str) -> GovernanceDocument:
    """Read a document's own `type`, `date`, `models` and `digests`; a PDF and its like have none.

    Args:
        data: the document's bytes: Markdown with front matter, YAML, JSON, or anything else.
        path: its path in the repository.
        kind: the type under which aigf.yaml lists it.

    Raises:
        InputError: the front matter is not strict YAML, has a wrong form or another type.
    """
    front = front_matter(data, path)
    if front is None:
        return GovernanceDocument(type=kind, path=path, sha256=sha256(data))
    declared = front.value.get("type", kind)
    if declared != kind:
        raise InputError(
            f"the document is a {declared}", where=front.place("type"),
            expected=f"{kind}, as aigf.yaml lists it",
        )  # fmt: skip
    return GovernanceDocument(
        type=kind,
        path=path,
        sha256=sha256(data),
        date=_date(front),
        models=_models(front),
        digests=_digests(front),
    )


def front_matter(data: bytes, path: str) -> Document | None:
    """Return a document's front matter, or all of it in YAML and JSON; None: it has none.

    Raises:
        InputError: it is not strict YAML.
    """
    name = path.lower()
    if name.endswith((".yaml", ".yml", ".json")):
        document = read_strict(data, where=path)
    elif name.endswith((".md", ".markdown")) and data.lstrip(b"\xef\xbb\xbf \r\n").startswith(
        b"---"
    ):
        document = read_front_matter(data, path=path)
    else:
        return None
    return document if isinstance(document.value, dict) else None


def _date(front: Document) -> datetime.date | None:
    text = front.value.get("date")
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InputError(
            f"the date {text!r}", where=front.place("date"), expected="a date such as 2026-11-20"
        ) from None


def _models(front: Document) -> tuple[str, ...]:
    names = front.value.get("models", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"models: {names!r}", where=front.place("models"), expected="a list of model names"
        )
    return tuple(names)


def _digests(front: Document) -> tuple[Sha256, ...]:
    items = front.value.get("digests", [])
    texts = items if isinstance(items, list) else [items]
    found = []
    for text in texts:
        is_named = isinstance(text, str) and text.startswith(_ALGORITHM)
        digest = as_sha256(text.removeprefix(_ALGORITHM)) if is_named else None
        if digest is None or not isinstance(items, list):
            raise InputError(
                f"digests: {text!r:.100}", where=front.place("digests"),
                expected="a list of `sha256:` and 64 hexadecimal digits",
                hint="`aigf capture --format json` names the SHA-256 of every model and data set",
            )  # fmt: skip
        found.append(digest)
    return tuple(found)
