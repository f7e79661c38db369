"""The data behind a model is what its stages read and no stage makes, and nothing else."""

import json

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.data_origin import (
    data_of_manifest,
    data_read,
    data_sets_behind,
    datasets_of_manifest,
    origin_address,
)
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.ran_stage import RanStage, RanStages
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


def some_stages(*inputs: str) -> RanStages:
    return RanStages(
        [
            RanStage(name="prepare", inputs=inputs, outputs=("clean",), parameters={}),
            RanStage(name="train", inputs=("clean",), outputs=("model",), parameters={}),
            RanStage(name="other", inputs=("s3://b/other.csv",), outputs=("x",), parameters={}),
        ]
    )


def test_data_is_what_dvc_tracks_what_lies_outside_and_what_is_called_data() -> None:
    reads = (
        "data/raw.csv", "images/cats", "s3://b/x", "../shared/y", "/mnt/z.py", "ds://pinned",
        "src/labels.CSV", "src/rows.jsonl.gz", "src/train.py", "config.yaml", "clean/part.csv",
    )  # fmt: skip
    tracked = ("data/raw.csv", "images", "unread.csv")
    assert data_sets_behind(some_stages(*reads), ["model"], tracked) == (
        "../shared/y", "/mnt/z.py", "data/raw.csv", "ds://pinned", "images", "s3://b/x",
        "src/labels.CSV", "src/rows.jsonl.gz",
    )  # fmt: skip


def test_the_origin_of_an_import_is_one_address() -> None:
    addresses = {
        ("s3://b/x.csv", ""): "s3://b/x.csv",
        ("https://host/o/r.git", "d/x.csv"): "https://host/o/r/d/x.csv",
        ("https://host/o/r/", "d/x.csv"): "https://host/o/r/d/x.csv",
        ("git@host:o/r.git", "x"): "ssh://host/o/r/x",
        ("ssh://git@host/o/r", "x"): "ssh://git@host/o/r/x",
        ("/srv/r", "x"): "/srv/r/x",
    }
    assert {key: origin_address(*key) for key in addresses} == addresses


def test_the_manifest_tells_where_data_is_from_and_what_it_is() -> None:
    manifest = {
        "pipeline": {
            "stages": [{"name": "t", "inputs": ["raw", "s3://b/x"], "outputs": ["model"]}]
        },
        "artifacts": [
            {
                "name": "raw", "role": "dataset", "digest": {"sha256": sha256(b"1")},
                "dvc": {"hash": "md5", "value": "0" * 32 + ".dir", "nfiles": 2},
            }
        ],
        "upstream": [
            {"kind": "import", "name": "raw", "uri": "https://host/r.git", "path": "p"},
            {"kind": "base-model", "name": "s3://b/x", "uri": "https://elsewhere"},
        ],
    }  # fmt: skip
    card = DataCard(path="d.md", datasets=("raw",))
    assert datasets_of_manifest(manifest, "model", [card]) == (
        Dataset(
            name="raw", sha256=sha256(b"1"), uris=("https://host/r/p",), cards=(card,),
            is_directory=True,
        ),
        Dataset(name="s3://b/x", sha256=None, uris=("s3://b/x",)),
    )  # fmt: skip
