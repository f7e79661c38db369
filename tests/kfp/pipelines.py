"""Pipelines that the tests run: real ones, by KFP's local runner."""

from kfp import dsl

from aigf_dvc.kfp.components import aigf_check
from aigf_dvc.kfp.tasks import check, verify

IMAGE = f"registry.example.com/acme/gates@sha256:{'a' * 64}"
_NOTHING_INSTALLED = {"packages_to_install": [], "install_kfp_package": False}


def _deploy(model: dsl.Input[dsl.Model], place: str) -> None:
    """Stand for a deployment: put the model in its place."""
    import shutil
    from pathlib import Path

    copy = shutil.copytree if Path(model.path).is_dir() else shutil.copy
    copy(model.path, place)


def _copied(place: str, repository: dsl.Output[dsl.Artifact]) -> None:
    """Stand for a task that clones: hand a checkout on."""
    import shutil

    shutil.copytree(place, repository.path, symlinks=True)


deploy = dsl.component(_deploy, base_image=IMAGE, **_NOTHING_INSTALLED)
copied = dsl.component(_copied, base_image=IMAGE, **_NOTHING_INSTALLED)


def _checked(repository: str, revision: str = "HEAD", at: str = "push", base: str = "") -> None:
    check(image=IMAGE, repository=repository, revision=revision, at=at, base=base, model="scorer")


def _cached(repository: str) -> None:
    """Add the step as anybody would who does not know of KFP's cache."""
    dsl.component(aigf_check, base_image=IMAGE, **_NOTHING_INSTALLED)(repository_path=repository)


def _handed_on(repository: str) -> None:
    clone = copied(place=repository)
    check(image=IMAGE, repository=clone.outputs["repository"])


def _checked_first(repository: str, model: str, place: str) -> None:
    found = dsl.importer(artifact_uri=model, artifact_class=dsl.Model, reimport=True)
    checked = check(image=IMAGE, repository=repository)
    deploy(model=found.output, place=place).after(checked)


def _deployed(
    model: str,
    bundle: str,
    key: str,
    policy_digest: str,
    place: str,
    environment: str = "production",
    trust: str = "",
    revocations: str = "",
    revocation_key: str = "",
    releases: str = "",
    release_key: str = "",
) -> None:
    found = dsl.importer(artifact_uri=model, artifact_class=dsl.Model, reimport=True)
    verified = verify(
        image=IMAGE,
        model=found.output,
        bundle=bundle,
        key=key,
        policy_digest=policy_digest,
        environment=environment,
        trust=trust,
        revocations=revocations,
        revocation_key=revocation_key,
        releases=releases,
        release_key=release_key,
    )
    deploy(model=verified.outputs["governed"], place=place)


PIPELINES = {
    "checked": dsl.pipeline(name="checked")(_checked),
    "cached": dsl.pipeline(name="cached")(_cached),
    "handed-on": dsl.pipeline(name="handed-on")(_handed_on),
    "checked-first": dsl.pipeline(name="checked-first")(_checked_first),
    "deployed": dsl.pipeline(name="deployed")(_deployed),
}
