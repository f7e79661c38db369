"""The help page of a kind says what a reader needs, and every example on it can be loaded."""

import textwrap
from pathlib import Path

import pytest

from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.rules.registry import KINDS

FOLDER = Path(__file__).parents[2] / "policies/kinds"
PAGES = [FOLDER / f"{kind}.md" for kind in KINDS]
HEAD = 'id: page\nversion: "1"\nrules:\n'


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_of_a_kinds_page_is_a_rule_of_that_kind(page: Path) -> None:
    blocks = [part.split("```")[0] for part in page.read_text("utf-8").split("```yaml\n")[1:]]
    assert blocks
    for block in blocks:
        policy = read_policy((HEAD + textwrap.indent(block, "  ")).encode(), path=page.name)
        assert {rule.kind for rule in policy.rules} == {page.stem}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_kinds_page_names_each_of_its_keys(page: Path) -> None:
    text = page.read_text("utf-8")
    assert KINDS[page.stem].schema
    assert [key for key in KINDS[page.stem].schema if f"`{key}`" not in text] == []
