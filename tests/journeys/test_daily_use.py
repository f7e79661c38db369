"""What a team meets from day to day, through the real command."""

import json

from tests.playground import MODEL, Playground


def deny(playground: Playground) -> None:
    """Let the pipeline measure a model that is not fair."""
    playground.replace("src/evaluate.sh", '"fairness_score": 0.9', '"fairness_score": 0.5')


def test_a_second_init_never_touches_a_policy_that_is_there(playground: Playground) -> None:
    before = playground.read("governance/policy.yaml")
    playground.replace("src/train.sh", "echo model", "echo another")
    said = playground.aigf("init", "--no-hook").stdout
    assert playground.read("governance/policy.yaml") == before
    assert "is denied" in said


def test_a_first_init_gives_old_locks_thirty_days(playground: Playground) -> None:
    for path in ("governance/policy.yaml", "aigf.yaml"):
        (playground.root / path).unlink()
    playground.replace("src/train.sh", "echo model", "echo another")
    said = playground.aigf("init", "--no-hook").stdout
    assert "effective_from" in playground.read("governance/policy.yaml")
    assert "as a warning until" in said


def test_init_names_a_model_that_nobody_governs(playground: Playground) -> None:
    playground.replace(
        "dvc.yaml", "  evaluate:", "  other:\n    cmd: x\n    outs: [models/b.pkl]\n  evaluate:"
    )
    said = playground.aigf("init", "--no-hook")
    assert "models/b.pkl looks like a model" in said.stdout + said.stderr


def test_repro_is_denied_even_when_dvc_has_nothing_to_do(playground: Playground) -> None:
    deny(playground)
    assert playground.aigf("repro").returncode == 1
    again = playground.aigf("repro")
    assert again.returncode == 1
    assert "fairness_score is 0.5" in again.stdout


def test_one_stage_alone_is_not_judged(playground: Playground) -> None:
    deny(playground)
    assert playground.aigf("repro", "evaluate").returncode == 0


def test_an_experiment_is_kept_but_no_other_gate_opens_for_its_variables(
    playground: Playground,
) -> None:
    playground.write("metrics.json", '{"fairness_score": 0.1, "p95_latency_ms": 1}')
    playground.commit()
    experiment = {"DVC_STAGE": "governance", "DVC_EXP_NAME": "brave-bear"}
    assert playground.aigf("check", extra=experiment).returncode == 0
    for gate in (("--rev", "HEAD"), ("--at", "deploy"), ("--at", "push")):
        assert playground.aigf("check", *gate, extra=experiment).returncode == 1
    (playground.root / "dvc.lock").write_text("[")
    assert playground.aigf("check", extra=experiment).returncode == 3


def test_metrics_made_together_with_the_model_are_about_it(playground: Playground) -> None:
    playground.write(
        "dvc.yaml",
        "stages:\n  train:\n    cmd: sh src/prepare.sh && sh src/train.sh && sh src/evaluate.sh\n"
        "    deps: [data/raw.csv, src]\n    outs: [models/model.bin]\n"
        "    metrics: [{metrics.json: {cache: false}}]\n",
    )
    playground.git("rm", "--quiet", "--cached", "metrics.json")
    assert playground.aigf("repro").returncode == 0


def test_edited_data_is_seen_by_check(playground: Playground) -> None:
    playground.edit_keeping_size_and_mtime("data/raw.csv")
    done = playground.aigf("check")
    assert done.returncode == 1
    assert "data/raw.csv is mismatched" in " ".join(done.stdout.split())


def test_warnings_are_said_aloud_where_the_model_is_accepted(playground: Playground) -> None:
    playground.replace(
        "governance/policy.yaml",
        "metric: fairness_score",
        "severity: warn\n    metric: fairness_score",
    )
    playground.replace("src/evaluate.sh", '"fairness_score": 0.9', '"fairness_score": 0.5')
    assert playground.aigf("repro").returncode == 0
    playground.commit()
    key = playground.root.parent / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    bundle = playground.root.parent / "bundle.json"
    attested = playground.aigf("attest", "--key", str(key), "--output", str(bundle))
    assert attested.returncode == 0
    verify = ("verify", MODEL, "--bundle", str(bundle), "--key", str(key.with_suffix(".pub")))
    for policy in (("--any-policy",), ("--policy", "governance/policy.yaml")):
        done = playground.aigf(*verify, *policy)
        assert done.returncode == 0, done.stdout
        assert "only WARNED: 'fairness'" in " ".join(done.stdout.split())
    assert "WARNED: fairness" in playground.aigf("show", str(bundle)).stdout


def test_show_gives_one_json_document_for_several_bundles(playground: Playground) -> None:
    key = playground.root.parent / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    both = playground.root.parent / "both.jsonl"
    for name in ("a", "b"):
        one = playground.root.parent / name
        assert playground.aigf("attest", "--key", str(key), "--output", str(one)).returncode == 0
        with both.open("ab") as file:
            file.write(one.read_bytes().strip() + b"\n")
    assert len(json.loads(playground.aigf("show", str(both), "--format", "json").stdout)) == 2


def test_of_several_attestations_the_one_that_got_furthest_is_shown(playground: Playground) -> None:
    key = playground.root.parent / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    for environment in ("staging", "production"):
        done = playground.aigf("attest", "--key", str(key), "--environment", environment)
        assert done.returncode == 0, done.stderr
    done = playground.aigf(
        "verify", MODEL, "--from", "git", "--key", str(key.with_suffix(".pub")),
        "--policy-digest", "sha256:" + "0" * 64,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.count("REFUSED") == 1
    assert "REFUSED at step 7, policy" in done.stdout
    assert "None of 2 attestations is accepted" in done.stdout


def test_a_wrong_file_as_a_bundle_is_named(playground: Playground) -> None:
    done = playground.aigf("show", "metrics.json")
    assert done.returncode == 2
    assert "metrics.json: not a Sigstore bundle" in done.stderr
