"""Keeps attestations in the git ref `refs/aigf/attestations`, so that they travel with the code.

Attesting a commit makes no new commit on any branch. The ref holds a history of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.stores.layout import Stored, Unreadable, demand_few, is_ours, read_stored

REF = "refs/aigf/attestations"
_INCOMING = "refs/aigf/incoming"
_ATTEMPTS = 5
_FILE_MODES = ("100644", "100755")
_AUTHOR = {
    "GIT_AUTHOR_NAME": "aigf", "GIT_AUTHOR_EMAIL": "aigf@localhost",
    "GIT_COMMITTER_NAME": "aigf", "GIT_COMMITTER_EMAIL": "aigf@localhost",
}  # fmt: skip


class GitRefStore:
    """The attestations of one repository."""

    def __init__(self, repository: Path) -> None:
        """Open a repository; the ref need not exist yet."""
        self._repository = repository
        self._known: tuple[str, dict[str, str]] = ("", {})  # a commit of the ref, and its files

    @property
    def place(self) -> str:
        """What people call it."""
        return REF

    def add(self, items: tuple[Stored, ...]) -> None:
        """Keep some files; ones that are there already stay.

        Raises:
            UndecidedError: git refused, or others kept writing at the same time.
        """
        new = {item.name: self._write_blob(item.data) for item in items}
        for _ in range(_ATTEMPTS):
            head = self._head(REF)
            before = self._names(head)
            if new.keys() <= before.keys():
                return
            parents = [head] if head else []
            if self._commit(before | new, parents, head, f"Add {len(new)} attestation files"):
                return
        raise UndecidedError(
            f"{REF} kept changing", where=str(self._repository), hint="try again in a moment"
        )

    def find(self, model: Sha256) -> tuple[Stored, ...]:
        """Return every file about a model, sorted by name."""
        names = self._names(self._head(REF))
        with GitObjects(self._repository) as objects:
            read = [
                _read(objects, name, object_id)
                for name, object_id in sorted(names.items())
                if name.startswith(f"{model}/")
            ]
        return tuple(item for item in read if item is not None)

    def all(self) -> Iterator[Stored | Unreadable]:
        """Yield every file, model by model; one that cannot be read is said, not passed over."""
        names = self._names(self._head(REF))
        demand_few(names, where=REF)
        with GitObjects(self._repository) as objects:
            for name, object_id in sorted(names.items()):
                yield _read(objects, name, object_id) or Unreadable(name=name)

    def push(self, remote: str) -> int:
        """Send the attestations to a remote, joined with what it has; return how many it has then.

        Raises:
            InputError: there are none.
            UndecidedError: git refused.
        """
        if self._head(REF) is None:
            raise InputError(
                "no attestations yet",
                where=REF,
                expected="at least one",
                hint="`aigf attest` makes one",
            )
        for attempt in range(_ATTEMPTS):
            self.pull(remote)
            try:
                program.transfer(self._repository, "push", "--quiet", remote, f"{REF}:{REF}")
                program.git(self._repository, "update-ref", _INCOMING, REF)
                break
            except UndecidedError:  # somebody else pushed in between: join again
                if attempt == _ATTEMPTS - 1:
                    raise
        return self.count()

    def pull(self, remote: str) -> int:
        """Fetch a remote's attestations and join them with ours; return how many were new."""
        listed = self._list_remote(remote)
        if not listed:
            return 0
        program.transfer(
            self._repository, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            remote, f"+{REF}:{_INCOMING}",
        )  # fmt: skip
        theirs = self._head(_INCOMING)
        incoming = self._valid(self._names(theirs))
        for _ in range(_ATTEMPTS):
            head = self._head(REF)
            ours = self._names(head)
            new = incoming.keys() - ours.keys()
            if self._take(theirs, head, ours | incoming, len(new)):
                return len(new)
        raise UndecidedError(f"{REF} kept changing", where=str(self._repository), hint="try again")

    def _take(
        self, theirs: str | None, head: str | None, joined: Mapping[str, str], new: int
    ) -> bool:
        """Move our ref to hold all files; a commit is made only when neither side has them all."""
        if theirs is None or (head is not None and self._is_ancestor(theirs, head)):
            return True
        is_behind = head is None or self._is_ancestor(head, theirs)
        if is_behind and self._write_tree(joined) == self._tree_of(theirs):
            return self._move(theirs, head)
        parents = [commit for commit in (head, theirs) if commit]
        return self._commit(joined, parents, head, f"Join with {new} attestation files")

    def _is_ancestor(self, old: str, new: str) -> bool:
        outcome = program.attempt(self._repository, "merge-base", "--is-ancestor", old, new)
        return outcome.returncode == 0

    def _tree_of(self, commit: str) -> str:
        with GitObjects(self._repository) as objects:
            return objects.commit_tree(commit)

    def count(self) -> int:
        """Return how many bundles there are."""
        names = self._names(self._head(REF))
        return sum(name.endswith(".sigstore.json") for name in names)

    def count_unsent(self) -> int:
        """Return how many bundles are here that a remote was not seen to have, when last seen."""
        ours, theirs = self._names(self._head(REF)), self._names(self._head(_INCOMING))
        return sum(name.endswith(".sigstore.json") for name in ours.keys() - theirs.keys())

    def _list_remote(self, remote: str) -> bytes:
        outcome = program.attempt(
            self._repository, "ls-remote", "--quiet", remote, REF,
            extra={"GIT_ALLOW_PROTOCOL": program.TRANSFER_PROTOCOLS},
        )  # fmt: skip
        if outcome.returncode:
            raise program.failure(self._repository, outcome.stderr)
        return outcome.stdout

    def _valid(self, names: Mapping[str, str]) -> dict[str, str]:
        """Return the files that are what their names say; a remote can send anything."""
        with GitObjects(self._repository) as objects:
            return {
                name: object_id
                for name, object_id in names.items()
                if _read(objects, name, object_id) is not None
            }

    def _head(self, ref: str) -> str | None:
        outcome = program.attempt(self._repository, "rev-parse", "--verify", "--quiet", ref)
        return outcome.stdout.decode().strip() or None

    def _names(self, commit: str | None) -> dict[str, str]:
        """Return the blob of each file in a commit of the ref, by name."""
        if commit is None:
            return {}
        if commit == self._known[0]:  # one question for each stage of a pipeline adds up
            return self._known[1]
        found: dict[str, str] = {}
        with GitObjects(self._repository) as objects:
            for folder in objects.tree(objects.commit_tree(commit)):
                for entry in objects.tree(folder.object_id) if folder.is_tree else ():
                    name = (folder.name + b"/" + entry.name).decode(errors="replace")
                    if is_ours(name) and entry.mode in _FILE_MODES:
                        found[name] = entry.object_id
        self._known = (commit, found)
        return found

    def _write_blob(self, data: bytes) -> str:
        out = program.git(
            self._repository, "hash-object", "-w", "--stdin", "--no-filters", data=data
        )
        return out.decode().strip()

    def _commit(
        self, names: Mapping[str, str], parents: Iterable[str], head: str | None, message: str
    ) -> bool:
        """Write a commit with these files; tell whether the ref was still where we saw it."""
        arguments = [part for parent in parents for part in ("-p", parent)]
        made = program.git(
            self._repository,
            "commit-tree",
            self._write_tree(names),
            *arguments,
            "-m",
            message,
            extra=_AUTHOR,
        )
        return self._move(made.decode().strip(), head)

    def _move(self, commit: str, head: str | None) -> bool:
        outcome = program.attempt(self._repository, "update-ref", REF, commit, head or "")
        return outcome.returncode == 0

    def _write_tree(self, names: Mapping[str, str]) -> str:
        folders: dict[str, list[str]] = {}
        for name, object_id in names.items():
            folder, _, file = name.partition("/")
            folders.setdefault(folder, []).append(f"100644 blob {object_id}\t{file}")
        lines = [f"040000 tree {self._tree(files)}\t{folder}" for folder, files in folders.items()]
        return self._tree(lines)

    def _tree(self, lines: list[str]) -> str:
        data = "".join(f"{line}\n" for line in lines).encode()
        return program.git(self._repository, "mktree", data=data).decode().strip()


def _read(objects: GitObjects, name: str, object_id: str) -> Stored | None:
    """Return a file of the ref, or None: one that cannot be read must not hide the others."""
    try:
        return read_stored(name, objects.read(object_id))
    except UndecidedError:
        return None
