"""The readers of policies and cards, for minutes: the same many examples in every run."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security import test_hostile_cards as cards
from tests.security import test_hostile_policies as policies

LONG = settings(
    max_examples=12_000,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
SHORTER = settings(LONG, max_examples=1_500)


@pytest.mark.slow
@LONG
@given(st.binary(max_size=400) | policies.TEXTS.map(lambda t: t.encode(errors="surrogatepass")))
def test_only_a_refusal_comes_out_of_any_bytes(data: bytes) -> None:
    policies.test_only_a_refusal_comes_out_of_any_bytes.hypothesis.inner_test(data)  # type: ignore[attr-defined]  # hypothesis adds it


@pytest.mark.slow
@LONG
@given(policies.JSONS)
def test_only_a_refusal_comes_out_of_any_value(value: object) -> None:
    policies.test_only_a_refusal_comes_out_of_any_value.hypothesis.inner_test(value)  # type: ignore[attr-defined]  # hypothesis adds it


@pytest.mark.slow
@SHORTER
@given(cards._CARDS, st.sampled_from(["card.md", "card.yaml", "card.json"]))
def test_nothing_but_our_own_error_comes_out_of_any_card(data: bytes, path: str) -> None:
    cards.test_nothing_but_our_own_error_comes_out_of_any_card.hypothesis.inner_test(data, path)  # type: ignore[attr-defined]  # hypothesis adds it
