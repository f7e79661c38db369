"""Who observed a run is a question of its own: a GPU box signs runs, others attest and deploy."""

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigf_dvc.capture.run_records import FOLDER
from aigf_dvc.signing.keys import fingerprint as fingerprint_of
from aigf_dvc.signing.keys import load_public_key
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.git_ref import REF, GitRefStore
from aigf_dvc.stores.layout import BUNDLE, Stored
from tests.local_sigstore.server import LocalSigstore
from tests.playground import METRICS, MODEL, Playground, copy, environment, statement_of
from tests.signing.by_key import sign_statement

pytestmark = pytest.mark.slow

ISSUER = "https://issuer.test.example"
BOX = "https://github.com/acme/gpu/.github/workflows/train.yml@refs/heads/main"
STAGES = {"prepare", "train", "evaluate"}


@pytest.fixture(scope="module")
def finished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages ran on the box, observed and signed there; its policy demands that."""
    folder = tmp_path_factory.mktemp("box")
    place = copy(template, folder / "project")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        for name in ("box", "release", "other"):
            place.aigf("key", "generate", str(folder / f"{name}.key"), "--no-passphrase")
        place.replace("governance/policy.yaml", "min_trust: declared", "min_trust: observed")
        done = place.aigf("repro", "--force", "--sign", "--key", str(folder / "box.key"))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "signed: prepare, train, evaluate" in done.stderr
        place.commit("train")
    return folder


@pytest.fixture
def box(finished: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    shutil.copytree(finished, tmp_path / "box", symlinks=True)
    return Playground(tmp_path / "box/project")


def key(place: Playground, name: str) -> str:
    return str(place.root.parent / name)


def elsewhere(box: Playground, to: Path) -> Playground:
    """A fresh clone with the model and the attestations, and none of the box's own state."""
    clone = box.clone(to / "project")
    for name in ("box.pub", "release.key", "release.pub", "other.key", "other.pub"):
        shutil.copy(box.root.parent / name, to / name)
    clone.write(MODEL, (box.root / MODEL).read_bytes())
    clone.aigf("pull", str(box.root))
    assert not (clone.root / ".aigf/runs").exists()
    return clone


def attest(place: Playground, *more: str) -> str:
    done = place.aigf("attest", "--key", key(place, "release.key"), *more)
    return f"{done.returncode} {' '.join(done.stdout.split())} {done.stderr}"


def verify(place: Playground, *more: str, policy: str = "--any-policy") -> str:
    done = place.aigf(
        "verify", MODEL, "--from", "git", "--key", key(place, "release.pub"), policy, *more
    )
    return f"{done.returncode} {' '.join(done.stdout.split())}"


def fingerprint(place: Playground, name: str) -> str:
    file = place.root.parent / name
    return fingerprint_of(load_public_key(file.read_bytes(), where=name))


def test_a_squash_merge_keeps_the_runs_that_a_box_signed(box: Playground, tmp_path: Path) -> None:
    box.git("checkout", "--quiet", "-b", "squashed", "HEAD~1")
    box.write("unrelated.txt", "another commit in between\n")
    box.commit("unrelated")
    box.git("merge", "--quiet", "--squash", "main")
    box.commit("all of it")
    clone = elsewhere(box, tmp_path)
    assert clone.git("rev-parse", "HEAD") not in box.git("log", "--format=%H", "main")
    said = attest(clone, "--observer-key", key(clone, "box.pub"))
    assert said.startswith("0 "), said
    accepted = verify(clone, "--observer-key", key(clone, "box.pub"))
    assert accepted.startswith("0 "), accepted
    assert f"the lineage is observed by {fingerprint(clone, 'box.pub')}" in accepted
    assert verify(clone).startswith("0 ")
    assert "the lineage is observed, by the word of the attester" in verify(clone)


