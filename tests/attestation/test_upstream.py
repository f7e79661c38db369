"""The upstream list of a signed manifest is read strictly."""

from typing import Any

import pytest

from aigf_dvc.attestation.upstream_reading import read_upstream
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.upstream import upstream_as_json
from aigf_dvc.evidence.upstream_source import Upstream, UpstreamKind

ITEM = Upstream(
    kind=UpstreamKind.IMPORT, name="a", uri="https://h.org/r", path="d/a", revision="v1",
    git_commit="0" * 40, sha256=sha256(b"1"),
)  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    small = Upstream(kind=UpstreamKind.BASE_MODEL, name="m", uri="https://h.org/m")
    assert read_upstream({"upstream": upstream_as_json([ITEM, small])}) == (small, ITEM)


@pytest.mark.parametrize(
    "change",
    [{"kind": "gift"}, {"kind": 1}, {"name": ""}, {"uri": None}, {"path": 5}, {"digest": []},
     {"digest": {"sha256": "abc"}}, {"digest": {"gitCommit": 7}}],
)  # fmt: skip
def test_another_form_is_refused(change: dict[str, Any]) -> None:
    item: Any = ITEM.as_json()
    with pytest.raises(RefusedError):
        read_upstream({"upstream": [{**item, **change}]})


@pytest.mark.parametrize("manifest", [None, [], {}, {"upstream": {}}, {"upstream": [1]}])
def test_what_is_no_manifest_is_refused(manifest: Any) -> None:  # noqa: ANN401
    with pytest.raises(RefusedError):
        read_upstream(manifest)
