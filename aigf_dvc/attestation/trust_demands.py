"""Reads what a trust file demands of every attestation, and tightens a judge's demands by it."""

from datetime import timedelta

from aigf_dvc.attestation.name_pattern import is_pattern, why_no_pattern
from aigf_dvc.attestation.trust import LogDemand, TrustDemands, Wish
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.lineage import TrustLevel
from aigf_dvc.policy.section import Section, shown

MOST_ATTESTERS = 16


def read_demands(top: Section) -> TrustDemands:
    """Read `demands:`; without it nothing is demanded of whoever may attest."""
    section = top.section("demands")
    if section is None:
        return TrustDemands()
    days = section.days("max_age")
    demands = TrustDemands(
        policies=_policies(section),
        attesters=_attesters(section),
        log=section.choice("transparency_log", LogDemand, LogDemand.OPTIONAL),
        timestamp=section.choice("timestamp", Wish, Wish.OPTIONAL),
        max_age=timedelta(days=days) if days is not None else None,
        min_trust=section.choice("min_trust", TrustLevel, TrustLevel.DECLARED),
        source_repositories=_repositories(section),
        revocations=section.choice("revocations", Wish, Wish.OPTIONAL),
        revocation_lists=(
            section.texts("revocation_lists") if section.has("revocation_lists") else ()
        ),
        releases=section.choice("releases", Wish, Wish.OPTIONAL),
    )
    section.finish()
    return demands


def read_digest(section: Section, key: str, text: str) -> Sha256 | None:
    """Return a digest such as `sha256:HEX`; note the problem when it has another form."""
    name, colon, value = text.partition(":")
    digest = as_sha256(value) if colon and name == "sha256" else None
    if digest is None:
        section.refuse(key, f"the digest {shown(text)}", "`sha256:` and 64 hexadecimal digits")
    return digest


def _policies(section: Section) -> frozenset[Sha256] | None:
    if not section.has("policies"):
        return None
    found = (read_digest(section, "policies", text) for text in section.texts("policies"))
    return frozenset(digest for digest in found if digest is not None)


def _attesters(section: Section) -> int:
    thresholds = section.section("thresholds")
    if thresholds is None:
        return 1
    number = thresholds.number("attest")
    thresholds.finish()
    if number is None:
        return 1
    if number != int(number) or not 1 <= number <= MOST_ATTESTERS:
        thresholds.refuse(
            "attest", f"the threshold {number}", f"a whole number from 1 to {MOST_ATTESTERS}"
        )
        return 1
    return int(number)


def _repositories(section: Section) -> tuple[str, ...]:
    found = section.text("source_repository", default="")
    problem = why_no_pattern(found) if is_pattern(found) else ""
    if problem:
        section.refuse(
            "source_repository",
            problem,
            "a plain address in which `*` stands for a part of one step",
        )
    return (found,) if found else ()
