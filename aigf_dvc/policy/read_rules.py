"""Reads the rules in one file of a policy: what every kind has, and the demand that is its own."""

from collections.abc import Callable, Mapping
from typing import Any

from aigf_dvc.close_names import close_names
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.model import ALL_GATES, ENGINE_RULE, Rule, Severity
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.scope import Scope, read_controls, read_environments, read_tier
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.strict_yaml import Path

_ID = lazy_pattern(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?\Z")
# What rules of every kind may have beside `id` and `kind`. Most of them have little of it, and a
# policy may have a thousand rules: only what is there is read.
_COMMON: Mapping[str, Callable[[Section, Scope], Any]] = {  # Any: each key has a type of its own
    "title": lambda section, _: section.text("title"),
    "severity": lambda section, _: section.choice("severity", Severity, Severity.DENY),
    "at": lambda section, _: section.choices("at", Gate, ALL_GATES),
    "effective_from": lambda section, _: section.day("effective_from"),
    "expires": lambda section, _: section.day("expires"),
    "remedy": lambda section, _: section.text("remedy"),
    "why": lambda section, _: section.text("why"),
    "tier": read_tier,
    "environments": read_environments,
    "controls": lambda section, _: read_controls(section),
    "waivable": lambda section, _: section.flag("waivable"),
}
_ID_FORM = "1 to 64 letters and digits, with . _ - / between them"


def read_rules(top: Section, scope: Scope) -> list[tuple[Rule, Path]]:
    """Return the rules under `rules:`, each with its path in the file."""
    placed: list[tuple[Rule, Path]] = []
    ids: set[str] = set()
    for section in top.sections("rules"):
        rule = _rule(section, scope)
        if rule is None:
            continue
        if rule.id and rule.id in ids:
            section.refuse("id", f"a second rule with the id `{rule.id}`", "each id once")
        ids.add(rule.id)
        placed.append((rule, section.path))
    return placed


def demand_id(section: Section, text: str) -> None:
    """Refuse the id of a policy or a rule that has another form than ids have."""
    if text and not _ID.match(text):
        section.refuse("id", f"the id {shown(text)}", _ID_FORM)


def _rule(section: Section, scope: Scope) -> Rule | None:
    """Return the rule of one section, or None when its kind is unknown."""
    name = section.text("id")
    demand_id(section, name)
    if name == ENGINE_RULE:
        section.refuse("id", f"the id `{name}`", "another one: this names the policy as a whole")
    kind_name = section.word("kind")
    kind = KINDS.get(kind_name)
    if kind is None:
        close = close_names(kind_name, KINDS)
        if kind_name:
            section.refuse(
                "kind",
                f"the unknown kind `{kind_name}`",
                f"one of {', '.join(KINDS)}",
                f"did you mean `{close[0]}`?" if close else "",
            )
        return None
    demand = kind.read(section)
    section.know(_COMMON)
    given = {key: _COMMON[key](section, scope) for key in section.names() if key in _COMMON}
    rule = Rule(id=name, kind=kind_name, demand=demand, **{"at": kind.at, **given})
    if rule.effective_from and rule.expires and rule.expires < rule.effective_from:
        section.refuse("expires", "it expires before it is effective", "a day after effective_from")
    section.finish()
    return rule
