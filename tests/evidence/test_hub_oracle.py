"""Where we accept a card and the lint finds nothing, Hugging Face reads the same metadata.

The oracle is `huggingface_hub` itself: `ModelCard` for the fields, its reader of the model-index.
"""

import math
from decimal import Decimal
from typing import Any

import pytest
from huggingface_hub import ModelCard as HubCard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.hub_metadata import hub_problems
from aigf_dvc.evidence.model_card import read_model_card

PATH = "README.md"
# What a person may write after `key: `, with what the two versions of YAML make of it.
SCALARS = [
    "en", "no", "yes", "on", "off", "y", "n", "true", "false", "True", "FALSE", "null", "~", "Null",
    "NULL", "", "1", "0", "-0", "+7", "017", "0o17", "0x1F", "0b11", "1_000", "12:30", "12:30:45",
    "190:20:30.15", "1.10", "1.0", "1.00", "0.1", "-1.5", ".5", "5.", "1e5", "1.0e5", "1.0e+5",
    "1.5e-3", "1e-05", "1.0e+999", "6.02e23", ".inf", "-.INF", ".nan", ".NaN", "NaN", "Infinity",
    "2026-11-20", "2026-1-2", "2026-99-99", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43",
    "=", "<<", "v1.2", "1.2.3", "123456789012345678", "1234567890123456789", "9" * 5000,
    "0.12345678901234567", "0.123456789012345678901", "'no'", '"1.10"', '"\\u00e9"', '"\\x41"',
    "a #b", "a# b", "@x", "`x`", "%x", "&a b", "*a", "!!str 1", "!x y", "? x", "- x", "[a, b]",
    "{a: b}", "{a: 1.10}", "[no]", "[2026-11-20]", "|\n  text\n  more", ">-\n  folded\n  text",
    "two\n  lines", "a: b", "caf\u00e9", "\u65e5\u672c", "\U0001f600", "a\u2028b", "a\u0085b",
    "\ufeffx", "\u00a0x", "'it''s'", "a\tb", "\tx", "x\t", "null # none", "12e03", "+1.e5", "1.e+3",
    "-", "--", "---x", "...", "..x", "0.", "-.5", "+.5e+1", "1__0", "_1", "1_", "0_0.1", "09",
    "0.0",
]  # fmt: skip
KEYS = ["language", "license", "tags", "x", "governance", "2026-11-20", "1_0", "on", "null", "1.0",
        "self", "ignore_metadata_errors", "eval_results", "model_name", "<<", "=",
        "12:30"]  # fmt: skip
RESULT = (
    "model-index:\n- name: m\n  results:\n  - task: {type: t}\n    dataset: {type: d, name: D}\n"
    "    metrics:\n    - {type: accuracy, value: 0.9}\n"
)


def seen_by_the_hub(text: str) -> dict[str, Any]:
    """Return what the Hub's own class has of a card; nulls are nothing to it."""
    seen = HubCard(text).data.to_dict()  # type: ignore[no-untyped-call]  # the Hub's own
    return {k: v for k, v in seen.items() if k != "model-index"}


def problems(text: str) -> tuple[CardProblem, ...] | None:
    """Return what the lint says of the metadata; None: the card is refused."""
    data = text.encode()
    try:
        card = read_model_card(data, path=PATH)
        return tuple(hub_problems(card, data))
    except InputError:
        return None


def plain(value: object) -> object:
    """Return our value with the number types of PyYAML."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return value


def same(ours: object, theirs: object) -> bool:
    """Tell whether two values are equal in type too: `True` is not 1, a text not a number."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return ours == theirs and math.isfinite(ours)
    return type(ours) is type(theirs) and ours == theirs


def hold(text: str) -> None:
    """Hold our reading of a card against the Hub's."""
    if problems(text) != ():
        return
    ours = read_model_card(text.encode(), path=PATH).document.value
    wanted = {k: plain(v) for k, v in ours.items() if v is not None and k != "model-index"}
    if isinstance(wanted.get("tags"), str):  # one tag is a list of one, to the Hub
        wanted["tags"] = [wanted["tags"]]
    theirs = seen_by_the_hub(text)
    assert same(wanted, theirs), (wanted, theirs)


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda text: ascii(text)[:20])
def test_a_value_is_read_alike_or_told(scalar: str) -> None:
    for template in ("---\nx: {}\n---\n", "---\ngovernance:\n  x: {}\nlanguage: en\n---\n"):
        hold(template.format(scalar))
    hold(f"---\nx: [{scalar}, a]\n---\n")
    hold(f"---\n- {scalar}\n---\n")


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_alike_or_told(key: str) -> None:
    hold(f"---\n{key}: a text\n---\n")
    hold(f"---\ngovernance: {{{key}: a text}}\n---\n")


