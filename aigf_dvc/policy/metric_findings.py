"""What rules about metrics say alike: of a metric that is missing, or that is no number."""

from decimal import Decimal

from aigf_dvc.close_names import close_names
from aigf_dvc.evidence.metrics import is_place
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Judgement
from aigf_dvc.policy.numbers import as_number
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.settings import is_plain_path

_NAMES_SHOWN = 6


def passed(observed: str, expected: str, *, where: str) -> Judgement:
    """Return that a demand holds."""
    return Judgement(outcome=Outcome.PASSED, observed=observed, expected=expected, where=where)


def denied(observed: str, expected: str, *, where: str = "", remedy: str = "") -> Judgement:
    """Return a denial."""
    return Judgement(
        outcome=Outcome.DENIED, observed=observed, expected=expected, where=where, remedy=remedy
    )


def missing_metric(name: str, evidence: ModelEvidence, expected: str) -> Judgement:
    """Return the denial of a model that lacks a metric: which there are, and how to add it."""
    place = name if is_place(name) else evidence.metric_places.get(name, "")
    names = _closest(name, evidence)
    known = f"; there are: {names}" if names else "; there are no metrics at all"
    if place:
        elsewhere = "the policy" if is_place(name) else "aigf.yaml"
        remedy = f"let the pipeline write {place}, or correct that place in {elsewhere}"
    else:
        remedy = (
            f"let the pipeline write {name}, or name its place in aigf.yaml: "
            f'`models: {{{evidence.model}: {{metrics: {{{name}: "FILE:KEY"}}}}}}`'
        )
    return denied(f"{name} is missing{known}", expected, where=place, remedy=remedy)


def _closest(name: str, evidence: ModelEvidence) -> str:
    """Return the names of the metrics that are there, those most like `name` first."""
    names = sorted(evidence.metrics)
    close = close_names(name, names, n=_NAMES_SHOWN, cutoff=0.5)
    ordered = close + [other for other in names if other not in close]
    more = len(ordered) - _NAMES_SHOWN
    return ", ".join(ordered[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def no_number_text(value: object) -> str:
    """Return how a message names what should be a number, and is none or an unfit one."""
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, float | Decimal) and as_number(value) is None:
        return "not a number (NaN)" if Decimal(value).is_nan() else "infinite"
    return shown(value)


def read_metric_name(section: Section, key: str) -> str:
    """Read the name of a metric, or its place: `file:key`, the file in the project."""
    name = section.text(key)
    file, _, _ = name.rpartition(":")
    if is_place(name) and not is_plain_path(file):
        section.refuse(
            key, f"the place {shown(name)}", "a path in the project, `/` between, then `:KEY`"
        )
    return name
