"""An image is accepted for the model in its layers, by the word of whom the judge trusts."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from aigf_dvc.actions.verify_image import (
    attached_in_layout,
    attached_in_registry,
    locate,
)
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.lists.revocations import (
    Kind,
    RevocationList,
    Target,
    revocation_statement,
)
from aigf_dvc.cli.verify import command
from aigf_dvc.clock import now
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.images.layout import ImageLayout
from aigf_dvc.policy.verdict import PolicyReference
from aigf_dvc.signing.bundle import join_bundles, parse_bundle
from aigf_dvc.signing.keys import fingerprint
from aigf_dvc.stores.oci_image import RegistryImages
from tests.actions.deployed_image import TRUST, Deployed, by_a_line, written_key
from tests.actions.image_attesting import (
    AT,
    REPOSITORY,
    a_key,
    attest_in,
    model_of,
)
from tests.attestation.list_builders import a_head, an_entry
from tests.images.builder import Images, file, folder, tar
from tests.images.pushed import push
from tests.playground import Playground
from tests.signing.by_key import sign_statement
from tests.stores.registries import ListingRegistry

REF = f"localhost/a@sha256:{'a' * 64}"


@pytest.fixture
def deployed(playground: Playground) -> Iterator[Deployed]:
    registry, images, key = ListingRegistry(), Images(), a_key()
    with registry.serve() as host:
        base = tar(folder("app"), file("app/other", b"x"))
        digest = images.image(base, tar(file("app/model.bin", model_of(playground))))
        ref = push(images, host, REPOSITORY, digest)
        (bound,) = attest_in(playground, ref, key)
        yield Deployed(playground, registry, host, key, images, digest, ref, bound)


def test_the_model_of_an_image_is_read_out_of_its_layers_and_accepted(deployed: Deployed) -> None:
    located = deployed.locate()
    model = sha256(model_of(deployed.playground))
    assert [file.sha256 for file in located.artifact.files] == [model]
    assert [platform.paths for platform in located.platforms] == [("/app/model.bin",)]
    assert deployed.verified(located) == 0


def test_the_command_accepts_from_the_registry_from_a_file_and_says_it_in_json(
    deployed: Deployed, tmp_path: Path
) -> None:
    policy = deployed.playground.root / "governance/policy.yaml"
    arguments = (
        "verify", "--image", deployed.ref, "--key", written_key(deployed, tmp_path),
        "--policy", str(policy),
    )  # fmt: skip
    outcome = deployed.playground.aigf(*arguments)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "  linux/amd64: /app/model.bin\n" in outcome.stdout
    assert "ACCEPTED: scorer for production" in outcome.stdout
    bundles = tmp_path / "both.jsonl"
    assert deployed.bound.attested.bundle is not None
    bundles.write_bytes(join_bundles([deployed.bound.attested.bundle, deployed.bound.bundles[0]]))
    outcome = deployed.playground.aigf(*arguments, "--bundle", str(bundles), "--format", "json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    said = json.loads(outcome.stdout)
    assert (said["accepted"], said["artifact"]) == (True, deployed.ref)
    assert said["image"]["platforms"][0]["paths"] == ["/app/model.bin"]


def test_a_layout_is_verified_without_a_network(deployed: Deployed, tmp_path: Path) -> None:
    listed = [deployed.digest]
    for body in [body for _, body in deployed.registry.manifests.values()]:
        manifest = json.loads(body)
        if "subject" in manifest:
            listed.append(deployed.images.json(manifest))
            for part in (manifest["config"], *manifest["layers"]):
                deployed.images.keep(deployed.registry.blobs[part["digest"]])
    layout = deployed.images.write_layout(tmp_path / "layout", listed)
    source = ImageLayout(layout)
    located = locate(
        source, lambda digests: attached_in_layout(source, digests), deployed.question()
    )
    assert deployed.verified(located) == 0
    elsewhere = deployed.ref.replace(deployed.host, "nowhere.invalid")
    outcome = deployed.playground.aigf(
        "verify", "--image", elsewhere, "--image-layout", str(layout),
        "--key", written_key(deployed, tmp_path), "--any-policy",
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    tagged = f"{elsewhere.partition('@')[0]}:v1"
    outcome = deployed.playground.aigf(
        "verify", "--image", tagged, "--image-layout", str(layout),
        "--key", written_key(deployed, tmp_path), "--any-policy",
    )  # fmt: skip
    assert outcome.returncode == 2
    assert "--image: the tag 'v1'" in outcome.stderr


def test_the_command_refuses_in_text_and_in_json(deployed: Deployed, tmp_path: Path) -> None:
    other = deployed.push(tar(file("app/model.bin", b"another")))
    deployed.attach(other, deployed.bound.bundles[0], deployed.bound.attested.bundle)
    ref = f"{deployed.host}/{REPOSITORY}@sha256:{other}"
    key = written_key(deployed, tmp_path)
    arguments = ("verify", "--image", ref, "--key", key, "--any-policy")
    outcome = deployed.playground.aigf(*arguments)
    assert outcome.returncode == 1
    assert outcome.stdout.startswith(f"REFUSED: image sha256:{other}: no statement about it holds")
    outcome = deployed.playground.aigf(*arguments, "--format", "json")
    assert outcome.returncode == 1
    said = json.loads(outcome.stdout)
    assert (said["accepted"], said["verifications"]) == (False, [])
    assert f"it is about the image sha256:{deployed.digest}" in said["problem"]


def test_an_image_about_which_nobody_said_anything_is_refused(deployed: Deployed) -> None:
    other = deployed.push(tar(file("m", model_of(deployed.playground))))
    with pytest.raises(RefusedError, match="holds no statement about it") as error:
        deployed.locate(digest=other)
    assert "aigf attest --image" in error.value.hint


def test_a_statement_that_somebody_else_signed_is_refused(deployed: Deployed) -> None:
    with pytest.raises(RefusedError, match="no statement about it holds"):
        deployed.locate(signer=a_key().signer)


@pytest.mark.parametrize(
    ("means", "says"),
    [
        (f"{{keys: [{{file: k}}], predicate_types: ['{DEPLOYMENT}']}}", "may not sign"),
        ("{keys: [{file: k}], environments: [staging]}", "may not speak for 'production'"),
        ("{keys: [{file: k, valid_until: 2026-11-22}]}", "valid only until 2026-11-22"),
    ],
)
def test_a_statement_that_its_signers_line_does_not_cover_is_refused(
    deployed: Deployed, means: str, says: str
) -> None:
    whole = by_a_line(deployed, "{keys: [{file: k, valid_until: 2026-11-23}]}")
    assert deployed.locate(signer=whole).image.digest == deployed.digest
    with pytest.raises(RefusedError, match=says):
        deployed.locate(signer=by_a_line(deployed, means))


def test_a_statement_moved_to_another_image_with_the_same_model_is_refused(
    deployed: Deployed,
) -> None:
    other = deployed.push(tar(file("app/model.bin", model_of(deployed.playground))))
    deployed.attach(other, deployed.bound.bundles[0], deployed.bound.attested.bundle)
    with pytest.raises(RefusedError, match=f"it is about the image sha256:{deployed.digest}"):
        deployed.locate(digest=other)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"environment": "staging"}, "for 'production', not for 'staging'"),
        ({"at": AT + timedelta(days=31), "max_age": timedelta(days=30)}, "at most 30 days"),
        ({"at": AT - timedelta(hours=1)}, "issued in the future"),
        ({"model": "other"}, "nobody says that the model 'other' is in it"),
    ],
)
def test_a_statement_for_something_else_or_of_another_time_is_refused(
    deployed: Deployed, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        deployed.locate(**changes)


def test_a_signed_statement_that_the_layers_deny_is_refused(deployed: Deployed) -> None:
    other = deployed.push(tar(file("app/model.bin", b"another")))
    (platform,) = deployed.said.platforms
    moved = (replace(platform, digest=other),)
    statement = deployed.signed(digest=other, platforms=moved)
    found = deployed.only(statement, deployed.bound.attested.bundle)
    with pytest.raises(RefusedError, match="the model 'scorer' is not in it"):
        deployed.locate(found, digest=other)
    for wrong in (
        {"paths": ("/app/model",)},
        {"paths": ("/app/model.bin", "/app/other")},
        {"platform": "linux/arm64"},
    ):
        changed = (replace(platform, **wrong),)
        found = deployed.only(deployed.signed(platforms=changed), deployed.bound.attested.bundle)
        with pytest.raises(RefusedError, match="other places or platforms") as error:
            deployed.locate(found)
        assert "/app/model.bin" in error.value.hint


def test_the_attestation_must_be_there_and_say_the_same(deployed: Deployed) -> None:
    with pytest.raises(RefusedError, match="lacks the attestation"):
        deployed.locate(deployed.only(deployed.bound.bundles[0]))
    statement = deployed.signed(attestation=sha256(b"other"))
    with pytest.raises(RefusedError, match="lacks the attestation"):
        deployed.locate(deployed.only(statement, deployed.bound.attested.bundle))
    policy = PolicyReference(id="baseline", version="1.0.0", sha256=sha256(b"another policy"))
    for change in ({"environment": "staging"}, {"policy": policy}):
        found = deployed.only(deployed.signed(**change), deployed.bound.attested.bundle)
        with pytest.raises(RefusedError, match="another model, environment or policy"):
            deployed.locate(found, environment=None)


def test_an_attestation_of_another_signer_is_refused_by_the_steps(deployed: Deployed) -> None:
    located = deployed.locate()
    assert deployed.verified(located, a_key()) == 1


def test_a_statement_that_was_revoked_or_whose_signer_was_binds_no_image(
    deployed: Deployed, tmp_path: Path
) -> None:
    other = deployed.push(tar(file("app/model.bin", model_of(deployed.playground))))
    (platform,) = deployed.said.platforms
    stolen = a_key()
    statement = deployed.signed(stolen, digest=other, platforms=(replace(platform, digest=other),))
    deployed.attach(other, statement, deployed.bound.attested.bundle)
    (tmp_path / "release.pub").write_bytes(deployed.key.public_pem)
    (tmp_path / "stolen.pub").write_bytes(stolen.public_pem)
    trust = tmp_path / "trust.yaml"
    trust.write_text(
        f"{TRUST}services:\n  release: {{keys: [{{file: release.pub}}, {{file: stolen.pub}}]}}\n"
        "roles: {attest: [release]}\n"
    )
    security = a_key()
    (tmp_path / "sec.pub").write_bytes(security.public_pem)
    ref = f"{deployed.host}/{REPOSITORY}@sha256:{other}"
    fingerprint_of = fingerprint(stolen.signer.public_key)
    said = sha256(parse_bundle(statement).payload)
    head = a_head(issued=now() - timedelta(days=1), next_update=now() + timedelta(days=1))
    for target, code in (
        (Target(kind=Kind.MODEL, sha256=sha256(b"nothing of it")), 0),
        (Target(kind=Kind.SIGNER, signer=fingerprint_of), 1),
        (Target(kind=Kind.ATTESTATION, sha256=said), 1),
    ):
        payload = revocation_statement(RevocationList(head=head, entries=(an_entry(target),)))
        (tmp_path / "list.json").write_bytes(sign_statement(payload, security.private))
        outcome = deployed.playground.aigf(
            "verify", "--image", ref, "--trust", str(trust), "--any-policy",
            "--revocations", str(tmp_path / "list.json"), "--require-revocations",
            "--revocation-key", str(tmp_path / "sec.pub"), "--state", str(tmp_path / "state"),
        )  # fmt: skip
        assert outcome.returncode == code, outcome.stdout + outcome.stderr
        assert ("is revoked: it is wrong" in outcome.stdout) is bool(code)


def test_of_several_models_one_must_be_named(deployed: Deployed) -> None:
    second = replace(deployed.said.model, name="second")
    statement = deployed.signed(model=second)
    found = deployed.only(deployed.bound.bundles[0], statement, deployed.bound.attested.bundle)
    with pytest.raises(InputError, match="one of scorer, second"):
        deployed.locate(found)
    assert deployed.verified(deployed.locate(found, model="scorer")) == 0


def test_as_many_owners_must_say_it_as_are_demanded(deployed: Deployed) -> None:
    again = deployed.signed(issued_on=AT + timedelta(minutes=1))
    found = deployed.only(again, deployed.bound.bundles[0], deployed.bound.attested.bundle)
    with pytest.raises(RefusedError, match="2 different owners") as error:
        deployed.locate(found, attesters=2)
    assert "says which model is in it" in str(error.value)


def test_an_older_statement_about_the_same_model_counts_too(deployed: Deployed) -> None:
    newer = deployed.signed(issued_on=AT + timedelta(minutes=1), attestation=sha256(b"gone"))
    found = deployed.only(newer, deployed.bound.bundles[0], deployed.bound.attested.bundle)
    assert deployed.verified(deployed.locate(found)) == 0


def test_of_an_index_all_platforms_or_the_named_one_are_read(
    deployed: Deployed,
) -> None:
    model = model_of(deployed.playground)
    amd = deployed.images.image(tar(file("m", model)))
    arm = deployed.images.image(tar(file("n", model)), platform="linux/arm64")
    index = deployed.images.index({"linux/amd64": amd, "linux/arm64": arm})
    ref = push(deployed.images, deployed.host, REPOSITORY, index)
    attest_in(deployed.playground, ref, deployed.key, platform="linux/arm64")
    with pytest.raises(RefusedError, match="holds no statement about it"):
        deployed.locate(digest=index)
    with pytest.raises(RefusedError, match="holds no statement about it"):
        deployed.locate(digest=index, platform="linux/amd64")
    for changes in ({"digest": index, "platform": "linux/arm64"}, {"digest": arm}):
        assert deployed.verified(deployed.locate(**changes)) == 0
    attest_in(deployed.playground, ref, deployed.key)
    for changes in ({"digest": index}, {"digest": index, "platform": "linux/amd64"}):
        assert deployed.verified(deployed.locate(**changes)) == 0
    assert [p.paths for p in deployed.locate(digest=index).platforms] == [("/m",), ("/n",)]


def test_a_statement_that_names_other_platforms_than_the_index_is_refused(
    deployed: Deployed,
) -> None:
    model = model_of(deployed.playground)
    amd = deployed.images.image(tar(file("m", model)))
    arm = deployed.images.image(tar(file("m", model)), platform="linux/arm64")
    index = deployed.images.index({"linux/amd64": amd, "linux/arm64": arm})
    push(deployed.images, deployed.host, REPOSITORY, index)
    (platform,) = deployed.said.platforms
    one = replace(platform, digest=amd, paths=("/m",))
    two = replace(one, digest=arm, platform="linux/arm64")
    three = replace(two, digest=sha256(b"a third"))
    for wrong in ((one,), (one, two, three)):
        statement = deployed.signed(digest=index, platforms=wrong)
        found = deployed.only(statement, deployed.bound.attested.bundle)
        with pytest.raises(RefusedError, match="other places or platforms"):
            deployed.locate(found, digest=index)


def test_a_registry_that_is_not_there_cannot_decide(deployed: Deployed) -> None:
    nowhere = RegistryImages("127.0.0.1:9", REPOSITORY)
    with pytest.raises(UndecidedError, match="did not answer"):
        locate(nowhere, lambda digests: attached_in_registry(nowhere, digests), deployed.question())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--key", "k"),
        ("model.bin", "--image", REF, "--key", "k"),
        ("--image", REF, "--from", "git", "--key", "k"),
        ("model.bin", "--from", "git", "--image-layout", ".", "--key", "k"),
    ],
)
def test_wrong_usage_is_said(arguments: tuple[str, ...]) -> None:
    outcome = CliRunner().invoke(command, arguments)
    assert outcome.exit_code == 2
    assert "ARTIFACT" in outcome.stderr or "--image" in outcome.stderr
