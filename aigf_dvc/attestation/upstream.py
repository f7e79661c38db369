"""What is known of the attestations of everything that a model took from elsewhere."""

from collections.abc import Sequence
from enum import StrEnum, unique

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.upstream_source import Upstream


@unique
class LinkState(StrEnum):
    """Whether what came from elsewhere is attested there, by somebody whom the judge trusts."""

    ATTESTED = "attested"
    REFUSED = "refused"  # there are attestations, and none is accepted
    UNATTESTED = "no attestation"
    UNKNOWN = "not at hand"  # the repository, the digest or the manifest is not here


class UpstreamLink(Struct, frozen=True, kw_only=True):
    """One thing that came from elsewhere, and what was found about it."""

    upstream: Upstream
    depth: int  # 1: taken by the model itself; 2: taken by what it took
    state: LinkState
    detail: str  # by whom, or why not


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
