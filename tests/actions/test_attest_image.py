"""A model is bound to the image that will be deployed only when its bytes are in that image."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigf_dvc.actions.attest_image import demand_digest
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.image_statement import IMAGE
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.images.reference import read_reference
from aigf_dvc.policy.verdict import Result
from aigf_dvc.signing.bundle import split_bundles
from aigf_dvc.signing.private_keys import generate_key
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE
from aigf_dvc.stores.oci_image import RegistryImages
from tests.actions.image_attesting import REPOSITORY, ReleaseKey, a_key, attest_in, model_of
from tests.images.builder import Images, file, folder, symlink, tar
from tests.images.pushed import push
from tests.playground import MODEL, Playground, statement_of
from tests.stores.registries import ListingRegistry

DIRECTORY = """\
stages:
  train:
    cmd: mkdir -p net/sub; echo w > net/weights; echo v > net/sub/vocabulary
    outs: [net]
"""


@pytest.fixture
def host(home: Path) -> Iterator[str]:  # noqa: ARG001  # a home without the logins of anybody
    with ListingRegistry().serve() as address:
        yield address


@pytest.fixture
def key() -> ReleaseKey:
    return a_key()


def statements(host: str, digest: Sha256) -> dict[str, dict[str, object]]:
    """Return what is attached to an image, by its predicate type."""
    found = RegistryImages(host, REPOSITORY).referrers_of(digest).find(digest)
    said = [statement_of(item.data) for item in found if item.ending == BUNDLE]
    return {str(statement["predicateType"]): statement for statement in said}


def nothing_was_signed(playground: Playground) -> bool:
    return not (playground.root.parent / "store").exists()


def test_the_command_signs_both_statements_and_attaches_them(
    playground: Playground, host: str, tmp_path: Path
) -> None:
    private = tmp_path / "release.key"
    private.write_bytes(generate_key(None)[0])
    model, images = model_of(playground), Images()
    base = tar(folder("app"), file("app/old.bin", b"old"), file("etc/os-release", b"Debian"))
    added = [file("app/model.bin", model), file("app/.wh.old.bin"), symlink("m", "app/model.bin")]
    digest = images.image(base, tar(*added))
    ref = push(images, host, REPOSITORY, digest)
    out = tmp_path / "both.jsonl"
    outcome = playground.aigf("attest", "--key", str(private), "--image", ref, "--output", str(out))
    assert outcome.returncode == 0, outcome.stderr
    assert "scorer: at /app/model.bin of the image (linux/amd64)" in outcome.stderr
    assert f"aigf verify --image {ref}" in outcome.stderr
    said = statements(host, digest)
    assert said.keys() == {IMAGE, DEPLOYMENT}
    assert said[IMAGE]["subject"] == [
        {"name": f"{host}/{REPOSITORY}", "digest": {"sha256": digest}}
    ]
    assert said[DEPLOYMENT]["subject"] == [{"name": MODEL, "digest": {"sha256": sha256(model)}}]
    predicate = said[IMAGE]["predicate"]
    assert isinstance(predicate, dict)
    assert predicate["image"]["platforms"] == [
        {"platform": "linux/amd64", "digest": {"sha256": digest}, "paths": ["/app/model.bin"]}
    ]
    assert predicate["model"] == {
        "name": "scorer", "kind": "file", "files": {"model.bin": {"sha256": sha256(model)}},
    }  # fmt: skip
    assert [statement_of(b)["predicateType"] for b in split_bundles(out.read_bytes())] == [
        DEPLOYMENT, IMAGE,
    ]  # fmt: skip


def test_the_command_says_in_json_where_the_model_is_and_refuses_a_tag(
    playground: Playground, host: str, tmp_path: Path
) -> None:
    private = tmp_path / "release.key"
    private.write_bytes(generate_key(None)[0])
    images = Images()
    digest = images.image(tar(file("m", model_of(playground))))
    ref = push(images, host, REPOSITORY, digest, "v1")
    arguments = ("attest", "--key", str(private), "--format", "json", "--image")
    outcome = playground.aigf(*arguments, ref)
    assert outcome.returncode == 0, outcome.stderr
    (row,) = json.loads(outcome.stdout)["attested"]
    assert row["image"] == {
        "name": f"{host}/{REPOSITORY}",
        "digest": {"sha256": digest},
        "platforms": [{"platform": "linux/amd64", "digest": {"sha256": digest}, "paths": ["/m"]}],
    }
    outcome = playground.aigf(*arguments, f"{host}/{REPOSITORY}:v1")
    assert outcome.returncode == 2
    assert f"it is {ref} now" in outcome.stderr
    outcome = playground.aigf("attest", "--key", str(private), "--platform", "linux/amd64")
    assert outcome.returncode == 2
    assert "go with --image" in outcome.stderr


def test_annotations_tell_people_what_was_decided(playground: Playground, key: ReleaseKey) -> None:
    registry, images = ListingRegistry(), Images()
    with registry.serve() as host:
        digest = images.image(tar(file("m", model_of(playground))))
        attest_in(playground, push(images, host, REPOSITORY, digest), key)
    manifests = [json.loads(body) for _, body in registry.manifests.values()]
    noted = [m["annotations"] for m in manifests if "subject" in m]
    assert {n["dev.sigstore.bundle.predicateType"] for n in noted} == {IMAGE, DEPLOYMENT}
    policy = sha256((playground.root / "governance/policy.yaml").read_bytes())
    for annotations in noted:
        assert annotations["dev.aigf.model"] == "scorer"
        assert annotations["dev.aigf.environment"] == "production"
        assert annotations["dev.aigf.verdict"] == "passed"
        assert annotations["dev.aigf.policy"] == "baseline 1.0.0"
        assert annotations["dev.aigf.policy.digest"] == f"sha256:{policy}"
    assert registry.manifests[f"sha256:{digest}"][1] == images.blobs[digest]


def test_a_directory_is_bound_to_every_platform_of_an_index_and_found_by_each_digest(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    playground.write("more/dvc.yaml", DIRECTORY)
    playground.write("more/.gitignore", "/net\n")
    playground.write("aigf.yaml", "models:\n  net: {path: more/net, card: MODEL_CARD.md}\n")
    playground.write("governance/policy.yaml", "required_metadata: [license]\n")
    playground.dvc("repro", "--quiet", "more/dvc.yaml")
    playground.aigf("capture")
    playground.commit()
    images = Images()
    net = tar(file("net/weights", b"w\n"), file("net/sub/vocabulary", b"v\n"))
    amd = images.image(net)
    arm = images.image(net, tar(file("x", b"x")), platform="linux/arm64")
    index = images.index({"linux/amd64": amd, "linux/arm64": arm})
    (bound,) = attest_in(playground, push(images, host, REPOSITORY, index), key)
    assert bound.image is not None
    assert [(p.platform, p.paths) for p in bound.image.platforms] == [
        ("linux/amd64", ("/net",)), ("linux/arm64", ("/net",)),
    ]  # fmt: skip
    for digest in (index, amd, arm):
        said = statements(host, digest)[IMAGE]["subject"]
        assert isinstance(said, list)
        assert {s["digest"]["sha256"] for s in said} == {index, amd, arm}
    incomplete = images.image(net, tar(file("net/.wh.weights")))
    with pytest.raises(RefusedError) as error:
        attest_in(playground, push(images, host, REPOSITORY, incomplete), key)
    assert "'weights' is in layer" in str(error.value)
    assert "'sub/vocabulary' is at '/net/sub/vocabulary'" in str(error.value)


def test_one_platform_of_an_index_can_be_chosen(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    images = Images()
    amd = images.image(tar(file("m", model_of(playground))))
    arm = images.image(tar(file("m", b"another")), platform="linux/arm64")
    index = images.index({"linux/amd64": amd, "linux/arm64": arm})
    ref = push(images, host, REPOSITORY, index)
    with pytest.raises(RefusedError, match="the model 'scorer' is not in it") as error:
        attest_in(playground, ref, key)
    assert error.value.where == f"image sha256:{arm} (linux/arm64)"
    attest_in(playground, ref, key, platform="linux/amd64")
    assert statements(host, index) == {}
    assert statements(host, amd).keys() == {IMAGE, DEPLOYMENT}


def test_a_model_that_only_a_lower_layer_has_is_refused_by_its_layer_and_nothing_is_signed(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    images, model = Images(), model_of(playground)
    base = tar(folder("app"), file("app/model.bin", model))
    for top in (
        tar(file("app/.wh.model.bin")),
        tar(file("app/model.bin", b"another")),
        tar(folder("app"), file("app/.wh..wh..opq")),
    ):
        digest = images.image(base, top)
        ref = push(images, host, REPOSITORY, digest)
        with pytest.raises(RefusedError) as error:
            attest_in(playground, ref, key)
        lower = json.loads(images.blobs[digest])["layers"][0]["digest"]
        said = f"'model.bin' is in layer {lower} at '/app/model.bin', and a later layer removes"
        assert said in str(error.value)
        assert statements(host, digest) == {}
    assert nothing_was_signed(playground)


def test_a_model_that_is_in_no_layer_is_refused_and_nothing_is_signed(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    images = Images()
    digest = images.image(tar(file("m", b"another")))
    with pytest.raises(RefusedError, match="is in none of its layers"):
        attest_in(playground, push(images, host, REPOSITORY, digest), key)
    assert nothing_was_signed(playground)
    assert statements(host, digest) == {}


def test_a_tag_is_refused_whether_it_is_there_or_not(host: str) -> None:
    images = RegistryImages(host, REPOSITORY)
    with pytest.raises(InputError, match="another image tomorrow") as error:
        demand_digest(images, read_reference(f"{host}/{REPOSITORY}:v2"))
    assert error.value.hint == "the registry has no such tag"


def test_a_registry_that_does_not_answer_is_undecided(
    playground: Playground, key: ReleaseKey
) -> None:
    with pytest.raises(UndecidedError, match="did not answer"):
        attest_in(playground, f"127.0.0.1:9/{REPOSITORY}@sha256:{'a' * 64}", key)
    assert nothing_was_signed(playground)


def test_a_denied_model_is_neither_signed_nor_attached(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.95")
    playground.commit()
    images = Images()
    digest = images.image(tar(file("m", model_of(playground))))
    (bound,) = attest_in(playground, push(images, host, REPOSITORY, digest), key)
    assert (bound.attested.verdict.result, bound.image) == (Result.DENIED, None)
    assert statements(host, digest) == {}
    assert nothing_was_signed(playground)


def test_evidence_too_large_for_the_statement_is_attached_too(
    playground: Playground, host: str, key: ReleaseKey
) -> None:
    card = playground.read("MODEL_CARD.md") + "long text\n" * 2000
    playground.write("MODEL_CARD.md", card)
    playground.commit()
    images = Images()
    digest = images.image(tar(file("m", model_of(playground))))
    attest_in(playground, push(images, host, REPOSITORY, digest), key)
    found = RegistryImages(host, REPOSITORY).referrers_of(digest).find(digest)
    assert card.encode() in [item.data for item in found if item.ending == EVIDENCE]
