"""A captured lineage as JSON: the manifest, and what is true of this machine and moment."""

from collections.abc import Sequence

from aigf_dvc.canonical import Json, loads
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lineage import Edge, StageTrust, worst_state


def captured_as_json(
    manifest: bytes, *, commit: str | None, edges: Sequence[Edge], stages: Sequence[StageTrust]
) -> Json:
    """Return a manifest with the state of its edges and the trust in its stages beside it."""
    return {
        "manifest": loads(manifest, where="manifest"),
        "manifestDigest": {"sha256": sha256(manifest)},
        "source": {"gitCommit": commit},
        "edges": [
            {
                "stage": edge.stage,
                "kind": edge.kind.value,
                "name": edge.name,
                "state": edge.state.value,
                "cause": edge.cause.value,
                "reason": edge.reason,
            }
            for edge in edges
        ],
        "stages": [
            {
                "name": stage.stage,
                "state": worst_state(e for e in edges if e.stage == stage.stage).value,
                "trustLevel": stage.level.value,
                "runRecord": {"sha256": stage.run_record} if stage.run_record else None,
            }
            for stage in stages
        ],
    }
