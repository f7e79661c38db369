"""The commit that a model's evidence was read from."""

from msgspec import Struct


class Commit(Struct, frozen=True, kw_only=True):
    """A commit, who wrote what led to it, and whether a protected branch contains it."""

    sha: str
    authors: tuple[str, ...] = ()  # addresses of who wrote the model's files; empty: not known
    protected: tuple[str, ...] | None = None  # branches that contain it; None: not looked at
