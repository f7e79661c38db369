"""What a project took from elsewhere: imported data, and the models that its models build on."""

import re
from collections.abc import Iterable, Iterator, Mapping

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.pipeline import Import
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact_url

HUB = "https://huggingface.co/"
_COMMIT = lazy_pattern(r"[0-9a-f]{40}\Z")
_HUB_NAME = lazy_pattern(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?\Z", re.ASCII)
_PLACEHOLDERS = ("", "todo", "tbd", "none", "n/a")
_EXPECTED = "a name on Hugging Face, an address, or `{uri, revision, digest}`; or a list of them"


def imported(source: Import, sha256: Sha256 | None) -> Upstream:
    """Return what a .dvc file says of its data's origin."""
    return Upstream(
        kind=UpstreamKind.IMPORT if source.commit or source.source else UpstreamKind.IMPORT_URL,
        name=source.path,
        uri=source.url,
        path=source.source,
        revision=source.revision,
        git_commit=source.commit,
        sha256=sha256,
    )


def base_models(card_fields: object, *, where: str) -> tuple[Upstream, ...]:
    """Return the models that a card names under `base_model:` or `governance.base_model:`.

    Args:
        card_fields: the card's front matter.
        where: the card, for messages.

    Raises:
        InputError: an entry is neither a name nor an address with its digest.
    """
    fields = card_fields if isinstance(card_fields, Mapping) else {}
    governance = fields.get("governance")
    own = governance.get("base_model") if isinstance(governance, Mapping) else None
    found: dict[str, Upstream] = {}
    for value, place in ((own, "governance.base_model"), (fields.get("base_model"), "base_model")):
        for item in _base_models(value, f"{where}: {place}"):
            found.setdefault(item.uri, item)  # ours says more than the Hub's
    return tuple(found.values())


def _base_models(value: object, where: str) -> Iterator[Upstream]:
    for item in value if isinstance(value, list) else [value]:
        if item is None or (isinstance(item, str) and item.strip().lower() in _PLACEHOLDERS):
            continue
        yield _base_model(item if isinstance(item, Mapping) else {"uri": item}, where)


def _base_model(item: Mapping[object, object], where: str) -> Upstream:
    known = {key: item.get(key) for key in ("uri", "revision", "digest")}
    texts = {key: value for key, value in known.items() if isinstance(value, str)}
    digest = as_sha256(texts.get("digest", "").removeprefix("sha256:"))
    if set(item) != set(texts) or "uri" not in texts:
        raise InputError("an entry of another form", where=where, expected=_EXPECTED)
    if "digest" in texts and digest is None:
        raise InputError(
            f"the digest {texts['digest']!r:.100}", where=where,
            expected="`sha256:` and 64 hexadecimal digits",
        )  # fmt: skip
    revision = texts.get("revision", "")
    is_commit = _COMMIT.match(revision) is not None
    return Upstream(
        kind=UpstreamKind.BASE_MODEL,
        name=redact_url(texts["uri"]).removeprefix(HUB),
        uri=_address(texts["uri"], where),
        revision="" if is_commit else revision,
        git_commit=revision if is_commit else "",
        sha256=digest,
    )


def _address(text: str, where: str) -> str:
    if "://" in text:
        return redact_url(text)
    if _HUB_NAME.match(text):
        return HUB + text
    raise InputError(f"{text!r:.100}", where=where, expected=_EXPECTED)


def upstream_as_json(items: Iterable[Upstream]) -> list[Json]:
    """Return a manifest's list: sorted, each once."""
    return [item.as_json() for item in sorted(set(items), key=_order)]


def _order(item: Upstream) -> tuple[str, ...]:
    return (item.kind, item.name, item.uri, item.path, item.git_commit, item.sha256 or "")
