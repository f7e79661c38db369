"""Whether a model on disk is the one that an OpenSSF Model Signing statement lists."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from aigf_dvc.attestation.oms import SINGLE, Method, OmsStatement, Resource

_NAMED = 20  # differences named in a message


class SeenTree(Struct, frozen=True, kw_only=True):
    """The files of a model, and what was passed over, at one moment."""

    name: str  # of the file or directory
    is_directory: bool
    sizes: Mapping[str, int]  # bytes, of each file by its path in the model
    links: tuple[str, ...] = ()  # those of them that are symbolic links
    outside: tuple[str, ...] = ()  # those of the links that lead out of the model
    passed_over: tuple[str, ...] = ()  # ignored paths that are there


def path_of(resource: Resource, tree: SeenTree) -> str:
    """Return the file that a resource is about, by its path in the model."""
    return resource.path if tree.is_directory else tree.name


def tree_differences(statement: OmsStatement, tree: SeenTree) -> tuple[str, ...]:
    """Return how a model differs from what was signed, as far as that shows without reading it."""
    if not tree.is_directory:
        paths = statement.paths
        if len(paths) != 1 or (SINGLE not in paths and "/" in next(iter(paths))):
            return (f"{len(paths)} files were signed, not one alone",)
    elif SINGLE in statement.paths:
        return ("one file was signed, not a directory",)
    ends = {path_of(item, tree): item.end for item in _by_end(statement.resources)}
    found = dict(tree.sizes)
    if statement.method is Method.SHARDS:  # empty files have no shard
        found = {path: size for path, size in found.items() if size or path in ends}
    missing = sorted(ends.keys() - found.keys())
    extra = sorted(found.keys() - ends.keys())
    links = () if statement.allow_symlinks else tree.links
    return (
        *_told(f"missing: {path!r:.300}" for path in missing),
        *_told(f"not signed: {path!r:.300}" for path in extra),
        *_told(
            f"a symbolic link: {path!r:.300}; its signer allowed none" for path in sorted(links)
        ),
        *_told(
            f"changed: {path!r:.300} has {found[path]} bytes, not {end}"
            for path, end in sorted(ends.items())
            if end is not None and path in found and found[path] != end
        ),
    )


def digest_differences(
    statement: OmsStatement, tree: SeenTree, digests: Sequence[str]
) -> tuple[str, ...]:
    """Return which bytes differ from what was signed.

    Args:
        statement: what was signed.
        tree: the model.
        digests: recomputed, of each resource in its order.
    """
    return _told(
        f"changed: {path_of(item, tree)!r:.300}{_range(item)} has the {statement.hash_type} "
        f"{digest}, not {item.digest}"
        for item, digest in zip(statement.resources, digests, strict=True)
        if digest != item.digest
    )


def not_covered(statement: OmsStatement, tree: SeenTree) -> tuple[str, ...]:
    """Return what lies in the model and is not verified; a judge must be told."""
    empty = []
    if statement.method is Method.SHARDS:
        signed = {path_of(item, tree) for item in statement.resources}
        empty = sorted(path for path, size in tree.sizes.items() if not size and path not in signed)
    return (
        *_told(f"{path!r:.300} is not signed: ignored" for path in sorted(tree.passed_over)),
        *_told(f"{path!r:.300} is not signed: empty, and shards leave such out" for path in empty),
        *_told(f"{path!r:.300} is a link out of the model" for path in sorted(tree.outside)),
    )


def _by_end(resources: Sequence[Resource]) -> list[Resource]:
    return sorted(resources, key=lambda item: item.end or 0)


def _range(item: Resource) -> str:
    return "" if item.end is None else f" from byte {item.start} to {item.end}"


def _told(differences: Iterable[str]) -> tuple[str, ...]:
    """Return the first differences, and how many more there are."""
    found = tuple(differences)
    more = len(found) - _NAMED
    return found if more <= 0 else (*found[:_NAMED], f"and {more} more like this")
