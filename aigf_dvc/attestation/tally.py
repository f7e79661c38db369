"""Counts by how many different owners an artifact is attested."""

from collections.abc import Sequence

from aigf_dvc.attestation.verification import SignerFacts, Verification


def owners_of(verifications: Sequence[Verification]) -> tuple[str, ...]:
    """Return who attested an artifact, in accepted verifications; two keys of one owner are one.

    What one key or identity signed counts once, too, even where lines of several owners match it.
    """
    return owners_among([o.signer for o in verifications if o.accepted and o.signer is not None])


def owners_among(signers: Sequence[SignerFacts]) -> tuple[str, ...]:
    """Return who signed; two keys of one owner are one, and one key of several owners is one."""
    groups: list[tuple[str, set[str]]] = []  # who, and by what they are known
    for signer in signers:
        owner = signer.line.owner if signer.line is not None else signer.name
        marks = {f"owner {owner}", f"signer {signer.kind} {signer.issuer} {signer.name}"}
        same = [group for group in groups if not marks.isdisjoint(group[1])]
        joined = (same[0][0] if same else owner, marks.union(*(known for _, known in same)))
        groups = [group for group in groups if group not in same] + [joined]
    return tuple(name for name, _ in groups)
