"""What is shown hides nothing, and fits."""

import pytest

from aigf_dvc.report.visible import cells, clipped, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain/path.csv", "plain/path.csv"),
        ("é ✔ 日本", "é ✔ 日本"),
        ("a\x1b[2Jb", "a\\u001b[2Jb"),
        ("\x9b", "\\u009b"),
        ("new\nline", "new\\u000aline"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("line\u2028", "line\\u2028"),
        ("\ufffe", "\\ufffe"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert cells("ab") == 2
    assert cells("日本") == 4
    assert cells("e\u0301") == 1


def test_a_long_path_keeps_both_its_ends() -> None:
    text = shortened("data/very/long/folder/names/file.parquet", 20)
    assert text == "data/ver…ile.parquet"
    assert cells(text) == 20
    assert shortened("short", 20) == "short"


@pytest.mark.parametrize("width", range(12))
@pytest.mark.parametrize("text", ["abcdefghijklm", "日本語日本語日本語", "e\u0301" * 13])
def test_a_cut_text_fits(text: str, width: int) -> None:
    assert cells(shortened(text, width)) <= max(width, 1)
    assert cells(clipped(text, width)) <= max(width, 1)


def test_a_letter_bears_a_few_marks_and_no_tower_of_them() -> None:
    assert visible("e\u0301\u0323") == "e\u0301\u0323"
    tower = visible("e" + "\u0300" * 10 + "x\u0300")
    assert tower == "e" + "\u0300" * 8 + "\\u0300\\u0300x\u0300"
