from typing import Any

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.policy.cases.change import changed, part
from aigf_dvc.policy.section import Problems, Section
from aigf_dvc.strict_yaml import Document, read_strict

BASE = """\
base:
  metrics: {a: 1, b.c: 2}
  documents:
    - {type: risk, date: 2026-01-01}
    - {type: bias, date: 2026-02-02}
  card:
    owner: jane
wanted:
"""


def change(wanted: str) -> Document:
    indented = "".join(f"  {line}\n" for line in wanted.splitlines())
    document = read_strict((BASE + indented).encode(), where="f", columns=True)
    problems = Problems(document)
    section = Section(document.value["wanted"], ("wanted",), problems)
    found = changed(document, ("base",), section, problems)
    problems.raise_any()
    return found


def value(wanted: str) -> Any:  # noqa: ANN401  # whatever the document says
    return change(wanted).value


def test_a_value_is_changed_and_the_others_stay() -> None:
    found = value("change: {metrics.a: 5}")
    assert found["metrics"] == {"a": 5, "b.c": 2}
    assert found["card"] == {"owner": "jane"}


def test_a_key_with_dots_in_it_is_found() -> None:
    assert value("change: {metrics.b.c: 5}")["metrics"] == {"a": 1, "b.c": 5}


def test_an_item_of_a_list_is_found_by_index_and_by_name() -> None:
    assert value("change: {documents.1.date: x}")["documents"][1]["date"] == "x"
    assert value("change: {documents.bias.date: x}")["documents"][1]["date"] == "x"
    assert value("change: {documents.risk: {type: t}}")["documents"][0] == {"type": "t"}


def test_a_value_is_added() -> None:
    assert value("change: {metrics.new: 1}")["metrics"]["new"] == 1
    assert value("change: {lineage.edges.verified: 3}")["lineage"] == {"edges": {"verified": 3}}
    assert len(value("change: {documents.+: {type: t}}")["documents"]) == 3
    assert value("change: {waivers.+: {person: p}}")["waivers"] == [{"person": "p"}]


def test_a_value_is_taken_out_and_what_is_empty_without_it() -> None:
    assert value("remove: [metrics.a]")["metrics"] == {"b.c": 2}
    assert [d["type"] for d in value("remove: [documents.risk]")["documents"]] == ["bias"]
    assert "card" not in value("remove: [card.owner]")
    assert "documents" not in value("remove: [documents.risk, documents.bias]")
    assert "documents" not in value("remove: [documents]")


def test_what_is_taken_out_can_be_put_in_anew() -> None:
    assert value("remove: [card]\nchange: {card.x: 1}")["card"] == {"x": 1}


def test_every_value_keeps_its_place() -> None:
    found = change("change: {metrics.a: 5}\nremove: [documents.risk]")
    assert found.place("metrics", "a", column=True) == "f:9:12"
    assert found.place("metrics", "b.c", column=True) == "f:2:19"
    assert found.place("documents", 0, "date", column=True) == "f:5:20"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("remove: [metrics.x]", 'f:9:3: nothing stands at "metrics.x" in the base'),
        ("remove: [metrisc.a]", "did you mean `metrics`?"),
        ("remove: [documents.7]", "one of risk, bias"),
        ("change: {documents.2.date: x}", "f:9:12: nothing stands at"),
        ("change: {card.owner.name: x}", "f:9:12: nothing stands at"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(wanted: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        change(wanted)
    assert said in f"{caught.value}; {caught.value.hint}"


def test_a_part_is_a_document_with_its_own_paths() -> None:
    document = read_strict(BASE.replace("wanted:\n", "").encode(), where="f")
    card = part(document, ("base", "card"))
    assert card.value == {"owner": "jane"}
    assert card.place("owner") == "f:7"
