"""Opens the image that a caller wants verified, and says what was found in it."""

import sys
from collections.abc import Callable, Sequence

import click

from aigf_dvc.actions.attest_image import demand_digest
from aigf_dvc.actions.verify import Candidates
from aigf_dvc.actions.verify_image import (
    ImageQuestion,
    Located,
    attached_in_layout,
    attached_in_registry,
    locate,
    without_revoked,
)
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.lists.merged import all_revocations
from aigf_dvc.attestation.lists.revoked import signer_revoked
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.cli.image_options import ImageOptions
from aigf_dvc.cli.options import reading_progress
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.images.layout import ImageLayout
from aigf_dvc.images.reference import ImageReference, TagReference, read_reference
from aigf_dvc.images.source import ImageSource, Progress
from aigf_dvc.report.visible import visible
from aigf_dvc.signing.attesters import AnyAttester
from aigf_dvc.stores.oci_image import RegistryImages


def locate_in_image(
    options: ImageOptions,
    given: Candidates | None,
    *,
    signer: AnyAttester,
    demands: Demands,
    progress: Progress,
) -> Located:
    """Verify what is said of the image, and return the model that is in it.

    Args:
        options: which image.
        given: the bundles that the caller has as a file; None: those that are attached to it.
        signer: who must have signed.
        demands: of its environment, age and time.
        progress: is told what was read.

    Raises:
        RefusedError: the image is refused.
        InputError, UndecidedError: something cannot be read.
    """
    reference = read_reference(options.image or "")
    find: Callable[[Sequence[Sha256]], Candidates]
    source: ImageSource
    if options.layout is not None:
        if not isinstance(reference, ImageReference):
            raise _no_digest(reference)
        layout = source = ImageLayout(options.layout)
        digest, find = reference.digest, lambda digests: attached_in_layout(layout, digests)
    else:
        images = source = RegistryImages(reference.host, reference.repository)
        digest = demand_digest(images, reference)
        find = lambda digests: attached_in_registry(images, digests)  # noqa: E731
    question = ImageQuestion(
        digest=digest,
        signer=signer,
        at=demands.at,
        environment=demands.environment,
        platform=options.platform,
        model=options.model,
        max_age=demands.max_age,
        attesters=demands.attesters,
    )
    chosen = (lambda _: given) if given is not None else find
    return locate(source, chosen, question, progress=progress)


def _no_digest(reference: TagReference) -> InputError:
    return InputError(
        f"the tag {reference.tag!r:.140}", where="--image",
        expected="with --image-layout: HOST/REPOSITORY@sha256:HEX",
        hint="the layout's index.json has the digest",
    )  # fmt: skip


def image_as_json(located: Located) -> Json:
    """Return where the model was found."""
    return {
        "digest": {"sha256": located.image.digest},
        "model": located.image.model.name,
        "platforms": [
            {"platform": p.platform, "digest": {"sha256": p.digest}, "paths": list(p.paths)}
            for p in located.platforms
        ],
    }


def image_text(located: Located) -> str:
    """Return where the model was found, in lines."""
    lines = [f"image sha256:{located.image.digest} holds {located.image.model.name}"]
    for platform in located.platforms:
        lines += [f"  {platform.platform}: {path}" for path in platform.paths]
    return "\n".join(visible(line) for line in lines)


def located_or_exit(
    options: ImageOptions,
    given: Candidates | None,
    *,
    signer: AnyAttester,
    demands: Demands,
    form: str,
) -> Located:
    """Return the model that is in an image; one that is refused ends the command with a 1."""
    try:
        with reading_progress() as progress:
            return locate_in_image(
                options, given, signer=signer, demands=demands, progress=progress
            )
    except RefusedError as error:
        _show_refused(error, options, form)
        sys.exit(error.exit_code)


def unrevoked_or_exit(
    located: Located, options: ImageOptions, demands: Demands, form: str
) -> Located:
    """Return the model that is in an image, by the word of those whom no list revokes.

    One that nobody is left to speak for ends the command with a 1.
    """
    if demands.revocation is None:
        return located
    entries = all_revocations(demands.revocation.lists.lists)

    def revoked(digest: Sha256, signer: SignerFacts) -> str:
        return signer_revoked(entries, signer, demands.at, statement=digest)

    try:
        return without_revoked(located, revoked, attesters=demands.attesters)
    except RefusedError as error:
        _show_refused(error, options, form)
        sys.exit(error.exit_code)


def _show_refused(error: RefusedError, options: ImageOptions, form: str) -> None:
    """Show why an image is refused, in the form that the caller wants."""
    if form == "json":
        document: Json = {
            "artifact": options.image, "accepted": False, "problem": str(error),
            "verifications": [],
        }  # fmt: skip
        click.echo(pretty(document))
        return
    first, *rest = (visible(line) for line in str(error).split("\n"))
    click.echo("\n".join([f"REFUSED: {first}", *rest]))
    if error.hint:
        click.echo(f"  hint: {visible(error.hint)}", err=True)
