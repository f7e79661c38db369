"""The graph of a real project: what is captured, of which state, and what is left alone."""

import pytest

from aigf_dvc.actions.graph import graph
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.graph import LineageGraph, Role
from aigf_dvc.evidence.lineage import EdgeState, TrustLevel
from tests.playground import METRICS, MODEL, Playground


def names(found: LineageGraph) -> set[str]:
    return {artifact.name for artifact in found.artifacts}


def states(found: LineageGraph) -> dict[str, EdgeState]:
    return {stage.address: stage.state for stage in found.stages}


@pytest.mark.slow
def test_a_governed_model_has_its_ancestors_and_its_metrics(playground: Playground) -> None:
    playground.write("spare.csv", "spare\n")
    playground.dvc("add", "--quiet", "spare.csv")
    found = graph(playground.project)
    assert found.models == ("scorer",)
    assert found.commit is None
    assert states(found) == dict.fromkeys(("evaluate", "prepare", "train"), EdgeState.VERIFIED)
    assert {a.name: a.role for a in found.artifacts} == {
        MODEL: Role.MODEL,
        METRICS: Role.METRICS,
        "data/clean.csv": Role.INTERMEDIATE,
        "data/raw.csv": Role.DATASET,
        "params.yaml": Role.PARAMETERS,
        "src/evaluate.sh": Role.CODE,
        "src/prepare.sh": Role.CODE,
        "src/train.sh": Role.CODE,
    }
    for artifact in found.artifacts:
        assert artifact.sha256 == sha256((playground.root / artifact.name).read_bytes())
    assert all(stage.trust.level is TrustLevel.DECLARED for stage in found.stages)


def test_what_changed_is_seen_and_nothing_is_written(playground: Playground) -> None:
    (playground.root / "aigf.lock").unlink()
    playground.write("src/train.sh", "true\n")
    playground.replace("params.yaml", "depth: 3", "depth: 4")
    playground.edit_keeping_size_and_mtime("data/raw.csv")
    before = playground.git("status", "--porcelain")
    found = graph(playground.project)
    assert playground.git("status", "--porcelain") == before
    bad = {link.artifact: link.reason for link in found.links if not link.state.is_sound}
    assert set(bad) == {"src/train.sh", "params.yaml", "data/raw.csv"}
    assert bad["params.yaml"].startswith("train.depth: the run used 3")
    assert states(found)["train"] is EdgeState.MISMATCHED


def test_a_commit_is_drawn_without_its_data(playground: Playground) -> None:
    commit = playground.git("rev-parse", "HEAD")
    playground.write("src/train.sh", "true\n")
    found = graph(playground.project, revision="HEAD")
    assert found.commit == commit
    assert states(found)["train"] is EdgeState.RECORDED
    model = next(a for a in found.artifacts if a.name == MODEL)
    assert model.sha256 == sha256((playground.root / MODEL).read_bytes())  # from aigf.lock


def test_without_aigf_yaml_there_is_the_whole_pipeline(playground: Playground) -> None:
    (playground.root / "aigf.yaml").unlink()
    found = graph(playground.project)
    assert found.models == ()
    assert set(states(found)) == {"evaluate", "prepare", "train"}
    assert Role.MODEL not in {artifact.role for artifact in found.artifacts}


def test_a_path_that_a_stage_makes_is_a_model_too(playground: Playground) -> None:
    found = graph(playground.project, models=("data/clean.csv",))
    assert found.models == ("data/clean.csv",)
    clean = next(a for a in found.artifacts if a.name == "data/clean.csv")
    assert (clean.role, clean.models) == (Role.MODEL, ("data/clean.csv",))


@pytest.mark.slow
def test_all_shows_data_that_no_stage_reads(playground: Playground) -> None:
    playground.write("spare.csv", "spare\n")
    playground.dvc("add", "--quiet", "spare.csv")
    assert "spare.csv" in names(graph(playground.project, everything=True))


def test_an_unknown_model_and_one_that_no_stage_makes_are_refused(playground: Playground) -> None:
    with pytest.raises(InputError, match="no model named 'nothing'"):
        graph(playground.project, models=("nothing",))
    playground.replace("aigf.yaml", "path: models/model.bin", "path: elsewhere.bin")
    with pytest.raises(InputError, match=r"no stage makes the model elsewhere\.bin"):
        graph(playground.project)
