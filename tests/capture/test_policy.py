"""A policy of several files in a real project: checked, pushed, attested, verified."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.judge_again import _attested_policy
from aigf_dvc.attestation.deployment import evidence_item
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from tests.attestation.builders import a_deployment
from tests.playground import METRICS, MODEL, Playground, statement_of

POLICY = "governance/policy.yaml"
LIMITS = "governance/shared/limits.yaml"
LIMITS_TEXT = """\
rules:
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.8}
"""


def root(org: str, limits: str) -> str:
    return (
        'id: project\nversion: "1"\n'
        f'extends: {{path: org.yaml, sha256: "{sha256(org.encode())}"}}\n'
        f'includes: [{{path: shared/limits.yaml, sha256: "{sha256(limits.encode())}"}}]\n'
    )


@pytest.fixture
def project(playground: Playground) -> Playground:
    org = playground.read(POLICY).replace("id: fairness", "id: fair")
    playground.write("governance/org.yaml", org)
    playground.write(LIMITS, LIMITS_TEXT)
    playground.write(POLICY, root(org, LIMITS_TEXT))
    playground.commit("a policy of three files")
    return playground


def test_the_working_tree_and_a_commit_are_each_judged_by_their_own_parts(
    project: Playground,
) -> None:
    project.replace(METRICS, "0.9", "0.1")
    outcome = project.aigf("check")
    assert outcome.returncode == 1
    assert "fairness (metric)" in outcome.stdout
    assert project.aigf("check", "--rev", "HEAD").returncode == 0
    project.replace(LIMITS, "0.8", "0.95")
    assert "has the SHA-256" in project.aigf("check").stderr
    assert project.aigf("check", "--rev", "HEAD").returncode == 0
    (project.root / LIMITS).unlink()
    refused = project.aigf("check")
    assert refused.returncode == 2
    assert f"{POLICY}:4:" in refused.stderr


def test_an_attestation_carries_the_parts_and_a_verifier_reads_its_own(
    project: Playground, tmp_path: Path
) -> None:
    (tmp_path / "deploy").mkdir()
    made = project.aigf("key", "generate", str(tmp_path / "k.pem"), "--no-passphrase")
    assert made.returncode == 0, made.stderr
    bundle = tmp_path / "b.sigstore.json"
    made = project.aigf("attest", "--key", str(tmp_path / "k.pem"), "--output", str(bundle))
    assert made.returncode == 0, made.stderr
    predicate = statement_of(bundle.read_bytes())["predicate"]
    assert isinstance(predicate, dict)
    names = {item["name"]: item["digest"]["sha256"] for item in predicate["evidence"]}
    for path in (POLICY, "governance/org.yaml", LIMITS):
        assert names[path] == sha256((project.root / path).read_bytes())

    def verified(folder: Path) -> tuple[int, str]:
        key = str(tmp_path / "k.pub")
        outcome = project.aigf(
            "verify", MODEL, "--bundle", str(bundle), "--key", key,
            "--policy", str(folder / "policy.yaml"),
        )  # fmt: skip
        return outcome.returncode, outcome.stdout + outcome.stderr

    code, said = verified(project.root / "governance")
    assert code == 0, said
    (tmp_path / "deploy/policy.yaml").write_bytes((project.root / POLICY).read_bytes())
    code, said = verified(tmp_path / "deploy")
    assert code == 2
    assert 'there is no part "org.yaml"' in said


def test_the_policy_that_an_attestation_carries_has_its_parts() -> None:
    limits = b"rules: [{id: fair, kind: metric, metric: f, min: 0.8}]\n"
    root = f'id: p\nversion: "1"\nincludes: [{{path: a.yaml, sha256: "{sha256(limits)}"}}]\n'
    items = [
        evidence_item("governance/policy.yaml", "application/yaml", root.encode()),
        evidence_item("governance/a.yaml", "application/yaml", limits),
    ]
    carrying = a_deployment(policy_evidence="governance/policy.yaml", evidence=tuple(items))
    assert _attested_policy(carrying, {}).rules[0].id == "fair"
    beside = replace(carrying, evidence=(items[0], replace(items[1], content=None)))
    assert _attested_policy(beside, {sha256(limits): limits}).rules[0].id == "fair"
    for lacking in (replace(carrying, evidence=(items[0],)), beside):
        with pytest.raises(UndecidedError):
            _attested_policy(lacking, {})


def test_a_part_that_leads_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(LIMITS_TEXT)
    folder = tmp_path / "governance"
    folder.mkdir()
    (folder / "limits.yaml").symlink_to("../secret.yaml")
    digest = sha256(LIMITS_TEXT.encode())
    text = f'id: p\nversion: "1"\nincludes: [{{path: limits.yaml, sha256: "{digest}"}}]\n'
    with pytest.raises(UndecidedError, match="leads out"):
        folder_policy(text.encode(), folder / "policy.yaml")


def test_a_part_of_a_policy_file_lies_in_its_folder_wherever_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limits.yaml").write_text(LIMITS_TEXT)
    digest = sha256(LIMITS_TEXT.encode())
    text = f'id: p\nversion: "1"\nincludes: [{{path: limits.yaml, sha256: "{digest}"}}]\n'
    monkeypatch.chdir(tmp_path)
    for path in (Path("policy.yaml"), tmp_path / "policy.yaml"):
        assert folder_policy(text.encode(), path).rules[0].id == "fairness"
    with pytest.raises(InputError, match="there is no part"):
        folder_policy(text.encode(), Path("elsewhere/policy.yaml"))


def test_a_part_that_is_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "limits.yaml")
    text = f'id: p\nversion: "1"\nincludes: [{{path: limits.yaml, sha256: "{"0" * 64}"}}]\n'
    with pytest.raises(UndecidedError):
        folder_policy(text.encode(), tmp_path / "policy.yaml")
