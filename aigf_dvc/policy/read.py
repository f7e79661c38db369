"""Read a policy from its bytes: the typed form, or the short seed form, and its other files."""

from collections.abc import Iterable

from msgspec.structs import replace

from aigf_dvc.close_names import close_names
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.policy import seed_form
from aigf_dvc.policy.model import Policy, Rule, WaiverTerms, Written
from aigf_dvc.policy.parts import (
    EXTENDS,
    INCLUDES,
    OpenFile,
    Parts,
    Pin,
    ReadPart,
    no_parts,
    read_extends,
    read_includes,
)
from aigf_dvc.policy.read_rules import demand_id, read_rules
from aigf_dvc.policy.scope import Scope, inherited_scope, read_scope
from aigf_dvc.policy.section import Problems, Section, shown
from aigf_dvc.strict_yaml import Document, read_strict

SCHEMA = "https://aigf-dvc.readthedocs.io/policy/v1"

_FORMS = "`rules:`, or the short form with `required_metadata:` and `required_metrics:`"
_START = "start from policies/baseline.yaml: `aigf init` writes a copy"
_OF_THE_WHOLE = (EXTENDS, "expires", "waivers")  # keys that only a policy's own file may have

_Placed = tuple[Rule, Written]


def read_policy(data: bytes, *, path: str, read_part: ReadPart = no_parts) -> Policy:
    """Read a policy, YAML or JSON, in the typed form or the seed form, with all its parts.

    Args:
        data: the bytes of the policy's own file; their SHA-256 is the policy's digest.
        path: where they are from, for messages.
        read_part: reads the files that it includes or extends; by default there are none.

    Raises:
        InputError: the policy is not valid; each problem is named with its line and column.
        UndecidedError: a part of it cannot be read.
    """
    parts = Parts(read_part, path)
    policy = _read_file(parts.root(data), parts)
    return replace(policy, parts=parts.found)


def _read_file(file: OpenFile, parts: Parts) -> Policy:
    """Read a policy's own file, or the one that it extends."""
    top, document, problems = _open(file)
    typed = _is_typed(top)
    name = top.text("id", default=None if typed else "seed")
    demand_id(top, name)
    version = top.text("version", default=None if typed else "unversioned")
    description = top.text("description", default="")
    own = read_scope(top) if typed else Scope()
    extends = read_extends(top) if typed else None
    includes = read_includes(top) if typed else ()
    base = _read_file(parts.open(extends, file), parts) if extends is not None else None
    scope = inherited_scope(own, base)
    placed = _own_rules(top, document, scope)
    top.finish()
    problems.raise_any()
    for pin in includes:
        placed += _included(pin, file, scope=scope, parts=parts)
    _demand_different(placed)
    policy = Policy(
        id=name,
        version=version,
        sha256=sha256(file.data),
        path=file.where,
        description=description,
        rules=tuple(rule for rule, _ in placed),
        places={rule.id: written.place() for rule, written in placed},
        tiers=scope.tiers,
        environments=scope.environments,
        expires=scope.expires,
        waivers=scope.waivers or WaiverTerms(),
        written={rule.id: written for rule, written in placed},
        head=Written(document=document),
    )
    if base is None:
        return policy
    # It compares rules of all kinds, and few policies ask for that: every gate would pay.
    from aigf_dvc.policy.inheritance import tightened  # noqa: PLC0415

    return tightened(base, policy)


def _included(pin: Pin, by: OpenFile, *, scope: Scope, parts: Parts) -> list[_Placed]:
    """Read the rules of another file, under the tiers and environments of the policy's own."""
    file = parts.open(pin, by)
    top, document, problems = _open(file)
    typed = _is_typed(top)
    demand_id(top, top.text("id", default=""))
    top.text("version", default="")
    top.text("description", default="")
    if typed:
        _demand_scope_of(scope, top)
    includes = read_includes(top) if typed else ()
    placed = _own_rules(top, document, scope)
    top.finish()
    problems.raise_any()
    for other in includes:
        placed += _included(other, file, scope=scope, parts=parts)
    return placed


def _open(file: OpenFile) -> tuple[Section, Document, Problems]:
    document = read_strict(file.data, where=file.where, columns=True)
    _demand_one_form(document)
    problems = Problems(document)
    top = Section(document.value, (), problems)
    if _is_typed(top) and top.word("schema", default=SCHEMA) not in (SCHEMA, ""):
        top.refuse("schema", "an unknown schema", SCHEMA)
    return top, document, problems


def _is_typed(top: Section) -> bool:
    return not any(key in top.names() for key in seed_form.KEYS)


def _own_rules(top: Section, document: Document, scope: Scope) -> list[_Placed]:
    """Return the rules that stand in a file itself; one that names others may have none."""
    if not _is_typed(top):
        placed = seed_form.read_rules(top)
    elif top.has("rules") or not (top.has(INCLUDES) or top.has(EXTENDS)):
        placed = read_rules(top, scope)
    else:
        placed = []
    return [(rule, Written(document=document, path=at)) for rule, at in placed]


def _demand_scope_of(scope: Scope, top: Section) -> None:
    """Refuse what an included file says of the whole policy, unless that says the same."""
    for key in _OF_THE_WHOLE:
        if top.has(key):
            top.refuse(key, f"`{key}` in an included file", "it in the policy's own file")
    own = read_scope(top)
    for key, mine, whole in (
        ("tiers", own.tiers, scope.tiers),
        ("environments", own.environments, scope.environments),
    ):
        if mine and mine != whole:
            top.refuse(
                key,
                f"`{key}: [{', '.join(mine)}]` in an included file",
                f"those of the policy's own file: [{', '.join(whole)}]",
            )


def _demand_different(placed: Iterable[_Placed]) -> None:
    known: dict[str, Written] = {}
    for rule, written in placed:
        if rule.id in known:
            first = known[rule.id].place("id", column=True)
            raise InputError(
                f"a second rule with the id `{rule.id}`", where=written.place("id", column=True),
                expected="each id once", hint=f"the first one is at {first}",
            )  # fmt: skip
        known[rule.id] = written


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
    typed_keys = [key for key in ("rules", INCLUDES, EXTENDS) if key in value]
    if typed_keys and seed_keys:
        raise InputError(
            f"both `{typed_keys[0]}` and `{seed_keys[0]}`",
            where=document.place(seed_keys[0], column=True),
            expected="one form in one file",
            hint="write the demands of the short form as rules",
        )
    if not typed_keys and not seed_keys:
        close = [k for key in value for k in close_names(key, ("rules", *seed_form.KEYS))]
        raise InputError(
            f"no rules; the keys are {', '.join(list(value)[:6])}",
            where=document.where,
            expected=_FORMS,
            hint=f"did you mean `{close[0]}`?" if close else _START,
        )
