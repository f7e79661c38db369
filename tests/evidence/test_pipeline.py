"""The pure readers of DVC's files."""

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_file import read_dvc_file
from aigf_dvc.evidence.dvc_lock import read_lock
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import LEGACY, Out, Pipeline, Recorded


def a_pipeline(stages: dict[str, object], tracked: dict[str, Recorded] | None = None) -> Pipeline:
    return Pipeline(
        stages=read_definition({"stages": stages}, file="dvc.yaml"),
        locks={}, tracked=tracked or {}, definitions=(), lock_files=(), dvc_files=(),
    )  # fmt: skip


def test_a_stage_is_read_with_paths_relative_to_the_project() -> None:
    stage = read_definition(
        {
            "stages": {
                "s": {
                    "cmd": ["a", "b"],
                    "wdir": "work",
                    "deps": ["../x", "y/../z", "."],
                    "outs": ["o", {"p": {"cache": False}}],
                    "metrics": [{"m.json": None}],
                    "params": ["a.b", {"../q.yaml": ["c"]}, {"r.toml": None}],
                    "frozen": True,
                }
            }
        },
        file="sub/dvc.yaml",
    )["sub/dvc.yaml:s"]
    assert stage.commands == ("a", "b")
    assert stage.deps == ("sub/x", "sub/work/z", "sub/work")
    assert stage.outs == (
        Out(path="sub/work/o", kind="outs", cached=True),
        Out(path="sub/work/p", kind="outs", cached=False),
        Out(path="sub/work/m.json", kind="metrics", cached=True),
    )
    assert stage.parameters == {
        "sub/work/params.yaml": ("a.b",), "sub/q.yaml": ("c",), "sub/work/r.toml": (),
    }  # fmt: skip
    assert stage.frozen


def test_a_file_that_is_a_parameter_as_a_whole_is_so_whatever_else_is_listed() -> None:
    listed = ["a", {"params.yaml": None}, {"q.yaml": ["b"]}, {"q.yaml": []}, {"r.yaml": ["c"]}]
    stage = read_definition({"stages": {"s": {"cmd": "x", "params": listed}}}, file="dvc.yaml")["s"]
    assert stage.parameters == {"params.yaml": (), "q.yaml": (), "r.yaml": ("c",)}


def test_ancestors_are_found_through_every_dependency_and_circles_end() -> None:
    stages: dict[str, object] = {
        "a": {"cmd": "x", "deps": ["raw"], "outs": ["1"]},
        "b": {"cmd": "x", "deps": ["1"], "outs": ["2"]},
        "c": {"cmd": "x", "deps": ["1", "2"], "outs": ["3"]},
        "other": {"cmd": "x", "outs": ["4"]},
        "loop": {"cmd": "x", "deps": ["5"], "outs": ["5"]},
    }
    found = a_pipeline(stages)
    assert found.ancestors("3") == ("c", "a", "b")
    assert found.ancestors("raw") == ()
    assert found.ancestors("5") == ("loop",)


def test_a_path_that_two_records_claim_is_known_with_its_claimants() -> None:
    stages: dict[str, object] = {
        "a": {"cmd": "x", "outs": ["1", "2"]},
        "b": {"cmd": "x", "outs": ["./1"]},
    }
    record = Recorded(path="2", algorithm="md5", value="a" * 32)
    found = a_pipeline(stages, {"2": record})
    assert found.claims() == {
        "1": ("the stage a", "the stage b"),
        "2": ("a .dvc file", "the stage a"),
    }
    assert found.producers()["1"] == "a"


def test_a_dependency_finds_the_output_around_it_and_those_inside_it() -> None:
    stages: dict[str, object] = {
        "a": {"cmd": "x", "outs": ["data"]},
        "b": {"cmd": "x", "outs": ["parts/1"]},
        "c": {"cmd": "x", "deps": ["parts"], "outs": ["parts/sub/2"]},
        "d": {"cmd": "x", "deps": ["data/x/y.csv", "parts"], "outs": ["model"]},
    }
    assert a_pipeline(stages).ancestors("model") == ("d", "a", "b", "c")


def test_a_record_without_a_hash_key_is_dvc_2s() -> None:
    found = read_dvc_file({"outs": [{"md5": "a" * 32, "path": "x"}]}, file="d/x.dvc")
    assert found.tracked == {"d/x": Recorded(path="d/x", algorithm=LEGACY, value="a" * 32)}


@pytest.mark.parametrize("algorithm", ["etag", "checksum"])
def test_only_what_a_cloud_keeps_has_a_clouds_hash(algorithm: str) -> None:
    local = {"path": "x", algorithm: "abc"}
    with pytest.raises(UndecidedError, match=f"{algorithm} of a local file"):
        read_dvc_file({"outs": [local]}, file="d/x.dvc")
    imported = {"outs": [{"md5": "a" * 32, "path": "x"}], "deps": [local | {"path": "s3://b/x"}]}
    assert "d/x" in read_dvc_file(imported, file="d/x.dvc").tracked


def test_entries_of_stages_that_are_gone_are_left_out() -> None:
    stages = read_definition({"stages": {"s": {"cmd": "x"}}}, file="dvc.yaml")
    lock = {"schema": "2.0", "stages": {"s": {"cmd": "x"}, "gone": {"cmd": "y"}}}
    assert set(read_lock(lock, file="dvc.lock", stages=stages)) == {"s"}


def test_empty_files_define_and_record_nothing() -> None:
    assert read_definition(None, file="dvc.yaml") == {}
    assert read_lock(None, file="dvc.lock", stages={}) == {}


def test_a_message_about_a_huge_value_stays_short() -> None:
    huge: list[object] = ["x"]
    for _ in range(40):
        huge = [huge, huge]
    for value in (
        {"stages": huge},
        {"stages": {"s": {"cmd": huge}}},
        {"stages": {"s": {"cmd": "x", "deps": [huge]}}},
    ):
        with pytest.raises(UndecidedError) as error:
            read_definition(value, file="dvc.yaml")
        assert len(str(error.value)) < 400
