import pytest

from aigf_dvc.evidence.markdown_lines import read_lines


def seen(text: str) -> list[str]:
    return [line.seen for line in read_lines(text).lines]


def test_the_lines_together_are_the_text() -> None:
    text = "a\r\nb\rc\n\n\u2028d\x0be"
    assert "".join(line.raw for line in read_lines(text).lines) == text
    assert [line.number for line in read_lines(text, first_line=7).lines] == [7, 8, 9, 10, 11]


def test_comments_are_not_seen_wherever_they_begin_and_end() -> None:
    assert seen("a <!-- b --> c\n<!-- d\ne\n--> f <!-- g -->\nh\n") == ["a  c", "", "", " f ", "h"]
    assert seen("<!-->") == [""]
    assert [line.comment_from for line in read_lines("<!--\na\n--> <!--\nb\n").lines] == [
        0,
        1,
        1,
        3,
    ]


def test_fenced_code_holds_no_comments_and_comments_no_fences() -> None:
    text = "~~~ md\n<!--\n```\n~~~~\na\n<!--\n```\n-->\nb\n"
    assert [line.code_from for line in read_lines(text).lines] == [1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert seen(text)[4:] == ["a", "", "", "", "b"]


@pytest.mark.parametrize("line", ["``` a`b", "    ```", "``", "x ```"])
def test_what_only_looks_like_a_fence_is_none(line: str) -> None:
    assert not any(found.code_from for found in read_lines(f"{line}\na\n").lines)


def test_what_is_open_at_the_end_is_told_with_its_line() -> None:
    for text, what, number in [
        ("a\n````\n```\n", "a block of code", 2),
        ("a\nb <!-- c\nd", "a comment", 2),
        ("<!-- a --> <!--\n", "a comment", 1),
    ]:
        found = read_lines(text).left_open
        assert found is not None
        assert (found.what, found.line) == (what, number)
    assert read_lines("a\n```\nb\n```\n<!-- c -->").left_open is None
