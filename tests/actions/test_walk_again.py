"""What an attester says of a commit is held to the commit, in a repository of the judge's."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.actions.walk_again import DeepWalk, walk_under
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.canonical import dumps
from aigf_dvc.capture.judged_clone import judged_repository
from aigf_dvc.cli.verify import command
from aigf_dvc.digests import sha256
from tests.actions.walking import (
    AT,
    KEYS,
    SIGNER,
    Json,
    another_parameter,
    attested,
    content_of,
    described,
    honest_project,
    said,
    signed,
    walked,
    with_manifest,
)
from tests.playground import MODEL, Playground


@pytest.fixture(scope="module")
def honest(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Playground, bytes]:
    return honest_project(template, tmp_path_factory.mktemp("honest"))


def test_an_honest_attestation_is_what_its_commit_says_in_any_clone(
    playground: Playground, tmp_path: Path
) -> None:
    statement = attested(playground)
    bare = tmp_path / "bare"
    playground.git("clone", "--quiet", "--bare", str(playground.root), str(bare))
    places = (playground.root, playground.root / "src", bare, f"file://{playground.root}")
    for place in places:
        outcome = walked(statement, place, playground.root / MODEL)
        assert outcome.accepted
        found, detail = said(outcome)
        assert found is StepOutcome.PASSED
        assert f"sha256:{sha256(playground.manifest('HEAD'))}" in detail
        assert "the same edges: 10 verified, 4 recorded; the data was not read" in detail


def test_later_commits_and_a_spoilt_working_tree_change_nothing(playground: Playground) -> None:
    statement = attested(playground)
    model = playground.root.parent / "model.bin"
    (playground.root / MODEL).rename(model)
    playground.replace("params.yaml", "depth: 3", "depth: 4")
    playground.replace("aigf.yaml", "scorer", "other")
    playground.commit()
    playground.write("dvc.lock", "spoilt")
    assert walked(statement, playground.root, model).accepted


@pytest.mark.slow
def test_secrets_that_were_redacted_are_redacted_alike(playground: Playground) -> None:
    playground.replace("params.yaml", "rate: 1e-3", "rate: 1e-3, api_key: AKIAIOSFODNN7EXAMPLE")
    playground.replace("dvc.yaml", "params: [train.depth]", "params: [train.depth, train.api_key]")
    playground.dvc("repro", "--quiet")
    playground.aigf("capture")
    playground.commit()
    statement = attested(playground)
    assert "$redacted" in content_of(statement["predicate"]["lineage"]).decode()
    assert walked(statement, playground.root, playground.root / MODEL).accepted


def _a_stage_left_out(manifest: Json) -> None:
    stages = manifest["pipeline"]["stages"]
    manifest["pipeline"]["stages"] = [s for s in stages if s["name"] != "prepare"]


def _other_data(manifest: Json) -> None:
    item = next(a for a in manifest["artifacts"] if a["name"] == "data/raw.csv")
    item["digest"]["sha256"] = "0" * 64


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (
            another_parameter,
            "pipeline.stages[train].parameters.params.yaml.train.depth: attested 30, "
            "the commit has 3",
        ),
        (_a_stage_left_out, "pipeline.stages[prepare]: attested nothing, the commit has {"),
        (_other_data, f'artifacts[data/raw.csv].digest.sha256: attested "{"0" * 64}"'),
    ],
)
def test_a_manifest_that_a_rogue_attester_made_up_is_refused(
    honest: tuple[Playground, bytes], edit: Callable[[Json], None], says: str
) -> None:
    forged = with_manifest(json.loads(honest[1]), edit)
    outcome = walked(forged, honest[0].root, honest[0].root / MODEL)
    found, detail = said(outcome)
    assert found is StepOutcome.FAILED
    assert outcome.exit_code == 1
    assert says in detail
    # Without the walk nobody notices.
    artifact = read_artifact(honest[0].root / MODEL)
    candidates = candidates_from_file(signed(dumps(forged)), where="bundle")
    demands = Demands(at=AT, any_policy=True)
    (shallow,) = verify(artifact, candidates, signer=SIGNER, demands=demands)
    assert shallow.accepted


def _card(predicate: Json) -> None:
    predicate["modelCard"] |= described(content_of(predicate["modelCard"]) + b"\n")


def _no_card(predicate: Json) -> None:
    predicate["modelCard"] = None


def _document(predicate: Json) -> None:
    predicate["documents"][0] |= described(b"---\ntype: risk-assessment\n---\nnone\n")


def _policy(predicate: Json) -> None:
    for place in (predicate["policy"], predicate["verdict"]["policy"]):
        place["digest"] = {"sha256": "0" * 64}


def _metric(predicate: Json) -> None:
    predicate["metrics"]["fairness_score"]["value"] = 0.99


def _less_metrics(predicate: Json) -> None:
    del predicate["metrics"]["p95_latency_ms"]


def _tree(predicate: Json) -> None:
    predicate["tree"]["digest"]["sha256"] = "0" * 64


def _path(predicate: Json) -> None:
    predicate["model"]["path"] = "models/other.bin"


def _edges(predicate: Json) -> None:
    predicate["lineageVerification"]["edges"] |= {"verified": 14, "recorded": 0}


def _a_stage_less(predicate: Json) -> None:
    del predicate["lineageVerification"]["stages"][0]


def _a_bad_edge(predicate: Json) -> None:
    verified = predicate["lineageVerification"]
    edge = {"stage": "train", "kind": "input", "name": "x", "state": "missing", "reason": "r"}
    verified["edges"]["missing"] = 1
    verified["problems"] = [edge]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_card, "model card: attested sha256:"),
        (_no_card, "model card: attested none, the commit has sha256:"),
        (_document, "document 'risk-assessment governance/documents/risk.md': attested sha256:"),
        (_policy, f"policy: attested sha256:{'0' * 64}"),
        (_metric, "metric 'fairness_score': attested 0.99 (metrics.json:fairness_score), "
                  "the commit has 0.9"),
        (_less_metrics, "metric 'p95_latency_ms': not attested, the commit has 12.5"),
        (_tree, f"tree: attested sha256:{'0' * 64}"),
        (_path, "model: attested at 'models/other.bin', the commit has it at 'models/model.bin'"),
        (_edges, "edges: attested 14 verified, found 10"),
        (_a_stage_less, "not attested"),
        (_a_bad_edge, "edge not found: train input x is missing"),
    ],
)  # fmt: skip
def test_whatever_else_the_commit_does_not_say_is_refused(
    honest: tuple[Playground, bytes], edit: Callable[[Json], None], says: str
) -> None:
    statement = json.loads(honest[1])
    edit(statement["predicate"])
    found, detail = said(walked(statement, honest[0].root, honest[0].root / MODEL))
    assert found is StepOutcome.FAILED
    assert says in detail


def test_an_edge_that_is_bad_in_the_commit_must_be_attested(playground: Playground) -> None:
    playground.replace("src/prepare.sh", "tail", "tail ")
    playground.write("governance/policy.yaml", "required_metadata: [license]\n")
    playground.commit()
    statement = attested(playground)
    outcome = walked(statement, playground.root, playground.root / MODEL)
    assert outcome.accepted
    assert "prepare input src/prepare.sh is mismatched: changed after the run" in said(outcome)[1]
    verified = statement["predicate"]["lineageVerification"]
    verified["edges"] |= {"verified": verified["edges"]["verified"] + 1, "mismatched": 0}
    verified["problems"] = []
    found, detail = said(walked(statement, playground.root, playground.root / MODEL))
    assert found is StepOutcome.FAILED
    assert "edge not attested: prepare input src/prepare.sh is mismatched" in detail


def test_an_author_who_is_left_out_or_made_up_is_refused(honest: tuple[Playground, bytes]) -> None:
    project, payload = honest
    statement = json.loads(payload)
    for authors, says in (
        (["jane.doe@example.com"], ""),
        (["jane.doe@example.com", "eve@example.com"], "author 'eve@example.com': not found"),
        (["eve@example.com"], "author 'jane.doe@example.com': not attested"),
    ):
        statement["predicate"]["source"]["authors"] = authors
        outcome = walked(statement, project.root, project.root / MODEL)
        assert outcome.accepted is not bool(says)
        assert says in said(outcome)[1]


def test_who_wrote_it_cannot_be_told_from_a_shallow_clone(
    playground: Playground, tmp_path: Path
) -> None:
    playground.commit("another")
    statement = attested(playground)
    statement["predicate"]["source"]["authors"] = ["jane.doe@example.com"]
    url = f"file://{playground.root}"
    playground.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "now"))
    outcome = walked(statement, tmp_path / "now", playground.root / MODEL)
    assert outcome.exit_code == 3
    assert "who wrote it cannot be told" in said(outcome)[1]
    assert walked(statement, playground.root, playground.root / MODEL).accepted


def test_another_model_under_an_honest_lineage_is_refused(
    honest: tuple[Playground, bytes], tmp_path: Path
) -> None:
    statement = json.loads(honest[1])
    other = tmp_path / "other.bin"
    other.write_bytes(b"other")
    statement["subject"][0]["digest"]["sha256"] = sha256(b"other")
    found, detail = said(walked(statement, honest[0].root, other))
    assert found is StepOutcome.FAILED
    assert f"{MODEL}: dvc.lock records md5 " in detail
    assert f"aigf.lock has sha256:{sha256((honest[0].root / MODEL).read_bytes())}" in detail


def test_a_model_that_changes_under_the_verification_is_refused(playground: Playground) -> None:
    statement = attested(playground)
    model = playground.root / MODEL
    artifact = read_artifact(model)
    deep = DeepWalk(repository=judged_repository(str(playground.root)))
    demands = Demands(at=AT, any_policy=True, walk=walk_under(deep, model, artifact, {}))
    playground.edit_keeping_size_and_mtime(MODEL)
    candidates = candidates_from_file(signed(dumps(statement)), where="bundle")
    (outcome,) = verify(replace(artifact), candidates, signer=SIGNER, demands=demands)
    assert said(outcome) == (
        StepOutcome.FAILED,
        f"{model}: it changed while it was verified",
    )


def test_the_command_walks_again_and_says_what_differs(playground: Playground) -> None:
    (playground.root.parent / "key.pub").write_bytes(KEYS[1])
    statement = attested(playground)
    bundle = playground.root.parent / "bundle.json"
    common = ("verify", MODEL, "--bundle", str(bundle), "--key", "../key.pub", "--any-policy")
    bundle.write_bytes(signed(dumps(statement)))
    done = playground.aigf(*common, "--deep", "--repo", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "walked again at commit" in done.stdout
    bundle.write_bytes(signed(dumps(with_manifest(statement, another_parameter))))
    done = playground.aigf(*common, "--deep", "--repo", ".", "--format", "json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["verifications"]
    assert found["steps"][11]["outcome"] == "failed"
    assert "attested 30" in found["steps"][11]["detail"]


@pytest.mark.parametrize(
    ("half", "says"),
    [
        (("--deep",), "--deep and --repo go together"),
        (("--repo", "."), "--deep and --repo go together"),
        (("--data",), "--data goes with --deep"),
        (("--deep", "--repo", ".", "--remote", "s"), "--remote with --data"),
    ],
)
def test_the_options_go_together(half: tuple[str, ...], says: str) -> None:
    done = CliRunner().invoke(command, ["model", *half])
    assert done.exit_code == 2
    assert says in done.output
