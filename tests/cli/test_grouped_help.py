"""`aigf verify --help` shows examples first, then every option under one heading."""

from collections import Counter

import click
import pytest
from click.testing import CliRunner

from aigf_dvc.cli.grouped_help import REST, GroupedCommand
from aigf_dvc.cli.verify import command
from aigf_dvc.cli.verify_headings import HEADINGS


def help_of(asked: click.Command) -> str:
    done = CliRunner().invoke(asked, ["--help"], terminal_width=100)
    assert done.exit_code == 0
    return done.output


def test_every_option_of_verify_stands_under_one_heading() -> None:
    named = Counter(name for names in HEADINGS.values() for name in names)
    assert named == Counter(
        parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)
    )
    said = help_of(command)
    assert [title for title in HEADINGS if f"\n{title}:\n" in said] == list(HEADINGS)
    assert all(f"\n  {name} " in said or f"\n  {name}\n" in said for name in named)


def test_examples_come_before_the_options_and_explanations_after_them() -> None:
    said = help_of(command)
    places = [
        said.index(text)
        for text in ("Exit code 0", "Examples:", "aigf verify model.pkl --from git --trust",
                     "Which attestation:", "--vsa-policy-uri", "With --deep the attested")
    ]  # fmt: skip
    assert places == sorted(places)


@click.command(cls=GroupedCommand, headings={"First": ("--b",)})
@click.option("--a", help="the one.")
@click.option("--b", help="the other.")
def small(a: str, b: str) -> None:
    """Do little."""
    click.echo(f"{a} {b}")


def test_an_option_without_a_heading_is_not_lost() -> None:
    said = help_of(small)
    assert "Do little." in said
    first, rest = said.index("\nFirst:\n  --b"), said.index(f"\n{REST}:\n  --a")
    assert first < rest


def test_a_heading_that_names_no_option_is_a_mistake() -> None:
    wrong = GroupedCommand(name="wrong", headings={"First": ("--none",)})
    with pytest.raises(KeyError):
        wrong.get_help(click.Context(wrong))
