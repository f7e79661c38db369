"""Every kind of rule has a page, and the page says what the code does."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.actions.policy_explain import COMMON, page, page_markdown, page_names
from aigf_dvc.errors import InputError
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS
from aigf_dvc.policy.schema import POLICY_KEYS, RULE_KEYS, SEED_KEYS
from aigf_dvc.strict_yaml import read_strict
from tests.playground import run

PAGES = Path(__file__).parent.parent.parent / "policies" / "kinds"


def the_keys(name: str) -> set[str]:
    keys = {"rule": set(RULE_KEYS), "policy": {*POLICY_KEYS, *SEED_KEYS, "rules"}}
    return keys[name] if name in COMMON else set(KINDS[name].schema)


def as_policy(example: str) -> bytes:
    """Return an example as a policy: it may be one, or one rule, or a list of rules."""
    value: Any = read_strict(example.encode(), where="example").value
    if isinstance(value, dict) and "kind" not in value:
        return example.encode()
    rules = value if isinstance(value, list) else [value]
    return json.dumps(
        {
            "id": "p",
            "version": "1",
            "tiers": ["minimal", "limited", "high"],
            "environments": ["staging", "production"],
            "rules": rules,
        },
        default=float,
    ).encode()


def test_every_kind_has_a_page_and_every_page_a_kind() -> None:
    assert {path.stem for path in PAGES.iterdir()} == set(page_names())


@pytest.mark.parametrize("name", page_names())
def test_a_page_explains_every_key_and_no_other(name: str) -> None:
    explained = [key.key for key in page(name).keys]
    assert len(explained) == len(set(explained)) or name == "policy"
    assert set(explained) == the_keys(name)


@pytest.mark.parametrize("name", page_names())
def test_every_example_loads_and_uses_its_kind(name: str) -> None:
    examples = page(name).examples
    assert examples
    kinds = {
        rule.kind
        for example in examples
        for rule in read_policy(as_policy(example), path="example").rules
    }
    assert name in kinds or name in COMMON


@pytest.mark.parametrize("name", page_names())
def test_a_page_says_what_is_observed_what_not_and_how_to_mend_it(name: str) -> None:
    found = page(name)
    assert found.name == name
    assert found.purpose.endswith(".")
    headings = " / ".join(found.sections).lower()
    for words in ("observe", "cannot show", "fix"):
        assert words in headings
    assert all(words for words in found.sections.values())


def aigf(*arguments: str, folder: Path) -> str:
    command = [sys.executable, "-m", "aigf_dvc", "policy", "explain", *arguments]
    return run(command, folder).stdout


def test_the_command_explains_a_kind(tmp_path: Path) -> None:
    text = aigf("lineage", folder=tmp_path)
    assert text.startswith("lineage\n\n")
    assert "\x1b" not in text
    assert "\n  min_trust\n" in text
    assert "severity  deny, warn; default: deny" in aigf("rule", folder=tmp_path)


def test_without_a_kind_all_are_listed(tmp_path: Path) -> None:
    lines = aigf(folder=tmp_path).splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(page_names())
    listed = json.loads(aigf("--format", "json", folder=tmp_path))["kinds"]
    assert list(listed) == list(page_names())


def test_a_page_comes_as_json_and_as_it_was_written(tmp_path: Path) -> None:
    found = json.loads(aigf("document", "--format", "json", folder=tmp_path))
    assert [key["key"] for key in found["keys"]] == list(KINDS["document"].schema)
    assert aigf("document", "--format", "markdown", folder=tmp_path) == page_markdown("document")


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(InputError) as caught:
        page("lineag")
    assert caught.value.hint == "did you mean `lineage`?"
