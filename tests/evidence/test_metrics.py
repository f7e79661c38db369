from decimal import Decimal

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import (
    all_metrics,
    find_metric,
    is_place,
    leaf_metrics,
    look_up,
    read_metrics_file,
)

NESTED = {"test": {"auc": 0.9, "by.group": {"a": 1}}, "test.auc": 0.5, "n": None}


def test_json_numbers_are_exact() -> None:
    values = read_metrics_file(b'{"a": 0.85, "b": 1e-05, "c": 3}', path="metrics.json")
    assert values == {"a": Decimal("0.85"), "b": Decimal("0.00001"), "c": 3}


def test_yaml_numbers_are_read_as_dvc_reads_them() -> None:
    values = read_metrics_file(b"a: 0.85\nb: 1e-05\nc: no\nd: .nan\n", path="metrics.yaml")
    assert (values["a"], values["b"], values["c"]) == (0.85, 1e-05, "no")


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        (b"a,b\n1,2\n", "metrics.csv", "a metrics file of an unknown form"),
        (b"[1, 2]", "metrics.json", "no named values"),
        (b"", "metrics.yaml", "no named values"),
        (b"", "metrics.json", "not JSON"),
        (b'{"a": NaN}', "metrics.json", "NaN is not a JSON number"),
        (b'{"a": 1, "a": 2}', "metrics.json", "stands twice"),
        (b"a: 1\na: 2\n", "metrics.yaml", "stands twice"),
        (b'{"a": 1e999}', "metrics.json", "out of range"),
    ],
)
def test_a_metrics_file_that_cannot_be_read_is_undecided(data: bytes, path: str, said: str) -> None:
    with pytest.raises(UndecidedError, match=said) as caught:
        read_metrics_file(data, path=path)
    assert str(caught.value).startswith(path)


def test_a_metric_is_found_by_its_dotted_key_and_a_key_with_dots_wins() -> None:
    assert find_metric(NESTED, "test.auc", path="m.json") == Metric(
        value=0.5, where="m.json:test.auc"
    )
    assert find_metric({"test": {"auc": 0.9}}, "test.auc", path="m.json") == Metric(
        value=0.9, where="m.json:test.auc"
    )


@pytest.mark.parametrize("key", ["absent", "test.absent", "n.a", "test.auc.x", ""])
def test_a_metric_that_is_not_there_is_none(key: str) -> None:
    assert find_metric(NESTED, key, path="m.json") is None


def test_a_null_is_found_so_that_a_rule_can_refuse_it() -> None:
    assert find_metric(NESTED, "n", path="m.json") == Metric(value=None, where="m.json:n")


def test_leaves_have_dotted_names_and_places() -> None:
    leaves = leaf_metrics({"a": {"b": 1, "c": [1, 2]}, "d": True, "e": {}}, path="m.json")
    assert leaves == {
        "a.b": Metric(value=1, where="m.json:a.b"),
        "a.c": Metric(value=[1, 2], where="m.json:a.c"),
        "d": Metric(value=True, where="m.json:d"),
    }


def test_all_metrics_are_the_leaves_and_the_mappings_around_them() -> None:
    found = all_metrics({"a": {"b": 1}, "c": 2}, path="m.json")
    assert {name: metric.value for name, metric in found.items()} == {
        "a": {"b": 1},
        "a.b": 1,
        "c": 2,
    }
    assert found["a"].where == "m.json:a"


@pytest.mark.parametrize("name", ["m.json:a", "x/M.JSON:a.b", "m.yaml:a", "m.yml:a", "a:b.json:c"])
def test_a_file_that_can_be_read_and_a_key_are_a_place(name: str) -> None:
    assert is_place(name)


@pytest.mark.parametrize("name", ["fairness", "m.json", "m.json:", "group:a", "m.csv:a", ""])
def test_any_other_name_is_a_name(name: str) -> None:
    assert not is_place(name)


def test_a_place_is_looked_up_by_where_the_value_was_read() -> None:
    here = Metric(value=1, where="m.json:a")
    metrics = {"m.json:b": Metric(value=2, where="n.json:b"), "auc": here}
    assert look_up(metrics, "auc") == here
    assert look_up(metrics, "m.json:a") == here
    assert look_up(metrics, "m.json:b") is None
    assert look_up(metrics, "a") is None
