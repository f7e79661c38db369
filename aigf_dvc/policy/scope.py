"""Reads where a policy and its rules apply: tiers, environments, terms of waivers, controls."""

from datetime import date

from msgspec import Struct

from aigf_dvc.close_names import close_names
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.model import Policy, WaiverTerms
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Control, Strength

_WORD = lazy_pattern(r"[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?\Z")
_WORD_FORM = "1 to 32 lower-case letters and digits, with _ - between them"
_CONTROL = lazy_pattern(r"[a-z0-9-]{1,32}:[A-Za-z0-9][A-Za-z0-9._()-]{0,63}\Z")
_LONGEST_WAIVER = 366
_MOST_WORDS = 100  # tiers or environments


class Scope(Struct, frozen=True, kw_only=True):
    """What a policy says of itself as a whole, beside its rules."""

    tiers: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    expires: date | None = None
    waivers: WaiverTerms | None = None  # None: it says nothing of them


def read_scope(top: Section) -> Scope:
    """Read the keys of a policy that are about all its rules."""
    return Scope(
        tiers=_words(top, "tiers"),
        environments=_words(top, "environments"),
        expires=top.day("expires"),
        waivers=_waivers(top.section("waivers")),
    )


def inherited_scope(own: Scope, base: Policy | None) -> Scope:
    """Return what a policy says as a whole; where it says nothing, what the other one says."""
    if base is None:
        return own
    return Scope(
        tiers=own.tiers or base.tiers,
        environments=own.environments or base.environments,
        expires=own.expires or base.expires,
        waivers=own.waivers or base.waivers,
    )


def read_tier(section: Section, scope: Scope) -> str:
    """Read the lowest tier that a rule applies to."""
    name = section.text("tier", default="")
    if name and name not in scope.tiers:
        _refuse_unknown(section, "tier", name, scope.tiers)
    return name


def read_environments(section: Section, scope: Scope) -> tuple[str, ...]:
    """Read the environments that a rule applies to."""
    names = _words(section, "environments")
    for name in names:
        if name not in scope.environments:
            _refuse_unknown(section, "environments", name, scope.environments)
    return names


def read_controls(section: Section) -> tuple[Control, ...]:
    """Read which controls a rule evidences, and how far."""
    controls = section.section("controls")
    found = []
    for name in controls.names() if controls is not None else ():
        if controls is None or not _CONTROL.match(name):
            section.refuse(
                "controls", f"the control {shown(name)}",
                "FRAMEWORK:ID, such as `eu-ai-act:annex-iv-2-g`",
            )  # fmt: skip
            continue
        strength = controls.choice(name, Strength, None)
        if strength is not None:
            found.append(Control(id=name, strength=strength))
    return tuple(found)


def _words(section: Section, key: str) -> tuple[str, ...]:
    words = section.texts(key) if section.has(key) else ()
    if len(words) > _MOST_WORDS:
        section.refuse(key, f"{len(words)} names", f"at most {_MOST_WORDS}")
        return ()
    for word in words:
        if not _WORD.match(word):
            section.refuse(key, f"the name {shown(word)}", _WORD_FORM)
    return words


def _waivers(section: Section | None) -> WaiverTerms | None:
    if section is None:
        return None
    days = section.days("max_duration")
    if days is not None and days > _LONGEST_WAIVER:
        section.refuse("max_duration", f"{days} days", f"at most {_LONGEST_WAIVER}d")
    roles = section.texts("roles") if section.has("roles") else ()
    section.finish()
    return WaiverTerms(max_days=days or WaiverTerms().max_days, roles=roles)


def _refuse_unknown(section: Section, key: str, name: str, known: tuple[str, ...]) -> None:
    close = close_names(name, known)
    top = "tiers" if key == "tier" else key
    section.refuse(
        key,
        f"the unknown {key.removesuffix('s')} {shown(name)}",
        f"one of {', '.join(known)}" if known else f"`{top}:` at the top of the policy names it",
        f"did you mean `{close[0]}`?" if close else "",
    )
