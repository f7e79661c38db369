import re

from aigf_dvc.report.help_page import read_help_page
from aigf_dvc.report.help_page_text import help_list_text, help_page_text
from tests.report.test_help_page import PAGE

TEXT = """\
magic

Purpose. Something must happen, see the
spell (https://example.org/spell). More
words.

  spell  a | b; required
      what to say
  low, high
      two limits
  no spell
      say it

Example

    - id: a
      kind: magic

What it observes

First words.

  - one item
  - another item

    {}
"""


def test_a_page_is_plain_text_without_marks() -> None:
    assert help_page_text(read_help_page(PAGE), color=False, width=44) == TEXT


def test_colours_add_nothing_but_colours() -> None:
    painted = help_page_text(read_help_page(PAGE), color=True, width=44)
    assert "\x1b[1mmagic\x1b[0m" in painted
    assert "\x1b[36manother\x1b[0m item" in painted
    assert re.sub(r"\x1b\[[0-9]+m", "", painted) == TEXT


def test_a_command_stays_on_one_line_and_in_its_marks() -> None:
    page = read_help_page("# a\n\nThen say `aigf repro --clean HEAD` once more.\n")
    lines = help_page_text(page, color=False, width=32).splitlines()
    assert lines[2:] == ["Then say", "`aigf repro --clean HEAD` once", "more."]
    painted = help_page_text(page, color=True, width=32)
    assert "\x1b[36maigf repro --clean HEAD\x1b[0m once" in painted


def test_the_list_tells_what_each_page_is_for() -> None:
    text = help_list_text({"a": "One two three four.", "long": "Five."}, color=False, width=18)
    assert text == "a     One two\n      three four.\nlong  Five.\n"
