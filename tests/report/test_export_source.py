"""What an export is made from: read from a manifest that somebody else may have written."""

from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256, tree_digest
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from tests.report.builders import (
    EXTERNAL,
    HOLDOUT,
    MODEL,
    ORIGIN,
    RAW,
    RECORDS,
    Json,
    a_lineage,
    a_manifest,
    a_record,
    a_source,
    an_artifact,
    content,
    observed,
)


def with_artifact(path: str, **changes: Any) -> Json:  # noqa: ANN401 (fields of an artifact)
    manifest = a_manifest()
    manifest["artifacts"] = [
        an_artifact(path, **changes) if item["name"] == path else item
        for item in manifest["artifacts"]
    ]
    return manifest


def test_the_stages_stand_in_running_order_whatever_their_names() -> None:
    assert [stage.name for stage in a_source().stages] == ["prepare", "train", "evaluate"]


def test_each_stage_has_its_record_or_none() -> None:
    for stage in a_source().stages:
        assert stage.run in RECORDS.values()
        assert stage.run is not None
        assert stage.run.stage == stage.name
    assert [stage.run for stage in a_source(records={}).stages] == [None, None, None]


def test_what_a_model_learned_from_is_not_what_it_was_tested_on() -> None:
    behind = a_source().behind(MODEL)
    assert {RAW, EXTERNAL, "data/clean.csv", "src/train.py"} <= behind
    assert behind.isdisjoint({HOLDOUT, "src/evaluate.py", MODEL})
    assert {HOLDOUT, MODEL, RAW} <= a_source().behind("metrics.json")


def test_the_model_is_known_by_its_digest() -> None:
    assert a_source().files == (ModelFile(name=MODEL, sha256=sha256(content(MODEL))),)


@pytest.mark.parametrize("known", [None, sha256(b"as git has it, with other line ends")])
def test_the_digest_of_data_is_what_was_observed(known: str | None) -> None:
    source = a_source(with_artifact(HOLDOUT, digest={"sha256": known}))
    assert source.artifacts[HOLDOUT].sha256 == sha256(content(HOLDOUT))
    unseen = a_source(with_artifact(HOLDOUT, digest={"sha256": known}), records={})
    assert unseen.artifacts[HOLDOUT].sha256 == known


def test_an_observed_digest_of_another_version_does_not_count() -> None:
    dvc = {"hash": "md5", "value": "0" * 32, "size": 1}
    source = a_source(with_artifact(HOLDOUT, digest={"sha256": None}, dvc=dvc))
    assert source.artifacts[HOLDOUT].sha256 is None


def test_a_directory_that_was_observed_has_a_tree_digest() -> None:
    source = a_source(with_artifact(RAW, digest={"sha256": None}))
    assert source.artifacts[RAW].tree == sha256(content(RAW))
    assert source.artifacts[RAW].sha256 is None


def test_two_models_with_one_md5_are_refused() -> None:
    with pytest.raises(RefusedError, match="other bytes with the same MD5"):
        a_source(with_artifact(MODEL, digest={"sha256": sha256(b"another model")}))


def test_a_model_that_only_its_run_record_knows_is_known() -> None:
    source = a_source(with_artifact(MODEL, digest={"sha256": None}))
    assert source.files == (ModelFile(name=MODEL, sha256=sha256(content(MODEL))),)
    assert a_source(with_artifact(MODEL, digest={"sha256": None}), records={}).files == ()


def test_a_stage_that_reads_the_whole_project_is_read() -> None:
    manifest = a_manifest()
    manifest["pipeline"]["stages"][1]["inputs"].append("")
    manifest["artifacts"].append(an_artifact(""))
    assert "" in a_source(manifest, records={}).artifacts


def test_artifacts_of_other_pipelines_are_left_out() -> None:
    manifest = a_manifest()
    manifest["artifacts"].append(an_artifact("other/data.csv"))
    assert "other/data.csv" not in a_source(manifest).artifacts


def test_what_an_external_path_holds_is_data() -> None:
    assert an_artifact(EXTERNAL)["role"] == "code"
    assert a_source().artifacts[EXTERNAL].role == "dataset"


