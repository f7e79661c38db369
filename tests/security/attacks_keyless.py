"""Attacks on keyless signatures: their logs, timestamps, authorities and roots."""

import base64
import json
from collections.abc import Callable
from typing import Any

from cryptography import x509
from msgspec.structs import replace
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult

from tests.local_sigstore.merkle import inclusion_proof, root_hash
from tests.local_sigstore.server import LocalSigstore
from tests.security.attacks import Attack, edited, encoded, entry, flipped, material, proof, stamp
from tests.security.bundles import (
    ISSUER,
    OTHER,
    PAYLOAD,
    Json,
    Rekor,
    World,
)


def keylessly(
    rekor: Any,  # noqa: ANN401  # 1 or 2
    edit: Callable[[Json], object],
    *,
    timestamp: bool = True,
) -> Callable[[World], Attack]:
    def attack(world: World) -> Attack:
        world.keyless(OTHER, rekor)  # so that there is a hash in the proof
        bundle = world.keyless(PAYLOAD, rekor, timestamp=timestamp)
        return Attack(bundle=edited(bundle, edit), signer=world.by_identity)

    return attack


def with_root(rekor: Any, edit: Callable[[Json], object]) -> Callable[[World], Attack]:  # noqa: ANN401  # 1 or 2
    def attack(world: World) -> Attack:
        root = world.sigstore.trusted_root()
        edit(root)
        signer = replace(world.by_identity, trusted_root=json.dumps(root).encode())
        return Attack(bundle=world.keyless(PAYLOAD, rekor), signer=signer)

    return attack


def ended_period(*path: Any) -> Callable[[Json], object]:  # noqa: ANN401  # keys and places
    def edit(root: Json) -> None:
        place: Any = root
        for step in path:
            place = place[step]
        place["validFor"] = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}

    return edit


def logs_ended(root: Json) -> None:
    for log in root["tlogs"]:
        log["publicKey"]["validFor"] = {
            "start": "2019-01-01T00:00:00Z",
            "end": "2020-01-01T00:00:00Z",
        }


def another_ct_log(root: Json) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        root["ctlogs"] = other.trusted_root()["ctlogs"]


def another_authority(root: Json) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        root["certificateAuthorities"] = other.trusted_root()["certificateAuthorities"]


def asked_for(**changed: str) -> Callable[[World], Attack]:
    def attack(world: World) -> Attack:
        signer = replace(world.by_identity, **changed)  # texts
        return Attack(bundle=world.keyless(PAYLOAD, 1), signer=signer)

    return attack


def stolen_entry(world: World) -> Attack:
    """Take the entry of another signature: as in CVE-2022-36056."""
    other = json.loads(world.keyless(OTHER, 2))
    return keylessly(2, lambda d: material(d).update(tlogEntries=[entry(other)]))(world)


def stolen_stamp_beside_a_promise(world: World) -> Attack:
    return _with_a_later_stamp(world, 1)


def stolen_stamp_alone(world: World) -> Attack:
    return _with_a_later_stamp(world, 2)


def _with_a_later_stamp(world: World, rekor: Rekor) -> Attack:
    """Take the stamp of a signature made after this one, at a time when this certificate holds."""
    bundle = world.keyless(PAYLOAD, rekor)
    other = json.loads(world.keyless(OTHER, rekor))
    return Attack(
        bundle=edited(bundle, lambda d: stamp(d).update(stamp(other))), signer=world.by_identity
    )


def later(document: Json) -> None:
    entry(document)["integratedTime"] = str(int(entry(document)["integratedTime"]) + 1)


def time_without_promise(document: Json) -> None:
    del entry(document)["inclusionPromise"]


def unread_line(document: Json) -> None:
    proof(document)["checkpoint"]["envelope"] += "nobody reads this\n"


def unsigned_checkpoint(document: Json) -> None:
    note, dash, rest = proof(document)["checkpoint"]["envelope"].rpartition("\N{EM DASH} ")
    name, _, signature = rest.rstrip("\n").partition(" ")
    proof(document)["checkpoint"]["envelope"] = f"{note}{dash}{name} {flipped(signature)}\n"


def another_size(_world: World) -> Attack:
    """Say that the first of three entries stands in a tree of four: the path is the same."""
    with LocalSigstore(issuer=ISSUER) as sigstore:
        fresh = World(key=_world.key, pki=_world.pki, clock=_world.clock, sigstore=sigstore)
        bundle = json.loads(fresh.keyless(PAYLOAD, 2))
        for _ in range(2):
            fresh.keyless(OTHER, 2)
        log = sigstore._services.rekor_v2
        leaves = tuple(log._leaves)
        root = root_hash(leaves)
        entry(bundle)["inclusionProof"] = {
            "logIndex": "0",
            "rootHash": encoded(root),
            "treeSize": "4",
            "hashes": [encoded(item) for item in inclusion_proof(0, leaves)],
            "checkpoint": {"envelope": log._checkpoint(3, root)},
        }
        return Attack(bundle=json.dumps(bundle).encode(), signer=fresh.by_identity)


def any_time(_self: object, response: Any, _message: bytes) -> TimestampVerificationResult:  # noqa: ANN401  # a response
    return TimestampVerificationResult(
        source=TimestampSource.TIMESTAMP_AUTHORITY, time=response.tst_info.gen_time
    )


def any_chain(
    verifier: Any,  # noqa: ANN401  # a Verifier
    leaf: x509.Certificate,
    _time: object,
) -> list[x509.Certificate]:
    """Return the issuer by its name alone."""
    return [_ISSUERS[leaf.issuer.rfc4514_string()], *verifier._fulcio_certificate_chain]


_ISSUERS: dict[str, x509.Certificate] = {}


def foreign_authority(world: World) -> Attack:
    chain = world.sigstore.trusted_root()["certificateAuthorities"][0]["certChain"]["certificates"]
    issuer = x509.load_der_x509_certificate(base64.b64decode(chain[0]["rawBytes"]))
    _ISSUERS[issuer.subject.rfc4514_string()] = issuer
    return with_root(1, another_authority)(world)