def test_the_attestation_carries_the_signed_records_and_who_signed(box: Playground) -> None:
    attest(box, "--observer-key", key(box, "box.pub"), "--output", key(box, "b.json"))
    predicate: Any = statement_of((box.root.parent / "b.json").read_bytes())["predicate"]
    stages = {stage["name"]: stage for stage in predicate["lineageVerification"]["stages"]}
    assert stages.keys() == STAGES
    evidence = {item["digest"]["sha256"]: item for item in predicate["evidence"]}
    for stage in stages.values():
        assert stage["observer"] == fingerprint(box, "box.pub")
        item = evidence[stage["runRecord"]["sha256"]]
        assert item["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
        run: Any = statement_of(b64decode(item["content"]))
        assert run["predicateType"].endswith("/run-record/v1")
        assert run["predicate"]["stage"] == stage["name"]


def test_whoever_is_not_trusted_to_observe_does_not_count(box: Playground, tmp_path: Path) -> None:
    clone = elsewhere(box, tmp_path)
    for arguments in ((), ("--observer-key", key(clone, "other.pub"))):
        said = attest(clone, *arguments)
        assert said.startswith("1 "), said
        assert "stage train is only declared" in said
    assert attest(clone, "--observer-key", key(clone, "box.pub")).startswith("0 ")
    # The attester is trusted to attest, and is no observer; the observer is no attester.
    as_observer = verify(clone, "--observer-key", key(clone, "release.pub"))
    assert as_observer.startswith("1 "), as_observer
    assert "REFUSED at step 9, trust" in as_observer
    assert "'train'" in as_observer
    refused = clone.aigf(
        "verify", MODEL, "--from", "git", "--key", key(clone, "box.pub"), "--any-policy"
    )
    assert refused.returncode == 1
    assert "REFUSED at step 2, signature" in refused.stdout


def test_records_that_nobody_signed_count_by_the_word_of_the_attester_only(
    box: Playground,
) -> None:
    for bundle in (box.root / FOLDER).glob("*.sigstore.json"):
        bundle.unlink()
    assert attest(box).startswith("0 ")
    assert "observed, by the word of the attester" in verify(box)
    refused = verify(box, "--observer-key", key(box, "box.pub"))
    assert refused.startswith("1 ")
    assert "its run record is not signed" in refused
    aloud = verify(box, "--observer-key", key(box, "box.pub"), "--min-trust", "declared")
    assert aloud.startswith("0 ")
    assert "the lineage is declared: 'train'" in aloud


def test_the_deployers_policy_is_judged_by_the_deployers_observers(box: Playground) -> None:
    assert attest(box).startswith("0 ")
    policy = ("--policy", "governance/policy.yaml")
    key_options = ("verify", MODEL, "--from", "git", "--key", key(box, "release.pub"), *policy)
    assert box.aigf(*key_options).returncode == 0
    assert box.aigf(*key_options, "--observer-key", key(box, "box.pub")).returncode == 0
    for more in ((), ("--min-trust", "declared")):
        done = box.aigf(*key_options, "--observer-key", key(box, "other.pub"), *more)
        assert done.returncode == 1
        assert "stage train is only declared" in " ".join(done.stdout.split())


def test_machines_are_told_the_level_that_was_judged(box: Playground) -> None:
    assert attest(box).startswith("0 ")
    options = ("verify", MODEL, "--from", "git", "--key", key(box, "release.pub"), "--any-policy",
               "--min-trust", "declared", "--format", "json")  # fmt: skip

    def level(*more: str) -> object:
        return json.loads(box.aigf(*options, *more).stdout)["verifications"][0]["trustLevel"]

    assert level() == "observed"
    assert level("--observer-key", key(box, "box.pub")) == "observed"
    assert level("--observer-key", key(box, "other.pub")) == "declared"


def _swapped_model(place: Playground) -> None:
    place.write(MODEL, "another model\n")
    place.git("rm", "--quiet", "--cached", "-r", "--ignore-unmatch", MODEL)
    place.dvc("commit", "--force", "--quiet")


def _edited_metric(place: Playground) -> None:
    place.write(METRICS, '{"fairness_score": 0.99, "p95_latency_ms": 1}\n')
    place.dvc("commit", "--force", "--quiet")


@pytest.mark.parametrize("forge", [_swapped_model, _edited_metric])
@pytest.mark.parametrize("observers", [(), ("--observer-key", "box.pub")])
def test_a_forged_lock_stays_declared_and_the_policy_refuses_it(
    box: Playground, forge: Callable[[Playground], None], observers: tuple[str, ...]
) -> None:
    forge(box)
    box.aigf("capture")
    box.commit("forged")
    assert "up to date" in box.dvc("status")
    named = tuple(key(box, part) if part.endswith(".pub") else part for part in observers)
    said = attest(box, *named)
    assert said.startswith("1 "), said
    assert "is only declared" in said
    assert "every stage observed or stronger" in said


def bundles(place: Playground) -> dict[str, Stored]:
    """Return the signed runs of the store, by the stage that they are about."""
    store = GitRefStore(place.root)
    found = {}
    for file in (place.root / FOLDER).glob("*.sigstore.json"):
        for item in store.find(sha256_of_name(file)):
            run: Any = statement_of(item.data)
            found[run["predicate"]["stage"]] = item
    return found


def sha256_of_name(file: Path) -> Any:  # noqa: ANN401  # a Sha256 that the test does not check
    return file.name.partition(".")[0]


def _replayed(stored: Stored, others: dict[str, Stored]) -> bytes:
    """The signed record of another stage, under this one's key."""
    return next(item.data for item in others.values() if item.model != stored.model)


def _changed(stored: Stored, _others: dict[str, Stored]) -> bytes:
    """This stage's record with other outputs in it, and the signature as it was."""
    document = json.loads(stored.data)
    payload = b64decode(document["dsseEnvelope"]["payload"])
    edited = payload.replace(b'"exitCode":0', b'"exitCode": 0')
    assert edited != payload
    document["dsseEnvelope"]["payload"] = b64encode(edited).decode()
    return json.dumps(document).encode()


def _signed_by_another(stored: Stored, _others: dict[str, Stored]) -> bytes:
    payload = b64decode(json.loads(stored.data)["dsseEnvelope"]["payload"])
    return sign_statement(payload, load_private_key(generate_key(None)[0], None, where="key"))


def _no_bundle(_stored: Stored, _others: dict[str, Stored]) -> bytes:
    return b"{}"


@pytest.mark.parametrize("forge", [_replayed, _changed, _signed_by_another, _no_bundle])
def test_a_forged_bundle_in_the_store_does_not_count(
    box: Playground, forge: Callable[[Stored, dict[str, Stored]], bytes]
) -> None:
    found = bundles(box)
    assert found.keys() == STAGES
    train = found["train"]
    box.git("update-ref", "-d", REF)
    forged = Stored(model=train.model, ending=BUNDLE, data=forge(train, found))
    others = tuple(item for item in found.values() if item is not train)
    GitRefStore(box.root).add((forged, *others))
    said = attest(box, "--observer-key", key(box, "box.pub"))
    assert said.startswith("1 "), said
    assert "stage train is only declared" in said
    GitRefStore(box.root).add((train,))
    assert attest(box, "--observer-key", key(box, "box.pub")).startswith("0 ")


def test_signed_records_that_are_missing_beside_the_bundle_leave_it_undecided(
    box: Playground, tmp_path: Path
) -> None:
    box.replace("params.yaml", "depth: 3", f"depth: {'x' * 20_000}")  # too large for a statement
    assert box.aigf("repro", "--sign", "--key", key(box, "box.key")).returncode == 0
    box.commit("deep")
    store, bundle = tmp_path / "store", tmp_path / "b.json"
    by = ("--observer-key", key(box, "box.pub"))
    said = attest(box, *by, "--to", str(store), "--output", str(bundle))
    assert said.startswith("0 "), said
    options = ("--key", key(box, "release.pub"), "--any-policy", *by)
    complete = box.aigf("verify", MODEL, "--from", str(store), *options)
    assert complete.returncode == 0, complete.stdout
    alone = box.aigf("verify", MODEL, "--bundle", str(bundle), *options)
    assert alone.returncode == 3, alone.stdout
    assert "UNDECIDED at step 9, trust" in alone.stdout
    evidence = list(store.rglob("*.evidence"))
    assert evidence
    for file in evidence:
        file.write_bytes(file.read_bytes().replace(b"sig", b"gis"))
    assert box.aigf("verify", MODEL, "--from", str(store), *options).returncode == 3


def test_an_identity_observes(box: Playground) -> None:
    with LocalSigstore(issuer=ISSUER) as sigstore:
        config, root = key(box, "config.json"), key(box, "root.json")
        Path(config).write_text(json.dumps(sigstore.trust_config(rekor=2)))
        Path(root).write_text(json.dumps(sigstore.trusted_root()))
        shutil.rmtree(box.root / FOLDER)
        done = box.aigf(
            "repro", "--force", "--sign", "--keyless", "--trust-config", config,
            extra={"AIGF_IDENTITY_TOKEN": sigstore.token(BOX)},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert sigstore.errors == []
    box.commit("again")
    by = ("--observer-identity", BOX, "--observer-issuer", ISSUER, "--trusted-root", root)
    assert attest(box, *by).startswith("0 ")
    accepted = verify(box, *by)
    assert accepted.startswith("0 "), accepted
    assert f"observed by {BOX}" in accepted
    for other in (
        ("--observer-identity", BOX.replace("acme", "evil"), *by[2:]),
        (*by[:2], "--observer-issuer", "https://issuer.evil.example", *by[4:]),
        ("--observer-key", key(box, "box.pub")),
    ):
        assert "REFUSED at step 9, trust" in verify(box, *other)
    with LocalSigstore(issuer=ISSUER) as another:
        Path(root).write_text(json.dumps(another.trusted_root()))
    assert "REFUSED at step 9, trust" in verify(box, *by)


def test_half_an_identity_is_wrong_usage(box: Playground) -> None:
    done = box.aigf("attest", "--key", key(box, "release.key"), "--observer-identity", BOX)
    assert done.returncode == 2
    assert "--observer-issuer" in done.stderr


def test_files_alone_have_no_run_to_be_observed(box: Playground) -> None:
    files = ("--card", "MODEL_CARD.md", "--metrics", METRICS, "--policy", "governance/policy.yaml")
    done = box.aigf("check", *files, "--observer-key", key(box, "box.pub"))
    assert done.returncode == 2
    assert "no run to be observed" in done.stderr
