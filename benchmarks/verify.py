"""`aigf verify --key`, beside the verifiers of others: a small model, and a large directory."""

from collections.abc import Callable
from pathlib import Path

from aigf_dvc.attestation.deployment import DEPLOYMENT
from benchmarks.process import Cost, ProgramError, aigf, alternate, python, run
from benchmarks.result import Bound, Result, Row, compare
from benchmarks.signed_models import SignedModel, attest_directory, many_files, sign_example
from tests.independent.model_signing import model_signing_python
from tests.independent.programs import ProgramUnavailable, cosign

_FILES = 10_000
_SIZE = (2 << 30) // _FILES
_MOST_RUNS_OF_LARGE = 5


def measure(folder: Path, *, runs: int) -> Result:
    """Measure a small model in a scratch folder."""
    signed = sign_example(folder)
    ours = _aigf(signed, signed.model, signed.bundle)
    under_policy = (*ours[:-2], "--policy", "governance/policy.yaml")
    theirs = _model_signing(signed, signed.model)
    rows = [
        _row("aigf verify --key / model_signing verify key", signed, ours, theirs, 0.25, runs),
        _row("aigf verify --key / cosign verify-blob-attestation", signed, ours, _cosign(signed),
             5, runs),
        _row("aigf verify --key --policy / sigstore --version", signed, under_policy,
             python("sigstore", "--version"), 0.5, runs),
        _row("aigf verify --oms --key / model_signing verify key", signed,
             _aigf_oms(signed, signed.model), theirs, None, runs),
    ]  # fmt: skip
    return Result(rows=tuple(rows))


def measure_directory(folder: Path, *, runs: int) -> Result:
    """Measure a directory of 10,000 files in a scratch folder, which needs 2.1 GiB."""
    signed = sign_example(folder)
    model, bundle = folder / "net", folder / "net.sigstore.json"
    attest_directory(signed, many_files(model, files=_FILES, size=_SIZE), bundle)
    key = ("--private_key", str(signed.key))
    run((*_program(), "sign", "key", *key, "--signature", str(signed.oms), str(model)), folder)
    theirs = _model_signing(signed, model)
    few = min(runs, _MOST_RUNS_OF_LARGE)
    what = f"2 GiB in {_FILES:,} files: "
    return Result(
        rows=(
            _row(f"{what}aigf verify --key / model_signing verify key", signed,
                 _aigf(signed, model, bundle), theirs, 0.5, few),
            _row(f"{what}aigf verify --oms --key / model_signing verify key", signed,
                 _aigf_oms(signed, model), theirs, None, few),
        )
    )  # fmt: skip


def _row(
    what: str,
    signed: SignedModel,
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
    limit: float | None,
    runs: int,
) -> Row:
    def cost(command: tuple[str, ...]) -> Callable[[], Cost]:
        return lambda: run(command, signed.root)

    mine, others = alternate(cost(ours), cost(theirs), runs=runs)
    return compare(
        f"{what}, wall",
        [one.wall_s for one in mine],
        [one.wall_s for one in others],
        bound=Bound(limit=limit) if limit is not None else None,
    )


def _aigf(signed: SignedModel, model: Path, bundle: Path) -> tuple[str, ...]:
    trust = ("--key", str(signed.public_key), "--policy-digest", signed.policy_digest)
    return aigf("verify", str(model), "--bundle", str(bundle), *trust)


def _aigf_oms(signed: SignedModel, model: Path) -> tuple[str, ...]:
    return aigf("verify", str(model), "--oms", str(signed.oms), "--key", str(signed.public_key))


def _model_signing(signed: SignedModel, model: Path) -> tuple[str, ...]:
    key = ("--public_key", str(signed.public_key))
    return (*_program(), "verify", "key", *key, "--signature", str(signed.oms), str(model))


def _program() -> tuple[str, ...]:
    return (str(_obtained(model_signing_python)), "-I", "-m", "model_signing")


def _cosign(signed: SignedModel) -> tuple[str, ...]:
    about = ("--bundle", str(signed.bundle), "--type", DEPLOYMENT)
    trust = ("--key", str(signed.public_key), "--insecure-ignore-tlog")
    program = str(_obtained(cosign))
    return (program, "verify-blob-attestation", *about, *trust, str(signed.model))


def _obtained(obtain: Callable[[], Path]) -> Path:
    try:
        return obtain()
    except ProgramUnavailable as unavailable:
        raise ProgramError(str(unavailable)) from None
