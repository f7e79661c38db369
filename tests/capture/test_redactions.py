"""`aigf capture` tells what it redacted, and where."""

import json
from pathlib import Path

from aigf_dvc.signing.private_keys import generate_key
from tests.playground import Playground
from tests.redaction_corpus import GITHUB

ADDRESS = "https://jane:hunter2" + "@127.0.0.1:9/raw.csv"


def leak(playground: Playground) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        playground.replace(file, "cmd: sh src/train.sh", f"cmd: sh src/train.sh --token={GITHUB}")
    playground.replace("dvc.lock", "train.depth: 3", "train.depth: 3\n        db_password: hunter2")
    playground.replace("data/raw.csv.dvc", "outs:", f"deps:\n- path: {ADDRESS}\n  etag: abc\nouts:")
    playground.commit()


def test_nothing_is_said_when_nothing_was_redacted(playground: Playground) -> None:
    outcome = playground.aigf("capture", "--fail-on-secret", "--format", "json")
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["redactions"] == []
    assert "redacted" not in outcome.stderr


def test_the_rule_and_the_place_of_each_secret_are_said_and_the_secret_is_not(
    playground: Playground,
) -> None:
    leak(playground)
    outcome = playground.aigf("capture", "--rev", "HEAD", "--format", "json")
    assert outcome.returncode == 0, outcome.stderr
    assert GITHUB not in outcome.stdout + outcome.stderr
    assert "hunter2" not in outcome.stdout + outcome.stderr
    assert json.loads(outcome.stdout)["redactions"] == [
        {"rule": "user-info", "where": "data/raw.csv.dvc, the address of data"},
        {"rule": "github-token", "where": "dvc.yaml stage train, command"},
        {"rule": "secret-name", "where": "params.yaml:db_password (stage train)"},
    ]
    assert outcome.stderr.splitlines()[-1] == (
        "redacted 3 values: user-info in data/raw.csv.dvc, the address of data; "
        "github-token in dvc.yaml stage train, command; "
        "secret-name in params.yaml:db_password (stage train)"
    )


def test_fail_on_secret_leaves_with_one(playground: Playground) -> None:
    leak(playground)
    assert playground.aigf("capture", "--rev", "HEAD").returncode == 0
    assert playground.aigf("capture", "--rev", "HEAD", "--fail-on-secret").returncode == 1


def test_what_is_left_out_of_an_attestation_is_said_and_can_stop_it(
    playground: Playground, tmp_path: Path
) -> None:
    leak(playground)
    (tmp_path / "release.key").write_bytes(generate_key(None)[0])
    arguments = ("attest", "--rev", "HEAD", "--key", str(tmp_path / "release.key"))
    refused = playground.aigf(*arguments, "--fail-on-secret")
    assert refused.returncode == 1
    assert "github-token in dvc.yaml stage train, command" in refused.stderr
    assert "3 values look like secrets" in refused.stderr
    assert playground.git("for-each-ref", "refs/aigf") == ""
    signed = playground.aigf(*arguments, "--format", "json")
    assert len(json.loads(signed.stdout)["redactions"]) == 3
    assert GITHUB not in signed.stdout + signed.stderr + refused.stderr + refused.stdout
