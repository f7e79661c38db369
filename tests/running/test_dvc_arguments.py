"""DVC's arguments are read as DVC reads them, and all of its options reach it."""

import argparse
from pathlib import Path

import click
import pytest
from dvc.cli.parser import get_main_parser  # type: ignore[import-untyped]

from aigf_dvc.cli import exp, repro
from aigf_dvc.running.dvc_arguments import EXP_RUN, REPRO, asked_for, asks_for_all
from tests.playground import Playground

COMMANDS = {"repro": repro.command, "run": exp.run, "start": exp.start}


def dvcs_parser(*names: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = get_main_parser()
    for name in names:
        (group,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = group.choices[name]
    return parser


def dvcs_options(*names: str) -> list[argparse.Action]:
    """Return the options that DVC's help tells of."""
    actions = dvcs_parser(*names)._actions
    return [a for a in actions if a.option_strings and a.help is not argparse.SUPPRESS]


@pytest.mark.parametrize(
    ("names", "known"), [(("repro",), REPRO), (("exp", "run"), EXP_RUN)], ids=["repro", "exp run"]
)
def test_we_know_each_option_that_dvc_has(names: tuple[str, ...], known: frozenset[str]) -> None:
    assert {action.option_strings[-1] for action in dvcs_options(*names)} == known
    for action in dvcs_options(*names):
        for spelling in action.option_strings:
            if action.nargs == 0:
                assert asked_for([spelling], known) == {action.option_strings[-1]}


@pytest.mark.parametrize(
    "arguments",
    [
        "--dr",
        "--sing",
        "--downs",
        "--no-r",
        "-fs",
        "-Pkq",
        "-fvRs",
        "--force --dry train",
        "--all-",
    ],
)
def test_what_is_asked_for_is_what_dvcs_parser_finds(arguments: str) -> None:
    parser = dvcs_parser("repro")
    found = parser.parse_args(arguments.split())
    wanted = {
        action.option_strings[-1]
        for action in dvcs_options("repro")
        if action.nargs == 0 and getattr(found, action.dest, None) == action.const and action.const
    }
    assert asked_for(arguments.split(), REPRO) - {"--quiet", "--verbose"} == wanted


def test_the_value_of_an_option_is_none() -> None:
    assert asked_for(["-nhi", "-S", "a=1", "--name=dry", "-qn", "x"], EXP_RUN) == {
        "--quiet", "--name",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", True),
        ("-f", True),
        ("dvc.yaml", True),
        ("sub/dvc.yaml dvc.yaml", True),
        ("-R sub", True),
        ("-p train", True),
        ("-P", True),
        ("train", False),
        ("-f sub/dvc.yaml:train", False),
        ("--glob tr*", False),
        ("-s dvc.yaml", False),
        ("data.csv.dvc", False),
    ],
)
def test_a_run_of_single_stages_is_told_from_one_of_whole_pipelines(
    arguments: str, expected: bool
) -> None:
    assert asks_for_all(arguments.split()) is expected


@pytest.mark.parametrize("names", [("repro",), ("exp", "run"), ("queue", "start")], ids=" ".join)
def test_no_option_of_dvcs_is_taken_for_one_of_ours(names: tuple[str, ...]) -> None:
    command = COMMANDS[names[-1]]
    for action in dvcs_options(*names):
        for spelling in set(action.option_strings) - {"-h", "--help"}:
            given = [spelling, *(["5"] if action.nargs is None else []), "a-stage"]
            parsed = command.make_context("x", list(given), parent=click.Context(command))
            assert parsed.params["arguments"] == tuple(given)


def test_every_argument_reaches_dvc_as_it_was_given(playground: Playground, tmp_path: Path) -> None:
    program = tmp_path / "bin/dvc"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$TOLD"\n')
    program.chmod(0o755)
    told = tmp_path / "told"
    flags = [s for a in dvcs_options("repro") for s in a.option_strings if a.dest != "help"]
    flags = [flag for flag in flags if flag != "--dry"]
    for given in (flags, ["--dry", "-fsk", "a b", "tr*", "sub/dvc.yaml:t@1"]):
        extra = {"PATH": f"{program.parent}:/usr/bin:/bin", "TOLD": str(told)}
        assert playground.aigf("repro", *given, extra=extra).returncode in (0, 1)
        assert told.read_text().splitlines() == ["repro", *given]
