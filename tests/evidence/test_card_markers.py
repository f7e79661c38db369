import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_markers import BLOCKS, fill_blocks, read_blocks, without_blocks

HEAD = b"---\nlicense: mit\n---\n"
CONTENTS = {name: (f"| {name} |",) for name in BLOCKS}


def filled(text: bytes) -> bytes:
    return fill_blocks(HEAD + text, CONTENTS, path="card.md").removeprefix(HEAD)


def refused(text: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_blocks(HEAD + text, path="card.md")
    with pytest.raises(InputError):
        fill_blocks(HEAD + text, CONTENTS, path="card.md")
    return str(caught.value)


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    before = b"\xef\xbb\xbf" + HEAD + b"a  \r\n\t\n <!-- aigf:begin data -->  \nold\n<!-- x -->\n"
    after = b"<!-- aigf:end data -->\nb\x0c \xe2\x80\xa8\r"
    done = fill_blocks(before + after, CONTENTS, path="card.md")
    assert done == before.replace(b"old\n<!-- x -->\n", b"\n| data |\n\n") + after


def test_a_block_has_the_line_ends_of_its_mark() -> None:
    text = b"<!-- aigf:begin data -->\r\n<!-- aigf:end data -->\n"
    assert filled(text) == (
        b"<!-- aigf:begin data -->\r\n\r\n| data |\r\n\r\n<!-- aigf:end data -->\n"
    )


def test_filling_in_twice_changes_nothing() -> None:
    for text in (
        b"",
        b"# A",
        b"# A\r\n",
        b"a\n\n\n",
        b"<!-- aigf:begin data -->\n<!-- aigf:end data -->",
    ):
        assert filled(filled(text)) == filled(text)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_card_without_marks_gets_all_blocks_at_its_end_with_its_own_line_ends(end: bytes) -> None:
    data = b"---" + end + b"a: b" + end + b"---" + end + b"# A"
    done = fill_blocks(data, CONTENTS, path="card.md")
    assert done.startswith(data + end + end + b"## Facts from the pipeline" + end)
    assert [block.name for block in read_blocks(done, path="card.md")] == list(BLOCKS)
    assert b"\n" not in done.replace(end, b"")


def test_marks_in_code_and_in_comments_are_examples() -> None:
    text = b"```\n<!-- aigf:begin data -->\n```\n<!--\n<!-- aigf:begin nonsense -->\n"
    assert read_blocks(HEAD + text, path="card.md") == ()
    assert filled(text).startswith(text + b"\n## Facts")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"<!-- aigf:begin data -->\n", "card.md:4: the beginning of data without its end"),
        (b"a\n<!-- aigf:end data -->\n", "card.md:5: the end of data without its beginning"),
        (b"<!-- aigf:begin data -->\n<!-- aigf:begin model -->\n", "card.md:5: the mark of mo"),
        (b"<!-- aigf:begin data -->\n<!-- aigf:end model -->\n", "card.md:5: the end of model"),
        (b"<!-- aigf:end data -->\n<!-- aigf:begin data -->\n", "card.md:4: the end of data"),
        (b"<!-- aigf:begin data -->\n<!-- aigf:end data -->\n" * 2, "card.md:6: a second block"),
        (b"<!-- aigf:begin nonsense -->\n", "card.md:4: the unknown block nonsense"),
        (b"<!--aigf:begin data-->\n", "card.md:4: a broken mark"),
        (b"x <!-- aigf:begin data -->\n", "card.md:4: a broken mark"),
        (b"<!-- aigf:begin data\n-->\n", "card.md:4: a broken mark"),
        (b"<!-- AIGF:BEGIN data -->\n", "card.md:4: a broken mark"),
        (b"<!-- aigf:begin data --> x\n", "card.md:4: a broken mark"),
        (b"    <!-- aigf:begin data -->\n", "card.md:4: a broken mark"),
    ],
)  # fmt: skip
def test_marks_that_do_not_pair_are_refused_with_the_line(text: bytes, said: str) -> None:
    assert refused(text).startswith(said)


@pytest.mark.parametrize("text", [b"a\n```\nb\n", b"a\n<!-- b\n", b"a\n~~~"])
def test_a_card_that_would_swallow_its_blocks_is_refused(text: bytes) -> None:
    with pytest.raises(InputError, match=r"card\.md:5: a (comment|block of code) without an end"):
        fill_blocks(HEAD + text, CONTENTS, path="card.md")


def test_what_stands_in_a_block_can_be_taken_out_without_moving_a_line() -> None:
    text = "a\n<!-- aigf:begin data -->\nTODO\n<!-- aigf:end data -->\nb\n"
    assert without_blocks(text) == text.replace("TODO", "")
    assert without_blocks(text + "<!-- aigf:end data -->\n").count("TODO") == 1
