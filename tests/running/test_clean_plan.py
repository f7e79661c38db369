"""What a commit records is read, or refused, before anything runs."""

import shutil
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.dvc_yaml import read_definition
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.running.clean_plan import (
    CleanPlan,
    demand_recorded_inputs,
    in_running_order,
    read_clean_plan,
)
from tests.playground import MODEL, Playground


def plan(place: Playground, *models: str) -> CleanPlan:
    with place.commit_snapshot() as snapshot:
        return read_clean_plan(snapshot, models, root=place.root)


def a_pipeline(**deps: str) -> Pipeline:
    """Return stages that each make a folder of their own name."""
    stages = {
        name: {"cmd": "x", "deps": read.split(), "outs": [name]} for name, read in deps.items()
    }
    return Pipeline(
        stages=read_definition({"stages": stages}, file="dvc.yaml"),
        locks={},
        tracked={},
        definitions=("dvc.yaml",),
        lock_files=(),
        dvc_files=(),
    )


def test_a_stage_runs_after_those_whose_outputs_it_reads() -> None:
    pipeline = a_pipeline(a="b/part c", b="z raw", c="raw", z="raw")
    order = in_running_order(pipeline, pipeline.stages)
    assert order.index("a") == 3
    assert order.index("z") < order.index("b")
    assert set(in_running_order(pipeline, ["a", "c"])) == {"a", "c"}


def test_a_circle_of_stages_is_refused_by_name() -> None:
    pipeline = a_pipeline(a="b", b="a")
    with pytest.raises(UndecidedError, match=r"a circle of stages: . -> . -> ."):
        in_running_order(pipeline, pipeline.stages)


def test_a_sound_commit_gives_its_stages_digests_and_numbers(playground: Playground) -> None:
    found = plan(playground)
    assert found.stages == ("prepare", "train", "evaluate")
    assert set(found.recorded) == {"data/clean.csv", MODEL, "metrics.json"}
    assert found.metrics["scorer"]["fairness_score"].value is not None
    assert set(found.keys) == set(found.stages)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("src/train.sh", "echo model", "echo other"),
        ("params.yaml", "depth: 3", "depth: 4"),
        ("dvc.yaml", "sh src/train.sh", "sh  src/train.sh"),
        ("metrics.json", "0.9", "0.95"),
        ("data/raw.csv.dvc", "md5: ", "md5: 0"),
    ],
)
def test_a_commit_that_contradicts_its_lock_is_undecided(
    playground: Playground, path: str, old: str, new: str
) -> None:
    playground.replace(path, old, new)
    if path.endswith(".dvc"):
        text = playground.read(path)
        digest = text.partition("md5: ")[2].split()[0]
        playground.write(path, text.replace(digest, digest[:32]))
    playground.commit("stale")
    with pytest.raises(UndecidedError, match="not what its lock records"):
        plan(playground)


def test_the_sha256_of_an_output_is_looked_for_here_and_else_undecided(
    playground: Playground,
) -> None:
    (playground.root / "aigf.lock").unlink()
    playground.commit("no digests")
    assert set(plan(playground).recorded) == {"data/clean.csv", MODEL, "metrics.json"}
    (playground.root / MODEL).unlink()
    with pytest.raises(UndecidedError, match=f"SHA-256 of {MODEL} is not known"):
        plan(playground)
    playground.write(MODEL, "another\n")
    with pytest.raises(UndecidedError, match=f"SHA-256 of {MODEL} is not known"):
        plan(playground)


def test_stages_run_on_the_recorded_data_and_no_other(playground: Playground) -> None:
    with playground.commit_snapshot() as snapshot:
        found = read_clean_plan(snapshot, (), root=playground.root)
        demand_recorded_inputs(found, playground.root)
        playground.edit_keeping_size_and_mtime("data/raw.csv")
        with pytest.raises(UndecidedError, match=r"data/raw\.csv is mismatched"):
            demand_recorded_inputs(found, playground.root)
        (playground.root / "data/raw.csv").unlink()
        demand_recorded_inputs(found, playground.root)  # DVC's cache has the bytes
        shutil.rmtree(playground.root / ".dvc/cache")
        with pytest.raises(UndecidedError, match=r"data/raw\.csv is recorded"):
            demand_recorded_inputs(found, playground.root)


def test_hashes_that_name_no_bytes_are_undecided(playground: Playground) -> None:
    lock = playground.read("dvc.lock")
    playground.write("dvc.lock", lock.replace("      hash: md5\n", ""))
    playground.commit("as DVC 2 wrote it")
    with pytest.raises(UndecidedError, match="another hash than MD5"):
        plan(playground)


def test_run_records_in_the_commit_are_refused(playground: Playground) -> None:
    playground.write(".aigf/runs/x.json", "{}")
    playground.git("add", "--force", ".aigf")
    playground.git("commit", "--quiet", "-m", "harmless")
    with pytest.raises(RefusedError, match="it is in the commit"):
        plan(playground)


def test_a_model_that_is_not_there_is_an_input_error(playground: Playground) -> None:
    with pytest.raises(InputError, match="no model named 'other'"):
        plan(playground, "other")


def test_a_commit_without_its_policy_is_an_input_error(playground: Playground) -> None:
    playground.git("rm", "--quiet", "governance/policy.yaml")
    playground.commit("no policy")
    with pytest.raises(InputError, match="not in the commit"):
        plan(playground)


def test_the_root_is_only_read(playground: Playground, tmp_path: Path) -> None:
    before = sorted(str(path) for path in playground.root.rglob("*"))
    plan(playground)
    assert sorted(str(path) for path in playground.root.rglob("*")) == before
    assert tmp_path.exists()
