"""Texts stay text in Markdown, and code stays code."""

import re

import pytest

from aigf_dvc.report.markdown import code, table, text
from aigf_dvc.report.visible import visible
from tests.report.hostile import HOSTILE
from tests.report.rendered_markdown import render


def normal(value: str) -> str:
    return " ".join(visible(value).split())


@pytest.mark.parametrize("value", HOSTILE)
def test_a_text_stays_text_wherever_it_stands(value: str) -> None:
    cells = "\n".join(table(["a", "b"], [[text(value), text("end")]]))
    document = f"{cells}\n\n- **found:** {text(value)}\n\n## x {text(value)}\n"
    rendered = render(document)
    assert rendered.texts == ("a", "b", normal(value), "end", f"found: {normal(value)}",
                              f"x {normal(value)}")  # fmt: skip
    assert rendered.kinds == render(document.replace(text(value), "tame")).kinds


@pytest.mark.parametrize("value", HOSTILE)
def test_code_stays_code(value: str) -> None:
    rendered = render(f"- **where:** {code(value)} end\n")
    assert rendered.texts == (f"where: {normal(value)} end",)
    assert rendered.kinds == render("- **where:** `tame` end\n").kinds


def test_no_code_is_still_code() -> None:
    assert render(f"x {code('')} y\n").kinds == render("x `a` y\n").kinds


@pytest.mark.parametrize("sign", ["@jane", "#12", "https://a", "www.a", ":tada:"])
def test_what_is_looked_for_in_the_rendered_text_is_broken(sign: str) -> None:
    (raw,) = render(f"x {text(f'before {sign} after')}\n").raw
    assert sign not in raw
    assert re.search("[@#:w]\u200b", raw)
