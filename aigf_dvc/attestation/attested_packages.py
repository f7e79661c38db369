"""The packages that an attestation carries, and what it knows of them: written and read again.

What runs could import stands in their records; what lock files pin, and what the advisories say
about any of these packages, stands in one piece of evidence of its own.
"""

from collections.abc import Iterator, Mapping

from aigf_dvc.attestation.attested_runs import Content, read_attested_run
from aigf_dvc.attestation.deployment import Deployment, EvidenceItem, evidence_item
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import dumps
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.advisory import (
    Advisory,
    AdvisoryList,
    Affected,
    Event,
    EventKind,
    advisories_as_json,
)
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.package import Package, PackageList, PackageSource, packages_of_run

NAME = "packages.json"
MEDIA_TYPE = "application/vnd.aigf.packages.v1+json"
_MOST_BYTES = 64 * 2**20


def packages_item(evidence: ModelEvidence) -> EvidenceItem | None:
    """Return what the lock files pin and the advisories say; None when there is neither."""
    locks = [one for one in evidence.packages if one.source is PackageSource.LOCK_FILE]
    if not locks and not evidence.advisories:
        return None
    value = {
        "lockFiles": [
            {
                "name": known.where,
                "digest": {"sha256": known.sha256},
                "problem": known.problem,
                "packages": [[package.name, package.version] for package in known.packages],
            }
            for known in locks
        ],
        "advisories": {
            path: advisories_as_json(found) for path, found in evidence.advisories.items()
        },
    }
    return evidence_item(NAME, MEDIA_TYPE, dumps(value))


def packages_again(deployment: Deployment, content: Content) -> tuple[PackageList, ...]:
    """Return every list of packages that a statement carries.

    Raises:
        RefusedError: one has another form.
    """
    return (*_of_runs(deployment, content), *_of_lock_files(deployment, content))


def advisories_again(deployment: Deployment, content: Content) -> dict[str, AdvisoryList]:
    """Return the advisories that a statement carries, by the path of their export.

    Raises:
        RefusedError: they have another form.
    """
    fields = _fields(deployment, content)
    if fields is None:
        return {}
    exports = fields.mapping("advisories")
    return {path: _read_export(exports.mapping(path)) for path in exports.values}


def _of_runs(deployment: Deployment, content: Content) -> Iterator[PackageList]:
    items = {item.sha256: item for item in deployment.evidence}
    for stage in deployment.lineage_verification.stages:
        item = items.get(stage.run_record) if stage.run_record is not None else None
        if item is None:
            continue
        data = content(item)
        if data is None:
            yield PackageList(source=PackageSource.RUN_RECORD, where=stage.stage, at_hand=False)
        else:
            yield packages_of_run(stage.stage, read_attested_run(item, data).environment)


def _of_lock_files(deployment: Deployment, content: Content) -> Iterator[PackageList]:
    if _item(deployment) is None:
        return
    fields = _fields(deployment, content)
    if fields is None:
        yield PackageList(source=PackageSource.LOCK_FILE, where=NAME, at_hand=False)
        return
    for known in fields.objects("lockFiles"):
        yield PackageList(
            source=PackageSource.LOCK_FILE,
            where=known.text("name"),
            packages=tuple(_read_packages(known)),
            sha256=known.sha256("digest"),
            problem=known.any_text("problem"),
        )


def _item(deployment: Deployment) -> EvidenceItem | None:
    return next((item for item in deployment.evidence if item.media_type == MEDIA_TYPE), None)


def _fields(deployment: Deployment, content: Content) -> Fields | None:
    item = _item(deployment)
    data = content(item) if item is not None else None
    return Fields.read(data, NAME, max_bytes=_MOST_BYTES) if data is not None else None


def _read_packages(fields: Fields) -> Iterator[Package]:
    for item in fields.items("packages"):
        match item:
            case [str(name), str(version)] if name and version:
                yield Package(name=name, version=version)
            case _:
                raise RefusedError(
                    f"{item!r:.80}", where=fields.at("packages"), expected="a name and a version"
                )


def _read_export(fields: Fields) -> AdvisoryList:
    return AdvisoryList(
        sha256=fields.sha256("digest"),
        advisories=tuple(
            Advisory(
                id=item.text("id"),
                package=item.text("package"),
                affected=Affected(
                    ranges=tuple(
                        tuple(_read_events(events, item.at("ranges")))
                        for events in item.items("ranges")
                    ),
                    versions=tuple(_read_texts(item, "versions")),
                ),
            )
            for item in fields.objects("advisories")
        ),
    )


def _read_events(value: object, where: str) -> Iterator[Event]:
    for item in value if isinstance(value, list) else [value]:
        pairs = list(item.items()) if isinstance(item, Mapping) else []
        match pairs:
            case [(str(kind), str(version))] if kind in list(EventKind):
                yield Event(kind=EventKind(kind), version=version)
            case _:
                raise RefusedError(f"{item!r:.80}", where=where, expected="events of a range")


def _read_texts(fields: Fields, key: str) -> Iterator[str]:
    for item in fields.items(key):
        if not isinstance(item, str):
            raise RefusedError(f"{item!r:.80}", where=fields.at(key), expected="texts")
        yield item
