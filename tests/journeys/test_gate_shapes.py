"""The stage that `aigf init` writes is a gate, whatever the pipeline looks like: with real DVC."""

import json
import shutil
from pathlib import Path

import pytest

from tests.playground import CARD, Playground, run

PIPELINE = """\
# Two regions, one at a time.
vars:
  - source: data/raw.csv

stages:
  train:   # one model each
    foreach: [us, eu]
    do:
      cmd: cp ${source} '${item}.pkl'
      deps:
        - ${source}
      outs:
        - ${item}.pkl

  evaluate:
    matrix: {region: [us, eu], size: [1]}
    cmd: cp numbers/${item.region}.json ${item.region}-${item.size}.json
    deps:
      - ${item.region}.pkl
      - numbers/${item.region}.json
    metrics:
      - ${item.region}-${item.size}.json:
          cache: false   # in git

# The end.
"""
BESIDE = """\
stages:
  train:
    wdir: ..
    cmd: cp data/raw.csv 'sub/${model}'
    vars: [{model: 'a \\${b}.pkl'}]
    deps: [data/raw.csv]
    outs:
      - sub/${model}
  evaluate:
    cmd: cp ../numbers/us.json metrics.json
    deps: ['a \\${b}.pkl', ../numbers/us.json]
    metrics: [{metrics.json: {cache: false}}]
"""
NUMBERS = '{"fairness_score": 0.9, "p95_latency_ms": 12.5}\n'


@pytest.fixture
def shapes(playground: Playground) -> Playground:
    """A project of several dvc.yaml, with templates, groups, a `wdir`, and odd names."""
    for path in ("aigf.yaml", "aigf.lock", "dvc.lock", "MODEL_CARD.md"):
        (playground.root / path).unlink()
    shutil.rmtree(playground.root / "governance")
    playground.write("dvc.yaml", PIPELINE)
    playground.write("sub/dvc.yaml", BESIDE)
    playground.write(".dvcignore", "policy.yaml\n")  # as for another program's files
    for region in ("us", "eu"):
        playground.write(f"numbers/{region}.json", NUMBERS)
    return playground


def fill_in_cards(place: Playground) -> list[str]:
    cards = sorted(str(p.relative_to(place.root)) for p in place.root.glob("governance/**/*.md"))
    for card in cards:
        place.write(card, CARD)
    return cards


@pytest.mark.slow
def test_a_gate_holds_for_every_shape_and_for_all_that_it_judges(shapes: Playground) -> None:
    assert shapes.aigf("init", "--no-hook").returncode == 0
    cards = fill_in_cards(shapes)
    assert len(cards) == 3
    assert shapes.read("dvc.yaml").startswith(PIPELINE.partition("\n# The end.")[0])
    assert "# The end." in shapes.read("dvc.yaml")
    passed = run(["dvc", "repro"], shapes.root, check=False)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Running stage 'governance'" in passed.stdout

    edited = {"governance/policy.yaml", "aigf.yaml", "us-1.json", "sub/metrics.json", "us.pkl"}
    for path in edited:
        (shapes.root / path).chmod(0o644)
        shapes.write(path, shapes.read(path) + "\n")
    shapes.write("sub/a ${b}.pkl", "swapped")
    shapes.write(cards[0], CARD + "\n")
    status = json.loads(shapes.dvc("status", "--json"))
    (deps,) = (part["changed deps"] for part in status["governance"] if "changed deps" in part)
    assert set(deps) == {*edited, "sub/a ${b}.pkl", "governance"} | (
        {cards[0]} if not cards[0].startswith("governance/") else set()
    )

    shapes.replace("numbers/eu.json", "0.9", "0.5")
    denied = run(["dvc", "repro"], shapes.root, check=False)
    assert denied.returncode != 0
    assert "failed to reproduce 'governance'" in denied.stderr
    assert "fairness_score is 0.5" in denied.stdout


def test_a_gate_that_leaves_something_out_says_so_when_it_runs(playground: Playground) -> None:
    playground.replace(
        "dvc.yaml",
        "  evaluate:",
        "  gate:\n    cmd: aigf check\n    deps: [aigf.yaml, models]\n  evaluate:",
    )
    in_a_stage = playground.aigf("check", extra={"DVC_STAGE": "gate"})
    assert in_a_stage.returncode == 0
    lacks = "MODEL_CARD.md, metrics.json, governance/documents/risk.md"
    said = "the stage gate does not depend on governance/policy.yaml, " + lacks
    assert said in in_a_stage.stderr
    assert said not in playground.aigf("check").stderr
    assert said in playground.aigf("init", "--dry-run", "--no-hook").stderr


def test_no_place_for_the_stage_writes_nothing_and_prints_the_lines(tmp_path: Path) -> None:
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        run(command, tmp_path)
    place = Playground(tmp_path)
    place.write("dvc.yaml", "stages: {train: {cmd: x, outs: [model.pkl]}}\n")
    refused = place.aigf("init", "--no-hook")
    assert refused.returncode == 2
    assert "  governance:\n    cmd: aigf check\n    deps:\n      - MODEL_CARD.md" in refused.stderr
    assert not (tmp_path / "aigf.yaml").exists()
