"""What a model was made from: the inputs behind it and their files, and nothing else."""

from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.attested_data import MEDIA_TYPE as FILES_TYPE
from aigf_dvc.attestation.attested_data import NAME as FILES
from aigf_dvc.attestation.deployment import Deployment, evidence_item
from aigf_dvc.attestation.lists.made_from import made_from
from aigf_dvc.canonical import dumps
from aigf_dvc.digests import sha256, tree_digest
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.manifest import MANIFEST
from aigf_dvc.evidence.manifest import MEDIA_TYPE as MANIFEST_TYPE
from tests.attestation.builders import a_deployment

PICTURES = {"a.png": sha256(b"a"), "b/c.png": sha256(b"c")}
FOLDER = tree_digest((name.encode(), digest) for name, digest in PICTURES.items())


def artifact(name: str, role: str, md5: str = "", digest: str | None = "own") -> dict[str, Any]:
    known = sha256(name.encode()) if digest == "own" else digest
    item: dict[str, Any] = {"name": name, "role": role, "digest": {"sha256": known}}
    return item | ({"dvc": {"hash": "md5", "value": md5}} if md5 else {})


def stage(name: str, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    return {"name": name, "inputs": inputs, "outputs": outputs, "parameters": {}}


def a_manifest(**changes: Any) -> bytes:  # noqa: ANN401 (parts of a manifest)
    return dumps(
        {
            "manifestType": MANIFEST,
            "pipeline": {
                "stages": [
                    stage("prepare", ["data/raw.csv", "data/pictures/b"], ["data/clean.csv"]),
                    stage("train", ["data/clean.csv", "base.bin"], ["models/fraud.pkl"]),
                    stage("evaluate", ["data/test.csv"], ["metrics.json"]),
                    stage("other", ["data/other.csv"], ["models/churn.pkl"]),
                ]
            },
            "artifacts": [
                artifact("data/raw.csv", "dataset", "1" * 32),
                artifact("data/pictures", "dataset", "2" * 32 + ".dir", FOLDER),
                artifact("data/clean.csv", "intermediate", "3" * 32, None),
                artifact("data/test.csv", "dataset"),
                artifact("base.bin", "dataset"),
                artifact("data/other.csv", "dataset", "4" * 32),
                artifact("models/churn.pkl", "model", "5" * 32),
            ],
        }
        | changes
    )


def attested(manifest: bytes | None = None, *, files: bytes | None = None) -> Deployment:
    lineage = evidence_item("lineage.json", MANIFEST_TYPE, manifest or a_manifest())
    listed = files or dumps({"data/pictures": PICTURES})
    return a_deployment(lineage=lineage, evidence=(evidence_item(FILES, FILES_TYPE, listed),))


def names(deployment: Deployment) -> set[str]:
    return {text.split("'")[1] for text in made_from(deployment, {}).digests.values()}


def test_everything_behind_the_model_and_its_metrics_is_named_and_nothing_else() -> None:
    assert names(attested()) == {
        "data/raw.csv",
        "data/pictures",
        "data/pictures/a.png",
        "data/pictures/b/c.png",
        "data/clean.csv",
        "data/test.csv",
        "base.bin",
    }


def test_both_digests_are_known_by_and_a_folder_has_no_ending() -> None:
    digests = made_from(attested(), {}).digests
    for digest in ("md5:" + "1" * 32, "md5:" + "2" * 32, f"sha256:{FOLDER}", "md5:" + "3" * 32):
        assert digest in digests
    assert f"sha256:{PICTURES['b/c.png']}" in digests
    assert "md5:" + "4" * 32 not in digests


def test_what_nobody_hashed_is_told() -> None:
    assert made_from(attested(), {}).only_md5 == ("data/clean.csv",)


def test_what_is_named_by_digest_only_is_taken_from_beside_or_told() -> None:
    whole = attested()
    bare = replace(
        whole,
        lineage=replace(whole.lineage, content=None),
        evidence=tuple(replace(item, content=None) for item in whole.evidence),
    )
    assert made_from(bare, {}).unknown == ("'lineage.json' is not at hand",)
    manifest = {whole.lineage.sha256: a_manifest()}
    assert made_from(bare, manifest).unknown == (f"{FILES!r} is not at hand",)
    listed = {whole.evidence[0].sha256: whole.evidence[0].content or b""}
    assert made_from(bare, manifest | listed) == made_from(whole, {})


def test_files_that_do_not_make_their_folder_are_refused() -> None:
    with pytest.raises(RefusedError, match="make the digest"):
        made_from(attested(files=dumps({"data/pictures": {"a.png": sha256(b"z")}})), {})
