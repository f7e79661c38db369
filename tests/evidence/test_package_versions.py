"""Versions are compared as PEP 440 says; what an advisory leaves open counts as about all."""

import json

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.advisory import AdvisoryList, read_advisories
from aigf_dvc.evidence.package_versions import (
    is_affected,
    is_same_version,
    read_minimum,
    read_pattern,
    read_pin,
)


def advisory(**changes: object) -> dict[str, object]:
    package = {"ecosystem": "PyPI", "name": "NumPy"}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.21.0"}]}]
    return {"id": "PYSEC-1", "affected": [{"package": package, "ranges": ranges} | changes]}


def read(value: object) -> AdvisoryList:
    data = json.dumps(value).encode()
    return read_advisories(data, where="osv.json", packages=frozenset({"numpy"}))


def affected(version: str, **changes: object) -> bool | None:
    (found,) = read(advisory(**changes)).advisories
    return is_affected(found.affected, version)


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        ("NumPy", "1.2", True),
        ("numpy<1.2", "1.1.9", True),
        ("numpy<1.2", "1.10", False),
        ("numpy<1.2", "1.2rc1", False),
        ("numpy>=1", "2.0rc1", True),
        ("numpy==2.1.0", "2.1.0+cu121", True),
        ("numpy<1.2", "not a version", None),
        ("numpy", "not a version", True),
    ],
)
def test_a_pattern_means_versions(text: str, version: str, expected: bool | None) -> None:
    pattern = read_pattern(text)
    assert pattern is not None
    assert pattern.has("numpy", version) is expected
    assert pattern.has("scipy", version) is False


@pytest.mark.parametrize(
    "text", ["", "a b", "a[x]", "a; python_version<'3'", "a @ https://x", "=="]
)
def test_what_is_no_plain_pattern_is_none(text: str) -> None:
    assert read_pattern(text) is None


def test_a_minimum_is_a_version() -> None:
    assert read_minimum("numpy", "1.*") is None
    minimum = read_minimum("Zope.Interface", "5")
    assert minimum is not None
    assert minimum.has("zope-interface", "4.9") is False


def test_a_pin_names_exactly_one_version() -> None:
    exact = read_pin("Zope_Interface[x]==5.0 ; sys_platform == 'win32'")
    assert exact is not None
    assert (exact.name, exact.version) == ("zope-interface", "5.0")
    for text in ("a", "a>=1", "a==1.*", "a==1,==1.0", "a @ https://host/a.whl"):
        loose = read_pin(text)
        assert loose is not None
        assert loose.version == ""
    assert read_pin("./local") is None


def test_two_spellings_of_a_version_are_one() -> None:
    assert is_same_version("1.0", "1.0.0")
    assert not is_same_version("1.0", "1.0.1")
    assert is_same_version("odd?", "odd?")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.20.9", True), ("1.21.0", False), ("1.21.0rc1", True), ("1.20+local", True), ("?", None)],
)
def test_a_range_ends_where_it_is_fixed(version: str, expected: bool | None) -> None:
    assert affected(version) is expected


def test_ranges_can_begin_again_and_end_with_the_last_affected() -> None:
    events = [{"introduced": "1.0"}, {"last_affected": "1.5"}, {"introduced": "2.0"},
              {"fixed": "2.1"}]  # fmt: skip
    ranges = [{"type": "SEMVER", "events": list(reversed(events))}]
    found = {v: affected(v, ranges=ranges) for v in ("0.9", "1.0", "1.5", "1.5.1", "2.0", "2.1")}
    assert found == {
        "0.9": False, "1.0": True, "1.5": True, "1.5.1": False, "2.0": True, "2.1": False,
    }  # fmt: skip


def test_a_local_build_of_the_last_affected_version_is_affected() -> None:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "2.1.0"}]}]
    assert affected("2.1.0+cu121", ranges=ranges)
    assert affected("2.1.0+cu121", ranges=[], versions=["2.1"])


def test_listed_versions_count_beside_ranges() -> None:
    assert affected("3.0", versions=["3.0", "weird"])
    assert affected("weird", versions=["3.0", "weird"])
    assert not affected("3.0.1", ranges=[], versions=["3.0"])


def test_what_an_advisory_leaves_open_is_about_every_version() -> None:
    git = [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]}]
    assert affected("9", ranges=git)
    assert affected("9", ranges=[])
    odd = [{"type": "ECOSYSTEM", "events": [{"introduced": "?"}, {"fixed": "??"}]}]
    assert affected("9", ranges=odd)


def test_only_advisories_about_the_wanted_packages_of_pypi_are_kept() -> None:
    other = advisory(package={"ecosystem": "npm", "name": "numpy"})
    scipy = advisory(package={"ecosystem": "PyPI", "name": "scipy"})
    withdrawn = advisory() | {"withdrawn": "2026-01-01T00:00:00Z"}
    commits = {"id": "X", "affected": [{"ranges": []}]}
    assert read([other, scipy, withdrawn, commits]).advisories == ()
    assert [found.id for found in read([advisory()]).advisories] == ["PYSEC-1"]


@pytest.mark.parametrize(
    "value",
    [
        1, [1], {}, {"id": 1}, {"id": "x", "affected": {}}, advisory(ranges={}),
        advisory(versions=[1]), advisory(package={"name": "numpy"}),
        advisory(ranges=[{"type": "SEMVER", "events": [{"began": "1"}]}]),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused(value: object) -> None:
    with pytest.raises(UndecidedError, match=r"osv\.json"):
        read(value)
