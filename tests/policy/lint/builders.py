"""Drafts of policies, read or only written down, and the checks that remark on them."""

from datetime import date
from typing import Any

from aigf_dvc.digests import sha256
from aigf_dvc.policy.lint.model import Draft, Remark, Surroundings, WrittenRule, as_draft
from aigf_dvc.policy.lint.run import lint
from aigf_dvc.policy.model import Policy, Rule
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.strict_yaml import read_strict

TODAY = date(2026, 11, 26)
SCORE = "{id: score, kind: metric, metric: score, min: 0.8}"


def a_draft(*rules: str, top: str = "") -> Draft:
    lines = "".join(f"  - {rule}\n" for rule in rules)
    data = f'id: p\nversion: "1"\n{top}rules:\n{lines}'.encode()
    return as_draft(data, read_policy(data, path="p.yaml"))


def a_written_draft(*rules: str) -> Draft:
    """Return a draft of rules whose keys are taken as they are written, whatever their kind."""
    document = read_strict(
        b"rules:\n" + "".join(f"  - {r}\n" for r in rules).encode(), where="p.yaml"
    )
    written: list[dict[str, Any]] = document.value["rules"]
    nothing = RequiredFields(fields=())
    found = [Rule(id=keys["id"], kind=keys["kind"], demand=nothing) for keys in written]
    return Draft(
        policy=Policy(id="p", version="1", sha256=sha256(b""), path="p.yaml", rules=tuple(found)),
        document=document,
        rules=tuple(
            WrittenRule(rule=rule, keys=keys, path=("rules", index))
            for index, (rule, keys) in enumerate(zip(found, written, strict=True))
        ),
    )


def remarks(draft: Draft, check: str, surroundings: Surroundings | None = None) -> list[Remark]:
    """Return the remarks of one check."""
    found = lint(draft, surroundings or Surroundings(), today=TODAY)
    return [remark for remark in found if remark.check == check]
