"""The upstream list of a lineage manifest, read strictly."""

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind


def read_upstream(manifest: Json) -> tuple[Upstream, ...]:
    """Read the upstream list of a lineage manifest strictly.

    Raises:
        RefusedError: it has another form.
    """
    items = Fields.of(manifest, "lineage manifest").objects("upstream")
    return tuple(_read(item) for item in items)


def _read(fields: Fields) -> Upstream:
    digest = fields.optional_mapping("digest")
    text = fields.text("kind")
    if text not in set(UpstreamKind):
        raise RefusedError(
            f"{text!r:.100}", where=fields.at("kind"), expected=" or ".join(UpstreamKind)
        )
    return Upstream(
        kind=UpstreamKind(text),
        name=fields.text("name"),
        uri=fields.text("uri"),
        path=fields.optional_text("path") or "",
        revision=fields.optional_text("revision") or "",
        git_commit=(digest.optional_text("gitCommit") or "") if digest else "",
        sha256=fields.sha256("digest") if digest and "sha256" in digest.values else None,
    )
