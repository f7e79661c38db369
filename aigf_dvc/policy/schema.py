"""The JSON Schema of a policy: the kinds' own keys, and those that every rule and policy has.

A schema sees one file and one value at a time. What it cannot express, the reader refuses beyond
it: see `BEYOND`.
"""

from collections.abc import Mapping

from aigf_dvc.canonical import Json
from aigf_dvc.policy import seed_form
from aigf_dvc.policy.key_forms import DAY, FLAG, NUMBER, PERIOD, TEXT, TEXTS, key, one_of, some_of
from aigf_dvc.policy.model import Kind, Severity
from aigf_dvc.policy.parts import EXTENDS, INCLUDES
from aigf_dvc.policy.read import SCHEMA
from aigf_dvc.policy.verdict import Gate, Strength

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ADDRESS = "https://aigf-dvc.readthedocs.io/schemas/policy-v1.schema.json"
# Blanks around a word are the reader's to drop.
_ID: Mapping[str, Json] = {
    "type": "string",
    "pattern": r"^\s*[A-Za-z0-9]([A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?\s*$",
}
_WORD: Mapping[str, Json] = {
    "type": "string",
    "pattern": r"^\s*[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?\s*$",
}
_WORDS: Mapping[str, Json] = {"type": "array", "items": _WORD, "minItems": 1, "uniqueItems": True}

BEYOND = (
    "that each id stands once, and none is `policy`",
    "that a rule names tiers and environments of this policy",
    "that a day is in the calendar, and a rule does not expire before it is effective",
    "that `min` is not above `max`, and a metric rule has one of them",
    "that `tolerance` stands beside `min_trust: reproduced`",
    "that waivers last at most 366 days",
    "that a part is there and has its SHA-256, and that what extends a policy only tightens it",
    "keys given twice, anchors, aliases, tags, ambiguous words: how the YAML is written",
)

RULE_KEYS: Mapping[str, Mapping[str, Json]] = {
    "id": key(_ID, "The rule's name, once in a policy: verdicts and waivers refer to it."),
    "kind": key(TEXT, "What the rule is about: `aigf policy explain` lists the kinds."),
    "title": key(TEXT, "A name for people."),
    "why": key(TEXT, "Why the rule exists; shown with every finding."),
    "severity": key(
        one_of(Severity), "`deny`, or `warn`: reported, but the model passes.", default="deny"
    ),
    "at": key(
        some_of(Gate),
        "The first gates that judge the rule. `attest` and `deploy` judge every rule.",
        default=[gate.value for gate in Gate],
    ),
    "tier": key(_WORD, "The lowest risk tier that the rule is for; all tiers by default."),
    "environments": key(_WORDS, "The environments that the rule is for; all by default."),
    "effective_from": key(DAY, "The first day (UTC) on which it denies; before, it warns."),
    "expires": key(DAY, "The last day (UTC) on which it is judged."),
    "remedy": key(TEXT, "What to do when it denies, in your words instead of ours."),
    "controls": key(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {
                "pattern": r"^[a-z0-9-]{1,32}:[A-Za-z0-9][A-Za-z0-9._()-]{0,63}$",
            },
            "additionalProperties": one_of(Strength),
        },
        "What the rule evidences: `FRAMEWORK:ID`, and how far: direct, partial or exists.",
    ),
    "waivable": key(FLAG, "Whether a signed waiver can except a model from it.", default=True),
}
"""The keys that a rule of any kind may have."""

_PIN: Mapping[str, Json] = {
    "type": "object",
    "properties": {
        "path": key(TEXT, "The file, relative to this one, in this folder or below."),
        "sha256": key(
            {"type": "string", "pattern": r"^\s*[0-9a-f]{64}\s*$"}, "The SHA-256 of its bytes."
        ),
    },
    "required": ["path", "sha256"],
    "additionalProperties": False,
}

POLICY_KEYS: Mapping[str, Mapping[str, Json]] = {
    "schema": key({"const": SCHEMA}, "The version of this vocabulary.", default=SCHEMA),
    "id": key(_ID, "The policy's name."),
    "version": key(TEXT, "The policy's version, in quotes."),
    "description": key(TEXT, "What the policy is for."),
    "tiers": key(
        _WORDS,
        "Risk tiers from the lowest to the highest; each has the rules of those below. "
        "A model whose card names no `risk_tier` has the highest.",
    ),
    "environments": key(_WORDS, "The known environments; any by default."),
    "expires": key(DAY, "The last day (UTC) on which the policy lets anything pass."),
    "waivers": key(
        {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "max_duration": key(PERIOD, "The longest waiver, up to 366d.", default="90d"),
                "roles": key(TEXTS, "The roles in which a waiver may be signed."),
            },
            "additionalProperties": False,
        },
        "What a waiver must be like to count.",
    ),
    EXTENDS: key(_PIN, "A policy that this one may only tighten: it has all its rules, too."),
    INCLUDES: key(
        {"type": "array", "items": _PIN, "minItems": 1}, "Files whose rules belong to this policy."
    ),
}
"""The keys of a policy in the full form, beside `rules`."""

SEED_KEYS: Mapping[str, Mapping[str, Json]] = {
    **{name: POLICY_KEYS[name] for name in ("id", "version", "description")},
    seed_form.FIELDS_KEY: key(TEXTS, "Fields that the model card must fill in."),
    seed_form.METRICS_KEY: key(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"[\s\S]_(min|max)$"},
            "additionalProperties": NUMBER,
        },
        "Limits of metrics: the metric's name with `_min` or `_max`.",
    ),
}
"""The keys of a policy in the short form."""


def policy_schema(kinds: Mapping[str, Kind]) -> dict[str, Json]:
    """Return the JSON Schema (2020-12) of a policy that may use some kinds of rule."""
    return {
        "$schema": _DIALECT,
        "$id": _ADDRESS,
        "title": "Policy",
        "description": "What a model must show before it is deployed.",
        "type": "object",
        "if": _any_of(seed_form.KEYS),
        "then": {"$ref": "#/$defs/short"},
        "else": {"$ref": "#/$defs/full"},
        "$defs": {
            "full": {
                **_closed({**POLICY_KEYS, "rules": _rules(kinds)}, required=("id", "version")),
                **_any_of(("rules", INCLUDES, EXTENDS)),
            },
            "short": _closed(SEED_KEYS, required=()),
            **{kind.name: _rule(kind) for kind in kinds.values()},
        },
    }


def _any_of(keys: tuple[str, ...]) -> dict[str, Json]:
    return {"anyOf": [{"required": [name]} for name in keys]}


def _rules(kinds: Mapping[str, Kind]) -> dict[str, Json]:
    """Return the schema of the list of rules: the kind of each chooses the keys it may have."""
    chosen: list[Json] = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": name}}},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in kinds
    ]
    rule: dict[str, Json] = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {"kind": {"enum": list(kinds)}},
        "allOf": chosen,
    }
    return {"type": "array", "minItems": 1, "items": rule, "description": "The rules."}


def _rule(kind: Kind) -> dict[str, Json]:
    keys = {**RULE_KEYS, "kind": {"const": kind.name}, **kind.schema}
    return _closed(keys, required=("id", "kind", *kind.required))


def _closed(keys: Mapping[str, Json], *, required: tuple[str, ...]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": dict(keys),
        "required": list(required),
        "additionalProperties": False,
    }