def edited(place: tuple[str | int, ...], value: object) -> Json:
    manifest = a_manifest()
    inner: Any = manifest
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return manifest


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (edited(("manifestType",), "https://example.com/other"), "other"),
        (edited(("models",), []), "no entry named 'fraud'"),
        (edited(("pipeline", "stages"), []), "no stage named"),
        (edited(("pipeline", "stages", 1, "inputs"), [7]), "no text"),
        (edited(("pipeline", "stages", 1, "inputs"), ["metrics.json"]), "depend on themselves"),
        (edited(("tree", "digest"), {"sha256": "abc"}), "64 lower-case"),
        (edited(("artifacts", 0, "role"), 7), "role"),
    ],
)
def test_a_manifest_of_another_form_is_refused(manifest: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        a_source(manifest, records={})


@pytest.mark.parametrize("commit", ["", "HEAD", "4b825dc", "g" * 40, "A" * 40])
def test_a_commit_is_named_in_full(commit: str) -> None:
    with pytest.raises(RefusedError, match="a commit's name"):
        a_source(origin=replace(ORIGIN, commit=commit))


def test_a_long_chain_of_stages_is_no_trouble() -> None:
    manifest = a_manifest()
    length = 3000
    stages = manifest["pipeline"]["stages"]
    evaluate, prepare = stages[0], stages[1]
    evaluate["inputs"] = ["links/0"]
    evaluate["outputs"] = ["metrics.json"]
    prepare["outputs"] = [f"links/{length}"]
    names = [f"s{n}" for n in range(length)]
    stages += [
        {**prepare, "name": name, "inputs": [f"links/{n + 1}"], "outputs": [f"links/{n}"]}
        for n, name in enumerate(names)
    ]
    lineage = a_source().lineage
    trusted = tuple(replace(lineage.stages[0], stage=name, run_record=None) for name in names)
    source = a_source(
        manifest, records={}, lineage=replace(lineage, stages=(*lineage.stages, *trusted))
    )
    assert [stage.name for stage in source.stages][-2:] == ["s0", "evaluate"]
    assert RAW in source.behind("metrics.json")


@pytest.mark.parametrize(
    "change",
    [
        {"commands": ("python src/other.py",)},
        {"inputs": {"data/clean.csv": observed("data/clean.csv")}},
        {"outputs": {MODEL: observed(MODEL), "more": observed("more")}},
    ],
)
def test_a_record_of_another_run_is_refused(change: Json) -> None:
    record = a_record("train", **change)
    with pytest.raises(RefusedError, match="run record"):
        a_source(records={sha256(record.to_bytes()): record})


def test_files_that_are_not_the_model_of_the_lineage_are_refused() -> None:
    same = (ModelFile(name=MODEL, sha256=sha256(content(MODEL))),)
    assert a_source(files=same).files == same
    other = (ModelFile(name=MODEL, sha256=sha256(b"other")),)
    with pytest.raises(RefusedError, match="another model"):
        a_source(files=other)


def test_the_files_of_a_directory_must_make_its_tree_digest() -> None:
    inside = (("a", sha256(b"a")), ("b", sha256(b"b")))
    whole = tree_digest((name.encode(), digest) for name, digest in inside)
    files = tuple(ModelFile(name=f"{MODEL}/{name}", sha256=digest) for name, digest in inside)
    dvc = {"hash": "md5", "value": "0" * 32 + ".dir", "size": 2, "nfiles": 2}
    manifest = with_artifact(MODEL, digest={"sha256": whole}, dvc=dvc)
    assert a_source(manifest, records={}, files=files).files == files
    with pytest.raises(RefusedError, match="another model"):
        a_source(manifest, records={}, files=files[:1])


def test_a_record_that_the_lineage_does_not_name_is_not_taken() -> None:
    source = a_source(records=RECORDS, lineage=a_lineage({}))
    assert [stage.run for stage in source.stages] == [None, None, None]


def test_stages_that_could_run_side_by_side_stand_by_name() -> None:
    manifest = a_manifest()
    stages = manifest["pipeline"]["stages"]
    for stage in stages:
        stage["inputs"] = [RAW]
    source = a_source(manifest, records={})
    assert [stage.name for stage in source.stages] == ["evaluate", "prepare", "train"]
