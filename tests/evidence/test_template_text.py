"""Texts are taken apart where DVC's own pattern takes them apart, and in linear time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.template_text import refuse_templates, take_apart

DVCS_PATTERN = re.compile(r"(?<!\\)\$\{(.*?)\}")


@settings(derandomize=True, database=None, max_examples=500)
@given(st.lists(st.sampled_from(["$", "{", "}", "\\", "\n", "a", ".", "${", "${a}"])).map("".join))
def test_the_templates_of_any_text_are_those_that_dvc_finds(text: str) -> None:
    names = DVCS_PATTERN.findall(text)
    try:
        taken = take_apart(text, "here")
    except UndecidedError:
        assert any(not re.fullmatch(r"[^.]+(\.[^.]+)*", name) for name in names)
        return
    assert [template.name for template in taken.templates] == names
    pieces = [taken.lead, *(f"${{{t.name}}}{t.after}" for t in taken.templates)]
    assert "".join(pieces) == text
    assert taken.plain == len(text) - sum(len(name) + 3 for name in names)


@pytest.mark.parametrize(
    "text", ["${" * 200_000, "${\n" * 200_000 + "}", "${a" + " " * 10**6 + "["]
)
def test_text_that_never_closes_is_soon_done_with(text: str) -> None:
    assert take_apart(text, "here").templates == ()


def test_an_expression_of_many_blanks_is_soon_refused() -> None:
    with pytest.raises(UndecidedError, match="the template"):
        take_apart("${a[0]" + " " * 10**6 + "x}", "here")


def test_aliases_are_looked_at_once() -> None:
    bomb: list[object] = ["x"]
    for _ in range(60):
        bomb = [bomb, bomb]
    refuse_templates(bomb, "here")
    bomb[0] = {"${a}": 1}
    with pytest.raises(UndecidedError, match="a template"):
        refuse_templates(bomb, "here")
