"""Programs that know images and nothing of us read what we attach, and we read what they copy."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.attest_image import Bound
from aigf_dvc.actions.verify import exit_code, verify
from aigf_dvc.actions.verify_image import (
    ImageQuestion,
    attached_in_layout,
    attached_in_registry,
    locate,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.attestation.image_statement import IMAGE
from aigf_dvc.digests import Sha256
from aigf_dvc.images.layout import ImageLayout
from aigf_dvc.stores.layout import BUNDLE, Stored
from aigf_dvc.stores.oci_image import RegistryImages
from tests.actions.image_attesting import AT, REPOSITORY, ReleaseKey, a_key, attest_in, model_of
from tests.images.builder import Images, file, tar
from tests.images.pushed import push
from tests.independent.programs import run_program
from tests.playground import Playground
from tests.stores.registries import docker_registry

REGO = """\
package signature
import rego.v1
default allow := false
allow if {
    input.predicate.verdict == "passed"
    input.predicate.environment == "production"
}
"""
TRUSTED_ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
CUE = f'predicateType: "{IMAGE}"\npredicate: environment: "production"\n'


@dataclass(frozen=True, slots=True)
class Attached:
    """An image in Debian's registry, with our statements attached."""

    host: str
    images: Images
    digest: Sha256
    ref: str
    key: ReleaseKey
    public: Path
    bound: Bound

    def cosign(
        self, *arguments: str, ref: str | None = None, program: str = "cosign"
    ) -> CompletedProcess[str]:
        trust = ("--key", str(self.public), "--insecure-ignore-tlog", "--allow-http-registry")
        return run_program(
            program, "verify-attestation", *trust, "--type", IMAGE, *arguments, ref or self.ref,
            folder=self.public.parent,
        )  # fmt: skip


@pytest.fixture
def attached(playground: Playground, tmp_path: Path) -> Iterator[Attached]:
    images, key = Images(), a_key()
    public = tmp_path / "release.pub"
    public.write_bytes(key.public_pem)
    with docker_registry(tmp_path) as host:
        digest = images.image(tar(file("app/model.bin", model_of(playground))))
        ref = push(images, host, REPOSITORY, digest)
        (bound,) = attest_in(playground, ref, key)
        yield Attached(host, images, digest, ref, key, public, bound)


def test_cosign_finds_and_verifies_the_statement_about_the_image(attached: Attached) -> None:
    run = attached.cosign()
    assert run.returncode == 0, run.stderr
    assert "The signatures were verified against the specified public key" in run.stderr


def test_cosign_refuses_another_key_and_another_image(attached: Attached) -> None:
    other = attached.images.image(tar(file("other", b"x")))
    ref = push(attached.images, attached.host, REPOSITORY, other)
    items = (Stored(model=other, ending=BUNDLE, data=attached.bound.bundles[0]),)
    RegistryImages(attached.host, REPOSITORY).referrers_of(other).add(items)
    run = attached.cosign(ref=ref)
    assert run.returncode == 1
    assert "provided artifact digest does not match any digest in statement" in run.stderr
    attached.public.write_bytes(a_key().public_pem)
    run = attached.cosign()
    assert run.returncode == 1
    assert "could not verify envelope" in run.stderr


def test_the_older_cosign_does_so_when_the_form_of_the_bundle_is_named(
    attached: Attached, tmp_path: Path
) -> None:
    root, path = tmp_path / "root.json", tmp_path / "p.cue"  # Debian's build of it has no Rego
    root.write_text(json.dumps({"mediaType": TRUSTED_ROOT}))  # else it asks the public instance
    path.write_text(CUE)
    form = ["--new-bundle-format", "--trusted-root", str(root), "--policy", str(path)]
    run = attached.cosign(*form, program="cosign-trixie")
    assert run.returncode == 0, run.stderr
    path.write_text(CUE.replace("production", "staging"))
    assert attached.cosign(*form, program="cosign-trixie").returncode == 1
    path.write_text(CUE)
    attached.public.write_bytes(a_key().public_pem)
    assert attached.cosign(*form, program="cosign-trixie").returncode == 1


@pytest.mark.parametrize(("name", "policy"), [("p.rego", REGO), ("p.cue", CUE)])
def test_cosign_holds_the_statement_against_a_policy(
    attached: Attached, tmp_path: Path, name: str, policy: str
) -> None:
    path = tmp_path / name
    path.write_text(policy)
    assert attached.cosign("--policy", str(path)).returncode == 0
    path.write_text(policy.replace("production", "staging"))
    run = attached.cosign("--policy", str(path))
    assert run.returncode == 1
    assert "1 validation errors occurred" in run.stderr


def test_oras_lists_both_statements_and_copies_them_with_the_image(
    attached: Attached, tmp_path: Path
) -> None:
    run = run_program(
        "oras", "discover", "--plain-http", "--format", "json", attached.ref, folder=tmp_path
    )
    assert run.returncode == 0, run.stderr
    listed = json.loads(run.stdout)["referrers"]
    types = [item["annotations"]["dev.sigstore.bundle.predicateType"] for item in listed]
    assert sorted(types) == [DEPLOYMENT, IMAGE]
    assert {item["annotations"]["dev.aigf.model"] for item in listed} == {"scorer"}
    layout = tmp_path / "layout"
    run = run_program(
        "oras", "cp", "--recursive", "--from-plain-http", attached.ref,
        "--to-oci-layout", f"{layout}:v1", folder=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    source = ImageLayout(layout)
    assert accepted(attached, source) == 0


def accepted(attached: Attached, source: ImageLayout | RegistryImages) -> int:
    """Return the exit code of a verification of ours."""
    question = ImageQuestion(digest=attached.digest, signer=attached.key.signer, at=AT)
    located = locate(
        source,
        lambda digests: (
            attached_in_layout(source, digests)
            if isinstance(source, ImageLayout)
            else attached_in_registry(source, digests)
        ),
        replace(question, environment="production"),
    )
    demands = Demands(at=AT, environment="production", any_policy=True)
    return exit_code(verify(*located.sought, signer=attached.key.signer, demands=demands))


def test_what_cosign_attaches_to_the_image_is_no_hindrance(
    attached: Attached, tmp_path: Path
) -> None:
    """Both write the list that clients keep under a tag, and neither loses what the other wrote."""
    predicate, password = tmp_path / "p.json", {"COSIGN_PASSWORD": ""}
    predicate.write_text("{}")
    made = run_program(
        "cosign", "generate-key-pair", "--output-key-prefix", "c", folder=tmp_path, secrets=password
    )
    assert made.returncode == 0, made.stderr
    run = run_program(
        "cosign", "attest", "--yes", "--key", str(tmp_path / "c.key"), "--type", "https://example.com/sbom",
        "--predicate", str(predicate), "--use-signing-config=false", "--tlog-upload=false",
        "--allow-http-registry", attached.ref,
        folder=tmp_path, secrets=password,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert attached.cosign().returncode == 0
    assert accepted(attached, RegistryImages(attached.host, REPOSITORY)) == 0
