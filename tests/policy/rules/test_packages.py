"""A packages rule judges every list that it is about; an empty or missing list never passes."""

import pytest
from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.advisory import (
    Advisory,
    AdvisoryList,
    Affected,
    Event,
    EventKind,
)
from aigf_dvc.evidence.lineage import Lineage, StageTrust, TrustLevel
from aigf_dvc.evidence.package import Package, PackageList, PackageSource, packages_of_run
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from tests.policy.builders import a_policy, an_edge, an_evidence, denied, judged

OSV = AdvisoryList(
    sha256=sha256(b"osv"),
    advisories=(
        Advisory(
            id="PYSEC-1",
            package="numpy",
            affected=Affected(
                ranges=(
                    (
                        Event(kind=EventKind.INTRODUCED, version="0"),
                        Event(kind=EventKind.FIXED, version="2.0"),
                    ),
                ),
                versions=(),
            ),
        ),
    ),
)


def packages(**versions: str) -> tuple[Package, ...]:
    return tuple(Package(name=n.replace("_", "-"), version=v) for n, v in versions.items())


def lock(**versions: str) -> PackageList:
    return PackageList(
        source=PackageSource.LOCK_FILE, where="uv.lock", packages=packages(**versions)
    )


def run(stage: str = "train", **versions: str) -> PackageList:
    return PackageList(source=PackageSource.RUN_RECORD, where=stage, packages=packages(**versions))


def judge(
    settings: str,
    *lists: PackageList,
    at: Gate = Gate.ATTEST,
    observed: tuple[str, ...] = ("train",),
) -> Verdict:
    stages = tuple(
        StageTrust(stage=name, level=TrustLevel.OBSERVED, run_record=sha256(b"r"))
        if name in observed
        else StageTrust(stage=name, level=TrustLevel.DECLARED)
        for name in dict.fromkeys(("train", *observed))
    )
    evidence = replace(
        an_evidence(lineage=Lineage(edges=(an_edge(),), stages=stages)),
        packages=lists,
        advisories={"osv.json": OSV},
    )
    return judged(f"{{id: p, kind: packages, {settings}}}", evidence, at=at)


def said(settings: str, *lists: PackageList) -> str:
    return " | ".join(finding.observed for finding in denied(judge(settings, *lists)))


def test_lists_that_keep_every_demand_pass_and_are_counted() -> None:
    settings = "allow: [numpy, scipy], deny: ['numpy<2'], minimum: {numpy: '2.1'}"
    (finding,) = judge(settings, lock(numpy="2.1.0", scipy="1"), run(numpy="2.1")).findings
    assert finding.outcome is Outcome.PASSED
    assert finding.observed == "packages: 2 in uv.lock, 1 in stage train"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ("deny: [Scipy]", "scipy 1.0 in uv.lock is denied by `Scipy`"),
        ("deny: ['numpy<1.2']", "numpy 1.1 in stage train is denied by `numpy<1.2`"),
        ("allow: [numpy]", "scipy 1.0 in uv.lock is not on the list"),
        ("allow: [scipy, 'numpy>=2']", "numpy 1.1 in stage train is not on the list"),
        ("minimum: {numpy: '2'}", "numpy 1.1 in stage train is older"),
        ("minimum: {nmupy: '2'}", "nmupy is in no list"),
        ("advisories: osv.json", "numpy 1.1 in stage train is affected by PYSEC-1"),
        ("advisories: other.json", "there are no advisories at other.json"),
    ],
)
def test_every_package_of_every_list_is_judged(settings: str, fault: str) -> None:
    assert said(settings, lock(scipy="1.0", numpy="2.5"), run(numpy="1.1")) == fault


def test_a_version_that_cannot_be_compared_is_denied_where_it_matters() -> None:
    odd = lock(numpy="odd?")
    assert judge("deny: [scipy]", odd).result is Result.PASSED
    for settings in ("deny: ['numpy<1']", "allow: ['numpy>1']", "minimum: {numpy: '1'}",
                     "advisories: osv.json"):  # fmt: skip
        assert "numpy odd?" in said(settings, odd)


