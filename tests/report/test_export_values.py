"""Texts, URIs and identifiers: harmless whatever a repository names its files."""

import re
from decimal import Decimal
from urllib.parse import unquote_to_bytes
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from packageurl import PackageURL

from aigf_dvc.canonical import Json
from aigf_dvc.report.export_values import (
    commit_location,
    location,
    package_url,
    percent_encoded,
    text_of,
    uuid_of,
)
from tests.report.builders import COMMIT, ORIGIN

# RFC 3986, sections 2 and 3: what a URI may be made of.
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-F]{2})*")
BASE = f"git+https://example.com/acme/models.git@{COMMIT}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        (3, "3"),
        (Decimal("0.85"), "0.85"),
        (True, "true"),
        (None, "null"),
        ({"$number": "NaN"}, "NaN"),
        ({"$date": "2026-01-31"}, "2026-01-31"),
        ({"$redacted": "jwt"}, "[redacted:jwt]"),
        ({"$number": 7}, '{"$number":7}'),
        ({"b": 1, "a": [True, "x"]}, '{"a":[true,"x"],"b":1}'),
    ],
)
def test_every_value_has_a_text(value: Json, text: str) -> None:
    assert text_of(value) == text


def test_a_path_is_a_place_in_the_commit() -> None:
    assert location(ORIGIN, "data/raw.csv") == f"{BASE}#data/raw.csv"
    assert location(replace(ORIGIN, folder="ml"), "data/a") == f"{BASE}#ml/data/a"
    assert location(replace(ORIGIN, folder="ml"), "../a") == f"{BASE}#a"
    assert location(replace(ORIGIN, repository=None), "a b") == f"git:{COMMIT}#a%20b"


def test_what_lies_elsewhere_is_its_own_place() -> None:
    assert location(ORIGIN, "s3://bucket/a.csv") == "s3://bucket/a.csv"
    assert location(ORIGIN, "https://example.com/a?b=1") == "https://example.com/a?b=1"
    assert location(ORIGIN, "/mnt/a b.csv") == "file:///mnt/a%20b.csv"


@pytest.mark.parametrize(
    "name", ["a#b", "a?b", "ü", "\x1b[31m", "<script>", 'a"b', "a\nb", "\u202e", "%", "\udcff"]
)
def test_a_hostile_name_leads_nowhere_else(name: str) -> None:
    found = location(ORIGIN, name)
    assert URI.fullmatch(found)
    assert found.count("#") == 1
    assert found.startswith(f"{BASE}#")


@given(st.text())
def test_every_place_is_a_uri_and_two_paths_are_two_places(name: str) -> None:
    assert re.fullmatch(r"(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*", percent_encoded(name, keep="/"))
    assert unquote_to_bytes(percent_encoded(name, keep="/")) == name.encode(errors="surrogatepass")


def test_a_hostile_remote_is_still_a_uri() -> None:
    origin = replace(ORIGIN, repository='git+https://example.com/"><script>\n')
    assert URI.fullmatch(commit_location(origin))


@pytest.mark.parametrize(
    ("name", "version", "url"),
    [
        ("numpy", "1.26.4", "pkg:pypi/numpy@1.26.4"),
        ("Zope.Interface", "6.0", "pkg:pypi/zope-interface@6.0"),
        ("a__b", "1!2.0+cu118", "pkg:pypi/a-b@1%212.0%2Bcu118"),
    ],
)
def test_a_package_url_is_what_its_library_reads(name: str, version: str, url: str) -> None:
    assert package_url(name, version) == url
    read = PackageURL.from_string(url)
    assert (read.type, read.version) == ("pypi", version)


def test_an_identifier_is_that_of_its_kind_and_content() -> None:
    assert UUID(uuid_of("runs", b"a")).version == 5
    assert uuid_of("runs", b"a") == "24e4bae8-74fd-51bd-9d4a-64f1bc0ddbab"
    assert len({uuid_of("runs", b"a"), uuid_of("runs", b"b"), uuid_of("boms", b"a")}) == 3
