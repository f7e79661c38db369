"""A CycloneDX 1.6 ML-BOM: a model, its card, and the data, code and packages that it came from.

See: https://cyclonedx.org/docs/1.6/json/
"""

from collections.abc import Iterator, Mapping, Sequence

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.run_record import TIME_FORMAT, RunRecord
from aigf_dvc.report.card_fields import CardFields
from aigf_dvc.report.cyclonedx_card import PROPERTY, governance, licenses, model_card
from aigf_dvc.report.cyclonedx_formulation import formulation
from aigf_dvc.report.export_environment import interpreters, packages
from aigf_dvc.report.export_source import ExportedArtifact, ExportSource
from aigf_dvc.report.export_values import (
    TOOL,
    commit_location,
    location,
    package_url,
    text_of,
    uuid_of,
)

_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_DOCUMENT_TYPES = ("risk-assessment", "threat-model", "quality-metrics", "certification-report")
_DATA_SETS = ("dataset", "intermediate")


def cyclonedx_bom(source: ExportSource) -> dict[str, Json]:
    """Return the bill of materials of one model."""
    card = CardFields(source.card_fields)
    runs = tuple(stage.run for stage in source.stages if stage.run is not None)
    refs = _refs(source)
    others = [
        *_artifacts(source, refs, card),
        *(_package(name, version) for name, version in packages(runs)),
        *(_interpreter(name, version) for name, version in interpreters(runs)),
    ]
    bom: dict[str, Json] = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": source.origin.at.strftime(TIME_FORMAT),
            "tools": {"components": [{"type": "application", "name": TOOL}]},
            "component": _model(source, refs, card),
        },
        "components": others,
        "dependencies": _dependencies(source, refs, runs, others),
        "formulation": formulation(source, refs),
    }
    return {**bom, "serialNumber": f"urn:uuid:{uuid_of('cyclonedx', dumps(bom))}"}


def _refs(source: ExportSource) -> Mapping[str, str]:
    """Return the bom-ref of every path that a stage names, and of the model."""
    paths = {p for stage in source.stages for p in (*stage.inputs, *stage.outputs)}
    return {path: f"path:{path}" for path in sorted(paths | {source.path})}


def _model(source: ExportSource, refs: Mapping[str, str], card: CardFields) -> Json:
    learned_from = source.behind(source.path)
    data = [
        refs[path]
        for path in sorted(learned_from)
        if path in source.artifacts and source.artifacts[path].role == "dataset"
    ]
    optional: dict[str, list[Json]] = {
        "hashes": _hashes(source, source.path),
        "licenses": licenses(card),
        "tags": list(card.texts("tags")),
        "components": _files(source),
    }
    ancestors: list[Json] = [
        {"type": "machine-learning-model", "name": name} for name in card.texts("base_model")
    ]
    return {
        "type": "machine-learning-model",
        "bom-ref": refs[source.path],
        "name": source.model,
        **{name: items for name, items in optional.items() if items},
        **({"pedigree": {"ancestors": ancestors}} if ancestors else {}),
        "externalReferences": list(_references(source)),
        "modelCard": model_card(source, card, data),
        "properties": list(_properties(_facts(source))),
    }


def _files(source: ExportSource) -> list[Json]:
    """Return the files of a model that is a directory."""
    if [file.name for file in source.files] in ([], [source.path]):
        return []
    return [
        {
            "type": "file",
            "bom-ref": f"file:{file.name}",
            "name": file.name,
            "hashes": [{"alg": "SHA-256", "content": file.sha256}],
        }
        for file in sorted(source.files, key=lambda file: file.name)
    ]


def _facts(source: ExportSource) -> Iterator[tuple[str, str]]:
    """Yield what CycloneDX has no field for."""
    yield "path", source.path
    yield "gitCommit", source.origin.commit
    yield "treeDigest", f"sha256:{source.tree}"
    yield "lineageManifest", f"sha256:{source.manifest}"
    yield "trustLevel", source.lineage.level
    for state, count in source.lineage.count().items():
        yield f"edges.{state}", str(count)
    artifact = source.artifacts.get(source.path)
    yield from _artifact_facts(artifact) if artifact else ()


