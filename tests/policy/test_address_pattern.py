"""An allow list lets in plain addresses only; a deny list finds what is spelt otherwise."""

import pytest

from aigf_dvc.policy.address_pattern import allows, denies, why_no_pattern, why_odd


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("s3://corp/train/**", "s3://corp/train/2026/a.csv"),
        ("s3://corp/train/**", "s3://corp/train"),
        ("s3://corp/*/a.csv", "s3://corp/train/a.csv"),
        ("s3://corp/**/a.csv", "s3://corp/a.csv"),
        ("s3://corp/**/x/**/a.csv", "s3://corp/1/x/2/x/3/a.csv"),
        ("data/raw*.csv", "data/raw.2026.csv"),
        ("data/r*w*.csv", "data/raw.2026.csv"),
        ("**", "data/raw.csv"),
        ("../shared/**", "../shared/a.csv"),
        ("/mnt/data/*", "/mnt/data/a.csv"),
        ("https://corp.example/data/**", "https://jane:pw@corp.example/data/a.csv?token=1#x"),
        ("s3://corp/train", "s3://corp/train/"),
    ],
)
def test_a_pattern_lets_in(pattern: str, address: str) -> None:
    assert why_no_pattern(pattern) == ""
    assert allows(pattern, address)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("s3://corp/train/**", "s3://corp/train/../../other/a.csv"),
        ("s3://corp/train/**", "s3://corp/train/../other/a.csv"),
        ("s3://corp/train/**", "s3://corp/train/%2e%2e/%2e%2e/other/a.csv"),
        ("s3://corp/train/**", "s3://corp/train%2f..%2fother/a.csv"),
        ("s3://corp/train/**", "s3://corp/train/..\\other"),
        ("s3://corp/train/**", "s3://corp/train//a.csv"),
        ("s3://corp/train/**", "s3://corp/training/a.csv"),
        ("s3://corp/train/**", "s3://corp/Train/a.csv"),
        ("s3://corp/train/**", "S3://corp/train/a.csv"),
        ("s3://corp/train/**", "s3://corp@evil/train/a.csv"),
        ("s3://corp/train/**", "s3://evil/s3://corp/train/a.csv"),
        ("s3://corp/train.csv", "s3://corp/train.csv?evil"),
        ("s3://corp/train/**", "s3://corp/train/a\u202e.csv"),
        ("s3://corp/*", "s3://corp/train/a.csv"),
        ("https://corp.example/**", "https://corp.example\\@evil.example/a.csv"),
        ("https://corp.example/**", "https://corp.example.evil.example/a.csv"),
        ("https://*.corp.example/**", "https://evil.example/.corp.example/a.csv"),
        ("https://corp.example/**", "https://evil.example#@corp.example/a.csv"),
        ("**", "s3://corp/a.csv"),
        ("**", "../shared/a.csv"),
        ("*/**", "/mnt/a.csv"),
        ("../*/a.csv", "../../a.csv"),
        ("ds://train", "ds://train"),
        ("data/raw.csv", "data/raw.csv.bak"),
        ("data/a*a", "data/a"),
    ],
)
def test_a_pattern_does_not_let_in(pattern: str, address: str) -> None:
    assert not allows(pattern, address)


@pytest.mark.parametrize(
    "address",
    [
        "s3://evil/a.csv",
        "S3://EVIL/a.csv",
        "s3://corp@evil/a.csv",
        "s3://corp/%2e%2e/../x%2f../a".replace("corp", "evil"),
        "s3://evil/x/%252e%252e/a.csv",
    ],
)
def test_a_denied_place_is_found_however_it_is_spelt(address: str) -> None:
    assert denies("s3://evil/**", address)
    assert not denies("s3://evil/**", "s3://evil2/a.csv")


def test_a_denied_folder_is_found_through_dots_and_encoding() -> None:
    for address in ("s3://corp/a/../bad/x", "s3://corp/b%61d/x", "s3://corp/a\\..\\bad\\x"):
        assert denies("s3://corp/bad/**", address)
    assert denies("**", "s3://corp/x")
    assert denies("s3://corp/Bad/**", "s3://corp/a/../Bad/x")


@pytest.mark.parametrize(
    "pattern",
    [
        "a**b", "s3://corp/../x", "s3://corp//x", "*://corp/x", "s3://jane@corp/x",
        "https://corp/x?y", "data/%2e", "data/./x",
    ],
)  # fmt: skip
def test_a_pattern_that_could_never_match_is_refused(pattern: str) -> None:
    assert why_no_pattern(pattern)


def test_an_odd_address_says_why() -> None:
    assert "`..`" in why_odd("s3://corp/a/../b")
    assert "invisible" in why_odd("data/a\u200b.csv")
    assert "not on record" in why_odd("ds://train")
    assert why_odd("data/raw file.csv") == ""


def test_many_wildcards_match_without_going_back_again_and_again() -> None:
    assert not allows("/".join(["**", "a"] * 200 + ["b"]), "/".join("a" * 5000))
    assert not allows("*a" * 200 + "b", "a" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("https://evil.example/**", "https://evil.example:443/h.csv"),
        ("https://evil.example/**", "https://evil.example./h.csv"),
        ("http://evil.example/**", "http://evil.example:80/h.csv"),
        ("/mnt/pii/**", "//mnt/pii/x.csv"),
    ],
)
def test_another_spelling_of_a_denied_place_is_denied(pattern: str, address: str) -> None:
    assert denies(pattern, address)


def test_another_port_is_another_place() -> None:
    assert not denies("https://corp.example/**", "https://corp.example:8443/h.csv")
