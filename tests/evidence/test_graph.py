"""The worst state decides, and a graph counts its stages."""

import pytest

from aigf_dvc.evidence.graph import worst
from aigf_dvc.evidence.lineage import EdgeState, TrustLevel
from tests.graph_builders import a_graph

VERIFIED, RECORDED = EdgeState.VERIFIED, EdgeState.RECORDED
MISMATCHED, MISSING = EdgeState.MISMATCHED, EdgeState.MISSING


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([VERIFIED, RECORDED], RECORDED),
        ([RECORDED, MISSING, VERIFIED], MISSING),
        ([MISSING, MISMATCHED], MISMATCHED),
        ([VERIFIED], VERIFIED),
        ([], MISSING),
    ],
)
def test_the_worst_state_decides_and_nothing_is_no_proof(
    states: list[EdgeState], expected: EdgeState
) -> None:
    assert worst(states) is expected


def test_a_graph_counts_its_stages_by_level() -> None:
    assert a_graph().levels() == dict.fromkeys(TrustLevel, 1)