def _artifact_facts(artifact: ExportedArtifact) -> Iterator[tuple[str, str]]:
    yield "role", artifact.role
    if artifact.tree is not None:
        yield "directoryDigest", f"sha256:{artifact.tree}"
    for key, value in sorted(artifact.dvc.items()):
        yield f"dvc.{key}", text_of(value)


def _properties(facts: Iterator[tuple[str, str]]) -> Iterator[Json]:
    for name, value in facts:
        yield {"name": f"{PROPERTY}{name}", "value": value}


def _hashes(source: ExportSource, path: str) -> list[Json]:
    """Return the hashes of a file; a directory has none that CycloneDX knows."""
    artifact = source.artifacts.get(path)
    found: list[Json] = []
    if artifact is not None and artifact.md5 is not None:
        found.append({"alg": "MD5", "content": artifact.md5})
    if artifact is not None and artifact.sha256 is not None:
        found.append({"alg": "SHA-256", "content": artifact.sha256})
    return found


def _references(source: ExportSource) -> Iterator[Json]:
    """Yield the repository, the card and the documents."""
    yield {"type": "vcs", "url": commit_location(source.origin)}
    card = source.evidence.card
    if card is not None:
        yield _reference(source, "model-card", card.path, card.sha256)
    for document in source.evidence.documents:
        known = document.type in _DOCUMENT_TYPES
        kind = document.type if known else "documentation"
        yield {
            **_reference(source, kind, document.path, document.sha256),
            **({} if known else {"comment": document.type}),
        }


def _reference(source: ExportSource, kind: str, path: str, digest: Sha256) -> dict[str, Json]:
    return {
        "type": kind,
        "url": location(source.origin, path),
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


def _artifacts(
    source: ExportSource, refs: Mapping[str, str], card: CardFields
) -> Iterator[dict[str, Json]]:
    """Yield a component for every path that a stage reads or makes."""
    for path, ref in refs.items():
        if path == source.path:
            continue
        artifact = source.artifacts.get(path)
        role = artifact.role if artifact else "unknown"
        hashes = _hashes(source, path)
        component: dict[str, Json] = {
            "type": "file" if role == "code" else "data",
            "bom-ref": ref,
            "name": path,
            **({"hashes": hashes} if hashes else {}),
            "properties": list(_properties(_artifact_facts(artifact))) if artifact else [],
        }
        if role != "code":
            component["data"] = [
                {
                    "type": "dataset" if role in _DATA_SETS else "other",
                    "name": path,
                    "contents": {"url": location(source.origin, path)},
                    **(governance(card) if role == "dataset" else {}),
                }
            ]
        yield component


def _package(name: str, version: str) -> dict[str, Json]:
    url = package_url(name, version)
    return {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}


def _interpreter(name: str, version: str) -> dict[str, Json]:
    return {
        "type": "platform",
        "bom-ref": f"platform:{name}@{version}",
        "name": name,
        "version": version,
    }


def _dependencies(
    source: ExportSource,
    refs: Mapping[str, str],
    runs: Sequence[RunRecord],
    others: Sequence[Mapping[str, Json]],
) -> list[Json]:
    """Return what each component was made from; the model also needs what it ran in."""
    needs: dict[str, set[str]] = {str(ref): set() for ref in refs.values()}
    needs |= {str(component["bom-ref"]): set() for component in others}
    makers = source.makers()
    for stage in source.stages:
        for out in stage.outputs:
            needs[refs[out]].update(refs[path] for path in stage.inputs)
    for path, ref in refs.items():  # a part of an output, or what several outputs are parts of
        needs[ref].update(refs[out] for out in makers.outs(path) if out != path)
    model = needs[refs[source.path]]
    model.update(package_url(name, version) for name, version in packages(runs))
    model.update(f"platform:{name}@{version}" for name, version in interpreters(runs))
    return [
        {"ref": ref, "dependsOn": sorted(found - {ref})} for ref, found in sorted(needs.items())
    ]
