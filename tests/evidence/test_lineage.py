"""A lineage is as trusted as its weakest stage."""

import pytest

from aigf_dvc.evidence.lineage import Edge, EdgeKind, EdgeState, Lineage, StageTrust, TrustLevel

D, O, R = TrustLevel.DECLARED, TrustLevel.OBSERVED, TrustLevel.REPRODUCED  # noqa: E741


@pytest.mark.parametrize(
    ("levels", "expected"), [((), D), ((R, O), O), ((O, D, R), D), ((R, R), R)]
)
def test_the_weakest_stage_gives_the_level(
    levels: tuple[TrustLevel, ...], expected: TrustLevel
) -> None:
    stages = tuple(StageTrust(stage=str(n), level=level) for n, level in enumerate(levels))
    assert Lineage(edges=(), stages=stages).level is expected


def test_the_levels_rank_declared_observed_reproduced() -> None:
    assert D.rank < O.rank < R.rank


def test_edges_are_counted_by_state_and_two_states_are_sound() -> None:
    edges = tuple(
        Edge(stage="s", kind=EdgeKind.INPUT, name="x", state=state, reason="")
        for state in (EdgeState.VERIFIED, EdgeState.VERIFIED, EdgeState.MISSING)
    )
    assert dict(Lineage(edges=edges, stages=()).count()) == {
        EdgeState.VERIFIED: 2, EdgeState.RECORDED: 0, EdgeState.MISMATCHED: 0, EdgeState.MISSING: 1,
    }  # fmt: skip
    assert [s for s in EdgeState if s.is_sound] == [EdgeState.VERIFIED, EdgeState.RECORDED]
