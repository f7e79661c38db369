"""A revocation list or release index that is about to be signed, as text for people."""

from collections.abc import Iterable, Iterator

from aigf_dvc.attestation.lists.head import ListHead
from aigf_dvc.attestation.lists.releases import Release, ReleaseIndex
from aigf_dvc.attestation.lists.revocations import Revocation, RevocationList
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.report.statement_text import line


def revocations_text(content: RevocationList, changed: Iterable[Revocation]) -> str:
    """Return a list: what changes in it or all of it, and how much it holds."""
    return "\n".join(_revocation_lines(content, tuple(changed)))


def releases_text(index: ReleaseIndex, changed: Iterable[Release]) -> str:
    """Return an index: what changes in it or all of it, and how much it holds."""
    return "\n".join(_release_lines(index, changed))


def _head(kind: str, head: ListHead) -> Iterator[str]:
    yield line(kind, f"{head.id}, number {head.sequence}")
    yield line("issued", told_time(head.issued))
    yield line("good until", f"{told_time(head.next_update)}; issue the next one before")


def _revocation_lines(content: RevocationList, changed: tuple[Revocation, ...]) -> Iterator[str]:
    yield from _head("list", content.head)
    for entry in changed:
        lifted = entry.lifted
        yield line("lifts" if lifted else "revokes", str(entry.target))
        yield line("reason", lifted.reason if lifted else f"{entry.reason} ({entry.cause})")
        if entry.date is not None and lifted is None:
            yield line("from", told_time(entry.date))
        if entry.replaced_by and lifted is None:
            yield line("instead", entry.replaced_by)
    standing = sum(entry.lifted is None for entry in content.entries)
    counts = f"{len(content.entries)}, of which {standing} count"
    yield line("entries", counts if changed else f"{counts}; none changes")


def _release_lines(index: ReleaseIndex, changed: Iterable[Release]) -> Iterator[str]:
    yield from _head("releases", index.head)
    for release in changed:
        yield from _release(release)
    yield line("models", str(len({release.model for release in index.releases})))


def _release(changed: Release) -> Iterator[str]:
    yield line("model", changed.model)
    if changed.digest is None:
        yield line("current", "NONE: it is withdrawn")
    else:
        version = f"  {changed.version}" if changed.version else ""
        yield line("current", f"sha256:{changed.digest}{version}")
    for digest in changed.allowed:
        yield line("allowed", f"sha256:{digest}")
    if changed.reason:
        yield line("reason", changed.reason)
