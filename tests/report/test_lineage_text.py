"""The summary of a capture, in words."""

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.report.lineage_text import summary_text


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("train",), "1 stage, observed; edges: none"),
        (("a", "b"), "2 stages, observed; edges: none"),
    ],
)
def test_stages_are_counted_as_people_count(names: tuple[str, ...], said: str) -> None:
    stages = [StageTrust(stage=name, level=TrustLevel.OBSERVED) for name in names]
    assert summary_text((), stages, digest=sha256(b"")).splitlines()[1] == said
