"""The data behind a model is what its stages read and no stage makes, and nothing else."""

import json

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.data_origin import data_of_manifest, data_read
from tests.playground import MODEL, Playground


def test_a_data_set_is_read_as_a_whole_in_part_or_with_others() -> None:
    datasets = ("raw.csv", "images", "texts/a.txt", "unread.csv")
    reads = ("raw.csv", "images/cats", "texts", "src/train.py")
    assert data_read(reads, datasets) == {"raw.csv", "images", "texts/a.txt"}


def test_the_manifest_tells_the_data_behind_a_model(playground: Playground) -> None:
    manifest = json.loads(playground.manifest("HEAD"))
    digest = sha256((playground.root / "data/raw.csv").read_bytes())
    assert data_of_manifest(manifest, MODEL) == {"data/raw.csv": digest}
    assert data_of_manifest(manifest, "another.bin") == {}


def test_what_is_no_manifest_tells_nothing() -> None:
    values: tuple[object, ...] = (
        None, [], {}, {"pipeline": {"stages": [1, {"name": "a", "outputs": 1}]}},
    )  # fmt: skip
    for value in values:
        assert data_of_manifest(value, MODEL) == {}


def test_a_circle_of_stages_ends() -> None:
    stages = [
        {"name": "a", "inputs": ["y", "raw"], "outputs": ["x"]},
        {"name": "b", "inputs": ["x"], "outputs": ["y"]},
    ]
    artifacts = [{"name": "raw", "role": "dataset", "digest": {"sha256": sha256(b"1")}}]
    manifest = {"pipeline": {"stages": stages}, "artifacts": artifacts}
    assert data_of_manifest(manifest, "x") == {"raw": sha256(b"1")}
