"""Adds the gates to a pipeline of Kubeflow: with caching off, so that no old pass is used again."""

from collections.abc import Callable, Mapping
from typing import Any

from kfp import dsl
from kfp.dsl.pipeline_channel import PipelineArtifactChannel

from aigf_dvc.errors import InputError
from aigf_dvc.images.reference import ImageReference, read_reference
from aigf_dvc.kfp.components import aigf_check, aigf_verify
from aigf_dvc.redaction import find_secrets_in_text

_EITHER = ("repository", "bundle")  # an artifact of another task, or where one is mounted


def check(*, image: str, any_image: bool = False, **inputs: Any) -> dsl.PipelineTask:  # noqa: ANN401  # what KFP passes on
    """Add a task that holds models of a commit against the policy; it fails unless all pass.

    Args:
        image: has aigf-dvc[kfp] and git: HOST/REPOSITORY@sha256:HEX.
        any_image: take an image that may be another tomorrow.
        inputs: those of `components.aigf_check`; `repository` is an artifact or a path.

    Returns:
        The task, with the output `verdict`.

    Raises:
        InputError: the image is not pinned, or an input holds a secret.
    """
    return _task(aigf_check, image, any_image=any_image, inputs=inputs)


def verify(*, image: str, any_image: bool = False, **inputs: Any) -> dsl.PipelineTask:  # noqa: ANN401  # what KFP passes on
    """Add a task that verifies a model before it is deployed; it fails unless it is accepted.

    Args:
        image: has aigf-dvc[kfp]: HOST/REPOSITORY@sha256:HEX.
        any_image: take an image that may be another tomorrow.
        inputs: those of `components.aigf_verify`; `bundle` is an artifact or a path.

    Returns:
        The task, with the outputs `governed`, to be deployed, and `verdict`.

    Raises:
        InputError: the image is not pinned, or an input holds a secret.
    """
    return _task(aigf_verify, image, any_image=any_image, inputs=inputs)


def _task(
    function: Callable[..., None], image: str, *, any_image: bool, inputs: Mapping[str, Any]
) -> dsl.PipelineTask:
    if not any_image:
        _demand_pinned(image)
    _refuse_secrets(inputs)
    # Nothing is installed when the step starts: what runs is what the image's digest names.
    component = dsl.component(
        function, base_image=image, packages_to_install=[], install_kfp_package=False
    )
    # Whoever submits a pipeline can switch caching on for all of its tasks. The number of the run
    # makes the inputs of each run its own, so that even then none is taken for an earlier one.
    task = component(**_placed(inputs), run=dsl.PIPELINE_JOB_ID_PLACEHOLDER)
    return task.set_caching_options(False)


def _demand_pinned(image: str) -> None:
    if not isinstance(read_reference(image), ImageReference):
        raise InputError(
            "it may be another image tomorrow", where=f"image {image}",
            expected="HOST/REPOSITORY@sha256:HEX",
            hint="pin it by its digest, or say any_image=True",
        )  # fmt: skip


def _refuse_secrets(inputs: Mapping[str, Any]) -> None:
    for name, value in inputs.items():
        if isinstance(value, str) and find_secrets_in_text(value, where=name):
            raise InputError(
                "it holds what looks like a secret", where=f"the input {name}",
                expected="none: a pipeline is kept, and shown to all who may see it",
                hint="give the task a Kubernetes Secret, as docs/kubeflow.md shows, and revoke it",
            )  # fmt: skip


def _placed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs by the names of the component: a path has another than an artifact."""
    return {
        name
        if name not in _EITHER or isinstance(value, PipelineArtifactChannel)
        else f"{name}_path": value
        for name, value in inputs.items()
    }
