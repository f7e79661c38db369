"""Which stage is the gate, and what it must depend on."""

import pytest

from aigf_dvc.capture.gate_stage import gate_deps, gate_of, lacking_deps
from aigf_dvc.evidence.pipeline import Pipeline, Stage
from aigf_dvc.settings import read_settings

SETTINGS = read_settings(b"""\
policy: rules/policy.yaml
models:
  a:
    path: models/a.pkl
    card: cards/a.md
    metrics: {score: "metrics.json:score"}
    documents: [{type: risk-assessment, path: governance/documents/risk.md}]
""")
JUDGED = (
    "aigf.yaml",
    "rules/policy.yaml",
    "models/a.pkl",
    "cards/a.md",
    "metrics.json",
    "governance/documents/risk.md",
)


def a_stage(*deps: str, command: str = "aigf check", name: str = "governance") -> Stage:
    return Stage(
        address=name,
        file="dvc.yaml",
        commands=(command,),
        directory="",
        deps=deps,
        outs=(),
        parameters={},
    )


def nothing(_path: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aigf check", True),
        ("cd .. && aigf  check a --environment staging", True),
        ("aigf check --before train", False),
        ("aigf check --card c.md --metrics m.json --policy p.yaml", False),
        ("aigf check --rev HEAD", False),
        ("aigf checks", False),
        ("echo hi", False),
    ],
)
def test_the_gate_is_the_stage_that_judges_what_the_pipeline_made(
    command: str, expected: bool
) -> None:
    stage = a_stage(command=command, name="any")
    pipeline = Pipeline(
        stages={"any": stage}, locks={}, tracked={}, definitions=(), lock_files=(), dvc_files=()
    )
    assert (gate_of(pipeline) is stage) is expected


def test_a_gate_depends_on_all_that_it_judges() -> None:
    deps = gate_deps(SETTINGS, ["other.json"], folder="", hides=nothing)
    assert set(deps) == {*JUDGED[:-1], "other.json", "governance"}
    assert lacking_deps(a_stage(*deps), SETTINGS, hides=nothing) == ()
    in_its_own_file = gate_deps(SETTINGS, [], folder="governance", hides=nothing)
    assert set(in_its_own_file) == set(JUDGED)


@pytest.mark.parametrize("left_out", JUDGED)
def test_each_file_that_a_gate_leaves_out_is_told(left_out: str) -> None:
    gate = a_stage(*(file for file in JUDGED if file != left_out))
    assert lacking_deps(gate, SETTINGS, hides=nothing) == (left_out,)


def test_a_folder_stands_for_its_files_but_not_for_those_that_dvc_ignores() -> None:
    gate = a_stage("models", "governance", *JUDGED[:2], *JUDGED[3:5])
    assert lacking_deps(gate, SETTINGS, hides=nothing) == ()
    risk = "governance/documents/risk.md"
    assert lacking_deps(gate, SETTINGS, hides=lambda path: path == risk) == (risk,)
    assert risk in gate_deps(SETTINGS, [], folder="", hides=lambda path: path == risk)
