"""A model card as CycloneDX has it: `modelCard`, licences, and where the rest of the card goes.

See: https://cyclonedx.org/docs/1.6/json/#metadata_component_modelCard
"""

from collections.abc import Iterable, Mapping

from aigf_dvc.canonical import Json, user_data_as_json
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact
from aigf_dvc.report.card_fields import CardFields
from aigf_dvc.report.export_source import ExportSource
from aigf_dvc.report.export_values import text_of

PROPERTY = "aigf:"  # begins the name of each property of ours
OUT_OF_SCOPE = "Out of scope: "

_EMAIL = lazy_pattern(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}\Z")
# Hugging Face writes SPDX identifiers in lower case; CycloneDX takes only SPDX's own spelling.
# Source: https://huggingface.co/docs/hub/repositories-licenses
SPDX_IDENTIFIERS = (
    "AFL-3.0", "AGPL-3.0", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause",
    "BSD-3-Clause-Clear", "BSL-1.0", "C-UDA-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0",
    "CC-BY-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0",
    "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0",
    "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0", "ECL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GFDL-1.3-only",
    "GPL-2.0", "GPL-3.0", "ISC", "LGPL-2.1", "LGPL-3.0", "LPPL-1.3c", "MIT", "MPL-2.0", "MS-PL",
    "MulanPSL-2.0", "NCSA", "OFL-1.1", "OSL-3.0", "ODbL-1.0", "PDDL-1.0", "PostgreSQL",
    "Unlicense", "WTFPL", "Zlib",
)  # fmt: skip
_BY_TAG = {name.lower(): name for name in SPDX_IDENTIFIERS}


def model_card(source: ExportSource, card: CardFields, data: Iterable[str]) -> dict[str, Json]:
    """Return the `modelCard`; what CycloneDX has no field for becomes a property.

    Args:
        source: for the metrics.
        card: read here to its end.
        data: the bom-refs of the data sets that the model learned from.
    """
    parameters = _model_parameters(card, data)
    considerations = _considerations(card)
    metrics = _performance_metrics(source.evidence.metrics)
    owner = card.text("responsible_owner")  # of the model: the field that has it is of the data
    kept = [("governance.responsible_owner", owner)] if owner else []
    properties: list[Json] = [
        {"name": f"{PROPERTY}card.{name}", "value": value} for name, value in (*kept, *card.rest())
    ]
    return {
        **({"modelParameters": parameters} if parameters else {}),
        **({"quantitativeAnalysis": {"performanceMetrics": metrics}} if metrics else {}),
        **({"considerations": considerations} if considerations else {}),
        **({"properties": properties} if properties else {}),
    }


def _model_parameters(card: CardFields, data: Iterable[str]) -> dict[str, Json]:
    task = card.text("pipeline_tag")
    datasets: list[Json] = [{"ref": ref} for ref in data]
    if described := card.text("training_data_source"):
        datasets.append(
            {
                "type": "dataset",
                "name": "training data, as the model card describes it",
                "description": described,
                **governance(card),
            }
        )
    datasets += [{"type": "dataset", "name": name} for name in card.texts("datasets")]
    return {
        **({"task": task} if task else {}),
        **({"datasets": datasets} if datasets else {}),
    }


def _performance_metrics(metrics: Mapping[str, Metric]) -> list[Json]:
    """Return the metrics of the model; CycloneDX wants every value as a text."""
    return [
        {"type": name, "value": text_of(redact(user_data_as_json(metric.value)))}
        for name, metric in sorted(metrics.items())
    ]


def _considerations(card: CardFields) -> dict[str, Json]:
    mitigation = card.text("bias_mitigation_strategy")
    limits = [
        *card.texts("limitations"),
        *(OUT_OF_SCOPE + text for text in card.texts("out_of_scope")),
    ]
    found: dict[str, list[Json]] = {
        "useCases": list(card.texts("intended_use")),
        "technicalLimitations": list(limits),
        "ethicalConsiderations": [{"name": "bias", "mitigationStrategy": mitigation}],
        "fairnessAssessments": [{"mitigationStrategy": mitigation}],
    }
    if not mitigation:
        del found["ethicalConsiderations"], found["fairnessAssessments"]
    return {name: items for name, items in found.items() if items}


def governance(card: CardFields) -> dict[str, Json]:
    """Return who answers for data: the model's responsible owner; nothing where nobody does."""
    owner = card.text("responsible_owner")
    if not owner:
        return {}
    contact: dict[str, Json] = {"name": owner}
    if _EMAIL.match(owner):
        contact["email"] = owner
    return {"governance": {"owners": [{"contact": contact}]}}


def licenses(card: CardFields) -> list[Json]:
    """Return the card's licences: by SPDX identifier, or by the name that the card gives."""
    named, link = card.text("license_name"), card.text("license_link")
    found: list[Json] = []
    for tag in card.texts("license"):
        known = _BY_TAG.get(tag.lower())
        license_: dict[str, Json] = {"id": known} if known else {"name": _name(tag, named)}
        if link and not known:
            license_["url"] = link
        found.append({"license": license_})
    return found


def _name(tag: str, named: str) -> str:
    return named if named and tag.lower() == "other" else tag
