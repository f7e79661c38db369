"""The data behind an attested lineage is read, from caches and remotes, and held to the commit."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.digests import sha256
from tests.actions.test_attest import DIRECTORY
from tests.actions.walking import attested, honest_project, said, to_a_store, walked, with_data
from tests.playground import METRICS, MODEL, Playground


@pytest.fixture(scope="module")
def honest(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Playground, bytes]:
    return honest_project(template, tmp_path_factory.mktemp("honest"))


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
