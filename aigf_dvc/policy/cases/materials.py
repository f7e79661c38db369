"""Reads what a model of a case was made from: parameters, data sets, packages, baselines."""

from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.dataset import DataCard, Dataset
from aigf_dvc.evidence.metrics import Metric
from aigf_dvc.evidence.package import Package, PackageList
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.policy.cases.values import digest, measured, some_sections, some_texts
from aigf_dvc.policy.section import Section


def parameters(top: Section) -> tuple[Parameter, ...]:
    """Read `{"params.yaml:train.C": 1.0}`, or a list of `{name, value, stage}`."""
    if isinstance(top.value("parameters"), list):
        return tuple(_parameter(section) for section in top.sections("parameters"))
    section = top.section("parameters")
    if section is None:
        return ()
    return tuple(
        Parameter(name=name, value=measured(section.value(name)), stage="train")
        for name in section.names()
    )


def _parameter(section: Section) -> Parameter:
    parameter = Parameter(
        name=section.text("name"),
        value=measured(section.value("value")),
        stage=section.text("stage", default="train"),
    )
    section.finish()
    return parameter


def datasets(top: Section) -> tuple[Dataset, ...]:
    """Read a list of `{name, sha256, uris, card}`."""
    return tuple(_dataset(section) for section in some_sections(top, "datasets"))


def _dataset(section: Section) -> Dataset:
    name = section.text("name")
    card = section.section("card")
    dataset = Dataset(
        name=name,
        sha256=digest(section, "sha256", name),
        uris=some_texts(section, "uris"),
        card=_data_card(card) if card is not None else None,
    )
    section.finish()
    return dataset


def _data_card(section: Section) -> DataCard:
    fields = {name: section.value(name) for name in section.names()}
    return DataCard(path="DATA_CARD.md", fields=fields)


def packages(top: Section) -> tuple[PackageList, ...]:
    """Read `{name: version}` as a stage had them, or a list of `{source, where, packages}`."""
    if isinstance(top.value("packages"), list):
        return tuple(_package_list(section) for section in top.sections("packages"))
    section = top.section("packages")
    if section is None:
        return ()
    return (PackageList(source="run-record", where="stage train", packages=_packages(section)),)


def _package_list(section: Section) -> PackageList:
    source = section.text("source", default="run-record")
    if source not in ("run-record", "lock-file"):
        section.refuse("source", f"`source` is {source}", "run-record or lock-file")
    inner = section.section("packages")
    found = PackageList(
        source=source,
        where=section.text("where", default="stage train"),
        packages=_packages(inner) if inner is not None else (),
    )
    section.finish()
    return found


def _packages(section: Section) -> tuple[Package, ...]:
    return tuple(Package(name=name, version=section.text(name)) for name in section.names())


def baselines(top: Section) -> tuple[Baseline, ...]:
    """Read `{production: {metrics: {...}, model: sha256:..., where: ...}}`."""
    section = top.section("baselines")
    names = section.names() if section is not None else ()
    found = ((name, section.section(name)) for name in names if section is not None)
    return tuple(_baseline(name, inner) for name, inner in found if inner is not None)


def _baseline(name: str, section: Section) -> Baseline:
    metrics = section.section("metrics")
    where = section.text("where", default=f"the baseline {name}")
    baseline = Baseline(
        name=name,
        where=where,
        metrics={
            key: Metric(value=measured(metrics.value(key)), where=f"{where}:{key}")
            for key in (metrics.names() if metrics is not None else ())
            if metrics is not None
        },
        model=digest(section, "model", f"the model of {name}"),
    )
    section.finish()
    return baseline
