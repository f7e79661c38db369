"""The manifest's bytes: canonical, sorted, and lossless."""

import json

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.manifest import (
    MANIFEST,
    Artifact,
    ManifestModel,
    NamedDigest,
    build_manifest,
    stage_as_json,
)
from aigf_dvc.evidence.pipeline import Recorded, Stage, StageLock

ONE = sha256(b"1")


def artifact(name: str) -> Artifact:
    return Artifact(name=name, role="code", sha256=ONE, recorded=None)


def build(*names: str) -> bytes:
    return build_manifest(
        tree=ONE,
        definitions=[NamedDigest(name=name, sha256=ONE) for name in names],
        locks=(),
        stages=(),
        artifacts=[artifact(name) for name in names],
        models=(),
    )


def test_the_order_in_which_things_are_found_does_not_matter() -> None:
    assert build("b", "a", "ä", "B") == build("ä", "B", "a", "b")
    document = json.loads(build("b", "a"))
    assert document["manifestType"] == MANIFEST
    assert [item["name"] for item in document["artifacts"]] == ["a", "b"]


def test_a_directory_keeps_what_dvc_knows_of_it() -> None:
    record = Recorded(path="d", algorithm="md5", value="a" * 32 + ".dir", size=7, file_count=2)
    found = Artifact(name="d", role="dataset", sha256=None, recorded=record).as_json()
    assert isinstance(found, dict)
    assert found["dvc"] == {"hash": "md5", "value": record.value, "size": 7, "nfiles": 2}
    assert found["digest"] == {"sha256": None}
    assert "reason" in found


def test_a_stage_that_ran_is_told_by_its_lock_and_one_that_did_not_by_its_definition() -> None:
    stage = Stage(
        address="s",
        file="dvc.yaml",
        commands=("new",),
        directory="",
        deps=("x",),
        outs=(),
        parameters={},
    )
    lock = StageLock(commands=("a", "b"), deps={}, outs={}, parameters={"p": {"k": float("nan")}})
    ran, never = stage_as_json(stage, lock), stage_as_json(stage, None)
    assert isinstance(ran, dict)
    assert isinstance(never, dict)
    assert (ran["command"], ran["ran"], ran["inputs"]) == (["a", "b"], True, [])
    assert ran["parameters"] == {"p": {"k": {"$number": "nan"}}}
    assert (never["command"], never["ran"], never["inputs"]) == ("new", False, ["x"])


def test_a_users_key_cannot_pass_for_a_mark_of_ours() -> None:
    model = ManifestModel(
        name="m", path="m", card=NamedDigest(name="c", sha256=ONE),
        card_fields={"$redacted": "x"}, metrics={"f": ("m.json:f", {"$number": "1"})}, documents=(),
    )  # fmt: skip
    text = json.dumps(model.as_json())
    assert '"$$redacted"' in text
    assert '"$$number"' in text
