"""A parameter file that is read in parts says what it says when read as a whole."""

import pytest

from aigf_dvc.capture.parameter_parts import read_parts
from aigf_dvc.errors import UndecidedError
from aigf_dvc.strict_yaml import read_dvc

CUT = [
    "a: 1\nb: two\n",
    "train:\n  depth: 3\n  names: [x, y]\nrate: 1e-3\n",
    "quoted: 'a\n  b'\nlast: \"x\\n\"\n",
    "on: yes\ntrue: 1\nnull: 2\n",
    "a: # said\n  - 1\n  - {x: 2}\nb:\n",
]
WHOLE = [
    "",
    "a: 1",
    "# said\na: 1\n",
    "a: 1\n\nb: 2\n",
    "text: |\n  a: 1\n\n  b: 2\n",
    "a: &x 1\nb: *x\n",
    "a: 'b\nc: d'\n",
    "a: [1,\nb: 2]\n",
    "a: 1\na: 2\n",
    "a: 1\rb: 2\n",
    "a:\n- 1\n",
    "- 1\n",
    "a: 1\n---\nb: 2\n",
    "a: {\nb: 1\n",
    "a: 1\n  b: 2\n",
    "\ufeffa: 1\n",
    "a: |\n  x\n...\n",
]


@pytest.mark.parametrize("text", CUT)
def test_a_file_that_is_cut_has_the_values_of_the_whole(text: str) -> None:
    found = read_parts(text.encode())
    whole = read_dvc(text.encode(), where="")
    assert found == whole
    assert list(map(repr, found or ())) == list(map(repr, whole))


@pytest.mark.parametrize("text", WHOLE)
def test_any_other_layout_is_left_to_the_reader_of_the_whole(text: str) -> None:
    assert read_parts(text.encode()) is None


def test_bytes_that_are_no_text_and_long_files_are_left_to_it_too() -> None:
    assert read_parts(b"a: 1\nb: \xff\n") is None
    assert read_parts(b"a: 1\n" + b"b: " + b"x" * 70_000 + b"\n") is None
    with pytest.raises(UndecidedError):
        read_dvc(b"a: 1\nb: \xff\n", where="")