def test_the_source_chooses_the_lists() -> None:
    bad_lock, bad_run = lock(evil="1"), run(evil="1")
    good = {"lock-file": lock(numpy="1"), "run-record": run(numpy="1")}
    assert judge("from: run-record, deny: [evil]", bad_lock, good["run-record"]).result is (
        Result.PASSED
    )
    assert judge("from: lock-file, deny: [evil]", bad_run, good["lock-file"]).result is (
        Result.PASSED
    )
    for lists in ((bad_lock, good["run-record"]), (bad_run, good["lock-file"])):
        assert judge("deny: [evil]", *lists).result is Result.DENIED


@pytest.mark.parametrize("source", ["run-record", "lock-file", "any"])
def test_no_list_is_denied_where_a_verdict_is_final(source: str) -> None:
    assert judge(f"from: {source}, deny: [evil]").result is Result.DENIED
    empty = run() if source == "run-record" else lock()
    assert "lists no packages" in said(f"from: {source}, deny: [evil]", empty)


def test_records_of_runs_are_awaited_at_the_earlier_gates() -> None:
    for source in ("run-record", "any"):
        finding = judge(f"from: {source}, deny: [evil]", at=Gate.PUSH).findings[0]
        assert finding.outcome is Outcome.DEFERRED
    assert judge("from: lock-file, deny: [evil]", at=Gate.PUSH).result is Result.DENIED


def test_every_stage_needs_a_record_that_counts() -> None:
    settings = "from: run-record, deny: [evil]"
    both = judge(settings, run(numpy="1"), observed=("train", "prepare"))
    assert denied(both)[0].observed.startswith("stage prepare has no run record")
    foreign = judge(settings, run(numpy="1"), observed=())
    assert denied(foreign)[0].observed.startswith("stage train has no run record")


def test_a_list_with_a_problem_is_denied() -> None:
    broken = replace(lock(), problem="requirements.txt:2: 'x>1'")
    assert "requirements.txt:2: 'x>1'" in said("deny: [evil]", broken, run(numpy="1"))
    unknown = packages_of_run("train", {"python": None})
    assert "does not say" in said("from: run-record, deny: [evil]", unknown)


def test_the_environment_of_a_run_tells_its_packages() -> None:
    found = packages_of_run("train", {"python": {"packages": {"Zope.Interface": "5.0"}}})
    assert found.packages == packages(zope_interface="5.0")
    assert found.problem == ""


def test_a_lock_file_must_be_there_and_be_what_the_run_used() -> None:
    settings = "from: run-record, lock_file: true"
    assert judge(settings, run(numpy="1.0", pip="24"), lock(numpy="1")).result is Result.PASSED
    assert "is not there" in said(settings, run(numpy="1"))
    assert said(settings, run(numpy="1.1"), lock(numpy="1")) == (
        "numpy 1.1 in stage train; the lock file pins 1"
    )
    assert "cannot be judged" in said(settings, run(numpy="1"), replace(lock(), problem="x"))


def test_a_list_that_is_not_at_hand_leaves_it_undecided() -> None:
    with pytest.raises(UndecidedError, match="not at hand"):
        judge("deny: [evil]", replace(lock(), at_hand=False))


def test_many_faults_are_counted() -> None:
    many = lock(**{f"p{n}": "1" for n in range(30)})
    findings = denied(judge("allow: [numpy]", many))
    assert (len(findings), findings[-1].observed) == (21, "10 more faults like these")


@pytest.mark.parametrize(
    "settings",
    [
        "from: any", "from: both, deny: [a]", "deny: ['a b']", "deny: ['a; x']", "allow: []",
        "minimum: {a: '1.*'}", "minimum: {a: 1.2}", "minimum: {'a b': '1'}", "lock_file: false",
        "advisories: ../osv.json", "advisories: /osv.json", "block: [a]",
    ],
)  # fmt: skip
def test_a_rule_of_another_form_is_refused(settings: str) -> None:
    with pytest.raises(InputError):
        a_policy(f"{{id: p, kind: packages, {settings}}}")
