"""What an attester says of a commit is held to the commit, in a repository of the judge's."""

import hashlib
import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from aigf_dvc.actions.attest import Order, attest
from aigf_dvc.actions.verify import candidates_from_file, read_artifact, verify
from aigf_dvc.actions.walk_again import DeepWalk, walk_under
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.verification import StepName, StepOutcome, Verification
from aigf_dvc.canonical import dumps
from aigf_dvc.capture.judged_clone import judged_repository
from aigf_dvc.cli.verify import command
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.signing.keys import generate_key, load_private_key, load_public_key
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.stores.folder import FolderStore
from tests.actions.test_attest import DIRECTORY
from tests.playground import METRICS, MODEL, Playground, copy, environment
from tests.signing.by_key import sign_statement

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEYS = generate_key(None)
SIGNER = KeySigner(public_key=load_public_key(KEYS[1], where="key"))
Json = dict[str, Any]  # Any: a document that tests edit at will


def signed(payload: bytes) -> bytes:
    return sign_statement(payload, load_private_key(KEYS[0], None, where="key"))


def attested(p: Playground) -> Json:
    """Attest the model honestly, and return the statement."""
    given: list[bytes] = []

    def sign(payload: bytes) -> bytes:
        given.append(payload)
        return signed(payload)

    store = FolderStore(p.root.parent / "store")
    (found,) = attest(Order(project=p.project, sign=sign, store=store, at=AT))
    assert found.bundle is not None, found.verdict
    statement: Json = json.loads(given[0])
    return statement


@pytest.fixture(scope="module")
def honest(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Playground, bytes]:
    """A project that no test changes, and the honest statement about its model."""
    p = copy(template, tmp_path_factory.mktemp("honest") / "project")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        return p, dumps(attested(p))


def walked(
    statement: Json, repository: str | Path, model: Path, *, deep: DeepWalk | None = None
) -> Verification:
    """Verify a statement that the trusted key signed, with its lineage walked again."""
    artifact = read_artifact(model)
    order = deep or DeepWalk(repository=judged_repository(str(repository)))
    demands = Demands(at=AT, any_policy=True, walk=walk_under(order, model, artifact, {}))
    candidates = candidates_from_file(signed(dumps(statement)), where="bundle")
    (outcome,) = verify(artifact, candidates, signer=SIGNER, demands=demands)
    return outcome


def said(outcome: Verification) -> tuple[StepOutcome, str]:
    """Return what came of the walk; every step before it must have passed."""
    step = outcome.steps[StepName.LINEAGE.value - 1]
    assert step.outcome is not StepOutcome.NOT_REACHED, outcome.stopped_at
    return step.outcome, step.detail


def with_manifest(statement: Json, edit: Callable[[Json], None]) -> Json:
    """Return a statement with another manifest, as consistent as a forger can make it."""
    item = statement["predicate"]["lineage"]
    manifest = json.loads(content_of(item))
    edit(manifest)
    item |= described(dumps(manifest))
    return statement


def content_of(item: Json) -> bytes:
    return b64decode(item["content"])


def described(data: bytes) -> Json:
    return {"digest": {"sha256": sha256(data)}, "content": b64encode(data).decode()}


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


def test_the_project_may_be_in_any_folder_of_a_repository_of_several(
    playground: Playground, tmp_path: Path
) -> None:
    # A first folder has a model of that name too, and a third one cannot be read.
    for folder in ("a", "team/b"):
        (tmp_path / "mono" / folder).parent.mkdir(parents=True, exist_ok=True)
        playground.clone(tmp_path / "mono" / folder)
        Playground(tmp_path / "mono" / folder).git("checkout", "--quiet", "-B", "main")
    mono = Playground(tmp_path / "mono")
    for folder in ("a", "team/b"):
        mono_git = tmp_path / "mono" / folder / ".git"
        mono_git.rename(tmp_path / folder.replace("/", "-"))
    mono.write("a/README.md", "another tree\n")
    mono.write("c/aigf.yaml", "models: [")
    mono.git("init", "--quiet")
    mono.commit()
    project = Playground(mono.root / "team/b")
    (project.root / "models").mkdir()
    (project.root / MODEL).write_bytes((playground.root / MODEL).read_bytes())
    assert walked(attested(project), mono.root, project.root / MODEL).accepted


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


def _another_parameter(manifest: Json) -> None:
    stage = next(s for s in manifest["pipeline"]["stages"] if s["name"] == "train")
    stage["parameters"]["params.yaml"]["train.depth"] = 30


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
            _another_parameter,
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


