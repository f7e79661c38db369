"""What the commands that write signed lists share: the last ones, the question, the place."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.list_memory import ListMemory, default_file
from aigf_dvc.actions.list_places import is_store
from aigf_dvc.actions.next_list import demand_complete
from aigf_dvc.actions.signed_lists import ListKind, gather
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.attestation.lists.at_hand import AtHand
from aigf_dvc.attestation.lists.head import Content
from aigf_dvc.canonical import loads, pretty
from aigf_dvc.cli.ages import age
from aigf_dvc.cli.list_options import OneKind, state_option
from aigf_dvc.cli.lists import keep_numbers, list_signers
from aigf_dvc.cli.options import FILE, Options, talk, with_options, writable
from aigf_dvc.cli.own_key import own_key
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.list_signers import ListSigners
from aigf_dvc.signing.trusted import Trust
from aigf_dvc.stores.layout import Stored
from aigf_dvc.stores.open import open_store

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class WritingOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about a list that is to be written."""

    place: str
    good_for: timedelta
    keys: tuple[Path, ...] = ()  # of others who sign it, too
    new: bool = False
    yes: bool = False
    output: Path | None = None
    state: Path | None = None


def writing_options(key_option: str, *, good_for: str) -> Callable[[_Command], Callable[..., Any]]:
    """Add the options of a command that writes a list; it gets them as `writing`.

    Args:
        key_option: names the public keys of others who sign it.
        good_for: how long a list counts by default.
    """

    def add(command: _Command) -> Callable[..., Any]:
        @wraps(command)
        def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
            writing = WritingOptions(
                place=given.pop("place"),
                good_for=given.pop("good_for"),
                keys=given.pop("list_keys"),
                new=given.pop("new"),
                yes=given.pop("yes"),
                output=given.pop("output"),
                state=given.pop("state"),
            )
            return command(writing=writing, **given)

        return with_options(gathered, _options(key_option, good_for))

    return add


def all_signers(
    writing: WritingOptions, kind: ListKind[Content], signing: SignerOptions, trust: Trust | None
) -> ListSigners:
    """Return all who may sign a list as the caller says; their own key is among them."""
    signers = list_signers(trust, OneKind(keys=writing.keys), kind)
    return replace(signers, keys=(*own_key(signing), *signers.keys))


def last_lists(
    writing: WritingOptions, kind: ListKind[Content], signers: ListSigners, *, at: datetime
) -> AtHand[Content]:
    """Return the lists so far, by whomever the caller trusts.

    Raises:
        InputError: there are lists, and none by anybody whom the caller trusts.
        UndecidedError: the numbers of the lists seen before are damaged, or a list is gone.
    """
    is_there = is_store(writing.place) or Path(writing.place).exists()
    memory = ListMemory(writing.state or default_file())
    known = gather(
        (writing.place,) if is_there else (),
        kind,
        signers,
        today=at.date(),
        remembered=memory.seen(kind.predicate_type, signers.knows),
    )
    if known.others and not known.lists and not writing.new:
        raise InputError(
            f"{known.others} lists, and none by anybody whom you trust", where=writing.place,
            expected=f"--trust FILE with the role `{kind.role}`, or {kind.key_option} FILE",
            hint="--new begins a list of your own beside them",
        )  # fmt: skip
    if not writing.new:
        demand_complete(known)
    for note in known.notes:
        talk(f"aigf: warning: {note}")
    keep_numbers(known, kind, memory)
    return known


def confirm(writing: WritingOptions) -> None:
    """Ask whether to sign; leave when the answer is no."""
    if writing.yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here: read what is signed, then give --yes.")
    if not click.confirm("Sign it?", err=True):
        talk("not signed")
        sys.exit(RefusedError.exit_code)


def keep(writing: WritingOptions, stored: Stored, payload: bytes, form: str) -> None:
    """Write the signed list where the caller wants it, and say so."""
    if writing.output is not None or not is_store(writing.place):
        path = writing.output or Path(writing.place)
        write_atomically(path, stored.data)
        place = str(path)
    else:
        store = open_store(writing.place)
        store.add((stored,))
        place = f"{store.place} as {stored.name}"
    if form == "json":
        document = {"place": place, "statement": loads(payload, where="statement")}
        click.echo(pretty(document))
    talk(f"signed, kept in {place}")
    if writing.output is None and writing.place == "git":
        talk("`aigf push` sends it to where others look")


def _options(key_option: str, good_for: str) -> Options:
    return (
        click.option(
            "--list", "place", default="git", show_default=True, metavar="FILE|STORE",
            help="Where the list is: `git`, `git:PATH`, a folder, or a file. It is kept there.",
        ),
        click.option(
            "--output", type=FILE, callback=writable, metavar="FILE",
            help="Write the new one here instead.",
        ),
        click.option(
            key_option, "list_keys", type=FILE, multiple=True, metavar="FILE",
            help="The public key of somebody who signs this list, too; yours counts anyway.",
        ),
        click.option("--new", is_flag=True, help="Begin a list beside those of people unknown."),
        click.option(
            "--next-update", "good_for", callback=age, default=good_for, show_default=True,
            metavar="AGE", help="How long it counts: judges who demand a list want one after that.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask before signing."),
        state_option,
    )  # fmt: skip