@pytest.mark.parametrize(
    "line",
    ["language: no", "license: 1.10", "x: 2026-11-20", "x: 12:30", "x: 1_000", "x: 1e5", "x: =",
     "x: 1.00", "self: x", "ignore_metadata_errors: true", "eval_results: [1]", "tags: [a, a]",
     "tags: {a: b}", "tags: 5", "license: {a: b}", "x: 017", "x: Null", "on: x", "2026-11-20: x"]
)  # fmt: skip
def test_what_the_hub_misreads_is_refused_or_told(line: str) -> None:
    assert problems(f"---\n{line}\n---\n") != ()


@pytest.mark.parametrize(
    "text",
    ["---\nlanguage: en\nlicense: mit\ntags: [a, b]\nversion: 1.5\n---\n# A\n",
     "---\r\nlanguage: en\r\ngovernance:\r\n  a: '2026-11-20'\r\n---\r\n# A\r\n",
     "---\nmodel-index: null\nx: [1, 2.5, true, null, ~]\n---\n", "\n\n---\na: b\n--- \t\n",
     "---\na: b\n---", f"---\n{RESULT}language: en\n---\n"]
)  # fmt: skip
def test_an_honest_card_has_nothing_to_tell(text: str) -> None:
    assert problems(text) == ()
    hold(text)


def test_a_byte_order_mark_is_told_since_the_hub_sees_no_front_matter_in_such_a_text() -> None:
    text = "\ufeff---\nlanguage: en\n---\n"
    assert seen_by_the_hub(text) == {}
    told = problems(text)
    assert told is not None
    assert [problem.found for problem in told] == ["a byte order mark before the front matter"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("- name: m\n  results:", "- results:"), ("  - task: {type: t}\n    dataset", "  - dataset"),
     ("{type: t}", "{name: t}"), ("{type: d, name: D}", "{type: d}"), ("{type: d, name: D}", "D"),
     ("- {type: accuracy, value: 0.9}", "- {type: accuracy}"), ("task: {type: t}", "task: t"),
     ("    metrics:\n    - {type: accuracy, value: 0.9}\n", ""), ("- name: m", "- name: [m]"),
     ("- {type: accuracy, value: 0.9}", "- {type: a, value: 1}\n    source: {name: s}"),
     ("- {type: accuracy, value: 0.9}", "- 5"), ("- name: m", "- name: a\n  results: 5\n- name: m")]
)  # fmt: skip
def test_a_malformed_model_index_is_told_with_its_line(old: str, new: str) -> None:
    assert old in RESULT
    told = problems(f"---\nlanguage: en\n{RESULT.replace(old, new)}---\n")
    assert told is not None
    assert [problem.found[:23] for problem in told] == ["a malformed model-index"]
    assert told[0].line >= 3


@pytest.mark.parametrize("value", ["{}", "[]", "5", "text", "[1]", "{name: m}"])
def test_a_model_index_of_another_form_is_told(value: str) -> None:
    told = problems(f"---\nmodel-index: {value}\n---\n")
    assert told


_SCALAR = st.one_of(
    st.sampled_from(SCALARS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.from_regex(r"[-+]?[0-9_.:eE+-]{1,14}", fullmatch=True),
    st.dates().map(str),
    st.floats(allow_nan=False).map(str),
)
_KEY = st.one_of(st.sampled_from(KEYS), st.from_regex(r"[a-z][a-z_-]{0,8}", fullmatch=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_KEY, _SCALAR), max_size=6), st.sampled_from(["\n", "\r\n", "\r"]))
@example([("x", "1_0")], "\n")
def test_a_card_of_any_lines_is_read_alike_refused_or_told(
    lines: list[tuple[str, str]], end: str
) -> None:
    text = end.join(["---", *(f"{key}: {value}" for key, value in lines), "---", "# A", ""])
    hold(text)


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEY, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(_KEY, _VALUES, max_size=4), st.booleans())
def test_a_card_that_a_yaml_writer_wrote_is_read_alike_refused_or_told(
    fields: dict[str, Any], flow: bool
) -> None:
    import yaml  # noqa: PLC0415  # a writer, for this test only

    hold(f"---\n{yaml.safe_dump(fields, allow_unicode=True, default_flow_style=flow)}---\n")
