"""Reads what a model of a case was made from: parameters, data sets, packages, baselines."""

from aigf_dvc.evidence.advisory import Advisory, AdvisoryList, Affected, Event, EventKind
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset, Files
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import is_place
from aigf_dvc.evidence.package import Package, PackageList, PackageSource, normal_name
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.policy.cases.values import (
    digest,
    digests,
    measured,
    some_sections,
    some_texts,
    stand_in,
)
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
    """Read a list of `{name, sha256, uris, cards, files}`; one with files is a folder."""
    return tuple(_dataset(section) for section in some_sections(top, "datasets"))


def _dataset(section: Section) -> Dataset:
    name = section.text("name")
    files = section.section("files")
    dataset = Dataset(
        name=name,
        sha256=digest(section, "sha256", name),
        uris=some_texts(section, "uris"),
        cards=tuple(_data_card(card, name) for card in some_sections(section, "cards")),
        is_directory=section.flag("is_directory", default=files is not None),
        files=_files(files) if files is not None else None,
    )
    section.finish()
    return dataset


def _files(section: Section) -> Files:
    found = ((name, digest(section, name, name)) for name in section.names())
    return tuple((name, one) for name, one in found if one is not None)


def _data_card(section: Section, name: str) -> DataCard:
    card = DataCard(
        path=section.text("path", default="governance/documents/data-card.md"),
        datasets=some_texts(section, "datasets", (name,)),
        digests=digests(section, "digests", ()),
        licenses=some_texts(section, "licenses"),
        consent_expires=section.day("consent_expires"),
        retention_until=section.day("retention_until"),
        responsible_owner=section.text("responsible_owner", default=""),
    )
    section.finish()
    return card


def packages(top: Section) -> tuple[PackageList, ...]:
    """Read `{name: version}` as a stage had them, or a list of `{source, where, packages}`."""
    if isinstance(top.value("packages"), list):
        return tuple(_package_list(section) for section in top.sections("packages"))
    section = top.section("packages")
    if section is None:
        return ()
    run = PackageSource.RUN_RECORD
    return (PackageList(source=run, where="train", packages=_packages(section)),)


def _package_list(section: Section) -> PackageList:
    inner = section.section("packages")
    found = PackageList(
        source=section.choice("source", PackageSource, PackageSource.RUN_RECORD),
        where=section.text("where", default="train"),
        packages=_packages(inner) if inner is not None else (),
        sha256=digest(section, "sha256", "") if section.has("sha256") else None,
        problem=section.text("problem", default=""),
    )
    section.finish()
    return found


def _packages(section: Section) -> tuple[Package, ...]:
    found = ((normal_name(name), section.text(name)) for name in section.names())
    return tuple(sorted(Package(name=name, version=version) for name, version in found))


def advisories(top: Section) -> dict[str, AdvisoryList]:
    """Read what each export says: a list of `{id, package, versions, introduced, fixed}`."""
    section = top.section("advisories")
    if section is None:
        return {}
    return {
        path: AdvisoryList(
            sha256=stand_in(path),
            advisories=tuple(_advisory(one) for one in _listed(section, path)),
        )
        for path in section.names()
    }


def _listed(section: Section, key: str) -> list[Section]:
    """Return the mappings of a list that may be empty: an export without advisories."""
    section.has(key)
    return [] if section.value(key) == [] else section.sections(key)


def _advisory(section: Section) -> Advisory:
    events = [
        Event(kind=kind, version=section.text(kind.value))
        for kind in (EventKind.INTRODUCED, EventKind.FIXED, EventKind.LAST_AFFECTED)
        if section.has(kind.value)
    ]
    advisory = Advisory(
        id=section.text("id"),
        package=normal_name(section.text("package")),
        affected=Affected(
            ranges=(tuple(events),) if events else (), versions=some_texts(section, "versions")
        ),
    )
    section.finish()
    return advisory


def baselines(top: Section) -> tuple[Baseline, ...]:
    """Read `{production: {metrics: {...}, signer: ..., model: sha256:..., where: ...}}`."""
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
            key: Metric(
                value=measured(metrics.value(key)),
                where=key if is_place(key) else f"{where}:{key}",
            )
            for key in (metrics.names() if metrics is not None else ())
            if metrics is not None
        },
        model=digest(section, "model", f"the model of {name}"),
        signer=section.text("signer", default=""),
        absent=section.flag("absent"),
        problem=section.text("problem", default=""),
    )
    section.finish()
    return baseline
