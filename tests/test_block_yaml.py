"""What the fast reader reads is what the reader of any YAML reads; all else it leaves to it."""

import io
from collections.abc import Mapping

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aigf_dvc.block_yaml import read_block
from aigf_dvc.strict_yaml import read_any_form

LOCK = r"""schema: '2.0'
stages:
  prepare:
    cmd: python src/prepare.py --from data/raw.csv --to data/clean.csv --keep all of>
      them
    deps:
    - path: data/raw.csv
      hash: md5
      md5: 33159815e5e95b63d00ddb12a6cc6459
      size: 25
    - path:>
        data/a/name/too/long/for/the/line/that/stands/on/one/of/its/own.csv
      md5: '12345678901234567890123456789012'
      nfiles: 2
    params:
      params.yaml:
        prepare.seed: 1
        layers:
        - 64
        - rate: .5
          on: no
        rate: 1e-05
        quick: false
        none:
        empty: []
        more: {}
        é: ü
  train:
    cmd:
    - "set -e\npython train.py --name \"a: b\" one two three four five six seven eight\
      \ nine\n"
    - 'it''s: one
      more'
    - echo one
      two
    outs:
    - path: models/model.bin
      md5: 73159815e5e95b63d00ddb12a6cc645d
      isexec: true
""".replace(">\n", " \n")  # DVC ends a line that goes on with a space
PARAMETERS = """\
# by hand
seed: 42   # the answer

train: {rate: 0.5, name: a, on: no, depth: -1}
layers: [64, 32, .5]
url: https://example.com/a?b=c#d
text: "in quotes"
deep:
   deeper:
      - key: value
        other: 017
      -  key: 0o17
"""
READ = [
    LOCK, PARAMETERS, "a: 1", "- a\n- b: 1\n  c: 2\n- d\n", "a:\n- x\nb:\n  - y\n", "a: --b\n",
    "a: x y\n  z\n", "a:\n\n  # words\n  x\n", "  a: 1\n  b: 2\n", "a: b:c #d\n", "a: 'x'   # y\n",
    'a: "x \\\n  y\n  z"\n', "a: x'y\"z\n", "a: true\nb: ~\nc: null\n", "- a:\n  b: 1\n- c\n- d\n",
]  # fmt: skip
LEFT = [
    "", "a\n", "a: 1\na: 2\n", "a: &x 1\n", "a: *x\n", "a: !!str 1\n", "a: |\n  x\n",
    "a: >-\n  x\n", "? a\n: b\n", "'a': 1\n", '"a": 1\n', "1: a\n", "true: a\n", "~: a\n",
    "<<: {a: 1}\n", "a: 2024-01-02\n", "a: 2024-01-02\n  10:00:00\n", "a: 0b_\n", "a: b: c\n",
    "a: b:\n", "a: [1, [2]]\n", "a: {b: 1, b: 2}\n", "a: {1: b}\n", "a: [1,2]\n", "a: 'x\n",
    "a: 'x' y\n", 'a: "\\x41"\n', "a:\tb\n", "a: b\r\n", "a: b\u2028\n", "a: b\x85\n", "a: \x07\n",
    "\ufeffa: b\n", "---\na: b\n", "a: b\n...\n", "%YAML 1.2\n", "a: b\n  c: d\n",
    "a: b # c\n  d\n", "a: b\n# c\n  d\n", "a: b\n\n  c\n", "a:\n  b: 1\n c: 2\n", "a: 1\n- b\n",
    "- a\nb: 1\n", "-\n  a\n", "- - a\n  - b\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: ? b\n",
    "a: - b\n", "a: , b\n", "a: ] b\n", "a: 'x'\n  y\n", "a: [x]\n  y\n", "a:\n  'x'\n  y\n",
    "<<<<<<< ours\n", "a: 1\n<<<<<<< ours\n", 'a: "x\n\n  y"\n', "a: 'x\ny'\n", f"{'a' * 200}: 1\n",
    "".join(f"{' ' * depth}a:\n" for depth in range(60)), "a: " + "x\n  " * 9000 + "x\n",
]  # fmt: skip
BITS = (
    *"'\"\\:#-?!&*|>{}[],%@`~=+$\t\r\0\x7f\x85\u2028\ufeff\n ",
    "\n\n", "  ", ": ", " #", "- ", "\n- ", "\n  - ", "\n    ", "  # c", "''", '\\"', "\\n", "\\\n",
    "\\ ", "''\n  ", "{a: 1}", "[1, 2]", "[]", "---\n", "...\n", "<<: ", "null", "true", "no",
    "017", "0o17", "1e-05", "12:30:00", "2020-01-01", "2020-01-01 10:00:00", ".nan", "a: b\n",
    "key:\n", "'k': v\n", "1: x\n", "- - a\n", "-\n", "é", "😀", "\ud7ff", "\ue000",
)  # fmt: skip
EDIT = st.tuples(st.integers(0, len(LOCK)), st.integers(0, 3), st.sampled_from(("", *BITS)))
WORDS = st.text("abcxyz019.-_/ ", min_size=1, max_size=100) | st.sampled_from(BITS)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


