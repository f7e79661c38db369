"""With each option of DVC's what is called observed is what ran: with real DVC."""

import sys
from pathlib import Path

import pytest

from aigf_dvc.actions.repro import repro
from tests.playground import Playground, run

PIPELINE = """\
stages:
  first: {cmd: cp source one, deps: [source], outs: [one]}
  bad: {cmd: exit 3, deps: [one], outs: [two]}
  after: {cmd: cp two three, deps: [two], outs: [three]}
  last: {cmd: cp one four, deps: [one], outs: [four]}
"""


@pytest.fixture
def place(tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # the home is set
    """A project in which one stage of four fails, and nothing has run."""
    made = Playground(tmp_path / "project")
    made.write("dvc.yaml", PIPELINE)
    made.write("source", "x\n")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        run(command, made.root)
    return made


def files(place: Playground) -> dict[str, bytes]:
    """Return every file and folder, without DVC's own state."""
    found = place.root.rglob("*")
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in found if "tmp" not in p.parts}


@pytest.mark.slow
def test_what_runs_is_observed_and_nothing_else_is(place: Playground) -> None:
    before = files(place)
    dry = place.aigf("repro", "--dr", "first")
    assert dry.returncode == 0
    assert "aigf:" not in dry.stderr
    assert "cp source one" in dry.stdout
    assert files(place) == before

    kept_going = repro(place.project, ["--keep"])
    assert kept_going.exit_code != 0
    assert kept_going.observed == ("first", "last")
    assert kept_going.not_observed == (("bad", "its command failed (exit code 3)"),)
    assert len(list((place.root / ".aigf/runs").iterdir())) == 2

    ignored = repro(place.project, ["--ignore-errors", "--glob", "*a*"])
    assert ignored.exit_code == 0
    assert ignored.observed == ()
    assert dict(ignored.not_observed).keys() == {"bad"}
    assert {trust.stage for trust in ignored.skipped if trust.run_record} == {"first", "last"}

    alone = repro(place.project, ["-fs", "--no-commit", "last"])
    assert (alone.exit_code, alone.observed) == (0, ("last",))


IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def test_dvcs_questions_are_answered_in_the_terminal(place: Playground) -> None:
    command = [sys.executable, "-m", "aigf_dvc", "repro", "-i", "first"]
    answered = run([sys.executable, "-c", IN_A_TERMINAL, *command], place.root, stdin="y\n")
    assert "observed now: first" in answered.stdout
