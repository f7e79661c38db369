"""What `aigf repro` says afterwards, in the folder where it was typed."""

from pathlib import Path

import pytest

from aigf_dvc.actions.repro import ReproResult
from aigf_dvc.cli.repro_told import tell
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel


@pytest.mark.parametrize(
    ("folder", "stage", "typed"),
    [
        (".", "train", "train"),
        (".", "pipe/dvc.yaml:load@a", "pipe/dvc.yaml:load@a"),
        ("pipe", "pipe/dvc.yaml:load@a", "load@a"),
        ("pipe", "train", "../dvc.yaml:train"),
    ],
)
def test_the_command_that_observes_a_stage_works_where_it_is_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    folder: str,
    stage: str,
    typed: str,
) -> None:
    (tmp_path / "pipe").mkdir()
    monkeypatch.chdir(tmp_path / folder)
    skipped = StageTrust(stage=stage, level=TrustLevel.DECLARED)
    tell(ReproResult(exit_code=0, skipped=(skipped,)), tmp_path, quiet=False)
    assert capsys.readouterr().err == (
        f"aigf: did not run, never observed: {stage} (`aigf repro --force {typed}` runs and "
        "observes it)\n"
    )


@pytest.mark.parametrize(
    ("stages", "options"),
    [(("a", "b"), ""), (("a", "pipe/dvc.yaml:b"), " --all-pipelines")],
)
def test_the_command_that_observes_all_stages_reaches_them_all(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    stages: tuple[str, ...],
    options: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    skipped = tuple(StageTrust(stage=stage, level=TrustLevel.DECLARED) for stage in stages)
    tell(ReproResult(exit_code=0, skipped=skipped), tmp_path, quiet=False)
    assert f"(`aigf repro --force{options}` observes all)\n" in capsys.readouterr().err
