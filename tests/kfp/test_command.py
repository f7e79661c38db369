"""A yes is what the command says and shows; everything else is a no."""

import sys
from pathlib import Path

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.kfp.command import ask, given


def a_program(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let a script stand for Python, which runs the command."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_only_options_with_a_value_are_passed_on_and_each_value_stays_one() -> None:
    options = {"--key": "", "--policy": "--any-policy", "--from": "a b"}
    assert given(options) == ["--policy=--any-policy", "--from=a b"]


def test_a_command_that_is_killed_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_program(monkeypatch, tmp_path, "kill -9 $$")
    with pytest.raises(UndecidedError, match="`aigf verify` was killed by signal 9"):
        ask("verify")


@pytest.mark.parametrize("said", ["", "accepted", "{}"])
def test_a_yes_that_does_not_say_to_what_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    a_program(monkeypatch, tmp_path, f"printf %s '{said}'")
    with pytest.raises(UndecidedError, match="says yes, but not to what"):
        ask("check")


def test_a_no_without_a_result_keeps_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_program(monkeypatch, tmp_path, "exit 2")
    answer = ask("check")
    assert (answer.code, answer.document) == (2, {})


def test_the_command_is_asked_alone_for_its_result_as_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_program(monkeypatch, tmp_path, """printf '{"asked": "%s"}' "$*" """)
    assert ask("check", "--at=push").document == {
        "asked": "-I -m aigf_dvc check --format=json --at=push"
    }