@pytest.mark.slow
def test_numbers_that_dvc_keeps_cannot_be_decided_without_the_data(playground: Playground) -> None:
    playground.replace("dvc.yaml", "{cache: false}", "{cache: true}")
    playground.git("rm", "--quiet", "--cached", METRICS)
    playground.write(".gitignore", playground.read(".gitignore") + f"/{METRICS}\n")
    playground.dvc("repro", "--quiet", "--force", "evaluate")
    playground.commit()
    statement = attested(playground)
    url = f"file://{playground.root}"
    outcome = walked(statement, url, playground.root / MODEL)
    found, detail = said(outcome)
    assert found is StepOutcome.UNDECIDED
    assert outcome.exit_code == 3
    assert "'fairness_score'" in detail
    assert "--data" in detail
    assert walked(statement, playground.root, playground.root / MODEL).accepted  # cached there
    store = str(to_a_store(playground))
    assert with_data(playground, statement, url, remote=store).accepted
    statement["predicate"]["metrics"]["fairness_score"]["value"] = 0.99
    assert said(walked(statement, playground.root, playground.root / MODEL))[0] is (
        StepOutcome.FAILED
    )


@pytest.mark.slow
def test_a_model_that_is_a_directory_is_walked_file_by_file(playground: Playground) -> None:
    playground.write("more/dvc.yaml", DIRECTORY)
    playground.dvc("repro", "--quiet", "more/dvc.yaml")
    playground.write("aigf.yaml", "models: {net: {path: more/net, card: MODEL_CARD.md}}\n")
    playground.write("governance/policy.yaml", "required_metadata: [license]\n")
    playground.aigf("capture")
    playground.commit()
    statement = attested(playground)
    net = playground.root.parent / "net"
    shutil.copytree(playground.root / "more/net", net)
    outcome = with_data(playground, statement, str(playground.root), model=net)
    assert outcome.accepted, outcome.stopped_at
    assert "1 path of data read" in said(outcome)[1]
    (net / "weights").write_text("other\n")
    statement["subject"][1]["digest"]["sha256"] = sha256(b"other\n")
    found, detail = said(walked(statement, playground.root, net))
    assert found is StepOutcome.FAILED
    assert "more/net: dvc.lock records md5 " in detail


def with_data(
    p: Playground, statement: Json, place: str, *, remote: str = "", model: Path | None = None
) -> Verification:
    deep = DeepWalk(repository=judged_repository(place), data=True, remote=remote)
    return walked(statement, place, model or p.root / MODEL, deep=deep)


def to_a_store(p: Playground) -> Path:
    """Lay the objects of DVC's cache out as a remote has them, and return the folder."""
    store = p.root.parent / "remote"
    shutil.copytree(p.root / ".dvc/cache", store)
    return store


def test_the_data_is_read_from_the_cache_of_the_clone(honest: tuple[Playground, bytes]) -> None:
    p, statement = honest
    found, detail = said(with_data(p, json.loads(statement), str(p.root)))
    assert found is StepOutcome.PASSED
    assert "3 paths of data read, each with its recorded MD5 and the SHA-256 of aigf.lock" in detail


@pytest.mark.slow
def test_the_data_is_fetched_from_the_remote_that_the_commit_or_the_judge_names(
    playground: Playground,
) -> None:
    store = to_a_store(playground)
    statement = attested(playground)
    url = f"file://{playground.root}"
    nowhere = with_data(playground, statement, url)
    assert nowhere.exit_code == 3
    assert "neither cache nor remote has data/raw.csv" in said(nowhere)[1]
    assert with_data(playground, statement, url, remote=str(store)).accepted
    config = f"[core]\n    remote = s\n['remote \"s\"']\n    url = {store}\n"
    playground.write(".dvc/config", config)
    playground.commit()
    statement = attested(playground)
    found, detail = said(with_data(playground, statement, url))
    assert found is StepOutcome.PASSED
    assert "3 paths of data read" in detail
    elsewhere = with_data(playground, statement, url, remote="elsewhere")
    assert elsewhere.exit_code == 3


@pytest.mark.slow
def test_a_relative_remote_is_seen_from_the_clone_and_spoilt_objects_do_not_count(
    playground: Playground,
) -> None:
    to_a_store(playground)
    settings = "[core]\n    remote = s\n['remote \"s\"']\n    url = ../../remote\n"
    playground.write(".dvc/config.local", settings)
    raw = hashlib.md5((playground.root / "data/raw.csv").read_bytes()).hexdigest()
    name = f"files/md5/{raw[:2]}/{raw[2:]}"
    playground.edit(f".dvc/cache/{name}", b"other")
    statement = attested(playground)
    assert with_data(playground, statement, str(playground.root)).accepted
    (playground.root.parent / "remote" / name).unlink()
    spoilt = with_data(playground, statement, str(playground.root))
    assert spoilt.exit_code == 3
    assert "neither cache nor remote has data/raw.csv" in said(spoilt)[1]


