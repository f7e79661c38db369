"""Drafts of policies, read or only written down, and the checks that remark on them."""

from datetime import date

from aigf_dvc.digests import sha256
from aigf_dvc.policy.lint.model import Draft, Remark, Surroundings, WrittenRule, as_draft
from aigf_dvc.policy.lint.run import lint
from aigf_dvc.policy.model import Policy, Rule, Written
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.required_fields import RequiredFields
from aigf_dvc.strict_yaml import read_strict

TODAY = date(2026, 11, 26)
SCORE = "{id: score, kind: metric, metric: score, min: 0.8}"


def a_draft(*rules: str, top: str = "") -> Draft:
    lines = "".join(f"  - {rule}\n" for rule in rules)
    data = f'id: p\nversion: "1"\n{top}rules:\n{lines}'.encode()
    return as_draft(read_policy(data, path="p.yaml"))


def a_written_draft(*rules: str) -> Draft:
    """Return a draft of rules whose keys are taken as they are written, even if unreadable."""
    lines = "".join(f"  - {rule}\n" for rule in rules)
    document = read_strict(f"rules:\n{lines}".encode(), where="p.yaml", columns=True)
    nothing = RequiredFields(fields=())
    found = tuple(
        WrittenRule(
            rule=Rule(id=keys["id"], kind=keys["kind"], demand=nothing),
            keys=keys,
            written=Written(document=document, path=("rules", index)),
        )
        for index, keys in enumerate(document.value["rules"])
    )
    policy = Policy(
        id="p",
        version="1",
        sha256=sha256(b""),
        path="p.yaml",
        rules=tuple(written.rule for written in found),
    )
    return Draft(policy=policy, head=Written(document=document), rules=found)


def remarks(draft: Draft, check: str, surroundings: Surroundings | None = None) -> list[Remark]:
    """Return the remarks of one check."""
    found = lint(draft, surroundings or Surroundings(), today=TODAY)
    return [remark for remark in found if remark.check == check]
