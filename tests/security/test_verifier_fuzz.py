"""Bytes that are almost bundles, keys and roots: only our own errors come out, soon.

Every run tries the same changes. The short run is part of every test run; the long one, marked
slow, takes minutes.
"""

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.errors import AigfError
from aigf_dvc.signing.bundle import parse_any_bundle, split_bundles
from aigf_dvc.signing.certificate import read_authorities
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import CertificateSigner, KeylessSigner
from aigf_dvc.signing.private_keys import load_private_key
from aigf_dvc.signing.timestamps import verify_timestamp
from tests.limits import run_limited
from tests.security.bundles import PAYLOAD, Kind, World, a_world, kinds_of

LONG = 6_000  # changes of each bundle
LONGEST_SECONDS = 900  # of processor time for a whole test: past it, some input never ends

# What breaks readers: signs of JSON, numbers without end, marks of DER, hostile text.
PIECES: tuple[bytes, ...] = (
    b"", b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"-", b"1e999", b"NaN",
    b"9" * 5000, b"[" * 200, b'{"a":' * 80, b"\\ud800", b"\\u0000", b"\x00", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xf0\x9f\x92\xa9", b"\n", b"\r\n", b"=", b"====", b"A" * 64, b"\x30\x80",
    b"\x30\x84\xff\xff\xff\xff", b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n",
    b"\xe2\x80\xae", b"\x1b[2J", b"application/vnd.dev.sigstore.bundle+json;version=0.1",
    b"x509CertificateChain", b"-1", b"99999999999999999999", b"2026-13-45T99:99:99Z", b"sha512",
)  # fmt: skip


def spoiled(whole: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """Return bytes with a few random changes: cut, moved, doubled, mixed with others."""
    data = whole
    for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
        at, end = sorted((dice.randrange(len(data) + 1), dice.randrange(len(data) + 1)))
        end = min(end, at + dice.choice((1, 2, 8, 64)))
        data = data[:at] + _instead(data[at:end], others, dice) + data[end:]
    return data if dice.randrange(8) else data[: dice.randrange(len(data) + 1)]


def _instead(part: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    other = dice.choice(others)
    place = dice.randrange(len(other) + 1)
    flipped = bytes([part[0] ^ 1 << dice.randrange(8)]) + part[1:] if part else b""
    return dice.choice(
        (
            dice.choice(PIECES),
            flipped,
            part + part,
            part[::-1],
            other[place : place + dice.choice((4, 32, 512))],
            part + dice.randbytes(4),
        )
    )


def spoiled_values(whole: bytes, dice: random.Random) -> bytes:
    """Return a JSON document with one of its base64 texts spoiled inside, and so well formed."""
    texts = sorted(
        {part for part in whole.decode().split('"') if len(part) >= 16 and len(part) % 4 == 0}
    )
    for text in dice.sample(texts, len(texts)):
        try:
            inner = base64.b64decode(text, validate=True)
        except ValueError:
            continue
        changed = base64.b64encode(spoiled(inner, [inner], dice)).decode()
        return whole.replace(text.encode(), changed.encode())
    return whole


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="module")
def kinds(world: World) -> Mapping[str, Kind]:
    return kinds_of(world)


def only_our_errors(read: Callable[[bytes], object], data: bytes) -> bool:
    """Tell whether some bytes were read at all; anything but our own error comes through."""
    try:
        read(data)
    except AigfError as error:
        assert str(error)  # noqa: PT017  # it has words
        return False
    return True


def fuzz_bundles(kinds: Mapping[str, Kind], rounds: int) -> None:
    dice = random.Random(20261126)  # noqa: S311  # the same in every run
    wholes = [json.dumps(kind.bundle).encode() for kind in kinds.values()]
    accepted = 0
    for name, kind in kinds.items():
        whole = json.dumps(kind.bundle).encode()
        before = kind.judge(whole)
        for number in range(rounds):
            data = spoiled(whole, wholes, dice) if number % 2 else spoiled_values(whole, dice)
            only_our_errors(parse_any_bundle, data)
            for part in split_bundles(data):
                code, signer, _ = kind.judge(part)
                assert code in (0, 1), name
                if code == 0:
                    accepted += 1
                    # Only the time may differ, where the timestamp was lost.
                    assert signer is not None
                    assert before[1] is not None
                    assert signer.name == before[1].name
    assert accepted < rounds * len(kinds) / 4  # the changes change something


def fuzz_readers(world: World, rounds: int) -> None:
    dice = random.Random(7)  # noqa: S311  # the same in every run
    stamp = json.loads(world.stamped(PAYLOAD))
    stamps = stamp["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    token = base64.b64decode(stamps[0]["signedTimestamp"])
    authorities = read_authorities(world.pki.read("tsa-root.pem"), where="tsa")
    root = json.dumps(world.sigstore.trusted_root()).encode()
    bundle = world.keyless(PAYLOAD, 2)
    by_certificate = world.by_certificate
    certified = world.certified(PAYLOAD)

    def with_root(data: bytes) -> None:
        signer = KeylessSigner(identity="dev@example.com", issuer="x", trusted_root=data)
        Kind(bundle=json.loads(bundle), other={}, signer=signer).judge(bundle)

    def with_authorities(data: bytes) -> None:
        signer = CertificateSigner(
            identity=by_certificate.identity, signers=data, times=by_certificate.times
        )
        Kind(bundle=json.loads(certified), other={}, signer=signer).judge(certified)

    readers: tuple[tuple[bytes, Callable[[bytes], object], int], ...] = (
        (PAYLOAD, read_statement, rounds),
        (token, lambda data: verify_timestamp(data, b"signature", authorities), rounds),
        (root, with_root, max(rounds // 10, 1)),
        (world.pki.read("root.pem", "between.pem"), with_authorities, max(rounds // 4, 1)),
        (world.pki.read("leaf.key"), lambda data: load_private_key(data, None, where="k"), rounds),
        (
            world.pki.read("leaf.pem"),
            lambda data: load_public_key(data, where="k"),
            rounds,
        ),
    )
    for whole, read, times in readers:
        for _ in range(times):
            only_our_errors(read, spoiled(whole, [whole, root], dice))


def limited(tmp_path: Path, work: Callable[[], None]) -> str:
    def done() -> str:
        work()
        return "done"

    return run_limited(done, tmp_path / "result", cpu_seconds=LONGEST_SECONDS)


def test_only_our_errors_come_out_of_a_spoiled_bundle(
    kinds: Mapping[str, Kind], tmp_path: Path
) -> None:
    assert limited(tmp_path, lambda: fuzz_bundles(kinds, 40)) == "done"


def test_only_our_errors_come_out_of_spoiled_keys_roots_and_statements(
    world: World, tmp_path: Path
) -> None:
    assert limited(tmp_path, lambda: fuzz_readers(world, 40)) == "done"


@pytest.mark.slow
def test_only_our_errors_come_out_of_spoiled_bundles_for_minutes(
    kinds: Mapping[str, Kind], tmp_path: Path
) -> None:
    assert limited(tmp_path, lambda: fuzz_bundles(kinds, LONG)) == "done"


@pytest.mark.slow
def test_only_our_errors_come_out_of_spoiled_keys_roots_and_statements_for_minutes(
    world: World, tmp_path: Path
) -> None:
    assert limited(tmp_path, lambda: fuzz_readers(world, 3 * LONG)) == "done"
