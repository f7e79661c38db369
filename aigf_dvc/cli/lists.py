"""Opens the signed lists that a caller named, and keeps their numbers for the next time."""

from collections.abc import Iterator, Mapping, Sequence

import click
from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.actions.consents import Consents
from aigf_dvc.actions.list_memory import ListMemory, default_file
from aigf_dvc.actions.signed_lists import RELEASING, REVOKING, ListKind, gather
from aigf_dvc.actions.used_signers import used_signers
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.at_hand import AtHand, ReleaseCheck, RevocationCheck
from aigf_dvc.attestation.lists.head import Content
from aigf_dvc.attestation.lists.made_from import made_from
from aigf_dvc.attestation.lists.merged import all_revocations
from aigf_dvc.attestation.lists.revoked import signer_revoked
from aigf_dvc.cli.list_options import ListOptions, OneKind
from aigf_dvc.cli.options import talk
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import UndecidedError
from aigf_dvc.signing.list_signers import Anybody, ListSigners, in_role, named_key
from aigf_dvc.signing.observers import Observer
from aigf_dvc.signing.trusted import Trust


class ListJudge(Struct, frozen=True, kw_only=True):
    """What the lists are judged with."""

    consents: Consents | None  # by the judge's trust file; None: there is none
    observers: Sequence[Observer]
    beside: Mapping[Sha256, bytes]  # evidence, by its digest
    store: str | None  # where the attestation came from

    @property
    def trust(self) -> Trust | None:
        """Return the judge's trust file."""
        return self.consents.trust if self.consents is not None else None

    @property
    def demanded(self) -> tuple[str, ...]:
        """Return the ids of the revocation lists that the trust file demands."""
        return self.trust.file.demands.revocation_lists if self.trust is not None else ()


def with_lists(
    demands: Demands, options: ListOptions, judge: ListJudge
) -> tuple[Demands, Consents | None]:
    """Return the demands with the lists that the caller named, and the consents that they leave.

    The numbers of the lists are kept for the next time.

    Raises:
        click.UsageError: nobody is named who may sign them.
        InputError: a key or a trusted root cannot be read.
    """
    memory = ListMemory(options.state or default_file())
    asked = options.revocations
    if asked or demands.revocation_required:
        lists = _open(asked, REVOKING, demands, judge, memory)
        lists = replace(lists, demanded=judge.demanded)
        anybody = Anybody(trust=judge.trust, others=judge.observers)
        check = RevocationCheck(
            lists=lists,
            made_from=made_from,
            signers=lambda deployment, beside: used_signers(deployment, beside, anybody.who),
            beside=judge.beside,
            override=asked.override,
        )
        required = asked.required or demands.revocation_required
        demands = replace(demands, revocation=check, revocation_required=required)
    asked = options.releases
    if asked or demands.release_required:
        index = _open(asked, RELEASING, demands, judge, memory)
        required = asked.required or demands.release_required
        check_release = ReleaseCheck(lists=index, override=asked.override)
        demands = replace(demands, release=check_release, release_required=required)
    return demands, _without_revoked(judge.consents, demands)


def _without_revoked(consents: Consents | None, demands: Demands) -> Consents | None:
    """Return the consents without those whose signers the lists revoke."""
    if consents is None or demands.revocation is None:
        return consents
    entries, at = all_revocations(demands.revocation.lists.lists), demands.at
    return replace(consents, revoked=lambda facts: signer_revoked(entries, facts, at))


def keep_numbers(found: AtHand[Content], kind: ListKind[Content], memory: ListMemory) -> None:
    """Keep the numbers of lists of one kind; where that fails, say so and go on."""
    try:
        memory.note(kind.predicate_type, (one for one in found.seen if not one.silent))
    except UndecidedError:
        return  # whoever read the file has told it
    except OSError as error:
        talk(
            f"note: the numbers of the lists cannot be kept ({error.strerror}): "
            f"an old list will not be noticed the next time; --state FILE keeps them elsewhere"
        )


def list_signers(trust: Trust | None, asked: OneKind, kind: ListKind[Content]) -> ListSigners:
    """Return who may sign lists of a kind.

    Raises:
        InputError: a key cannot be read.
    """
    keys = (named_key(read_file(path), where=str(path)) for path in asked.keys)
    return ListSigners(lines=in_role(trust, kind.role), keys=tuple(keys))


def _open(
    asked: OneKind,
    kind: ListKind[Content],
    demands: Demands,
    judge: ListJudge,
    memory: ListMemory,
) -> AtHand[Content]:
    if judge.trust is None and not asked.keys:
        raise click.UsageError(
            f"Say who may sign a {kind.called}: {kind.key_option} FILE, or --trust FILE with "
            f"the role `{kind.role}`."
        )
    signers = list_signers(judge.trust, asked, kind)
    places = asked.places or ((judge.store,) if judge.store is not None else ())
    problems = tuple(_nothing(signers, places, kind))
    try:
        remembered = memory.seen(kind.predicate_type, signers.knows)
    except UndecidedError as error:
        remembered, problems = (), (*problems, str(error))
    found = gather(places, kind, signers, today=demands.at.date(), remembered=remembered)
    keep_numbers(found, kind, memory)
    return replace(found, problems=(*problems, *found.problems))


def _nothing(signers: ListSigners, places: Sequence[str], kind: ListKind[Content]) -> Iterator[str]:
    if not signers:
        yield f"nobody in your trust file has the role `{kind.role}`"
    if not places:
        yield f"no {kind.called} was given"
