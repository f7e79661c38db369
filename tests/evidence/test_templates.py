"""Filling in is bounded, reads each file once, and costs nothing where there are no templates.

That it is right is held against DVC itself in tests/capture/test_templates_with_dvc.py.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.template_arguments import ParsingOptions
from aigf_dvc.evidence.templates import fill_in, may_have_templates


def filled(
    document: object, files: Mapping[str, Mapping[Any, Any]] | None = None
) -> Mapping[Any, Any]:
    return fill_in(document, file="dvc.yaml", load=(files or {}).get, options=ParsingOptions)


def stage(**keys: object) -> dict[str, object]:
    return {"stages": {"s": {"cmd": "x", **keys}}}


def bomb(kind: type, leaf: object = "x") -> object:
    """A value that aliases make astronomically large."""
    value = leaf
    for _ in range(60):
        value = {"a": value, "b": value} if kind is dict else [value, value]
    return value


@pytest.mark.parametrize(
    "text",
    [
        "stages: {a: {cmd: 'echo ${x}'}}",
        "vars: []",
        "stages: {a: {foreach: [1], do: {cmd: x}}}",
        "stages: {a: {matrix: {b: [1]}, cmd: x}}",
        'stages: {a: {cmd: "\\x24{x}"}}',
        'stages: {a: {cmd: "$\\u007bx}"}}',
        'stages: {a: {cmd: "$\\\n{x}"}}',
    ],
)
def test_signs_of_templates_are_noticed(text: str) -> None:
    assert may_have_templates(text.encode())


def test_a_plain_file_has_no_signs() -> None:
    assert not may_have_templates(b"stages: {a: {cmd: 'echo $HOME $(x) \\ {y}', deps: [x]}}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "document",
    [
        {"vars": [{"v": bomb(list)}], **stage(meta={"a": "${v[0]}"})},
        {"vars": [bomb(dict, 1), bomb(dict, 1)], **stage()},
        {"vars": [bomb(dict, {}), bomb(dict, {})], **stage()},
        {"vars": [{"v": bomb(dict)}], **stage(cmd="run ${v}")},
        {"vars": [{"v": bomb(list)}], **stage(cmd="run ${w}")},
        {"vars": [{"v": bomb(list)}], "artifacts": {"m": {"desc": "of ${v}"}}, **stage()},
        stage(meta=bomb(list)),
        stage(meta=bomb(dict)),
        {"stages": {"s": {"foreach": bomb(list), "do": {"cmd": "x"}}}},
        {"vars": [{"v": "x" * 10**6}], **stage(cmd="${v}" * 1000)},
        {"vars": [{"v": {"w": ["it's" * 10**6] * 1000}}], **stage(cmd="run ${v}")},
        {"vars": [{"v": "x" * 10**6}], **stage(deps=["${v}"] * 1000)},
        {"stages": {"s": {"foreach": list(range(1000)), "do": {"cmd": "x" * 10**6}}}},
        {"stages": {"s": {"matrix": {f"k{n}": list(range(100)) for n in range(9)}, "cmd": "x"}}},
        {"stages": {"s": {"foreach": list(range(100_001)), "do": {"cmd": "x"}}}},
        {"stages": {n: {"foreach": list(range(60_000)), "do": {"cmd": "x"}} for n in "st"}},
        {"stages": {"s": {"matrix": {f"k{n}": list(range(2 if n < 16 else 1)) for n in range(2000)},
                          "cmd": "x"}}},
        {"stages": {"s" * 10**6: {"foreach": list(range(1000)), "do": {"cmd": "x"}}}},
        {"stages": {"s": {"matrix": {"k" * 10**6: [[n] for n in range(1000)]}, "cmd": "x"}}},
    ],
    ids=range(19),
)  # fmt: skip
def test_what_a_few_lines_can_ask_for_is_bounded(document: object) -> None:
    with pytest.raises(UndecidedError) as error:
        filled(document)
    assert error.value.where.startswith("dvc.yaml")
    assert len(str(error.value)) < 500


def test_a_bomb_that_nothing_names_is_harmless() -> None:
    document = {"vars": [{"v": bomb(list), "w": bomb(dict), "n": 1}], **stage(cmd="x ${n}")}
    assert filled(document) == stage(cmd="x 1")


def test_a_value_nested_deeper_than_any_file_is_refused() -> None:
    value: object = 1
    for _ in range(500):
        value = [value]
    with pytest.raises(UndecidedError, match="nested too deep"):
        filled({"vars": [{"v": value}], **stage()})


def test_a_long_number_is_refused_where_it_is_spelled() -> None:
    for template in ("${v.n}", "${v}"):
        with pytest.raises(UndecidedError, match="very long number"):
            filled({"vars": [{"v": {"n": 16**5000}}], **stage(cmd=f"x {template}")})


def test_each_file_is_loaded_once() -> None:
    asked: list[str] = []

    def load(path: str) -> Mapping[Any, Any] | None:
        asked.append(path)
        return {"n": 1} if path == "w/v.yaml" else None

    group = {"foreach": [1, 2, 3], "do": {"cmd": "x ${n}", "wdir": "w", "vars": ["v.yaml"]}}
    found = fill_in({"stages": {"s": group}}, file="dvc.yaml", load=load, options=ParsingOptions)
    assert [item["cmd"] for item in found["stages"].values()] == ["x 1"] * 3
    assert asked == ["params.yaml", "w/v.yaml"]


def test_variables_of_one_stage_do_not_reach_another() -> None:
    document = {
        "vars": [{"t": {"a": 1}}],
        "stages": {"s": {"cmd": "x ${t.b}", "vars": [{"t": {"b": 2}}]}, "u": {"cmd": "x ${t.b}"}},
    }
    with pytest.raises(UndecidedError, match="nothing is called") as error:
        filled(document)
    assert error.value.where == "dvc.yaml: stage u: cmd"


@pytest.mark.parametrize("path", ["../x.yaml", "/etc/passwd", "s3://bucket/x", "~/x", "a/../../x"])
def test_no_file_outside_the_project_is_read(path: str) -> None:
    with pytest.raises(UndecidedError) as error:
        filled({"vars": [path], **stage()}, {path: {"a": 1}})
    assert error.value.where == "dvc.yaml: vars"


def test_the_document_is_left_as_it_was() -> None:
    document = {"vars": [{"v": {"w": 1}}, {"v": {"x": 2}}], **stage(cmd="${v.w} ${v.x}")}
    before = repr(document)
    filled(document)
    assert repr(document) == before
