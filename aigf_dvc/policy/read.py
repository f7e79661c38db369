"""Read a policy from its bytes: the typed form, or the short seed form."""

import re
from difflib import get_close_matches

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.policy import seed_form
from aigf_dvc.policy.model import ENGINE_RULE, Policy, Rule, Severity
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.scope import (
    Scope,
    read_controls,
    read_environments,
    read_scope,
    read_tier,
)
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.strict_yaml import Document, Path, read_strict

SCHEMA = "https://aigf-dvc.readthedocs.io/policy/v1"

_ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?\Z")
_ID_FORM = "1 to 64 letters and digits, with . _ - / between them"
_FORMS = "`rules:`, or the short form with `required_metadata:` and `required_metrics:`"
_START = "start from policies/baseline.yaml: `aigf init` writes a copy"


def read_policy(data: bytes, *, path: str) -> Policy:
    """Read a policy, YAML or JSON, in the typed form or the seed form.

    Args:
        data: the bytes of the file; their SHA-256 is the policy's digest.
        path: where they are from, for messages.

    Raises:
        InputError: the policy is not valid; the message names every problem with its line.
    """
    document = read_strict(data, where=path)
    _demand_one_form(document)
    problems = Problems(document)
    top = Section(document.value, (), problems)
    typed = "rules" in document.value
    if typed and top.text("schema", default=SCHEMA) not in (SCHEMA, ""):
        top.refuse("schema", "an unknown schema", SCHEMA)
    name = top.text("id", default=None if typed else "seed")
    _demand_id(top, name)
    version = top.text("version", default=None if typed else "unversioned")
    description = top.text("description", default="")
    scope = read_scope(top) if typed else Scope()
    placed = _rules(top, scope) if typed else seed_form.read_rules(top)
    top.finish()
    problems.raise_any()
    return Policy(
        id=name,
        version=version,
        sha256=sha256(data),
        path=path,
        description=description,
        rules=tuple(rule for rule, _ in placed),
        places={rule.id: document.place(*at) for rule, at in placed},
        tiers=scope.tiers,
        environments=scope.environments,
        expires=scope.expires,
        waivers=scope.waivers,
    )


def _demand_one_form(document: Document) -> None:
    value = document.value
    if not isinstance(value, dict) or not value:
        raise InputError(
            "the file is empty" if value is None else f"the policy is {shown(value)}",
            where=document.where,
            expected=f"a mapping with {_FORMS}",
            hint=_START,
        )
    seed_keys = [key for key in seed_form.KEYS if key in value]
    if "rules" in value and seed_keys:
        raise InputError(
            f"both `rules` and `{seed_keys[0]}`",
            where=document.place(seed_keys[0]),
            expected="one form in one file",
            hint="write the demands of the short form as rules",
        )
    if "rules" not in value and not seed_keys:
        close = [
            k for key in value for k in get_close_matches(key, ("rules", *seed_form.KEYS), n=1)
        ]
        raise InputError(
            f"no rules; the keys are {', '.join(list(value)[:6])}",
            where=document.where,
            expected=_FORMS,
            hint=f"did you mean `{close[0]}`?" if close else _START,
        )


def _demand_id(section: Section, text: str) -> None:
    if text and not _ID.match(text):
        section.refuse("id", f"the id {shown(text)}", _ID_FORM)


def _rules(top: Section, scope: Scope) -> list[tuple[Rule, Path]]:
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


def _rule(section: Section, scope: Scope) -> Rule | None:
    """Return the rule of one section, or None when its kind is unknown."""
    name = section.text("id")
    _demand_id(section, name)
    if name == ENGINE_RULE:
        section.refuse("id", f"the id `{name}`", "another one: this names the policy as a whole")
    kind_name = section.text("kind")
    kind = KINDS.get(kind_name)
    if kind is None:
        close = get_close_matches(kind_name, KINDS, n=1)
        if kind_name:
            section.refuse(
                "kind",
                f"the unknown kind `{kind_name}`",
                f"one of {', '.join(KINDS)}",
                f"did you mean `{close[0]}`?" if close else "",
            )
        return None
    rule = Rule(
        id=name,
        kind=kind_name,
        demand=kind.read(section),
        title=section.text("title", default=""),
        severity=section.choice("severity", Severity, Severity.DENY),
        at=section.choices("at", Gate, kind.at),
        effective_from=section.day("effective_from"),
        expires=section.day("expires"),
        remedy=section.text("remedy", default=""),
        why=section.text("why", default=""),
        tier=read_tier(section, scope),
        environments=read_environments(section, scope),
        controls=read_controls(section),
        waivable=section.flag("waivable", default=True),
    )
    if rule.effective_from and rule.expires and rule.expires < rule.effective_from:
        section.refuse("expires", "it expires before it is effective", "a day after effective_from")
    section.finish()
    return rule
