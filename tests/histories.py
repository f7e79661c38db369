"""A project with a history in real git and DVC: what a team does to a model in a few days."""

from pathlib import Path

from aigf_dvc.actions.capture import capture
from tests.playground import Playground, copy

MOVED = "models/scorer.bin"


def run_and_commit(playground: Playground, message: str) -> str:
    """Run the pipeline, capture its data and commit."""
    playground.dvc("repro", "--quiet")
    capture(playground.project)
    return playground.commit(message)


def build_history(template: Path, root: Path) -> None:
    """Make the project: first, parameters, code without a run, data, words, a moved model.

    Every commit but the one of the code is sound. The data has two versions.
    """
    playground = copy(template, root)
    playground.replace("params.yaml", "depth: 3", "depth: 5")
    playground.replace("src/train.sh", "cat data/clean.csv", "cat data/clean.csv params.yaml")
    run_and_commit(playground, "parameters")
    playground.git("tag", "-a", "scorer@v1.1.0", "-m", "a version")
    playground.write("src/train.sh", playground.read("src/train.sh") + "# not run\n")
    playground.commit("code")
    playground.write("data/raw.csv", playground.read("data/raw.csv") + "64,0\n")
    playground.dvc("add", "--quiet", "data/raw.csv")
    playground.replace("src/evaluate.sh", "0.9,", "0.85,")
    playground.replace("MODEL_CARD.md", "jane.doe@example.com", "bob@example.com")
    run_and_commit(playground, "data")
    playground.git("tag", "scorer#prod#1")
    playground.git("tag", "other@v9.9.9")
    playground.write("README.md", "words\n")
    playground.commit("words")
    for file in ("dvc.yaml", "aigf.yaml", "src/train.sh"):
        playground.replace(file, "models/model.bin", MOVED)
    run_and_commit(playground, "moved")
