"""Opens the repository that a judge names, to read one commit of it; nothing of it is run.

A URL is cloned bare into a scratch folder: no checkout, so no filter, no hook, no submodule.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from aigf_dvc.errors import AigfError, InputError, RefusedError, UndecidedError
from aigf_dvc.git import program
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact_text, redact_url

_COMMIT = lazy_pattern(r"([0-9a-f]{40}|[0-9a-f]{64})\Z")
_PROTOCOLS = ("https", "file")
_REFS = ("refs/heads", "refs/remotes", "refs/tags")


class JudgedRepository(Struct, frozen=True, kw_only=True):
    """Where a commit is looked for: a clone here, or the address of a repository."""

    clone: Path | None  # the top of its work tree, or a bare repository
    url: str = ""

    @property
    def place(self) -> str:
        """Return what people call it."""
        return str(self.clone) if self.clone is not None else redact_url(self.url)


def judged_repository(place: str) -> JudgedRepository:
    """Return the repository that a judge names by its URL or by the path of a clone.

    Raises:
        InputError: the path is no git repository, or the address is of another kind.
    """
    scheme, separator, _ = place.partition("://")
    if separator:
        if scheme not in _PROTOCOLS:
            raise InputError(
                f"{scheme!r:.40}", where="--repo", expected="an https:// or file:// URL, or a path",
                hint="clone it yourself, and give the clone's path",
            )  # fmt: skip
        return JudgedRepository(clone=None, url=place)
    folder = Path(place)
    if not folder.is_dir():
        raise InputError("no such folder", where=place, expected="a clone, or an https:// URL")
    top = program.attempt(folder, "rev-parse", "--show-toplevel")
    if top.returncode:
        top = program.attempt(folder, "rev-parse", "--absolute-git-dir")
    if top.returncode:
        raise program.failure(folder, top.stderr)
    found = top.stdout.decode(errors="surrogateescape").removesuffix("\n")
    return JudgedRepository(clone=Path(found))


@contextmanager
def opened(repository: JudgedRepository, commit: str) -> Iterator[Path]:
    """Yield the git repository that has a commit, on a branch or with a tag.

    Raises:
        RefusedError: no commit's name, or no branch or tag leads to it: whoever can write to a
            fork can make a repository know commits that were never in it.
        UndecidedError: it cannot be cloned, or does not have the commit.
    """
    if not _COMMIT.match(commit):
        raise RefusedError(f"{commit!r:.100}", where="source", expected="the full name of a commit")
    with tempfile.TemporaryDirectory(prefix="aigf-deep-") as scratch:
        found = repository.clone or _cloned(repository.url, Path(scratch))
        _demand_commit(found, commit, repository.place)
        yield found


def _cloned(url: str, scratch: Path) -> Path:
    try:
        program.git(
            scratch, "clone", "--quiet", "--bare", "--template=", "--", url, "repository",
            extra={"GIT_ALLOW_PROTOCOL": ":".join(_PROTOCOLS)},
        )  # fmt: skip
    except AigfError as error:
        raise UndecidedError(
            f"it cannot be cloned: {redact_text(error.found)}", where=redact_url(url),
            expected="the repository that the attestation speaks of",
            hint="clone it yourself, and give the clone's path",
        ) from None  # fmt: skip
    return scratch / "repository"


def _demand_commit(repository: Path, commit: str, place: str) -> None:
    named = f"commit {commit}"
    if program.attempt(repository, "cat-file", "-e", f"{commit}^{{commit}}").returncode:
        shallow = program.git(repository, "rev-parse", "--is-shallow-repository") == b"true\n"
        raise UndecidedError(
            "a shallow clone without it" if shallow else "the repository does not have it",
            where=f"{place}: {named}", expected="the commit that was attested",
            hint="`git fetch --unshallow`" if shallow else "`git fetch`, or another --repo; a "
            "history that was rewritten has lost it: attest a commit of the new one",
        )  # fmt: skip
    refs = program.git(
        repository, "for-each-ref", "--count=1", "--format=%(refname)", "--contains", commit, *_REFS
    )
    at_head = program.attempt(repository, "merge-base", "--is-ancestor", commit, "HEAD")
    if not refs.strip() and at_head.returncode:
        raise RefusedError(
            f"no branch or tag leads to {named}", where=place,
            expected="a commit of this repository's history",
        )  # fmt: skip
