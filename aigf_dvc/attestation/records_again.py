"""Holds the run records and packages of an attestation against what its commit says of them."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from aigf_dvc.attestation.attested_packages import MEDIA_TYPE, NAME
from aigf_dvc.attestation.attested_runs import AttestedRun, Content
from aigf_dvc.attestation.deployment import Deployment
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.json_difference import json_differences
from aigf_dvc.attestation.observation import MAX_MANIFEST, ManifestLineage
from aigf_dvc.canonical import loads
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import AigfError, UndecidedError
from aigf_dvc.evidence.lineage import TrustLevel


class WalkedRun(Struct, frozen=True, kw_only=True):
    """The run of a stage that a commit's `dvc.lock` speaks of."""

    key: Sha256 | None  # as run records have it; None: no record can be of it
    directory: str


def run_differences(
    deployment: Deployment,
    attested: Sequence[AttestedRun],
    walked: Mapping[str, WalkedRun],
    manifest: bytes,
) -> Iterator[str]:
    """Yield how the attested run records are of other runs than those of the commit.

    Args:
        deployment: what the verified attestation says.
        attested: its run records.
        walked: the runs of the commit, by stage.
        manifest: the commit's own.
    """
    for stage in deployment.lineage_verification.stages:
        if stage.level is TrustLevel.OBSERVED and stage.run_record is None:
            yield f"stage {stage.stage!r:.100}: attested as observed, without a run record"
    lineage = ManifestLineage(Fields.read(manifest, "manifest", max_bytes=MAX_MANIFEST))
    for run in attested:
        if run.record is None:
            continue
        found = walked.get(run.stage)
        if found is None or (run.record.key, run.record.directory) != (found.key, found.directory):
            yield f"stage {run.stage!r:.100}: its run record is of another run than in dvc.lock"
            continue
        for path, seen in {**run.record.inputs, **run.record.outputs}.items():
            known = lineage.sha256_of(path)
            if known not in (None, seen.sha256):
                yield (
                    f"stage {run.stage!r:.100}: its run record saw {path!r:.100} as "
                    f"sha256:{seen.sha256}, the commit has sha256:{known}"
                )


def package_differences(
    deployment: Deployment, walked: bytes | None, content: Content, *, tool_version: str
) -> Iterator[str]:
    """Yield how the attested packages are not those of the commit's lock files and advisories.

    Args:
        deployment: what the verified attestation says.
        walked: what the commit says, in the form of such evidence; None: nothing.
        content: returns the bytes of attested evidence, where they are at hand.
        tool_version: ours; another one may read lock files otherwise.
    """
    item = next((i for i in deployment.evidence if i.media_type == MEDIA_TYPE), None)
    attested = item.sha256 if item is not None else None
    found = sha256(walked) if walked is not None else None
    if attested == found:
        return
    said, has = (f"sha256:{digest}" if digest else "none" for digest in (attested, found))
    yield f"packages: attested {said}, the commit gives {has}"
    if deployment.tool_version != tool_version:
        yield f"(attested with aigf {deployment.tool_version}, this is {tool_version})"
    data = content(item) if item is not None else b"{}"
    if data is None:
        yield "(the attested packages are not at hand, so what differs cannot be named)"
        return
    try:
        before = loads(data, where=NAME)
    except AigfError as error:
        yield f"(the attested packages cannot be read: {error})"
        return
    after = loads(walked, where=NAME) if walked is not None else {}
    yield from (f"packages {difference}" for difference in json_differences(before, after))


def demand_at_hand(attested: Sequence[AttestedRun]) -> None:
    """Refuse to decide about runs whose records are not here.

    Raises:
        UndecidedError: they are named by digest only.
    """
    away = [run.stage for run in attested if run.record is None]
    if away:
        raise UndecidedError(
            f"the run records of {', '.join(map(repr, away))[:200]} are not at hand",
            expected="the evidence that the attestation names by digest",
            hint="verify with `--from STORE`: large evidence lies beside the bundle there",
        )


def records_text(attested: Sequence[AttestedRun], packages: bytes | None) -> str:
    """Say what was held against the commit; empty when there was nothing."""
    said = []
    if attested:
        count = len(attested)
        said.append(f"{count} run record{'s' if count > 1 else ''} of the runs in dvc.lock")
    if packages is not None:
        said.append("the same packages")
    return ", ".join(said)
