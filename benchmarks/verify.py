"""`aigf verify --key` of a small model, beside `sigstore --version`: Sigstore's mere start."""

from pathlib import Path

from benchmarks.process import aigf, alternate, python, run
from benchmarks.projects import mortgage
from benchmarks.result import Bound, Result, compare


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    project = mortgage(folder)
    key, bundle = folder / "release.key", folder / "mortgage.sigstore.json"
    run(aigf("key", "generate", str(key), "--no-passphrase"), folder)
    run(aigf("attest", "--key", str(key), "--output", str(bundle)), project.root)
    command = aigf(
        "verify", project.model,
        "--bundle", str(bundle),
        "--key", str(key.with_suffix(".pub")),
        "--policy", "governance/policy.yaml",
    )  # fmt: skip
    ours, theirs = alternate(
        lambda: run(command, project.root),
        lambda: run(python("sigstore", "--version"), project.root),
        runs=runs,
    )
    return Result(
        rows=(
            compare(
                "aigf verify --key / sigstore --version, wall",
                [cost.wall_s for cost in ours],
                [cost.wall_s for cost in theirs],
                bound=Bound(limit=0.5),
            ),
            compare(
                "aigf verify --key / sigstore --version, CPU",
                [cost.cpu_s for cost in ours],
                [cost.cpu_s for cost in theirs],
            ),
        )
    )
