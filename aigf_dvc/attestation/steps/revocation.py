"""Step: nothing has revoked the attestation since, nor what it is about and rests on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.lists.at_hand import MadeFrom, RevocationCheck, UsedSigner
from aigf_dvc.attestation.lists.merged import all_revocations, silenced
from aigf_dvc.attestation.lists.revocations import Kind, Revocation
from aigf_dvc.attestation.lists.revoked import Asked, met
from aigf_dvc.attestation.steps.case import Case, Found, passed, skipped
from aigf_dvc.attestation.steps.freshness import CLOCK_SKEW
from aigf_dvc.attestation.steps.lists import doubts, hidden, read_from, undecided
from aigf_dvc.digests import Sha256, tree_digest
from aigf_dvc.errors import AigfError, RefusedError
from aigf_dvc.evidence.told_time import told_time


def take(case: Case) -> Found:
    """Look for the attestation, the model, its data and its signers in the lists.

    A revocation refuses, however old its list is; only that there is none needs a list of today.
    """
    check, required = case.demands.revocation, case.demands.revocation_required
    if check is None:
        if required:
            reasons = ["no list was given: --revocations FILE|STORE"]
            return undecided("whether it is revoked", reasons, required=True, override="")
        return skipped("no lists were given (--revocations)")
    lists = replace(check.lists, lists=silenced(check.lists.lists))
    entries = all_revocations(lists.lists)
    asked, gaps = _asked(case, check, entries)
    found = met(entries, asked)
    if found.hits:
        raise RefusedError("\n".join(found.hits))
    at = case.demands.at
    reasons = [*doubts(lists, at), *_of_the_future(entries, at), *gaps]
    notes = [f"note: {note}" for note in (*found.notes, *check.lists.notes)]
    if reasons:
        reasons += notes
        required = required or bool(hidden(lists))
        return undecided(
            "whether it is revoked", reasons, required=required, override=check.override
        )
    return passed("\n".join([f"not revoked: {read_from(lists.lists)}", *notes]))


def _asked(
    case: Case, check: RevocationCheck, entries: Sequence[Revocation]
) -> tuple[Asked, tuple[str, ...]]:
    """Return what to look for, and what could not be looked into although entries are about it."""
    kinds = {entry.target.kind for entry in entries}
    digests: dict[str, str] = {}
    signers = [UsedSigner(role="its signer", facts=case.signer)]
    gaps: list[str] = []
    try:
        if kinds & {Kind.DATA, Kind.MODEL}:
            made_from = check.made_from(case.deployment, check.beside)
            digests |= made_from.digests
            gaps += (*made_from.unknown, *_unseen(made_from, entries))
        if Kind.SIGNER in kinds:
            signers += check.signers(case.deployment, check.beside)
    except AigfError as error:
        gaps.append(str(error))
    digests |= _own_digests(case)
    asked = Asked(attestation=case.digest, digests=digests, signers=signers, at=case.demands.at)
    return asked, tuple(gaps)


def _unseen(made_from: MadeFrom, entries: Sequence[Revocation]) -> Iterator[str]:
    """Yield the data that may be revoked without anybody here being able to tell."""
    if any(e.target.kind is Kind.DATA and not e.target.md5 and not e.lifted for e in entries):
        for name in made_from.only_md5:
            yield f"data is revoked by its SHA-256, and nobody knows that of {name!r:.200}"


def _of_the_future(entries: Sequence[Revocation], at: datetime) -> Iterator[str]:
    """Yield changes that nobody can have made yet: they would outdo whatever comes until then."""
    for entry in entries:
        if entry.latest > at + CLOCK_SKEW:
            yield f"{entry.target} was changed in the future, on {told_time(entry.latest)}"


def _own_digests(case: Case) -> Mapping[str, str]:
    files = case.artifact
    named = {f"sha256:{file.sha256}": f"the model's file {file.name!r:.100}" for file in files}
    return named | {f"sha256:{model_key(case)}": "the model"}


def model_key(case: Case) -> Sha256:
    """Return the digest of the artifact: of its file, or the tree digest of its files."""
    files = case.artifact
    if case.deployment.kind is ModelKind.FILE and len(files) == 1:
        return files[0].sha256
    return tree_digest((file.name.encode(), file.sha256) for file in files)
