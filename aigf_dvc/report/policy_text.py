"""A policy as it works, rule by rule: as text for people, as JSON, and as one policy file."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from json import dumps

from aigf_dvc.canonical import Json, as_json
from aigf_dvc.policy.model import Policy, Rule, Severity, WaiverTerms
from aigf_dvc.policy.read import SCHEMA
from aigf_dvc.policy.rules.metric import MetricLimits
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.policy.words import demanded_by
from aigf_dvc.report.visible import visible

_LABEL = 10


def policy_text(policy: Policy, *, color: bool) -> str:
    """Return every rule: where it stands, what it demands, and when it is judged."""
    return "\n".join(_lines(policy, color=color))


def _lines(policy: Policy, *, color: bool) -> Iterator[str]:
    yield _bold(visible(f"policy {policy.id} {policy.version}"), color=color)
    yield from _parts(
        {
            "what for": policy.description,
            "file": f"{policy.path}  sha256:{policy.sha256}",
            **{f"part {n}": f"{part.path}  sha256:{part.sha256}"
               for n, part in enumerate(policy.parts, 1)},
            "tiers": " < ".join(policy.tiers),
            "runs in": ", ".join(policy.environments),
            "expires": str(policy.expires or ""),
            "waivers": _waivers(policy.waivers),
        }
    )  # fmt: skip
    for rule in policy.rules:
        yield ""
        heading = _bold(visible(rule.id), color=color)
        yield f"{heading} ({rule.kind})  {visible(policy.places.get(rule.id, policy.path))}"
        yield from _parts(_facts(rule))
    yield ""
    yield f"{len(policy.rules)} rule{'' if len(policy.rules) == 1 else 's'}"


def _facts(rule: Rule) -> dict[str, str]:
    since = f" from {rule.effective_from}, warns until then" if rule.effective_from else ""
    until = f", judged until {rule.expires}" if rule.expires else ""
    action = "denies" if rule.severity is Severity.DENY else "warns"
    return {
        "title": rule.title,
        "demands": demanded_by(rule),
        "effect": f"{action}{since if rule.severity is Severity.DENY else ''}{until}"
        + ("" if rule.waivable else ", never waived"),
        "for": ", ".join(
            [
                f"tier {rule.tier} and higher" if rule.tier else "every tier",
                " and ".join(rule.environments) or "every environment",
            ]
        ),
        "first at": ", ".join(rule.at),
        "controls": ", ".join(f"{c.id} ({c.strength})" for c in rule.controls),
        "why": rule.why,
        "remedy": rule.remedy,
    }


def _parts(facts: Mapping[str, str]) -> Iterator[str]:
    for label, text in facts.items():
        if text:
            yield f"  {label:<{_LABEL}}{visible(' '.join(text.split()))}"


def _waivers(terms: WaiverTerms) -> str:
    roles = f", signed as {' or '.join(terms.roles)}" if terms.roles else ""
    return f"for at most {terms.max_days} days{roles}"


def _bold(text: str, *, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def policy_as_json(policy: Policy) -> Json:
    """Return the policy, and each rule with its settings, its place and its demand in words."""
    return {
        "id": policy.id,
        "version": policy.version,
        "description": policy.description,
        "path": policy.path,
        "digest": {"sha256": policy.sha256},
        "parts": [{"path": part.path, "digest": {"sha256": part.sha256}} for part in policy.parts],
        "tiers": list(policy.tiers),
        "environments": list(policy.environments),
        "expires": policy.expires.isoformat() if policy.expires else None,
        "waivers": {
            "maxDurationDays": policy.waivers.max_days,
            "roles": list(policy.waivers.roles),
        },
        "rules": [_rule_as_json(rule, policy) for rule in policy.rules],
    }


def _rule_as_json(rule: Rule, policy: Policy) -> Json:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "place": policy.places.get(rule.id, policy.path),
        "demands": demanded_by(rule),
        "severity": rule.severity.value,
        "at": [gate.value for gate in rule.at],
        "tier": rule.tier,
        "environments": list(rule.environments),
        "effectiveFrom": rule.effective_from.isoformat() if rule.effective_from else None,
        "expires": rule.expires.isoformat() if rule.expires else None,
        "waivable": rule.waivable,
        "controls": {control.id: control.strength.value for control in rule.controls},
        "title": rule.title,
        "why": rule.why,
        "remedy": rule.remedy,
        "written": as_json(_written(rule, policy)),
    }


def policy_as_yaml(policy: Policy) -> str:
    """Return one policy file that means the same, without parts; its digest is another one."""
    terms = policy.waivers
    top: dict[str, object] = {
        "schema": SCHEMA,
        "id": policy.id,
        "version": policy.version,
        "description": policy.description,
        "tiers": list(policy.tiers),
        "environments": list(policy.environments),
        "expires": policy.expires.isoformat() if policy.expires else "",
        "waivers": {"max_duration": f"{terms.max_days}d"}
        | ({"roles": list(terms.roles)} if terms.roles else {}),
    }
    lines = [f"# {visible(policy.path)}, sha256:{policy.sha256}, with all its parts"]
    lines += [f"{key}: {_yaml(value)}" for key, value in top.items() if value]
    lines.append("rules:")
    for rule in policy.rules:
        for number, (key, value) in enumerate(_written(rule, policy).items()):
            lines.append(f"  {' ' if number else '-'} {key}: {_yaml(value)}")
    return "\n".join(lines)


def _written(rule: Rule, policy: Policy) -> dict[str, object]:
    """Return a rule as its file has it; one of the short form as the full form would."""
    written = policy.written.get(rule.id)
    value = written.value() if written is not None else None
    if isinstance(value, dict):
        return value
    named: dict[str, object] = {"id": rule.id, "kind": rule.kind}
    demand = rule.demand
    if isinstance(demand, RequiredFields):
        return named | {"fields": list(demand.fields)}
    if isinstance(demand, MetricLimits):
        limits = {"min": demand.min, "max": demand.max}
        kept = {key: limit for key, limit in limits.items() if limit is not None}
        return named | {"metric": demand.metric} | kept
    return named


def _yaml(value: object) -> str:
    """Return a value in YAML's flow form, with hidden characters escaped as JSON does it."""
    if isinstance(value, Mapping):
        items = (f"{_yaml(key)}: {_yaml(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, Decimal):
        return str(value)
    return visible(dumps(value, ensure_ascii=False))
