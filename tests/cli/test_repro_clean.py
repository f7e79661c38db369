"""`aigf repro` hands over to the clean run, and only when it is asked for one."""

import pytest
from click.testing import CliRunner

from aigf_dvc.cli import repro
from aigf_dvc.cli.repro import asks_for_clean
from tests.playground import Playground


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["--clean", "HEAD"], True),
        (["fraud", "--clean=HEAD"], True),
        (["--clean"], True),
        ([], False),
        (["--force", "train"], False),
        (["--", "--clean", "HEAD"], False),
        (["--cleanup"], False),
    ],
)
def test_only_the_option_itself_asks_for_a_clean_run(arguments: list[str], asked: bool) -> None:
    assert asks_for_clean(arguments) is asked


def test_each_of_the_two_has_its_own_help() -> None:
    plain = CliRunner().invoke(repro.command, ["--help"])
    clean = CliRunner().invoke(repro.command, ["--clean", "HEAD", "--help"])
    assert "options of `dvc repro`" in plain.output
    assert "aigf repro --clean HEAD" in plain.output
    assert "--keep" in clean.output
    assert "tolerance: {fairness_score: 0.01}" in clean.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--clean"], "requires an argument"),
        (["--clean", "nowhere"], "no commit named 'nowhere'"),
        (["--clean", "HEAD", "other"], "no model named 'other'"),
        (["--clean", "HEAD", "--sign"], "Say who signs"),
        (["--clean", "HEAD", "--key", "k"], "add --sign"),
        (["--clean", "HEAD", "--sign", "--key", "nowhere.key"], "no such file"),
    ],
)
def test_a_wrong_call_ends_with_2_before_anything_runs(
    playground: Playground, arguments: list[str], said: str
) -> None:
    outcome = playground.aigf("repro", *arguments)
    assert outcome.returncode == 2, outcome.stderr
    assert said in outcome.stderr
    assert "cloning" not in outcome.stderr
