"""What a step does in its container, whatever its surroundings say."""

import json
import sys
from pathlib import Path

import pytest

from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.kfp.check_step import check_step
from aigf_dvc.kfp.step import step
from aigf_dvc.kfp.verify_step import verify_step
from tests.playground import METRICS, Playground


def test_an_experiment_of_dvc_does_not_make_a_denied_model_pass(
    playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground.replace(METRICS, "0.9", "0.1")
    monkeypatch.setenv("DVC_STAGE", "governance")
    monkeypatch.setenv("DVC_EXP_NAME", "better")
    assert playground.aigf("check", "--at", "stage").returncode == 0
    verdict = tmp_path / "verdict"
    with pytest.raises(RefusedError, match="scorer is denied"):
        check_step(str(playground.root), str(verdict), model="", options={"--at": "stage"})
    assert json.loads(verdict.read_bytes())["verdicts"][0]["result"] == "denied"


def test_a_repository_that_nobody_named_is_not_the_one_that_the_step_starts_in(
    playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(playground.root)
    for repository in ("", str(tmp_path / "nothing"), str(playground.root / "dvc.yaml")):
        with pytest.raises(InputError, match="no such folder"):
            check_step(repository, str(tmp_path / "verdict"), model="", options={"--rev": "HEAD"})
    assert not (tmp_path / "verdict").exists()


def test_a_yes_whose_result_says_no_passes_nothing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(program))
    governed = tmp_path / "governed"
    for said in (
        {"accepted": False, "verifications": [{"accepted": True}]},
        {"accepted": True, "verifications": [{"accepted": False}]},
    ):
        program.write_text(f"#!/bin/sh\nprintf %s '{json.dumps(said)}'\n")
        program.chmod(0o755)
        with pytest.raises(UndecidedError, match="says yes, but its result does not"):
            verify_step("model", str(governed), str(tmp_path / "verdict"), options={})
        assert not governed.exists()


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RefusedError("no", where="m", hint="ask"), 1, "aigf: m: no\n  hint: ask\n"),
        (UndecidedError("hm"), 3, "aigf: hm\n"),
        (FileNotFoundError(2, "No such file", "f"), 3, "aigf: [Errno 2] No such file: 'f'\n"),
    ],
)
def test_a_step_ends_with_the_message_and_the_code_of_its_error(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int, said: str
) -> None:
    with pytest.raises(SystemExit) as left, step():
        raise error
    assert left.value.code == code
    assert capsys.readouterr().err == said
