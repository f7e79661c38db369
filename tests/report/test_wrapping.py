"""Texts are broken into lines that fit, whatever is in them."""

import pytest

from aigf_dvc.report.visible import cells, visible
from aigf_dvc.report.wrapping import wrapped
from tests.report.hostile import HOSTILE


def test_a_text_is_broken_between_words() -> None:
    assert wrapped("one two three four", 20, first="- ", others="  ") == [
        "- one two three four",
    ]
    assert wrapped("one two three four five six", 24, first="- ", others="  ") == [
        "- one two three four",
        "  five six",
    ]


def test_a_command_stays_on_one_line_where_it_fits() -> None:
    assert wrapped("run it again with `aigf repro --force`", 30) == [
        "run it again with",
        "`aigf repro --force`",
    ]
    long = f"`{'ab ' * 12}`"
    assert len(wrapped(long, 20)) > 1


def test_no_text_is_one_empty_line() -> None:
    assert wrapped("", 40, first="found  ") == ["found  "]
    assert wrapped(" \n ", 40) == [""]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [24, 40, 88, 200])
def test_every_line_fits_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, first="    ", others="  ")
    assert all(cells(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)
    said = "".join(line.replace(" ", "") for line in lines)
    assert said == visible(" ".join(text.split())).replace(" ", "")
