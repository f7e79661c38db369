"""What is asked of `aigf verify`: only a bundle and its signer take the short way."""

import click
import pytest
from click.testing import CliRunner

from aigf_dvc.cli.verify import command
from aigf_dvc.cli.verify_asked import Asked

# The options that the short way reads; it would pass over any other.
PLAIN = {
    "artifact", "bundle", "key", "identity", "issuer", "trusted_root", "require_log", "signers",
    "times", "digests", "any_policy", "environment", "max_age", "min_trust", "form",
}  # fmt: skip
# These leave before either way is taken.
BEFORE = {"signature_only", "oms"}
# A token may stand in the environment for other commands.
ALONE_IT_MEANS_NOTHING = {"vsa_identity_token"}
VALUES = {"upstream": "report", "vsa_verifier": "https://judge.example/v1"}


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the ways that were taken."""
    taken: list[str] = []

    def plainly(_asked: Asked) -> None:
        taken.append("plainly")

    def fully(_asked: Asked) -> None:
        taken.append("fully")

    monkeypatch.setattr("aigf_dvc.cli.verify_plainly.verify_plainly", plainly)
    monkeypatch.setattr("aigf_dvc.cli.verify_fully.verify_fully", fully)
    return taken


def option(parameter: click.Parameter) -> list[str]:
    name = parameter.name or ""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [parameter.opts[0]]
    return [parameter.opts[0], VALUES.get(name, "x")]


def test_a_bundle_and_its_signer_take_the_short_way(ways: list[str]) -> None:
    CliRunner().invoke(command, ["m", "--bundle", "b", "--key", "k", "--any-policy"])
    assert ways == ["plainly"]


@pytest.mark.parametrize(
    "parameter",
    [p for p in command.params if p.name not in PLAIN | BEFORE | ALONE_IT_MEANS_NOTHING],
    ids=lambda parameter: parameter.opts[0],
)
def test_nothing_else_is_passed_over(parameter: click.Parameter, ways: list[str]) -> None:
    place = [] if parameter.name == "store" else ["--bundle", "b"]
    run = CliRunner().invoke(command, ["m", *place, "--key", "k", *option(parameter)])
    refused = run.exit_code == 2 and "Usage" in run.output
    assert ways == ["fully"] or (ways == [] and refused), run.output


def test_every_option_of_the_short_way_is_one_of_the_command() -> None:
    names = {parameter.name for parameter in command.params}
    assert names >= PLAIN | BEFORE
    assert names & PLAIN <= set(Asked.__struct_fields__)


def test_the_options_of_the_short_way_do_not_need_the_long_one(ways: list[str]) -> None:
    arguments = [
        "m", "--bundle", "b", "--identity", "me", "--issuer", "https://i.example",
        "--trusted-root", "r", "--policy-digest", f"sha256:{'0' * 64}", "--max-age", "1d",
        "--min-trust", "declared", "--environment", "staging", "--format", "json",
    ]  # fmt: skip
    CliRunner().invoke(command, arguments)
    assert ways == ["plainly"]
