"""Verify a container image before it is deployed: which model is in it, by its own bytes.

What is found here goes on to the steps of `verify`: the model's files as they were hashed out of
the image's layers are the artifact, and the attestations that the image's statement names are the
candidates.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc.actions.image_models import find_model
from aigf_dvc.actions.verify import Artifact, Candidates
from aigf_dvc.attestation.deployment import ModelKind
from aigf_dvc.attestation.image_statement import (
    IMAGE,
    BoundImage,
    BoundPlatform,
    read_image_statement,
)
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.speaking import refuse_line
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.steps.freshness import CLOCK_SKEW
from aigf_dvc.attestation.tally import owners_among
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import Sha256, sha256, tree_digest
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.images.layout import ImageLayout
from aigf_dvc.images.read import Image, named_digests, read_image
from aigf_dvc.images.source import ImageSource, Progress
from aigf_dvc.signing.attesters import AnyAttester, signatures
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.stores.layout import BUNDLE
from aigf_dvc.stores.oci import BUNDLE_TYPES, EVIDENCE_TYPES
from aigf_dvc.stores.oci_image import RegistryImages


class ImageQuestion(Struct, frozen=True, kw_only=True):
    """Which image is to be verified, and what its statement must say."""

    digest: Sha256
    signer: AnyAttester
    at: datetime  # the judge's clock, UTC
    environment: str | None = None  # None: any
    platform: str | None = None  # of an index, only this one
    model: str | None = None  # None: the only one that is in it
    max_age: timedelta | None = None
    attesters: int = 1  # how many different owners must say it


class SaidOfImage(Struct, frozen=True, kw_only=True):
    """What is said of an image, and by whom."""

    bound: BoundImage
    digest: Sha256  # of the statement's bytes
    signers: tuple[SignerFacts, ...]  # one, or one for each line of a trust file that it holds by


class Located(Struct, frozen=True, kw_only=True):
    """The model of an image, read out of its layers, and the attestations about it."""

    artifact: Artifact
    candidates: Candidates
    image: BoundImage
    platforms: tuple[BoundPlatform, ...]  # that were read
    said: tuple[SaidOfImage, ...]  # the oldest first

    @property
    def sought(self) -> tuple[Artifact, Candidates]:
        """Return what goes on to the steps of a verification."""
        return self.artifact, self.candidates


def attached_in_registry(images: RegistryImages, digests: Sequence[Sha256]) -> Candidates:
    """Return what a registry has attached to an image.

    Raises:
        InputError, UndecidedError: the registry refuses, or does not answer.
    """
    found = [item for digest in digests for item in images.referrers_of(digest).find(digest)]
    return Candidates(
        bundles=tuple(dict.fromkeys(item.data for item in found if item.ending == BUNDLE)),
        beside={sha256(item.data): item.data for item in found if item.ending != BUNDLE},
        place=f"oci://{images.place}",
    )


def attached_in_layout(layout: ImageLayout, digests: Sequence[Sha256]) -> Candidates:
    """Return what an OCI layout has attached to an image.

    Raises:
        InputError, UndecidedError: the layout cannot be read.
    """
    bundles = [data for digest in digests for data in layout.attached(digest, BUNDLE_TYPES)]
    beside = [data for digest in digests for data in layout.attached(digest, EVIDENCE_TYPES)]
    return Candidates(
        bundles=tuple(dict.fromkeys(bundles)),
        beside={sha256(data): data for data in beside},
        place=layout.place,
    )


def locate(
    source: ImageSource,
    find: Callable[[Sequence[Sha256]], Candidates],
    question: ImageQuestion,
    *,
    progress: Progress | None = None,
) -> Located:
    """Verify what the demanded signer says of an image, and read the model out of its layers.

    Args:
        source: where the image lies.
        find: returns every bundle at hand about some digests; those that say nothing of an image
            are passed over.
        question: which image, and what is demanded.
        progress: is told what was read.

    Raises:
        RefusedError: nobody whom the caller trusts says it, or the image is another.
        InputError, UndecidedError: something cannot be read.
    """
    digests = named_digests(source, question.digest, platform=question.platform)
    found = find(digests)
    said = _chosen(tuple(_statements(found, question, digests)), question)
    image = read_image(source, question.digest, platform=question.platform, progress=progress)
    newest = said[-1].bound
    platforms = find_model(image, newest.model)
    holding = tuple(one for one in said if _says(one.bound, image, platforms))
    if not holding:
        raise RefusedError(
            "the statement names other places or platforms than the image has",
            where=f"image sha256:{question.digest}",
            expected=_places(newest.platforms), hint=f"it has {_places(platforms)}",
        )  # fmt: skip
    _demand_owners(holding, question.digest, question.attesters)
    bundles = tuple(_attestations(found, [one.bound for one in holding]))
    return Located(
        artifact=_artifact(newest),
        candidates=Candidates(bundles=bundles, beside=found.beside, place=found.place),
        image=holding[-1].bound,
        platforms=platforms,
        said=holding,
    )


def without_revoked(
    located: Located, revoked: Callable[[Sha256, SignerFacts], str], *, attesters: int
) -> Located:
    """Return the model of an image by the word of those alone whom no list revokes.

    Args:
        located: by the word of all.
        revoked: returns why a statement, by its digest and signer, counts no more.
        attesters: how many different owners must say it.

    Raises:
        RefusedError: too few are left.
    """
    reasons = {one.digest: revoked(one.digest, one.signers[0]) for one in located.said}
    said = tuple(one for one in located.said if not reasons[one.digest])
    digest = located.image.digest
    if not said:
        why = dict.fromkeys(reasons.values())
        raise RefusedError(
            "\n  ".join(["no statement about it holds", *why]), where=f"image sha256:{digest}"
        )
    _demand_owners(said, digest, attesters)
    found = located.candidates
    named = {one.bound.attestation for one in said}
    bundles = tuple(data for data in map(bytes, found.bundles) if sha256(_payload(data)) in named)
    return replace(
        located, said=said, image=said[-1].bound, candidates=replace(found, bundles=bundles)
    )


def _statements(
    found: Candidates, question: ImageQuestion, digests: Sequence[Sha256]
) -> Iterator[SaidOfImage]:
    """Yield what the demanded signer says of this image; refuse when there is nothing.

    Raises:
        RefusedError: there is none, or every one is refused; the message says why.
    """
    refusals: list[RefusedError] = []
    count = 0
    for data in map(bytes, found.bundles):
        if not _is_about_an_image(data):
            continue
        try:
            yield _statement(data, question, digests)
            count += 1
        except RefusedError as error:
            refusals.append(error)
    if count:
        return
    where = f"image sha256:{question.digest}"
    if not refusals:
        raise RefusedError(
            f"{found.place} holds no statement about it", where=where,
            expected="one that ties it to an attested model",
            hint="`aigf attest --image` makes one",
        )  # fmt: skip
    reasons = dict.fromkeys(str(error) for error in refusals)
    raise RefusedError("\n  ".join(["no statement about it holds", *reasons]), where=where)


def _is_about_an_image(data: bytes) -> bool:
    """Tell what a bundle says it is about; nobody has verified it."""
    try:
        return read_statement(_payload(data)).predicate_type == IMAGE
    except RefusedError:
        return False


def _statement(data: bytes, question: ImageQuestion, digests: Sequence[Sha256]) -> SaidOfImage:
    """Return what a bundle says of the image, verified.

    Raises:
        RefusedError: somebody else signed it, or it does not say what is demanded.
    """
    found = signatures(parse_bundle(data), question.signer)
    bound = read_image_statement(read_statement(found[0].payload))
    signers = _who_may_say_it([one.signer for one in found], bound, question)
    if not set(digests) & set(bound.digests):
        raise RefusedError(f"it is about the image sha256:{bound.digest}")
    if question.environment not in (None, bound.environment):
        raise RefusedError(f"for {bound.environment!r:.100}, not for {question.environment!r}")
    time = signers[0].time or bound.issued_on
    if max(time, bound.issued_on) > question.at + CLOCK_SKEW:
        raise RefusedError(f"issued in the future, {max(time, bound.issued_on)}")
    if question.max_age is not None and question.at - time > question.max_age:
        raise RefusedError(f"signed {time}, at most {question.max_age} ago is demanded")
    return SaidOfImage(bound=bound, digest=sha256(found[0].payload), signers=signers)


def _who_may_say_it(
    signers: Sequence[SignerFacts], bound: BoundImage, question: ImageQuestion
) -> tuple[SignerFacts, ...]:
    """Return the signer by each line of the trust file that lets them say this of an image.

    Raises:
        RefusedError: no line does.
    """
    able: list[SignerFacts] = []
    reasons: list[str] = []
    for signer in signers:
        try:
            refuse_line(signer, IMAGE, bound.environment, bound.issued_on, question.at.date())
        except RefusedError as error:
            reasons.append(str(error))
        else:
            able.append(signer)
    if not able:
        raise RefusedError("\n  ".join(reasons))
    return tuple(able)


def _chosen(said: tuple[SaidOfImage, ...], question: ImageQuestion) -> tuple[SaidOfImage, ...]:
    """Return what is said of one model of the image, the newest last."""
    names = sorted({one.bound.model.name for one in said})
    name = question.model or (names[0] if len(names) == 1 else None)
    if name is None:
        raise InputError(
            f"it holds {len(names)} models", where=f"image sha256:{question.digest}",
            expected=f"--image-model, one of {', '.join(names):.500}",
        )  # fmt: skip
    about = (one for one in said if one.bound.model.name == name)
    chosen = sorted(about, key=lambda one: one.bound.issued_on)
    if not chosen:
        raise RefusedError(
            f"nobody says that the model {name!r:.100} is in it",
            where=f"image sha256:{question.digest}",
            expected=f"one of {', '.join(names):.500}",
        )
    return tuple(one for one in chosen if one.bound.model == chosen[-1].bound.model)


def _demand_owners(said: Sequence[SaidOfImage], digest: Sha256, attesters: int) -> None:
    """Refuse what fewer owners say of the image than must attest the model in it."""
    owners = owners_among([signer for one in said for signer in one.signers])
    if len(owners) < attesters:
        raise RefusedError(
            f"only {', '.join(owners)} says which model is in it",
            where=f"image sha256:{digest}",
            expected=f"{attesters} different owners, as the trust file demands",
        )  # fmt: skip


def _says(bound: BoundImage, image: Image, platforms: tuple[BoundPlatform, ...]) -> bool:
    """Tell whether a statement names exactly the places where the model is in what was read."""
    read = {platform.digest for platform in image.platforms}
    named = tuple(platform for platform in bound.platforms if platform.digest in read)
    whole = image.digest != bound.digest or len(named) == len(bound.platforms)
    return whole and set(named) == set(platforms)


def _attestations(found: Candidates, said: Sequence[BoundImage]) -> Iterator[bytes]:
    """Yield the deployment attestations that the statements name; they are verified later.

    Raises:
        RefusedError: none is here, or it says something else than the statement about the image.
    """
    named = {bound.attestation: bound for bound in said}
    here = False
    for data in map(bytes, found.bundles):
        payload = _payload(data)
        bound = named.get(sha256(payload))
        if bound is not None:
            _demand_same(payload, bound)
            here = True
            yield data
    if not here:
        raise RefusedError(
            "it lacks the attestation that the image's statement names", where=found.place,
            expected=" or ".join(f"a statement sha256:{digest}" for digest in named),
        )  # fmt: skip


def _payload(data: bytes) -> bytes:
    """Return what a bundle signs, unverified; nothing when it is no bundle."""
    try:
        return parse_bundle(data).payload
    except RefusedError:
        return b""


def _demand_same(payload: bytes, bound: BoundImage) -> None:
    deployment = read_deployment(read_statement(payload))
    said = (bound.model.name, bound.model.kind, bound.environment, bound.policy.sha256)
    policy = deployment.policy.sha256
    if (deployment.model, deployment.kind, deployment.environment, policy) != said:
        raise RefusedError(
            f"the attestation sha256:{bound.attestation} is of another model, environment or "
            "policy", where="predicate",
            expected=f"{bound.model.name!r:.100} for {bound.environment!r:.100}",
        )  # fmt: skip


def _artifact(bound: BoundImage) -> Artifact:
    """Return the model as it was found, byte for byte, in the layers."""
    files = bound.model.files
    if bound.model.kind is ModelKind.FILE:
        return Artifact(files=files, key=files[0].sha256)
    key = tree_digest((file.name.encode(), file.sha256) for file in files)
    return Artifact(files=files, key=key)


def _places(platforms: Sequence[BoundPlatform]) -> str:
    return "; ".join(f"{p.platform:.60}: {', '.join(p.paths):.300}" for p in platforms)