def typed(value: object) -> object:
    """Return a value with the type of each part, so that 1, 1.0 and true differ."""
    if isinstance(value, Mapping):
        return "mapping", [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return "list", [typed(item) for item in value]
    return type(value).__name__, repr(value)


def demand_same(text: str) -> None:
    """Hold what is read fast against the other reader, which may refuse what is left to it."""
    found = read_block(text)
    if found is not None:
        assert typed(found) == typed(read_any_form(text, where="f")), text


def as_dvc_writes(value: object) -> str:
    writer = YAML()
    writer.default_flow_style = False
    stream = io.StringIO()
    writer.dump(value, stream)
    return stream.getvalue()


@pytest.mark.parametrize("text", READ)
def test_what_dvc_and_people_write_is_read_fast(text: str) -> None:
    assert typed(read_block(text)) == typed(read_any_form(text, where="f"))


@pytest.mark.parametrize("text", LEFT)
def test_all_else_is_left_to_the_other_reader(text: str) -> None:
    assert read_block(text) is None


def test_no_two_values_that_are_no_numbers_are_one() -> None:
    assert read_block("a: [.nan]\n") != read_block("a: [.nan]\n")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((LOCK, PARAMETERS)), st.lists(EDIT, min_size=1, max_size=3))
@example(PARAMETERS, [(PARAMETERS.index("\ntrain"), 0, "\n- a\n")])
@example(LOCK, [(LOCK.index("      them"), 0, "      # c\n")])
@example(LOCK, [(LOCK.index(" \n      them"), 0, "  # c")])
@example("a: b # c\n  d\n", [(0, 0, "")])
@example("- a:\n- b\n- c\n", [(0, 0, "")])
def test_no_edit_is_read_otherwise(text: str, edits: list[tuple[int, int, str]]) -> None:
    for place, dropped, added in edits:
        at = place % (len(text) + 1)
        text = text[:at] + added + text[at + dropped :]
    demand_same(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from((LOCK, PARAMETERS)), st.integers(0, 60), st.integers(0, 12))
def test_no_other_indentation_is_read_otherwise(text: str, line: int, indent: int) -> None:
    lines = text.splitlines(keepends=True)
    at = line % len(lines)
    lines[at] = " " * indent + lines[at].lstrip(" ")
    demand_same("".join(lines))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=4))
def test_no_file_that_dvc_can_write_is_read_otherwise(value: dict[str, object]) -> None:
    demand_same(as_dvc_writes(value))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(("a", "b.c", "--d", "1e3", "x: y", "it's", "\n")), max_size=40))
def test_every_long_command_that_dvc_writes_is_read_fast(words: list[str]) -> None:
    command = " ".join(words)
    assume(command.strip())
    text = as_dvc_writes({"stages": {"train": {"cmd": command, "deps": [{"path": "a"}]}}})
    assert typed(read_block(text)) == typed(read_any_form(text, where="f"))


@pytest.mark.parametrize(
    "text",
    [
        " " * 10**6 + "\0", "a" + " " * 10**6 + "\0", "a:b" * 10**6, '"' + "a \n " * 10**6,
        "a: '" + "''" * 10**6, "- " * 10**6, "a: [a" + ", a" * 10**6, "a: b" + " #" * 10**6 + "\0",
        "a: b" + "  b" * 10**6 + "\0", 'a: "' + "\\n" * 10**6, "a: {a: b" + ", a: b" * 10**6,
    ],
)  # fmt: skip
def test_no_long_line_takes_more_than_one_look(text: str) -> None:
    assert read_block(text) is None  # a pattern that tries every way to match never ends here
