"""Pipelines of Kubeflow run for real, by KFP's local runner: what does not pass goes no further."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.digests import sha256
from tests.kfp.environment import Kfp, Ran
from tests.playground import METRICS, MODEL, PACKAGE, Playground
from tests.test_schemas import validator

EXAMPLE = PACKAGE / "examples/kubeflow/pipeline.py"

pytestmark = pytest.mark.slow

POLICY = "governance/policy.yaml"


@dataclass(frozen=True, slots=True)
class Pipelines:
    """A project, and the pipelines that judge it."""

    playground: Playground
    kfp: Kfp

    def check(self, name: str = "checked", *, caching: bool = False, **more: str) -> Ran:
        arguments = {"repository": str(self.playground.root), **more}
        return self.kfp.run(name, self.playground.root.parent / "root", arguments, caching=caching)


@pytest.fixture
def pipelines(playground: Playground, kfp: Kfp) -> Pipelines:
    return Pipelines(playground, kfp)


def found(p: Playground, name: str) -> Path:
    """Return the newest artifact of a name."""
    places = (p.root.parent / "root").glob(f"*/*/{name}")
    return max(places, key=lambda place: place.parent.parent.name)


def spoil(p: Playground) -> None:
    """Commit metrics of a model that is not fair."""
    p.replace(METRICS, "0.9", "0.1")
    p.commit("worse")


@dataclass(frozen=True, slots=True)
class Release:
    """An attested model, and where it is to be deployed."""

    playground: Playground
    kfp: Kfp
    arguments: dict[str, str]

    @property
    def model(self) -> Path:
        return Path(self.arguments["model"])

    @property
    def deployed(self) -> Path:
        return Path(self.arguments["place"])

    def deploy(self, **other: str) -> Ran:
        root = self.playground.root.parent / "root"
        return self.kfp.run("deployed", root, self.arguments | other)


@pytest.fixture
def release(playground: Playground, kfp: Kfp) -> Release:
    return attested(playground, kfp)


def attested(playground: Playground, kfp: Kfp) -> Release:
    folder = playground.root.parent
    playground.aigf("key", "generate", str(folder / "release.key"), "--no-passphrase")
    key = ("--key", str(folder / "release.key"))
    done = playground.aigf("attest", *key, "--output", str(folder / "bundle.json"))
    assert done.returncode == 0, done.stderr
    copy = shutil.copytree if (playground.root / MODEL).is_dir() else shutil.copy
    copy(playground.root / MODEL, folder / "model.bin")
    arguments = {
        "model": str(folder / "model.bin"),
        "bundle": str(folder / "bundle.json"),
        "key": str(folder / "release.pub"),
        "policy_digest": f"sha256:{sha256((playground.root / POLICY).read_bytes())}",
        "place": str(folder / "deployed"),
    }
    return Release(playground, kfp, arguments)


@pytest.fixture
def playground_of_a_directory(playground: Playground) -> Playground:
    """Return a project whose model is a directory."""
    train = f"mkdir -p {MODEL}/sub; echo a > {MODEL}/a; cp data/clean.csv {MODEL}/sub/b\n"
    playground.write("src/train.sh", train)
    playground.dvc("repro", "--quiet")
    playground.aigf("capture")
    playground.commit("a directory")
    return playground


def test_a_commit_that_passes_lets_the_pipeline_go_on_and_its_verdict_is_an_artifact(
    pipelines: Pipelines,
) -> None:
    ran = pipelines.check()
    assert ran.passed, ran.log
    playground = pipelines.playground
    verdict: dict[str, Any] = json.loads(found(playground, "verdict").read_bytes())
    validator("verdict-v1").validate(verdict)
    assert [v["result"] for v in verdict["verdicts"]] == ["passed"]
    told = json.loads(found(playground, "executor_output.json").read_bytes())
    metadata = told["artifacts"]["verdict"]["artifacts"][0]["metadata"]
    digest = sha256((playground.root / POLICY).read_bytes())
    assert metadata.pop("run").isdigit()
    assert metadata == {
        "result": "passed", "models": "scorer", "policyDigest": f"sha256:{digest}",
    }  # fmt: skip


def test_a_checkout_that_another_task_hands_on_is_judged(pipelines: Pipelines) -> None:
    assert pipelines.check("handed-on").passed
    spoil(pipelines.playground)
    ran = pipelines.check("handed-on")
    assert not ran.passed
    assert "scorer is denied" in ran.said


def test_a_denied_commit_fails_the_task_with_one_sentence_and_no_traceback(
    pipelines: Pipelines,
) -> None:
    spoil(pipelines.playground)
    ran = pipelines.check()
    assert not ran.passed
    assert "Traceback" not in ran.log
    assert ran.said.startswith("aigf: scorer is denied: ")
    assert "fairness_score is 0.1 (expected " in ran.said
    assert "\nhint: " in ran.said
    verdict = json.loads(found(pipelines.playground, "verdict").read_bytes())
    assert verdict["verdicts"][0]["result"] == "denied"
    assert pipelines.check(revision="HEAD~1").passed


def test_what_comes_after_a_check_does_not_run_when_it_denies(pipelines: Pipelines) -> None:
    playground = pipelines.playground
    deployed = playground.root.parent / "deployed"
    model, place = str(playground.root / MODEL), str(deployed)
    assert pipelines.check("checked-first", model=model, place=place).passed
    assert deployed.exists()
    deployed.unlink()
    spoil(playground)
    assert not pipelines.check("checked-first", model=model, place=place).passed
    assert not deployed.exists()


def test_what_cannot_be_decided_fails_the_task_too(pipelines: Pipelines) -> None:
    playground = pipelines.playground
    playground.write("dvc.lock", "no: [lock")
    playground.commit("broken")
    for ran in (
        pipelines.check(),
        pipelines.check(revision="nowhere"),
        pipelines.check(repository=f"{playground.root}/nothing"),
    ):
        assert not ran.passed
        assert ran.said.startswith("aigf: "), ran.log
        assert "Traceback" not in ran.log


def test_a_change_does_not_switch_off_the_policy_of_its_base(pipelines: Pipelines) -> None:
    pipelines.playground.replace(METRICS, "0.9", "0.1")
    pipelines.playground.write(POLICY, "required_metrics: {p95_latency_ms_max: 500}\n")
    pipelines.playground.commit("and nobody will know")
    assert pipelines.check().passed
    assert not pipelines.check(base="HEAD~1").passed


def test_an_old_pass_is_used_again_by_the_bare_component_and_never_by_ours(
    pipelines: Pipelines,
) -> None:
    assert pipelines.check("cached", caching=True).passed
    assert pipelines.check(caching=True).passed
    spoil(pipelines.playground)
    stale = pipelines.check("cached", caching=True)
    assert stale.passed
    assert "Executing task" not in stale.log
    ours = pipelines.check(caching=True)
    assert not ours.passed
    assert "scorer is denied" in ours.said


def test_modules_that_lie_in_the_judged_repository_are_not_ours(pipelines: Pipelines) -> None:
    spoil(pipelines.playground)
    pipelines.playground.write("aigf_dvc/__init__.py", "")
    pipelines.playground.write("aigf_dvc/__main__.py", "raise SystemExit(0)\n")
    ran = pipelines.check()
    assert not ran.passed
    assert "scorer is denied" in ran.said


def test_the_very_bytes_that_were_verified_are_deployed(release: Release) -> None:
    ran = release.deploy()
    assert ran.passed, ran.log
    assert release.deployed.read_bytes() == release.model.read_bytes()
    verdict = json.loads(found(release.playground, "verdict").read_bytes())
    assert verdict["accepted"] is True


def test_a_directory_is_passed_on_as_a_directory(
    playground_of_a_directory: Playground, kfp: Kfp
) -> None:
    release = attested(playground_of_a_directory, kfp)
    ran = release.deploy()
    assert ran.passed, ran.log
    deployed = sorted(p.relative_to(release.deployed) for p in release.deployed.rglob("*"))
    assert deployed == [Path("a"), Path("sub"), Path("sub/b")]
    (release.model / "sub/more").touch()
    shutil.rmtree(release.deployed)
    assert not release.deploy().passed
    assert not release.deployed.exists()


def test_a_trust_file_says_who_may_attest(release: Release) -> None:
    trust = release.playground.root.parent / "trust.yaml"
    key = release.arguments["key"]
    release.playground.aigf("trust", "init", str(trust))
    add = ("trust", "add", str(trust), "release", "--service", "--key", key, "--role", "attest")
    assert release.playground.aigf(*add).returncode == 0
    ran = release.deploy(key="", trust=str(trust))
    assert ran.passed, ran.log
    release.deployed.unlink()
    other = trust.read_text().replace("attest", "observe")
    trust.write_text(other)
    assert not release.deploy(key="", trust=str(trust)).passed
    assert not release.deployed.exists()


def test_the_example_deploys_what_is_attested_and_nothing_else(
    release: Release, tmp_path: Path
) -> None:
    p, told = release.playground, release.arguments
    trust = tmp_path / "mounted/trust.yaml"
    trust.parent.mkdir()
    p.aigf("trust", "init", str(trust))
    add = ("trust", "add", str(trust), "r", "--service", "--key", told["key"], "--role", "attest")
    assert p.aigf(*add).returncode == 0
    demand = f"demands: {{policies: ['{told['policy_digest']}']}}\n"
    trust.write_text(trust.read_text() + demand)
    mounted = EXAMPLE.read_text().replace('"/project"', repr(str(p.root)))
    example = tmp_path / "example.py"
    example.write_text(mounted.replace('"/etc/aigf/trust.yaml"', repr(str(trust))))
    of_run = {name: told[name] for name in ("model", "bundle")} | {"commit": "HEAD"}
    ran = release.kfp.run("deploy_scorer", tmp_path / "root", of_run, file=example)
    assert ran.passed, ran.log
    assert "deploying " in ran.log
    spoil(p)
    ran = release.kfp.run("deploy_scorer", tmp_path / "root", of_run, file=example)
    assert not ran.passed
    assert "scorer is denied" in ran.said
    assert "deploying " not in ran.log
    of_run |= {"commit": "HEAD~1", "model": str(p.root / METRICS)}
    ran = release.kfp.run("deploy_scorer", tmp_path / "root", of_run, file=example)
    assert not ran.passed
    assert "aigf: scorer passed the policy " in ran.said
    assert "refused at step " in ran.said
    assert "deploying " not in ran.log


def test_a_list_that_is_named_and_not_there_cannot_be_decided(release: Release) -> None:
    folder = release.playground.root.parent / "lists"
    folder.mkdir()
    key = release.arguments["key"]
    for named in (
        {"revocations": str(folder), "revocation_key": key},
        {"releases": str(folder), "release_key": key},
    ):
        ran = release.deploy(**named)
        assert not ran.passed, named
        assert f"aigf: {release.model}: undecided at step " in ran.said
        assert not release.deployed.exists()


def test_a_tampered_model_is_not_deployed(release: Release) -> None:
    data = bytearray(release.model.read_bytes())
    data[0] ^= 1
    release.model.write_bytes(data)
    ran = release.deploy()
    assert not ran.passed
    assert ran.said.startswith(f"aigf: {release.model}: refused at step ")
    assert "the statement is about" in ran.said
    assert "Traceback" not in ran.log
    assert not release.deployed.exists()
    assert not list(release.playground.root.parent.glob("root/*/*/governed*"))


def test_nothing_is_deployed_without_a_yes(release: Release) -> None:
    other = sha256(b"another policy")
    for name, value, said in (
        ("bundle", "missing.json", "aigf: missing.json: no such file"),
        ("bundle", "", "Say where the attestation is"),
        ("key", "missing.pub", "aigf: missing.pub: no such file"),
        ("environment", "staging", "not for 'staging'"),
        ("policy_digest", f"sha256:{other}", "policy"),
        ("policy_digest", "", "policy"),
    ):
        ran = release.deploy(**{name: value})
        assert not ran.passed, (name, value)
        assert said in ran.log, ran.log
        assert "Traceback" not in ran.log, ran.log
        assert not release.deployed.exists()
