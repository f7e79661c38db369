"""The lines of two texts are counted as `git diff --stat` counts them."""

import random

import pytest

from aigf_dvc.evidence.line_counts import LineCounts, line_counts
from tests.playground import Playground


@pytest.mark.parametrize(
    ("before", "after", "added", "removed"),
    [
        (b"", b"a\nb\n", 2, 0),
        (b"a\nb\n", b"", 0, 2),
        (b"a\nb\nc\n", b"a\nx\nc\n", 1, 1),
        (b"a\n", b"a\n", 0, 0),
        (b"a\na\n", b"a\na\na\n", 1, 0),
        (b"a", b"a\n", 1, 1),
    ],
)
def test_added_and_removed_lines_are_counted(
    before: bytes, after: bytes, added: int, removed: int
) -> None:
    assert line_counts(before, after) == LineCounts(added=added, removed=removed)


def test_what_is_no_text_has_no_lines() -> None:
    assert line_counts(b"a\0b", b"a\n") is None
    assert line_counts(b"a\n", b"\0") is None


def test_a_large_change_is_counted_in_a_moment_and_said_to_be_a_lower_bound() -> None:
    old = b"".join(b"%d\n" % number for number in range(50_000))
    new = b"x\n" + b"".join(b"%d\n" % number for number in range(49_999, -1, -2))
    found = line_counts(old, new)
    assert found == LineCounts(added=1, removed=25_000, at_least=True)


def test_git_counts_the_same(playground: Playground) -> None:
    chance = random.Random(3)  # noqa: S311  # the same lines every time
    lines = [f"{number}\n" for number in range(60)]
    playground.write("file.txt", "".join(lines))
    playground.commit()
    for number in (5, 20, 21, 40):
        lines[number] = f"changed {chance.random()}\n"
    lines[10:10] = ["new\n", "new\n"]
    del lines[50:53]
    before = playground.read("file.txt").encode()
    playground.write("file.txt", "".join(lines))
    added, removed, _ = playground.git("diff", "--numstat", "file.txt").split()
    found = line_counts(before, "".join(lines).encode())
    assert found == LineCounts(added=int(added), removed=int(removed))
