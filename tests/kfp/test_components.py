"""Every input of a gate is the option of its name: else a cluster would be the first to tell."""

import ast

import pytest

from aigf_dvc.cli.check import command as check
from aigf_dvc.cli.verify import command as verify
from tests.playground import PACKAGE

OTHER_NAMES = {"revision": "--rev", "store": "--from"}
GATES = {"aigf_check": check, "aigf_verify": verify}
SOURCE = ast.parse((PACKAGE / "aigf_dvc/kfp/components.py").read_text())


def options_of(gate: str) -> dict[str, str]:
    """Return the input that each option gets, by the source that goes into the pipeline."""
    functions = (node for node in SOURCE.body if isinstance(node, ast.FunctionDef))
    (function,) = (node for node in functions if node.name == gate)
    (call,) = (
        keyword.value
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "options"
    )
    assert isinstance(call, ast.Dict)
    pairs = zip(call.keys, call.values, strict=True)
    return {ast.literal_eval(key): ast.unparse(value) for key, value in pairs if key}


@pytest.mark.parametrize("gate", GATES)
def test_every_option_is_one_of_the_command_and_gets_the_input_of_its_name(gate: str) -> None:
    known = {name for option in GATES[gate].params for name in option.opts}
    options = options_of(gate)
    assert len(options) > 5
    assert options.keys() <= known
    for option, value in options.items():
        if option == "--bundle":
            assert value == "bundle.path if bundle else bundle_path"
        else:
            assert OTHER_NAMES.get(value, f"--{value.replace('_', '-')}") == option
