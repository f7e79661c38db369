"""What git tells the hooks pre-push and pre-receive: one line for each ref."""

from collections.abc import Mapping

from msgspec import Struct

from aigf_dvc.errors import InputError
from aigf_dvc.lazy_pattern import lazy_pattern

_NOTHING = frozenset("0")
_BRANCHES = "refs/heads/"
_TAGS = "refs/tags/"
# The source may be any revision (`HEAD^{/fix it}`), blanks included; the rest has none.
_LINE = lazy_pattern(
    r"(?P<source>[^\n]+) (?P<local>[0-9a-f]{40,64}) (?P<ref>[^ \n]+) (?P<remote>[0-9a-f]{40,64})"
)
_RECEIVED = lazy_pattern(r"(?P<old>[0-9a-f]{40,64}) (?P<new>[0-9a-f]{40,64}) (?P<ref>[^ \n]+)")


class PushedRef(Struct, frozen=True, kw_only=True):
    """One line of git's standard input to the hook."""

    local_ref: str
    local_id: str
    remote_ref: str
    remote_id: str

    @property
    def is_deletion(self) -> bool:
        """Tell whether the push removes the ref."""
        return set(self.local_id) == _NOTHING

    @property
    def is_new(self) -> bool:
        """Tell whether the remote does not have the ref yet."""
        return set(self.remote_id) == _NOTHING

    @property
    def is_branch(self) -> bool:
        """Tell whether it is a branch."""
        return self.remote_ref.startswith(_BRANCHES)

    @property
    def is_tag(self) -> bool:
        """Tell whether it is a tag."""
        return self.remote_ref.startswith(_TAGS)

    @property
    def short(self) -> str:
        """Return the ref's name as people say it."""
        return self.remote_ref.removeprefix(_BRANCHES).removeprefix(_TAGS)


def read_pushed_refs(data: bytes) -> tuple[PushedRef, ...]:
    """Read what git writes to the hook; no lines mean that nothing is pushed.

    Raises:
        InputError: a line has another form.
    """
    text = data.decode(errors="surrogateescape")  # a branch may have any bytes for a name
    refs = []
    for line in text.removesuffix("\n").split("\n") if text else ():
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(
                repr(line), where="standard input", expected="`local-ref id remote-ref id`",
                hint="git starts this hook; install it with `aigf hook install`",
            )  # fmt: skip
        refs.append(
            PushedRef(
                local_ref=match["source"],
                local_id=match["local"],
                remote_ref=match["ref"],
                remote_id=match["remote"],
            )
        )
    return tuple(refs)


def pre_commit_refs(environment: Mapping[str, str]) -> tuple[PushedRef, ...]:
    """Return the ref that the pre-commit framework tells of; none where it does not run.

    It keeps git's standard input for itself, and tells of the first ref of a push only.

    Raises:
        InputError: it runs the hook, and tells of no ref: nothing could be judged.

    See: https://pre-commit.com/#pre-commit-during-push
    """
    if not environment.get("PRE_COMMIT"):
        return ()
    remote_ref = environment.get("PRE_COMMIT_REMOTE_BRANCH", "")
    local_ref = environment.get("PRE_COMMIT_LOCAL_BRANCH", "")
    if not remote_ref or not local_ref:
        raise InputError(
            "pre-commit names no pushed ref", where="PRE_COMMIT_REMOTE_BRANCH",
            expected="a push (`stages: [pre-push]`)",
            hint="`aigf check --base origin/main` judges without one",
        )  # fmt: skip
    return (
        PushedRef(
            local_ref=local_ref,
            local_id=environment.get("PRE_COMMIT_TO_REF") or local_ref,  # none: it has no parent
            remote_ref=remote_ref,
            remote_id=environment.get("PRE_COMMIT_FROM_REF") or "0" * 40,
        ),
    )


def read_received_refs(data: bytes) -> tuple[PushedRef, ...]:
    """Read what git writes to the pre-receive hook, which is never without a ref.

    Raises:
        InputError: a line has another form, or there is none.
    """
    text = data.decode(errors="surrogateescape")
    refs = []
    for line in text.removesuffix("\n").split("\n"):
        match = _RECEIVED.fullmatch(line)
        if match is None:
            raise InputError(
                repr(line), where="standard input", expected="`old-id new-id ref`",
                hint="git starts this hook: `exec aigf hook pre-receive` in hooks/pre-receive",
            )  # fmt: skip
        refs.append(
            PushedRef(
                local_ref=match["ref"],
                local_id=match["new"],
                remote_ref=match["ref"],
                remote_id=match["old"],
            )
        )
    return tuple(refs)
