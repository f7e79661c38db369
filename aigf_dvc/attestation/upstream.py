"""What is known of the attestations of everything that a model took from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.upstream import Upstream, UpstreamKind


@unique
class LinkState(StrEnum):
    """Whether what came from elsewhere is attested there, by somebody whom the judge trusts."""

    ATTESTED = "attested"
    REFUSED = "refused"  # there are attestations, and none is accepted
    UNATTESTED = "no attestation"
    UNKNOWN = "not at hand"  # the repository, the digest or the manifest is not here


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamLink:
    """One thing that came from elsewhere, and what was found about it."""

    upstream: Upstream
    depth: int  # 1: taken by the model itself; 2: taken by what it took
    state: LinkState
    detail: str  # by whom, or why not


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


def worst(links: Sequence[UpstreamLink]) -> LinkState:
    """Return the state that decides: one that is missing or refused before one not at hand."""
    order = (LinkState.REFUSED, LinkState.UNATTESTED, LinkState.UNKNOWN)
    found = {link.state for link in links}
    return next((state for state in order if state in found), LinkState.ATTESTED)


def links_text(links: Sequence[UpstreamLink]) -> str:
    """Return one line for each link, those of a link's own upstream indented below it."""
    return "\n".join(
        f"{'  ' * (link.depth - 1)}{link.upstream.kind} {link.upstream.name} from "
        f"{link.upstream.uri}: {link.state}: {link.detail}"
        for link in links
    )


def links_as_json(links: Sequence[UpstreamLink]) -> list[Json]:
    """Return the links with what the manifest says of each."""
    return [
        {
            "upstream": link.upstream.as_json(),
            "depth": link.depth,
            "state": link.state,
            "detail": link.detail,
        }
        for link in links
    ]
