"""What a pipeline is compiled to: no cache, a pinned image, no secret."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kfp.environment import Kfp, Ran
from tests.playground import PACKAGE

EXAMPLE = PACKAGE / "examples/kubeflow/pipeline.py"
PINNED = f"registry.example.com/acme/gates@sha256:{'a' * 64}"
PIPELINE = """\
import os
from kfp import dsl, kubernetes
from aigf_dvc.kfp.tasks import check, verify

@dsl.pipeline(name="made")
def made():
    model = dsl.importer(artifact_uri="gs://b/m", artifact_class=dsl.Model)
    os.environ["AIGF_KEY_PASSPHRASE"] = "correct horse battery staple"
    task = {task}
    kubernetes.use_secret_as_env(
        task, secret_name="judge", secret_key_to_env={{"passphrase": "AIGF_KEY_PASSPHRASE"}}
    )
"""
Document = dict[str, Any]


def compiled(kfp: Kfp, name: str, folder: Path, *, file: Path | None = None) -> Document:
    ran = kfp.compile(name, folder / "pipeline.yaml", file=file)
    assert ran.passed, ran.log
    document: Document = next(yaml.safe_load_all((folder / "pipeline.yaml").read_text()))
    return document


def made(kfp: Kfp, folder: Path, task: str) -> Ran:
    file = folder / "made.py"
    file.write_text(PIPELINE.format(task=task))
    return kfp.compile("made", folder / "pipeline.yaml", file=file)


def cached(document: Document) -> dict[str, bool]:
    """Return whether KFP may use an old result again, by task."""
    tasks: dict[str, Document] = document["root"]["dag"]["tasks"]
    return {name: task["cachingOptions"].get("enableCache", False) for name, task in tasks.items()}


def test_the_gates_of_the_example_are_never_cached_and_start_from_the_pinned_image(
    kfp: Kfp, tmp_path: Path
) -> None:
    document = compiled(kfp, "deploy_scorer", tmp_path, file=EXAMPLE)
    caching = cached(document)
    assert caching["importer"]  # so KFP caches what nobody speaks of
    assert {name: caching[name] for name in ("aigf-check", "aigf-verify")} == {
        "aigf-check": False, "aigf-verify": False,
    }  # fmt: skip
    executors = document["deploymentSpec"]["executors"]
    for gate in ("exec-aigf-check", "exec-aigf-verify"):
        container = executors[gate]["container"]
        assert container["image"].startswith("registry.example.com/acme/gates@sha256:5f1d")
        assert "pip install" not in " ".join(container["command"])
    tasks = document["root"]["dag"]["tasks"]
    assert tasks["deploy"]["inputs"]["artifacts"]["model"]["taskOutputArtifact"] == {
        "outputArtifactKey": "governed", "producerTask": "aigf-verify",
    }  # fmt: skip


def test_the_pipeline_that_people_paste_is_the_example() -> None:
    page = (PACKAGE / "docs/kubeflow.md").read_text()
    assert f"```python\n{EXAMPLE.read_text()}```\n" in page


def test_the_page_names_every_input() -> None:
    page = (PACKAGE / "docs/kubeflow.md").read_text()
    source = (PACKAGE / "aigf_dvc/kfp/components.py").read_text()
    inputs = {
        argument.arg.removesuffix("_path")
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef)
        for argument in function.args.args
    }
    assert len(inputs) > 15
    assert {name for name in inputs - {"run"} if f"`{name}`" not in page} == set()


def test_the_bare_component_is_cached(kfp: Kfp, tmp_path: Path) -> None:
    assert cached(compiled(kfp, "cached", tmp_path)) == {"aigf-check": True}


def test_the_inputs_of_a_gate_are_those_of_its_run_alone(kfp: Kfp, tmp_path: Path) -> None:
    for name, gate in (("checked", "aigf-check"), ("deployed", "aigf-verify")):
        task = compiled(kfp, name, tmp_path)["root"]["dag"]["tasks"][gate]
        value = task["inputs"]["parameters"]["run"]["runtimeValue"]["constant"]
        assert value == "{{$.pipeline_job_uuid}}"


@pytest.mark.parametrize(
    "image",
    ["registry.example.com/acme/gates:1.0", "registry.example.com/acme/gates", "gates", ""],
)
def test_an_image_that_may_be_another_tomorrow_is_refused_unless_allowed(
    kfp: Kfp, tmp_path: Path, image: str
) -> None:
    ran = made(kfp, tmp_path, f"check(image={image!r}, repository='/project')")
    assert not ran.passed
    assert "InputError: " in ran.log
    assert "(expected HOST/REPOSITORY@sha256:HEX)" in ran.log
    if image:
        allowed = f"check(image={image!r}, any_image=True, repository='/project')"
        assert made(kfp, tmp_path, allowed).passed


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("verify(image=I, model=model.output, store='https://ann:hunter2@h.example/x')", "store"),
        ("verify(image=I, model=model.output, bundle='s3://k:hunter2@b/x')", "bundle"),
        ("check(image=I, repository='https://x-access-token:hunter2@h.example/x')", "repository"),
        (f"check(image=I, repository='/x', environment='ghp_{'a1B2' * 9}')", "environment"),
    ],
)
def test_a_secret_does_not_become_part_of_a_pipeline(
    kfp: Kfp, tmp_path: Path, task: str, name: str
) -> None:
    ran = made(kfp, tmp_path, task.replace("image=I", f"image={PINNED!r}"))
    assert not ran.passed
    assert f"InputError: the input {name}: it holds what looks like a secret" in ran.log
    assert "hunter2" not in ran.log
    assert not (tmp_path / "pipeline.yaml").exists()


def test_what_names_places_and_people_is_no_secret(kfp: Kfp, tmp_path: Path) -> None:
    plain = {
        "store": "oci://registry.example.com/acme/attestations",
        "identity": "https://github.com/acme/m/.github/workflows/r.yml@refs/heads/main",
        "issuer": "https://token.actions.githubusercontent.com",
        "key": "/etc/aigf/keys/release.pub",
        "policy_digest": f"sha256:{'4f' * 32}",
    }
    ran = made(kfp, tmp_path, f"verify(image={PINNED!r}, model=model.output, **{plain!r})")
    assert ran.passed, ran.log


def test_a_passphrase_that_a_task_has_from_the_cluster_is_not_in_the_pipeline(
    kfp: Kfp, tmp_path: Path
) -> None:
    task = f"verify(image={PINNED!r}, model=model.output, bundle='/b', key='/k.pub')"
    assert made(kfp, tmp_path, task).passed
    text = (tmp_path / "pipeline.yaml").read_text()
    assert "AIGF_KEY_PASSPHRASE" in text
    assert "horse" not in text
