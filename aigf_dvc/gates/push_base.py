"""What a repository that is pushed to has already: the base by which a push is judged.

One base serves a whole push: the main branch of the remote, as git told the hook or as it was seen
last. A ref's own commit on the remote counts only for a project that the main branch does not have,
and the main branch of another remote when nothing is known of this one.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from aigf_dvc.gates.pushed_refs import PushedRef
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects

_MAIN = ("HEAD", "main", "master")
# Of the repository itself. HEAD first, whatever is pushed: a branch `main` may be anyone's there.
_OWN = ("HEAD", "refs/heads/main", "refs/heads/master")


class PushBase:
    """The commits of the remote that say how to judge."""

    def __init__(
        self, repository: Path, objects: GitObjects, remote: str | None, refs: Sequence[PushedRef]
    ) -> None:
        """Look for the base of a push.

        Args:
            repository: a folder in it.
            objects: its objects.
            remote: the remote's name, or its address; None: this is the repository itself.
            refs: all that is pushed.
        """
        self._repository = repository
        self._objects = objects
        self._main = self._first(_OWN if remote is None else _of_remote(remote, refs))
        self._is_here = remote is None
        self._elsewhere: str | None = None
        self._has_looked = False

    def commits(self, ref: PushedRef) -> tuple[str, ...]:
        """Return the commits that may say how to judge a ref, the one that counts most first."""
        own = None if ref.is_new else self._objects.commit(ref.remote_id)
        found = (self._main, own)
        if not any(found) and not self._is_here:
            found = (self._other_remote(), None)
        return tuple(dict.fromkeys(filter(None, found)))

    def _other_remote(self) -> str | None:
        """Return the main branch of any remote: a push by address names none of them."""
        if not self._has_looked:
            self._has_looked = True
            listed = program.git(
                self._repository,
                "for-each-ref",
                "--format=%(refname)",
                *(f"refs/remotes/*/{branch}" for branch in _MAIN),
            )
            names = listed.decode(errors="surrogateescape").split("\n")
            self._elsewhere = self._first(sorted(filter(None, names), key=_origin_first))
        return self._elsewhere

    def _first(self, names: Iterable[str]) -> str | None:
        return next(filter(None, map(self._objects.commit, names)), None)


def _of_remote(remote: str, refs: Sequence[PushedRef]) -> Iterator[str]:
    """Yield the main branch of a remote: as git told it now, then as it was seen last."""
    branches = [f"refs/heads/{name}" for name in _MAIN]
    yield from (r.remote_id for r in refs if r.remote_ref in branches and not r.is_new)
    yield from (f"refs/remotes/{remote}/{name}" for name in _MAIN)


def _origin_first(name: str) -> tuple[bool, str]:
    return not name.startswith("refs/remotes/origin/"), name
