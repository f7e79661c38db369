import pytest

from aigf_dvc.hub_yaml import misreadings


@pytest.mark.parametrize(
    ("word", "read_as"),
    [("1.10", "the number 1.1"), ("2026-11-20", "a date"), ("12:30", "another number"),
     ("1_000", "another number"), ("1e5", "a text"), ("=", "a default value"),
     ("1.00", "the number 1.0"),
     ("0.12345678901234567", "the number 0.12345678901234566"), ("9" * 30, "another number")]
)  # fmt: skip
def test_a_word_that_means_two_things_is_told_with_its_line(word: str, read_as: str) -> None:
    (found,) = misreadings(f"a: text\nb: {word}\n", first_line=2)
    assert (found.line, found.text, found.read_as) == (3, word, read_as)


@pytest.mark.parametrize(
    "word", ["1.1", "1.0", "7", "-0.25", "true", "null", "~", "", "text", "v1.10", "1.2.3",
             "'1.10'", '"2026-11-20"', "|\n  12:30", "1.5e-3"]
)  # fmt: skip
def test_a_word_that_means_one_thing_is_not_told(word: str) -> None:
    assert misreadings(f"a: {word}\n") == ()


def test_a_key_is_a_word_too() -> None:
    assert [found.text for found in misreadings("12:30: a\n")] == ["12:30"]
