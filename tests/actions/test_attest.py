"""What is signed is what passed, from the commit, about the bytes that are here."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, InputError, RefusedError
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.hashing.hash_worker import identity
from aigf_dvc.policy.verdict import Result
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.git_ref import REF
from tests.playground import METRICS, MODEL, Playground, statement_of
from tests.security.test_forged_run_records import forge
from tests.signing.by_key import sign_statement

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DIRECTORY = """\
stages:
  train:
    cmd: mkdir -p net; echo w > net/weights; echo v > net/vocabulary
    outs: [net]
"""


@pytest.fixture
def keys(tmp_path: Path, home: Path) -> tuple[Path, Path]:  # noqa: ARG001  # it is set up
    private, public = generate_key(None)
    (tmp_path / "release.key").write_bytes(private)
    (tmp_path / "release.pub").write_bytes(public)
    return tmp_path / "release.key", tmp_path / "release.pub"


def order(
    playground: Playground,
    *,
    models: tuple[str, ...] = (),
    revision: str | None = None,
    environment: str | None = None,
) -> tuple[Order, list[bytes]]:
    """Return an order, and the list of what its signer was given."""
    private = load_private_key(generate_key(None)[0], None, where="key")
    given: list[bytes] = []

    def sign(payload: bytes) -> bytes:
        given.append(payload)
        return sign_statement(payload, private)

    place = Order(
        project=playground.project,
        sign=sign,
        store=FolderStore(playground.root.parent / "store"),
        at=AT,
        models=models,
        revision=revision,
        environment=environment,
    )
    return place, given


def one(attested: tuple[Attested, ...]) -> Attested:
    (found,) = attested
    return found


def stored(playground: Playground) -> list[Path]:
    return [p for p in (playground.root.parent / "store").rglob("*") if p.is_file()]


def test_a_passing_model_is_signed_and_stored_with_its_commit_and_digest(
    playground: Playground,
) -> None:
    work, given = order(playground, environment="staging")
    found = one(attest(work))
    assert found.verdict.result is Result.PASSED
    assert found.bundle is not None
    statement = statement_of(found.bundle)
    assert json.loads(given[0]) == statement
    model = sha256((playground.root / MODEL).read_bytes())
    assert statement["subject"] == [{"name": MODEL, "digest": {"sha256": model}}]
    predicate = statement["predicate"]
    assert isinstance(predicate, dict)
    head = playground.git("rev-parse", "HEAD")
    assert predicate["source"] == {
        "uri": None, "digest": {"gitCommit": head}, "ref": "refs/heads/main",
        "protectedBranches": ["main"],
    }  # fmt: skip
    assert predicate["environment"] == "staging"
    assert predicate["lineage"]["digest"]["sha256"] == sha256(playground.manifest("HEAD"))
    assert (playground.root.parent / "store" / found.stored).read_bytes() == found.bundle


def _swapped(p: Playground) -> None:
    p.edit_keeping_size_and_mtime(MODEL)


def _known_by_another_digest(p: Playground) -> None:
    digest = sha256((p.root / MODEL).read_bytes())
    p.replace("aigf.lock", digest, "0" * 64)
    p.commit()


def _not_in_lock(p: Playground) -> None:
    lock = p.read("dvc.lock")
    start = lock.index("  train:")
    end = lock.find("\n  ", start + 1)
    while end != -1 and lock[end + 3] == " ":
        end = lock.find("\n  ", end + 1)
    p.write("dvc.lock", lock[:start] + (lock[end + 1 :] if end != -1 else ""))
    p.write("governance/policy.yaml", "required_metadata: [license]\n")
    p.commit()


def _tracked_twice(p: Playground) -> None:
    p.write(MODEL, "swapped\n")
    swapped = hashlib.md5(b"swapped\n").hexdigest()
    p.write("model.dvc", f"outs:\n- md5: {swapped}\n  size: 8\n  hash: md5\n  path: {MODEL}\n")
    p.write("governance/policy.yaml", "required_metadata: [license]\n")
    p.commit()


def _dirty(p: Playground) -> None:
    p.replace("MODEL_CARD.md", "three", "seven")
    p.git("update-index", "--assume-unchanged", "MODEL_CARD.md")


def _model_is_a_link_out(p: Playground) -> None:
    (p.root / MODEL).rename(p.root.parent / "model.bin")
    (p.root / MODEL).symlink_to(p.root.parent / "model.bin")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_swapped, "the bytes here are others"),
        (_known_by_another_digest, "the bytes here are others"),
        (_not_in_lock, "no stage of the commit recorded it"),
        (_tracked_twice, "both claim to make the model"),
        (_dirty, "not what HEAD has: MODEL_CARD.md"),
        (_model_is_a_link_out, "leads out"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_what_is_not_the_commit_is_neither_signed_nor_stored(
    playground: Playground, spoil: Callable[[Playground], None], says: str
) -> None:
    spoil(playground)
    work, given = order(playground)
    with pytest.raises(AigfError, match=says):
        attest(work)
    assert given == []
    assert stored(playground) == []


def test_a_model_that_is_not_here_is_the_callers_mistake(playground: Playground) -> None:
    (playground.root / MODEL).unlink()
    with pytest.raises(InputError, match="the model is not here") as error:
        attest(order(playground)[0])
    assert "dvc pull" in error.value.hint


def test_a_poisoned_digest_cache_does_not_reach_what_is_signed(playground: Playground) -> None:
    playground.write(
        ".aigf/digests",
        "".join(
            f"{identity(s)} "
            f"{hashlib.md5((playground.root / MODEL).read_bytes()).hexdigest()} {'0' * 64}"
            f" {s.st_size} -\n"
            for s in [(playground.root / MODEL).stat()]
        ),
    )
    assert DigestCache(playground.root).hash(MODEL).sha256 == "0" * 64
    found = one(attest(order(playground)[0]))
    assert found.files[0].sha256 == sha256((playground.root / MODEL).read_bytes())


def test_a_denied_model_is_not_signed_and_nothing_is_stored(playground: Playground) -> None:
    playground.replace("governance/policy.yaml", "min: 0.8", "min: 0.95")
    playground.commit()
    work, given = order(playground)
    found = one(attest(work))
    assert (found.verdict.result, found.bundle, found.stored) == (Result.DENIED, None, "")
    assert given == []
    assert stored(playground) == []


def test_a_card_that_cannot_be_read_is_not_signed(playground: Playground) -> None:
    playground.write("MODEL_CARD.md", "no front matter\n")
    playground.commit()
    work, given = order(playground)
    with pytest.raises(AigfError, match="no YAML front matter"):
        attest(work)
    assert given == []


def test_metrics_that_cannot_be_read_are_undecided_and_not_signed(playground: Playground) -> None:
    playground.write(
        "aigf.yaml", playground.read("aigf.yaml").replace("metrics.json:", "README.md:")
    )
    playground.write("README.md", "x")
    playground.commit()
    work, given = order(playground)
    with pytest.raises(AigfError, match="unknown form"):
        attest(work)
    assert given == []


TOKEN = "ghp_" + "A1b2" * 9


@pytest.mark.parametrize(
    "hide",
    [
        lambda p: p.write("MODEL_CARD.md", p.read("MODEL_CARD.md") + TOKEN),
        lambda p: p.replace("MODEL_CARD.md", "license: mit", f"license: mit\nnote: {TOKEN}"),
        lambda p: p.write("governance/documents/risk.md", TOKEN),
        lambda p: p.replace("governance/policy.yaml", "id: baseline", f"id: {TOKEN.lower()}"),
        lambda p: p.write(
            "governance/policy.yaml", p.read("governance/policy.yaml") + f"# {TOKEN}\n"
        ),
    ],
    ids=["card text", "card field", "document", "policy id", "policy comment"],
)
def test_a_secret_in_the_evidence_is_never_signed(
    playground: Playground, hide: Callable[[Playground], None]
) -> None:
    hide(playground)
    playground.commit()
    work, given = order(playground)
    with pytest.raises(RefusedError, match="looks like a secret") as error:
        attest(work)
    assert TOKEN not in str(error.value)
    assert given == []
    assert stored(playground) == []


def test_secrets_in_parameters_and_commands_are_redacted_in_what_is_signed(
    playground: Playground,
) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        playground.replace(file, "cmd: sh src/train.sh", f"cmd: sh src/train.sh --token={TOKEN}")
    playground.replace("dvc.lock", "train.depth: 3", "train.depth: 3\n        db_password: hunter2")
    playground.write("params.yaml", "train: {depth: 3}\ndb_password: hunter2\n")
    playground.commit()
    work, given = order(playground)
    found = one(attest(work))
    assert found.bundle is not None, found.verdict
    everything = given[0] + b"".join(path.read_bytes() for path in stored(playground))
    everything += playground.manifest("HEAD")
    assert TOKEN.encode() not in everything
    assert b"hunter2" not in everything


def test_the_address_of_the_repository_carries_no_secret_and_no_local_path(
    playground: Playground,
) -> None:
    for url, expected in {
        "https://jane:hunter2@example.com/m.git": "git+https://example.com/m.git",
        "git@example.com:team/m.git": "git+ssh://git@example.com/team/m.git",
        str(playground.root): None,
        "file:///home/jane/m.git": None,
    }.items():
        playground.git("config", "remote.origin.url", url)
        work, given = order(playground)
        attest(work)
        assert json.loads(given[0])["predicate"]["source"]["uri"] == expected


def test_a_directory_is_signed_file_by_file_and_several_models_each_by_itself(
    playground: Playground,
) -> None:
    playground.write("more/dvc.yaml", DIRECTORY)
    playground.write("more/.gitignore", "/net\n")
    playground.write("aigf.yaml", playground.read("aigf.yaml") + "  net: {path: more/net}\n")
    playground.write("governance/policy.yaml", "required_metadata: [license]\n")
    playground.dvc("repro", "--quiet", "more/dvc.yaml")
    playground.aigf("capture")
    playground.commit()
    scorer, net = attest(order(playground)[0])
    assert scorer.bundle is not None
    assert net.bundle is not None
    assert [file.name for file in net.files] == ["more/net/vocabulary", "more/net/weights"]
    assert one(attest(order(playground, models=("net",))[0])).verdict.model == "net"
    playground.write("more/net/extra", "x")
    with pytest.raises(RefusedError, match="others"):
        attest(order(playground, models=("net",))[0])
    with pytest.raises(InputError, match="no model named 'nothing'"):
        attest(order(playground, models=("nothing",))[0])


def test_an_earlier_commit_is_attested_whatever_lies_in_the_working_tree(
    playground: Playground,
) -> None:
    head = playground.git("rev-parse", "HEAD")
    playground.replace("MODEL_CARD.md", "three", "seven")
    work, given = order(playground, revision="HEAD")
    assert one(attest(work)).bundle is not None
    assert json.loads(given[0])["predicate"]["source"]["digest"]["gitCommit"] == head


def test_the_command_signs_writes_the_bundle_whole_and_verify_accepts_it(
    playground: Playground, keys: tuple[Path, Path]
) -> None:
    key, public = keys
    out = playground.root.parent / "scorer.sigstore.json"
    outcome = playground.aigf("attest", "--key", str(key), "--output", str(out))
    assert outcome.returncode == 0, outcome.stderr
    assert playground.git("rev-parse", REF)
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".scorer")] == []
    policy = str(playground.root / "governance/policy.yaml")
    for source in (("--bundle", str(out)), ("--from", "git")):
        verified = playground.aigf(
            "verify", MODEL, *source, "--key", str(public), "--policy", policy
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
    playground.edit_keeping_size_and_mtime(MODEL)
    for source in (("--bundle", str(out)), ("--from", "git")):
        refused = playground.aigf(
            "verify", MODEL, *source, "--key", str(public), "--policy", policy
        )
        assert refused.returncode == 1


def test_several_models_come_as_json_lines(playground: Playground, keys: tuple[Path, Path]) -> None:
    playground.write(
        "aigf.yaml",
        playground.read("aigf.yaml")
        + playground.read("aigf.yaml").replace("models:\n", "").replace("scorer", "second"),
    )
    playground.commit()
    out = playground.root.parent / "both.jsonl"
    outcome = playground.aigf("attest", "--key", str(keys[0]), "--output", str(out))
    assert outcome.returncode == 0, outcome.stderr
    assert len(out.read_bytes().splitlines()) == 2


def test_evidence_too_large_for_the_statement_goes_beside_the_bundle(
    playground: Playground, keys: tuple[Path, Path]
) -> None:
    key, public = keys
    playground.write("MODEL_CARD.md", playground.read("MODEL_CARD.md") + "long text\n" * 2000)
    playground.commit()
    out = playground.root.parent / "b.json"
    outcome = playground.aigf("attest", "--key", str(key), "--output", str(out))
    assert outcome.returncode == 0, outcome.stderr
    predicate = statement_of(out.read_bytes())["predicate"]
    assert isinstance(predicate, dict)
    assert "content" not in predicate["modelCard"]
    policy = str(playground.root / "governance/policy.yaml")
    arguments = ("verify", MODEL, "--key", str(public), "--policy", policy)
    assert playground.aigf(*arguments, "--from", "git").returncode == 0
    alone = playground.aigf(*arguments, "--bundle", str(out))
    assert alone.returncode == 3, alone.stdout


def test_no_signer_and_two_signers_are_wrong_usage(
    playground: Playground, keys: tuple[Path, Path]
) -> None:
    assert playground.aigf("attest").returncode == 2
    assert playground.aigf("attest", "--key", str(keys[0]), "--keyless").returncode == 2
    assert playground.aigf("attest", "--key", "nothing.key").returncode == 2


def test_metrics_are_those_of_the_commit(playground: Playground) -> None:
    playground.replace(METRICS, "0.9", "0.99")
    work, given = order(playground, revision="HEAD")
    attest(work)
    metrics = json.loads(given[0])["predicate"]["metrics"]
    assert metrics["fairness_score"]["value"] == 0.9


def test_a_run_that_read_other_bytes_than_the_digest_lock_knows_is_not_attested(
    playground: Playground,
) -> None:
    forge(playground)
    real = hashlib.sha256((playground.root / "data/raw.csv").read_bytes()).hexdigest()
    playground.replace("aigf.lock", real, "0" * 64)
    playground.replace("governance/policy.yaml", "min_trust: declared", "min_trust: observed")
    playground.commit()
    place, given = order(playground)
    with pytest.raises(RefusedError, match="saw other bytes with the same MD5") as error:
        attest(place)
    assert error.value.where == "data/raw.csv"
    assert "aigf.lock" in error.value.hint
    assert given == []
    assert stored(playground) == []
