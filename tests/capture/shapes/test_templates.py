"""A project full of templates, in real DVC: it is run, observed, captured and held to its lock."""

from pathlib import Path

import pytest

from aigf_dvc.actions.capture import capture
from aigf_dvc.actions.repro import repro
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import stage_trust
from aigf_dvc.evidence.lineage import EdgeState, TrustLevel
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground, copy, environment, make_home

FILES = {
    "dvc.yaml": """\
vars:
  - settings.json
  - extra.toml:seed
  - {note: made by hand}
stages:
  prepare:
    foreach: ${regions}
    do:
      cmd:
        - mkdir -p data
        - echo ${key} ${item.rows} ${seed} > data/${key}.csv
      params: ['regions.${key}']
      outs: ['data/${key}.csv']
  train:
    matrix:
      region: [us]
      deep: [true, false]
    cmd: >-
      mkdir -p ${shared.out} &&
      echo ${note} \\${HOME} ${item.deep} ${train} > ${shared.out}/${key}.bin
    deps: ['data/${item.region}.csv']
    params:
      - train.lr
      - settings.json:
      - extra.toml: [seed]
      - src/settings.py: [Train.depth, LAYERS]
    outs: ['${shared.out}/${key}.bin']
  tag:
    foreach: [b c]
    do: {cmd: "echo '${item}' > '${item}.txt'", outs: ['${item}.txt']}
  join:
    wdir: joined
    vars: [local.yaml]
    cmd: cat ${parts} > ../all.bin
    deps:
      - ../data/uk.csv
      - ../models/us-true.bin
      - ../models/us-false.bin
      - ../b c.txt
      - ../sub/${local}.txt
      - ../sub/12:30.txt
    params: [{../src/settings.py: }]
    outs: [../all.bin]
""",
    "sub/dvc.yaml": """\
stages:
  score:
    foreach: ${places}
    do: {cmd: "echo '${item}' > '${item}.txt'", outs: ['${item}.txt']}
""",
    "sub/params.yaml": "places: [here, '12:30']\n",
    "params.yaml": """\
regions: {us: {rows: 3}, uk: {rows: 2}}
train: {lr: 1e-3, layers: [8, 16], fast: true}
""",
    "settings.json": '{"shared": {"out": "models"}}',
    "extra.toml": 'seed = 7\n[other]\nname = "x"\n',
    "src/settings.py": "LAYERS = (8, 16)\nclass Train:\n    depth: int = 3\n",
    "joined/local.yaml": "parts: ../models/us-true.bin\nlocal: here\n",
    "aigf.yaml": "models: {scorer: {path: all.bin, card: MODEL_CARD.md}}\n",
    "MODEL_CARD.md": "---\nlicense: mit\n---\n",
}
STAGES = {
    "prepare@us", "prepare@uk", "train@us-true", "train@us-false", "tag@b c", "join",
    "sub/dvc.yaml:score@here", "sub/dvc.yaml:score@12:30",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after one `aigf repro`, committed."""
    base = tmp_path_factory.mktemp("templates")
    make_home(base / "home")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(base / "home").items():
            patch.setenv(key, value)
        project = Playground(base / "project")
        for path, text in FILES.items():
            project.write(path, text)
        project.git("init", "--quiet")
        project.dvc("init", "--quiet")
        assert set(repro(project.project, ["--all-pipelines"]).observed) == STAGES
        capture(project.project)
        project.commit("first")
    return project.root


@pytest.fixture
def project(made: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # the home is set
    """A copy to spoil."""
    return copy(made, tmp_path / "project")


pytestmark = pytest.mark.slow


def test_every_generated_stage_is_observed(project: Playground) -> None:
    pipeline = read_pipeline(WorkingTree(project.root))
    assert set(pipeline.stages) == set(pipeline.locks) == STAGES
    levels = {a: stage_trust(pipeline, a, project.root).level for a in STAGES}
    assert levels == dict.fromkeys(STAGES, TrustLevel.OBSERVED)
    with project.commit_snapshot() as commit:
        assert read_pipeline(commit) == pipeline


def test_the_lock_of_a_run_is_sound(project: Playground) -> None:
    outcome = project.aigf("capture", "--check")
    assert outcome.returncode == 0, outcome.stdout
    for name in STAGES:
        assert f"{name}  (observed)" in outcome.stdout
    edges = project.edges()
    for name in ("settings.json:shared", "extra.toml:seed", "src/settings.py:Train.depth"):
        assert edges[f"train@us-true parameter {name}"].state is EdgeState.VERIFIED
    for name in ("LAYERS", "Train"):
        assert edges[f"join parameter src/settings.py:{name}"].state is EdgeState.VERIFIED


@pytest.mark.parametrize(
    ("path", "old", "new", "stale"),
    [
        ("params.yaml", "lr: 1e-3", "lr: 1e-2", {"train@us-true command", "train@us-false command",
         "train@us-true parameter params.yaml:train.lr",
         "train@us-false parameter params.yaml:train.lr"}),
        ("params.yaml", "fast: true", "fast: false",
         {"train@us-true command", "train@us-false command"}),
        ("params.yaml", "rows: 2", "rows: 4",
         {"prepare@uk command", "prepare@uk parameter params.yaml:regions.uk"}),
        ("src/settings.py", "depth: int = 3", "depth: int = 4",
         {"train@us-true parameter src/settings.py:Train.depth",
          "train@us-false parameter src/settings.py:Train.depth",
          "join parameter src/settings.py:Train"}),
        ("src/settings.py", "LAYERS", "# a remark\nMORE = 1\nLAYERS",
         {"join parameter src/settings.py:MORE"}),
        ("src/settings.py", "LAYERS", "# a remark\nCOMPUTED = max(1, 2)\nLAYERS", set()),
        ("joined/local.yaml", "us-true", "us-false", {"join command"}),
        ("dvc.yaml", "made by hand", "made by foot",
         {"train@us-true command", "train@us-false command"}),
        ("dvc.yaml", "[b c]", "[b c, d]", set()),  # a stage that nothing depends on
    ],
)  # fmt: skip
def test_a_changed_value_makes_stale_exactly_what_it_is_put_into(
    project: Playground, path: str, old: str, new: str, stale: set[str]
) -> None:
    project.replace(path, old, new)
    assert project.unsound() == dict.fromkeys(stale, EdgeState.MISMATCHED)


def test_the_reason_names_the_command(project: Playground) -> None:
    project.replace("extra.toml", "seed = 7", "seed = 8")
    outcome = project.aigf("capture", "--check")
    assert outcome.returncode == 1
    assert "the command changed after the run" in outcome.stdout
    assert "extra.toml:seed" in outcome.stdout


def test_a_value_that_is_gone_is_one_clear_error(project: Playground) -> None:
    project.replace("params.yaml", "fast: true", "fast: [[1]]")
    outcome = project.aigf("capture")
    assert outcome.returncode == 3
    assert "dvc.yaml: stage train: cmd: the argument --fast" in outcome.stderr
    project.replace("params.yaml", "train:", "training:")
    outcome = project.aigf("capture")
    assert "nothing is called ${train}" in outcome.stderr
