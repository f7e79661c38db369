import json
from pathlib import Path

from aigf_dvc.capture.find_metrics import FoundMetrics, find_metrics
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.strict_yaml import read_dvc
from aigf_dvc.trees.working_tree import WorkingTree

STAGES = """\
stages:
  train: {cmd: x, outs: [m.pkl], metrics: [training.json]}
  predict: {cmd: x, deps: [m.pkl], outs: [predictions]}
  evaluate: {cmd: x, deps: [predictions], metrics: [a.json]}
  speed: {cmd: x, deps: [m.pkl], outs: [b.json]}
  data: {cmd: x, metrics: [data.json]}
"""
WANTED = ("fairness_score", "p95_latency_ms")


def find(
    folder: Path, listed: tuple[str, ...] = (), *, stages: str = STAGES, **files: object
) -> FoundMetrics:
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    pipeline = Pipeline(
        stages=read_definition(read_dvc(stages.encode(), where=""), file="dvc.yaml"),
        locks={},
        tracked={},
        definitions=("dvc.yaml",),
        lock_files=(),
        dvc_files=(),
    )
    return find_metrics("m.pkl", pipeline, WorkingTree(folder), listed=listed, wanted=WANTED)


def names(found: FoundMetrics) -> dict[str, str]:
    return {name: source.place for name, source in found.sources.items()}


def test_files_count_that_are_computed_from_the_model_even_over_several_stages(
    tmp_path: Path,
) -> None:
    assert find(tmp_path).files == ("training.json", "a.json")
    assert find(tmp_path, ("b.json",)).files == ("training.json", "a.json", "b.json")


def test_a_file_written_together_with_the_model_counts_with_a_note(tmp_path: Path) -> None:
    assert any("training.json" in note for note in find(tmp_path).notes)


def test_case_and_separators_do_not_matter_for_a_wanted_name(tmp_path: Path) -> None:
    found = find(tmp_path, a={"fairnessScore": 0.9, "speed": {"P95-latency-ms": 7}})
    assert names(found) == {
        "fairness_score": "a.json:fairnessScore",
        "p95_latency_ms": "a.json:speed.P95-latency-ms",
    }


def test_a_near_name_is_only_suggested_for_its_unit_may_differ(tmp_path: Path) -> None:
    found = find(tmp_path, a={"p95_latency_s": 0.2})
    assert names(found) == {"p95_latency_s": "a.json:p95_latency_s"}
    assert found.missing == {"fairness_score": "", "p95_latency_ms": "a.json:p95_latency_s"}


def test_of_two_that_fit_equally_none_is_chosen(tmp_path: Path) -> None:
    found = find(tmp_path, a={"x": {"fairness_score": 1}, "y": {"fairness_score": 0.1}})
    assert set(names(found)) == {"x.fairness_score", "y.fairness_score"}
    assert "fairness_score" in found.missing
    found = find(tmp_path, a={"fairness": {"score": 1}, "fairness-score": 0.1})
    assert set(names(found)) == {"fairness-score"}
    assert "fairness_score" in found.missing


def test_numbers_within_others_are_left_out_where_there_are_plainer_ones(tmp_path: Path) -> None:
    found = find(tmp_path, a={"accuracy": 0.9, "groups": {"a": {"accuracy": 0.8}}})
    assert list(found.sources) == ["accuracy"]


def test_only_numbers_are_listed_sorted_by_name(tmp_path: Path) -> None:
    found = find(tmp_path, a={"z": 1, "b": True, "c": "text", "a": 0.5, "n": None, "q:r": 1})
    assert list(found.sources) == ["a", "z"]


def test_the_same_key_in_two_files_gets_two_names(tmp_path: Path) -> None:
    found = find(tmp_path, ("b.json",), a={"n": 1}, b={"n": 2})
    assert names(found) == {"n": "a.json:n", "b.n": "b.json:n"}


def test_of_very_many_numbers_twenty_are_listed_and_the_rest_is_said(tmp_path: Path) -> None:
    found = find(tmp_path, a={f"k{number:02}": number for number in range(25)})
    assert len(found.sources) == 20
    assert any("5 more numbers" in note for note in found.notes)


def test_a_file_that_is_absent_or_unreadable_is_said(tmp_path: Path) -> None:
    notes = find(tmp_path).notes
    assert "a.json is not here yet: add its numbers to aigf.yaml after `aigf repro`" in notes
    (tmp_path / "a.json").write_text("{")
    assert any("a.json:1" in note for note in find(tmp_path).notes)


def test_names_that_are_guessed_for_the_only_file_are_said(tmp_path: Path) -> None:
    found = find(tmp_path, stages="stages: {evaluate: {cmd: x, deps: [m.pkl], metrics: [a.json]}}")
    assert names(found) == {name: f"a.json:{name}" for name in WANTED}
    assert found.notes == (
        "a.json is not here yet: fairness_score and p95_latency_ms are looked for in it; "
        "correct their places in aigf.yaml after `aigf repro`",
    )
