"""1,000 attestations verified in one call, beside their bare signatures and hashes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import process_time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.cli.start import collect_seldom
from aigf_dvc.signing.bundle import pae, parse_bundle, split_bundles
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.open import KeySigner
from benchmarks.process import ProgramError, alternate
from benchmarks.result import Bound, Result, Row, compare
from benchmarks.signed_models import SignedModel, attest_often, sign_example

_COUNT = 1000


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder; every attestation but the last is refused, for its age.

    Attestations of one model, as a store has them, carry much the same evidence; the second row
    shows, for information, what it takes where each carries other bytes.
    """
    collect_seldom()  # as every command does
    signed = sign_example(folder)
    alike = attest_often(signed, _COUNT, alike=True)
    different = attest_often(signed, _COUNT, alike=False)
    return Result(
        rows=(
            _row("in one call", signed, alike, runs, Bound(limit=3)),
            _row("each with evidence of its own", signed, different, runs, None),
        )
    )


def _row(what: str, signed: SignedModel, lines: bytes, runs: int, bound: Bound | None) -> Row:
    bundles = [parse_bundle(line) for line in split_bundles(lines)]
    bare = [(bundle.signature, pae(bundle.payload), bundle.payload) for bundle in bundles]
    key = load_public_key(signed.public_key.read_bytes(), where="key")
    _, deployment = signed.attested()
    demands = Demands(
        at=deployment.issued_on + timedelta(minutes=1),
        any_policy=True,
        max_age=timedelta(hours=1),
    )
    artifact = read_artifact(signed.model)

    def ours() -> None:
        found = candidates_from_file(lines, where="lines")
        (tried,) = verify(artifact, found, signer=KeySigner(public_key=key), demands=demands)
        if not tried.accepted or tried.deployment is None:
            raise ProgramError("the last of them was not accepted")
        if tried.deployment.issued_on != deployment.issued_on:
            raise ProgramError("another than the last was accepted")

    def theirs() -> None:
        for signature, message, payload in bare:
            hashlib.sha256(payload).digest()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise ProgramError("another kind of key")
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))

    mine, others = alternate(lambda: _cpu_s(ours), lambda: _cpu_s(theirs), runs=runs)
    size = f"{len(bundles[0].payload) >> 10} KiB"
    return compare(
        f"{_COUNT:,} attestations of {size}, {what} / bare ECDSA and SHA-256, CPU",
        mine,
        others,
        bound=bound,
    )


def _cpu_s(work: Callable[[], None]) -> float:
    start = process_time()
    work()
    return process_time() - start
