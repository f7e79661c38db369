"""Keys and signed lists, for tests about what counts."""

from datetime import date
from pathlib import Path

from aigf_dvc.attestation.lists.head import store_key
from aigf_dvc.attestation.lists.releases import ReleaseIndex, release_statement
from aigf_dvc.attestation.lists.revocations import (
    REVOCATIONS,
    RevocationList,
    revocation_statement,
)
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.signing.list_signers import ListSigners, in_role, named_key
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import Trust, open_trust
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, Stored
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("sec", "ops", "old", "eve")}
TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
people:
  Sec: {keys: [{file: sec}]}
  Ops: {keys: [{file: ops}]}
  Old: {keys: [{file: old, valid_until: 2026-11-19}]}
roles: {revoke: [Sec, Old], release: [Ops]}
"""
TODAY = date(2026, 11, 20)


def the_trust() -> Trust:
    return open_trust(read_trust(TRUST.encode(), where="trust.yaml"), lambda name: PAIRS[name][1])


def by_keys(*names: str) -> ListSigners:
    return ListSigners(keys=tuple(named_key(PAIRS[n][1], where=f"{n}.pub") for n in names))


def by_role(role: str) -> ListSigners:
    return ListSigners(lines=in_role(the_trust(), role))


def sign(payload: bytes, name: str = "sec") -> bytes:
    return sign_statement(payload, load_private_key(PAIRS[name][0], None, where=name))


def revoking(content: RevocationList, name: str = "sec") -> bytes:
    return sign(revocation_statement(content), name)


def releasing(index: ReleaseIndex, name: str = "ops") -> bytes:
    return sign(release_statement(index), name)


def a_store(folder: Path, *bundles: bytes, kind: str = REVOCATIONS) -> str:
    """A folder that holds lists, and its name as people write it."""
    key = store_key(kind)
    FolderStore(folder).add(
        tuple(Stored(model=key, ending=BUNDLE, data=bundle) for bundle in bundles)
    )
    folder.mkdir(exist_ok=True)
    return str(folder)
