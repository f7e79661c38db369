"""Groups and baselines, from the files of a pipeline to a deployer's own policy, offline."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from aigf_dvc.signing.private_keys import generate_key
from tests.playground import MODEL, Playground, statement_of

pytestmark = pytest.mark.slow

POLICY = """\
schema: https://aigf-dvc.readthedocs.io/policy/v1
id: numbers
version: "1"
rules:
  - {id: lineage, kind: lineage}
  - {id: fairness, kind: metric, metric: "metrics.json:fairness_score", min: 0.8}
  - id: four-fifths
    kind: metric
    metric: approval_rate
    slices: "metrics.json:groups"
    statistic: ratio
    bound: confidence
    min: 0.8
  - id: enough
    kind: metric
    metric: approval_rate
    slices: "metrics.json:groups"
    aggregate: each
    min_samples: 100
    min: 0.5
  - id: no-worse
    kind: no-regression
    metric: fairness_score
    baseline: production
    direction: higher-is-better
    tolerance: 0.02
    if_no_baseline: warn
"""


@pytest.fixture
def place(playground: Playground) -> Playground:
    for name in ("release", "other"):
        private, public = generate_key(None)
        (playground.root.parent / f"{name}.key").write_bytes(private)
        (playground.root.parent / f"{name}.pub").write_bytes(public)
    playground.write("governance/policy.yaml", POLICY)
    return playground


def trained(place: Playground, fairness: str, groups: Mapping[str, tuple[int, int]]) -> None:
    """Make a new model, with these numbers of it, and commit it."""
    counts = {name: {"positives": x, "samples": n} for name, (x, n) in groups.items()}
    text = json.dumps({"fairness_score": float(fairness), "p95_latency_ms": 12, "groups": counts})
    place.write("src/evaluate.sh", f"echo '{text}' > metrics.json\n")
    place.write("src/train.sh", f"mkdir -p models; echo model {fairness} > {MODEL}\n")
    place.dvc("repro", "--quiet")
    place.aigf("capture")
    place.commit(f"fairness {fairness}")


def key(place: Playground, name: str) -> str:
    return str(place.root.parent / name)


def attest(place: Playground, *more: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = place.aigf("attest", "--key", key(place, "release.key"), "--format", "json", *more)
    (attested,) = json.loads(done.stdout)["attested"]
    findings = attested["verdict"]["findings"]
    return done.returncode, {f["rule"]: (f["outcome"], f["observed"]) for f in findings}


def verify(place: Playground, policy: str) -> tuple[int, str]:
    (place.root.parent / "deploy.yaml").write_text(policy)
    done = place.aigf(
        "verify", MODEL, "--from", "git", "--key", key(place, "release.pub"),
        "--policy", key(place, "deploy.yaml"),
    )  # fmt: skip
    return done.returncode, " ".join(done.stdout.split())


def test_groups_are_judged_at_every_gate_and_again_from_the_signed_statement(
    place: Playground, tmp_path: Path
) -> None:
    trained(place, "0.9", {"a": (900, 1000), "$b": (870, 1000)})
    code, findings = attest(place, "--baseline", "git", "--baseline-key", key(place, "release.pub"),
                            "--output", str(tmp_path / "bundle.json"))  # fmt: skip
    assert code == 0, findings
    assert findings["four-fifths"][0] == "passed"
    assert 'group "$b" over group "a" is 0.966667' in findings["four-fifths"][1]
    assert findings["no-worse"] == (
        "warned",
        f"there is no baseline: git:{place.root} has no attestation of scorer for production",
    )
    carried = statement_of((tmp_path / "bundle.json").read_bytes())["predicate"]
    assert isinstance(carried, dict)
    assert carried["metrics"]["metrics.json:groups"]["value"]["a"] == {
        "positives": 900, "samples": 1000,
    }  # fmt: skip
    assert verify(place, POLICY)[0] == 0
    code, said = verify(place, POLICY.replace("min: 0.8\n", "min: 0.95\n"))
    assert code == 1
    assert 'not enough data to tell: approval_rate of group "$b" over group "a"' in said
    code, said = verify(place, POLICY.replace("groups", "grops"))
    assert code == 1
    assert "metrics.json:grops is missing" in said


def test_too_few_rows_of_a_group_are_no_pass(place: Playground) -> None:
    trained(place, "0.9", {"a": (900, 1000), "B": (10, 12)})
    denied = place.aigf("check")
    assert denied.returncode == 1
    said = " ".join(denied.stdout.split())
    assert 'not enough data: group "B" has 12 of the 100 rows that are needed' in said
    assert "not enough data to tell: approval_rate of group" in said
    assert "→ no-worse" in said  # deferred: nobody said where production is


def test_a_model_is_compared_with_the_one_in_production(place: Playground) -> None:
    groups = {"a": (900, 1000), "b": (870, 1000)}
    trusted = ("--baseline", "git", "--baseline-key", key(place, "release.pub"))
    trained(place, "0.9", groups)
    assert attest(place, *trusted)[0] == 0

    trained(place, "0.87", groups)
    code, findings = attest(place, *trusted)
    assert code == 1
    assert "0.87, 0.03 worse than the 0.9 of production" in findings["no-worse"][1]
    early = place.aigf("check", "--baseline", "git")
    assert early.returncode == 1
    assert "NOT VERIFIED" in early.stdout

    trained(place, "0.88", groups)
    for given, said in (
        ((), "no baseline was given"),
        (trusted[:2], "nobody verified the baseline"),
        ((*trusted[:3], key(place, "other.pub")), "none of 1 attestations of scorer counts"),
    ):
        code, findings = attest(place, *given)
        assert (code, findings["no-worse"][0]) == (1, "denied")
        assert said in findings["no-worse"][1]
    code, findings = attest(place, *trusted)
    assert code == 0
    assert "0.88, 0.02 worse than the 0.9 of production" in findings["no-worse"][1]

    assert verify(place, POLICY)[0] == 0  # against the baseline of then, as it was signed
    code, said = verify(place, POLICY.replace("tolerance: 0.02", "tolerance: 0.01"))
    assert code == 1
    assert "0.02 worse than the 0.9 of production" in said
    code, said = verify(place, POLICY.replace("baseline: production", "baseline: {tag: v1}"))
    assert code == 1
    assert "no baseline was given" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--baseline-key", "x.pub"), "go with --baseline"),
        (("--baseline", "git", "--baseline-identity", "a"), "go together"),
        (("--baseline", "nowhere"), "no such file or folder"),
        (("--baseline", "git", "--baseline-key", "nowhere.pub"), "no such file"),
    ],
)
def test_what_is_said_wrong_about_the_baseline_is_the_callers_mistake(
    place: Playground, options: tuple[str, ...], said: str
) -> None:
    for command in (("check",), ("attest", "--key", key(place, "release.key"))):
        place.commit()
        wrong = place.aigf(*command, *options)
        assert said in wrong.stderr + wrong.stdout
        assert wrong.returncode == 2
