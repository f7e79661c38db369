"""A TUF repository of a Sigstore instance: signed metadata about two files.

See: https://theupdateframework.github.io/specification/latest/
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer._crypto_signer import CryptoSigner
from tuf.api._payload import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.metadata import Metadata

ROLES = ("root", "timestamp", "snapshot", "targets")


class TufRepository:
    """A repository in a folder, to be served from there; `publish` writes its next version.

    Attributes:
        root: the first root.json, which clients must be given.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signers = {role: CryptoSigner.generate_ecdsa() for role in ROLES}
        self._version = 0
        (folder / "targets").mkdir(parents=True)
        root = Root(expires=_in(days=365), consistent_snapshot=False)
        for role, signer in self._signers.items():
            root.add_key(signer.public_key, role)
        self.root = folder / "1.root.json"
        self.root.write_bytes(self._signed(Metadata(root), "root"))

    def publish(self, config: dict[str, Any], *, days: int = 30) -> None:
        """Publish a ClientTrustConfig.

        Args:
            config: the document, whose two halves become two files.
            days: until the timestamp expires; negative for one that has.
        """
        self._version += 1
        targets = Targets(version=self._version, expires=_in(days=90))
        for name, half in (
            ("trusted_root.json", "trustedRoot"),
            ("signing_config.v0.2.json", "signingConfig"),
        ):
            path = self._folder / "targets" / name
            path.write_text(json.dumps(config[half]))
            targets.targets[name] = TargetFile.from_file(name, str(path))
        version = self._version
        snapshot = Snapshot(
            version=version, expires=_in(days=90), meta={"targets.json": MetaFile(version)}
        )
        timestamp = Timestamp(
            version=version, expires=_in(days=days), snapshot_meta=MetaFile(version)
        )
        for role, signed in (
            ("targets", Metadata(targets)),
            ("snapshot", Metadata(snapshot)),
            ("timestamp", Metadata(timestamp)),
        ):  # fmt: skip
            (self._folder / f"{role}.json").write_bytes(self._signed(signed, role))

    def lose_keys(self) -> None:
        """Sign from now on with keys that the root does not name."""
        self._signers = {role: CryptoSigner.generate_ecdsa() for role in ROLES}

    def _signed(self, metadata: Metadata[Any], role: str) -> bytes:  # Any: of any role
        metadata.sign(self._signers[role])
        return metadata.to_bytes()


def _in(*, days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
