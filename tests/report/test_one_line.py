"""A text that others wrote stays on its line."""

from aigf_dvc.report.one_line import as_lines, one_line


def test_every_line_break_is_made_visible() -> None:
    for mark in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
        assert one_line(f"a{mark}b").splitlines() == [one_line(f"a{mark}b")]
        assert one_line(f"a{mark}b") != f"a{mark}b"
    assert one_line("a\nb") == "a\\nb"
    assert one_line("plain ä 漢") == "plain ä 漢"


def test_each_text_is_one_line() -> None:
    assert as_lines(["a\nb", "c"]) == "a\\nb\nc"
