"""A reproduction counts for the lock entry it ran, when this machine keeps it under its own key."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.capture.reproductions import (
    FOLDER,
    find_reproduction,
    keep_reproduction,
    refuse_other_bytes,
    trust_in,
    trust_under,
)
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.evidence.pipeline import Pipeline
from aigf_dvc.evidence.reproduction import (
    ComparedMetric,
    ComparedOutput,
    Digests,
    ReproducedStage,
    Reproduction,
)
from aigf_dvc.evidence.run_record import key_of_lock
from aigf_dvc.settings import Settings
from aigf_dvc.trees.working_tree import WorkingTree
from tests.capture.test_run_records import MODEL, a_pipeline
from tests.evidence.test_reproduction import a_metric, a_reproduction
from tests.playground import run
from tests.policy.builders import a_policy

STRICT = a_policy("{id: a, kind: lineage, min_trust: reproduced}")
TOLERANT = a_policy("{id: a, kind: lineage, min_trust: reproduced, tolerance: {auc: 0.1}}")


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:  # noqa: ARG001  # the home is set
    """Return the folder of a project in git."""
    run(["git", "init", "--quiet"], tmp_path)
    return tmp_path


def a_record(
    *, made: str = MODEL, metric: ComparedMetric | None = None, directory: str = ""
) -> Reproduction:
    key = key_of_lock(a_pipeline().locks["train"])
    assert key is not None
    output = ComparedOutput(
        name="model",
        recorded=Digests(md5=MODEL, sha256=sha256(MODEL.encode())),
        made=Digests(md5=made, sha256=sha256(made.encode())),
    )
    stage = ReproducedStage(
        name="train", key=key, directory=directory, inputs=(), outputs=(output,), run_record=None
    )
    return replace(a_reproduction(metric=metric), stages=(stage,))


def level(root: Path, *, tolerant: bool = False, pipeline: Pipeline | None = None) -> TrustLevel:
    trust = trust_under(TOLERANT if tolerant else STRICT)
    return trust(pipeline or a_pipeline(), "train", root).level


def observed(_pipeline: Pipeline, address: str, _root: Path) -> StageTrust:
    return StageTrust(stage=address, level=TrustLevel.OBSERVED, run_record=sha256(b"run"))


def test_the_recorded_bytes_make_a_stage_reproduced(root: Path) -> None:
    path = keep_reproduction(root, a_record())
    data = (root / path).read_bytes()
    trust = trust_under(STRICT, observed)(a_pipeline(), "train", root)
    assert trust == StageTrust(
        stage="train",
        level=TrustLevel.REPRODUCED,
        run_record=sha256(b"run"),
        reproduction=sha256(data),
    )
    found = find_reproduction(root, sha256(data))
    assert found is not None
    assert (found.record, found.data) == (a_record(), data)


def test_without_a_record_the_level_is_as_before(root: Path) -> None:
    assert level(root) is TrustLevel.DECLARED
    assert trust_under(STRICT, observed)(a_pipeline(), "train", root).reproduction is None


def test_another_lock_entry_is_not_covered(root: Path) -> None:
    keep_reproduction(root, a_record())
    assert level(root, pipeline=a_pipeline(model="2" * 32)) is TrustLevel.DECLARED


def test_a_run_in_another_folder_does_not_count(root: Path) -> None:
    keep_reproduction(root, a_record(directory="sub"))
    assert level(root) is TrustLevel.DECLARED


def test_a_record_whose_outputs_are_not_those_of_its_key_does_not_count(root: Path) -> None:
    record = a_record()
    (output,) = record.stages[0].outputs
    same = replace(output, recorded=output.made, name="other")
    keep_reproduction(root, replace(record, stages=(replace(record.stages[0], outputs=(same,)),)))
    assert level(root) is TrustLevel.DECLARED


def test_other_bytes_count_for_an_observed_stage_under_a_tolerance(root: Path) -> None:
    keep_reproduction(root, a_record(made="2" * 32, metric=a_metric("0.9", "0.85")))
    assert level(root, tolerant=True) is TrustLevel.DECLARED
    levels = [trust_under(p, observed)(a_pipeline(), "train", root).level
              for p in (TOLERANT, STRICT)]  # fmt: skip
    assert levels == [TrustLevel.REPRODUCED, TrustLevel.OBSERVED]


def test_a_later_run_of_the_same_content_takes_the_place_of_an_earlier_one(root: Path) -> None:
    keep_reproduction(root, a_record())
    keep_reproduction(root, a_record(made="2" * 32))
    assert level(root) is TrustLevel.DECLARED
    assert len(list((root / FOLDER).iterdir())) == 1


def test_another_model_that_differs_takes_nothing_from_a_shared_stage(root: Path) -> None:
    keep_reproduction(root, a_record())
    keep_reproduction(root, replace(a_record(made="2" * 32), model="another"))
    assert level(root) is TrustLevel.REPRODUCED


def test_a_record_under_another_name_counts_as_none_and_is_reported(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = root / keep_reproduction(root, a_record())
    path.rename(path.with_name("0.json"))
    assert level(root) is TrustLevel.DECLARED
    assert "another run than its name" in caplog.text


def test_a_corrupt_record_counts_as_none_and_is_reported(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = root / keep_reproduction(root, a_record(made="2" * 32))
    path.write_bytes(path.read_bytes().replace(b'"identical":false', b'"identical":true'))
    assert level(root) is TrustLevel.DECLARED
    assert "not counted as a reproduction" in caplog.text


def test_a_pipe_among_the_records_never_hangs(root: Path) -> None:
    keep_reproduction(root, a_record())
    os.mkfifo(root / FOLDER / "0.json")
    assert level(root) is TrustLevel.REPRODUCED


def test_a_record_that_git_knows_does_not_count(root: Path) -> None:
    keep_reproduction(root, a_record())
    run(["git", "add", "--force", ".aigf"], root)
    assert level(root) is TrustLevel.DECLARED


@pytest.mark.parametrize("name", [".aigf", FOLDER])
def test_a_link_in_place_of_the_folder_is_not_written_through(root: Path, name: str) -> None:
    (root / "elsewhere").mkdir()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(root / "elsewhere")
    with pytest.raises(UndecidedError, match="cannot be written"):
        keep_reproduction(root, a_record())
    assert list((root / "elsewhere").iterdir()) == []


def test_under_the_policy_of_a_tree_that_cannot_be_read_no_reproduction_counts(root: Path) -> None:
    keep_reproduction(root, a_record())
    settings = Settings(models=(), policy="policy.yaml")
    levels = []
    for text in ("id: a\nversion: '1'\nrules: [{id: a, kind: lineage}]\n", "rules: ["):
        (root / "policy.yaml").write_text(text)
        trust = trust_in(WorkingTree(root), settings, root)
        levels.append(trust(a_pipeline(), "train", root).level)
    assert levels == [TrustLevel.REPRODUCED, TrustLevel.DECLARED]


def test_other_bytes_of_the_same_md5_are_refused_by_name(root: Path) -> None:
    path = keep_reproduction(root, a_record())
    digest = sha256((root / path).read_bytes())
    stage = StageTrust(stage="train", level=TrustLevel.REPRODUCED, reproduction=digest)
    refuse_other_bytes(root, stage, "model", sha256(MODEL.encode()))
    with pytest.raises(RefusedError, match="same MD5"):
        refuse_other_bytes(root, stage, "model", Sha256("0" * 64))
