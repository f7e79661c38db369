"""A baseline: the metrics of the model that a new one is compared with."""

from collections.abc import Mapping

from msgspec import Struct, field

from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.metric import Metric


class Baseline(Struct, frozen=True, kw_only=True):
    """The metrics of another model, and what proves them."""

    name: str  # as a rule names it, such as `production`
    where: str  # what it was read from: an attestation, a git tag, a file
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    model: Sha256 | None = None  # None: nothing says which bytes these numbers are about
    signer: str = ""  # who signed for them, as it was verified; empty: nobody, or not verified
    absent: bool = False  # it was looked for, and there is none; `problem` says how that was seen
    problem: str = ""  # why its metrics do not count; empty: they do
