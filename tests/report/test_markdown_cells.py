"""markdown-it reads the tables, as a renderer that is not ours."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aigf_dvc.report.markdown_cells import cell, table
from aigf_dvc.report.visible import visible

HOSTILE = [
    "a|b", "a\nb", "a\r\n| x | y |", "<script>alert(1)</script>", "</td></table>", "`a`", "``",
    "*a*", "**a**", "__a__", "_a_", "~~a~~", "[a](https://evil.example)",
    "![a](b.png)", "a\\", "\\|",
    "&lt;b&gt;", "&#124;", "\u202eabc", "\u200b", "\x1b[31m", "<!-- aigf:end metrics -->", "-->",
    "https://evil.example",
    "www.evil.example", "a@b.example", "<https://x.example>", "$x$", "", " ",
    "---", "|---|", "# a", "- a", "1. a", "> a", "```", "\t", "\u00a0", "\ud7ff\u2028",
]  # fmt: skip


def rendered(text: str) -> list[list[str]]:
    """Return the texts of a table, row by row; anything that is no plain text fails."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    rows: list[list[str]] = []
    for token in parser.parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            children = token.children or []
            assert all(child.type in ("text", "text_special") for child in children), children
            rows[-1].append("".join(child.content for child in children))
        else:
            assert token.type.startswith(("table_", "thead_", "tbody_", "tr_", "th_", "td_"))
    return rows


def shown(text: str) -> str:
    return visible(text if len(text) <= 200 else text[:199] + "\u2026").strip()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_text_stays_the_text_of_its_cell(text: str) -> None:
    lines = list(table(("name", "value"), [(text, "1"), ("b", text)]))
    assert rendered("\n".join(lines)) == [["name", "value"], [shown(text), "1"], ["b", shown(text)]]
    assert all("<" not in line for line in lines)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(max_size=30) | st.sampled_from(HOSTILE), min_size=1, max_size=4).map("".join)
)
@example("_a_b_")
def test_any_text_stays_the_text_of_its_cell(text: str) -> None:
    lines = list(table(("name", "value"), [(text, "1")]))
    assert rendered("\n".join(lines))[1] == [shown(text), "1"]


def test_an_ordinary_name_or_path_is_written_as_it_is() -> None:
    for text in ("fairness_score", "metrics.json:a.b-c", "data/raw 2.csv", "1e-05", "md5:0a.dir"):
        assert cell(text) == text


def test_a_long_text_is_cut() -> None:
    assert len(cell("x" * 5000)) == 200
