"""Patterns speak of whole names, and no wildcard leads into another's name."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.attestation.name_pattern import matches, why_no_pattern

WORKFLOW = "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (WORKFLOW, "https://github.com/acme/fraud/.github/workflows/release.yml@refs/heads/main"),
        ("*@corp.example", "dana@corp.example"),
        ("refs/tags/v*", "refs/tags/v1.2"),
        ("refs/heads/release-*-eu", "refs/heads/release-2026-eu"),
        ("https://github.com/acme/*-model*", "https://github.com/acme/fraud-model"),
        ("max@corp", "max@corp"),
        ("a b", "a b"),
    ],
)
def test_a_pattern_matches_the_whole_name(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (WORKFLOW, "https://github.com/acme/a/b/.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/acme/../.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/acme//.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/acme/a%2fb/.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/acme/a/.github/workflows/release.yml@refs/heads/main/x"),
        (WORKFLOW, "https://github.com/acme/a/.github/workflows/release.yml@refs/heads/main\n"),
        (WORKFLOW, "x https://github.com/acme/a/.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/ACME/a/.github/workflows/release.yml@refs/heads/main"),
        (WORKFLOW, "https://github.com/acme/a@b/.github/workflows/release.yml@refs/heads/main"),
        ("*@corp.example", "dana@evil.example@corp.example"),
        ("*@corp.example", "dana@corp.example.evil"),
        ("*@corp.example", "dänä@corp.example"),
        ("refs/tags/v*", "refs/tags/v1/evil"),
        ("refs/tags/v*1", "refs/tags/v"),
        ("refs/tags/ab*ba", "refs/tags/aba"),
        ("refs/tags/*a*b*", "refs/tags/xbxa"),
        ("max@corp", "max@corp "),
        ("refs/tags/v*", "refs/tags/v" + "1" * 2000),
    ],
)
def test_a_name_that_is_read_otherwise_elsewhere_matches_nothing(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("https://*/acme/models", "origin"),
        ("https://github.*/acme", "origin"),
        ("http*://github.com/acme", "origin"),
        ("dana@*.example", "origin"),
        ("*", "origin"),
        ("*/acme", "origin"),
        ("https://github.com/**/x", "never crosses"),
        ("https://github.com/../*", "no plain name"),
        ("https://github.com/a%2f*", "no plain name"),
        ("https://github.com/a b/*", "no plain name"),
        ("refs/" + "a" * 600 + "*", "606 characters"),
    ],
)
def test_a_pattern_that_lets_anybody_in_is_refused(pattern: str, reason: str) -> None:
    assert reason in why_no_pattern(pattern)


@settings(max_examples=200, deadline=None)
@given(
    st.text("ab*/@.", min_size=1, max_size=12).filter(lambda p: "*" in p and "**" not in p),
    st.text("ab/@.", max_size=12),
)
def test_a_pattern_matches_no_more_than_its_regular_expression(pattern: str, text: str) -> None:
    steps = [re.escape(part) for part in pattern.split("*")]
    expected = re.fullmatch("[^/@]*".join(steps), text) is not None
    odd = any(step in ("", ".", "..") for step in text.split("/"))
    assert matches(pattern, text) == (expected and not odd)


def test_many_wildcards_cost_no_more_than_a_few_looks() -> None:
    pattern = "refs/" + "a*" * 250
    assert not matches(pattern, "refs/" + "a" * 1000 + "b/")
    assert matches(pattern, "refs/" + "a" * 1000)