def test_a_digest_that_the_commit_itself_makes_up_shows_in_the_data(
    playground: Playground,
) -> None:
    digest = sha256((playground.root / "data/raw.csv").read_bytes())
    playground.replace("aigf.lock", digest, "0" * 64)
    playground.commit()
    statement = attested(playground)
    assert walked(statement, playground.root, playground.root / MODEL).accepted
    found, detail = said(with_data(playground, statement, str(playground.root)))
    assert found is StepOutcome.FAILED
    assert "the data: prepare input data/raw.csv is mismatched" in detail
    assert "aigf.lock knows the first" in detail


def test_a_commit_that_a_rewritten_history_lost_is_no_yes(playground: Playground) -> None:
    statement = attested(playground)
    playground.git("commit", "--quiet", "--amend", "-m", "rewritten")
    found, detail = said(walked(statement, playground.root, playground.root / MODEL))
    assert found is StepOutcome.FAILED  # its objects are still there, as a fork's would be
    assert "no branch or tag leads to" in detail
    fresh = walked(statement, f"file://{playground.root}", playground.root / MODEL)
    assert fresh.exit_code == 3
    assert "the repository does not have it" in said(fresh)[1]
    playground.git("tag", "kept", statement["predicate"]["source"]["digest"]["gitCommit"])
    assert walked(statement, playground.root, playground.root / MODEL).accepted


def test_a_shallow_clone_serves_for_its_commit_only(playground: Playground, tmp_path: Path) -> None:
    statement = attested(playground)
    url = f"file://{playground.root}"
    playground.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "now"))
    playground.commit("another")
    playground.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "later"))
    model = playground.root / MODEL
    assert walked(statement, tmp_path / "now", model).accepted
    outcome = walked(statement, tmp_path / "later", model)
    assert outcome.exit_code == 3
    assert "a shallow clone without it" in said(outcome)[1]


@pytest.mark.parametrize("name", ["HEAD", "main", "--all", "0" * 39, "3bba59a"])
def test_a_commit_is_named_in_full(honest: tuple[Playground, bytes], name: str) -> None:
    statement = json.loads(honest[1])
    statement["predicate"]["source"]["digest"]["gitCommit"] = name
    found, detail = said(walked(statement, honest[0].root, honest[0].root / MODEL))
    assert found is StepOutcome.FAILED
    assert "the full name of a commit" in detail


def test_a_commit_without_the_project_is_no_yes(playground: Playground) -> None:
    statement = attested(playground)
    playground.replace("aigf.yaml", "scorer", "other")
    playground.commit()
    source = statement["predicate"]["source"]["digest"]
    source["gitCommit"] = playground.git("rev-parse", "HEAD")
    found, detail = said(walked(statement, playground.root, playground.root / MODEL))
    assert found is StepOutcome.FAILED
    assert "names the model 'scorer'" in detail
    playground.git("rm", "--quiet", "governance/policy.yaml")
    playground.replace("aigf.yaml", "other", "scorer")
    playground.commit()
    source["gitCommit"] = playground.git("rev-parse", "HEAD")
    assert said(walked(statement, playground.root, playground.root / MODEL))[0] is (
        StepOutcome.UNDECIDED
    )


def test_nothing_of_the_repository_runs(playground: Playground, tmp_path: Path) -> None:
    statement = attested(playground)
    ran = tmp_path / "ran"
    playground.write(".gitattributes", "* filter=evil diff=evil\n")
    playground.commit()
    statement = attested(playground)
    for key in ("filter.evil.smudge", "filter.evil.clean", "core.fsmonitor", "diff.evil.textconv"):
        playground.git("config", key, f"touch {ran}; cat")
    hook = playground.root / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    for place in (playground.root, f"file://{playground.root}"):
        assert walked(statement, place, playground.root / MODEL).accepted
    assert not ran.exists()


@pytest.mark.parametrize("place", ["nothing", "home", "ssh://git@host/x", "ext::sh -c id"])
def test_what_is_no_repository_is_the_callers_mistake(
    playground: Playground, tmp_path: Path, place: str
) -> None:
    assert playground.root.parent == tmp_path
    where = place if "::" in place or "://" in place else str(tmp_path / place)
    with pytest.raises(InputError):
        judged_repository(where)


def test_an_address_that_cannot_be_cloned_is_undecided_and_its_secrets_stay_hidden(
    honest: tuple[Playground, bytes],
) -> None:
    url = "https://ghp_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2@127.0.0.1:9/x.git"
    outcome = walked(json.loads(honest[1]), url, honest[0].root / MODEL)
    found, detail = said(outcome)
    assert found is StepOutcome.UNDECIDED
    assert "it cannot be cloned" in detail
    assert "a1B2" not in detail


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
    bundle.write_bytes(signed(dumps(with_manifest(statement, _another_parameter))))
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
