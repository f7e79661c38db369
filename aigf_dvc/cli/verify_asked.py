"""What the options of `aigf verify` ask for."""

from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from aigf_dvc.attestation.oms_verification import OmsVerification
from aigf_dvc.cli.deep_options import DeepOptions
from aigf_dvc.cli.image_options import ImageOptions
from aigf_dvc.cli.list_options import ListOptions
from aigf_dvc.cli.observer_options import ObserverOptions
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.cli.vsa_options import VsaOptions
from aigf_dvc.digests import Sha256


class Asked(Struct, frozen=True, kw_only=True):
    """Everything that the caller said, by the names of the options."""

    artifact: Path | None
    bundle: Path | None
    store: str | None
    key: Path | None
    identity: str | None
    issuer: str | None
    trusted_root: Path | None
    require_log: bool
    signers: Path | None
    times: Path | None
    policy: Path | None
    digests: tuple[Sha256, ...]
    any_policy: bool
    signed: OmsVerification | None  # a signature of the bytes, which holds
    environment: str
    max_age: timedelta | None
    min_trust: str | None
    observers: ObserverOptions
    trusted: TrustOptions
    upstream: str | None
    repositories: tuple[str, ...]
    upstream_keys: tuple[Path, ...]
    deep: DeepOptions
    vsa: VsaOptions
    lists: ListOptions
    materialize: Path | None
    image: ImageOptions
    form: str

    @property
    def is_plain(self) -> bool:
        """Tell whether a bundle and its signer are all that there is to ask."""
        more = (
            self.store, self.policy, self.signed, self.observers, self.trusted, self.upstream,
            self.repositories, self.upstream_keys, self.deep != DeepOptions(),
            self.vsa != VsaOptions(), self.lists.revocations, self.lists.releases, self.lists.state,
            self.materialize, self.image,
        )  # fmt: skip
        return not any(more)

    @property
    def what(self) -> str:
        """Return what is verified, as people call it."""
        return str(self.artifact or self.image.image)
