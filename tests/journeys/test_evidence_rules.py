"""Data, packages, parameters, licence and branch are judged in a tree and again when verified."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.attest import Attested, Order, attest
from aigf_dvc.actions.check import Question, check
from aigf_dvc.actions.judge_again import judge_under
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.evidence_again import evidence_again
from aigf_dvc.attestation.predicate import read_deployment
from aigf_dvc.attestation.statement import read_attestation, read_statement
from aigf_dvc.capture.reproductions import trust_under
from aigf_dvc.capture.run_records import CountedRecords, local_record
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Result, Verdict
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from tests.playground import Playground, copy, environment
from tests.signing.by_key import sign_statement

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
IMAGES = {"a.txt": b"one", "sub/b.txt": b"two"}
OSV = {
    "id": "PYSEC-2026-1",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "evil"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}],
        }
    ],
}
DATA_CARD = """\
---
type: data-card
datasets: [data/raw.csv, data/images]
license: CC0-1.0
retention_until: 2027-12-31
responsible_owner: jane.doe@example.com
---
# Three rows
"""
POLICY = """\
id: evidence
version: "1"
rules:
  - id: data
    kind: datasets
    allow: ["{origin}/**", "data/**"]
    deny: ["s3://evil/**"]
    deny_digests: ["sha256:{bad}"]
    data_card: true
    licenses: [cc0-1.0]
    not_expired: true
  - id: ran-with
    kind: packages
    from: run-record
    deny: [evil]
    advisories: governance/osv.json
  - id: locked
    kind: packages
    from: lock-file
    allow: [numpy]
    minimum: {{numpy: "2"}}
  - id: depth
    kind: parameters
    parameters: {{"params.yaml:train.depth": {{min: 1, max: 3}}}}
  - id: licence
    kind: license
    allow: [mit]
  - id: lineage
    kind: lineage
    current_lock: true
    protected_branch: true
"""


@pytest.fixture(scope="module")
def made(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with imported data, a folder, cards, locked packages and observed runs."""
    folder = tmp_path_factory.mktemp("evidence")
    place = copy(template, folder / "project")
    (folder / "origin").mkdir()
    (folder / "origin/raw.csv").write_text("age,label\n31,1\n42,0\n")
    for name, data in IMAGES.items():
        place.write(f"data/images/{name}", data)
    place.replace("dvc.yaml", "[data/raw.csv,", "[data/raw.csv, data/images,")
    place.replace("aigf.yaml", "    documents:", "    documents:\n      - {type: data-card, "
                  "path: governance/documents/data.md}")  # fmt: skip
    place.write("governance/documents/data.md", DATA_CARD)
    place.write("governance/osv.json", json.dumps(OSV))
    place.write("requirements.txt", "numpy==2.1.0\n")
    write_policy(place, policy(folder))
    with in_home(template):
        place.dvc("remove", "--quiet", "data/raw.csv.dvc")
        (place.root / "data/raw.csv").unlink()
        place.dvc("import-url", "--quiet", str(folder / "origin/raw.csv"), "data/raw.csv")
        place.dvc("add", "--quiet", "data/images")
        done = place.aigf("repro")  # its check at the end wants a capture
        assert "observed now: prepare, train, evaluate" in done.stderr
        assert "aigf capture" in done.stdout
        assert place.aigf("capture").returncode == 0
        place.commit("govern")
    return folder


@contextmanager
def in_home(template: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(template.parent.parent / "governed-project-home").items():
            patch.setenv(key, value)
        yield


@pytest.fixture(scope="module")
def attestation(made: Path, template: Path) -> Attested:
    """The attestation of the project as it was made."""
    with in_home(template):
        return attested(Playground(made / "project"))


@pytest.fixture
def governed(made: Path, tmp_path: Path, home: Path) -> Playground:  # noqa: ARG001  # it is set up
    """A copy of the project to spoil; the data's origin stays where it is."""
    return copy(made / "project", tmp_path / "project")


def policy(made: Path, old: str = "", new: str = "") -> str:
    assert old in POLICY
    text = POLICY.replace(old, new) if old else POLICY
    return text.format(origin=made / "origin", bad=sha256(b"bad"))


def write_policy(place: Playground, text: str) -> None:
    place.write("governance/policy.yaml", text)


def checked(
    playground: Playground, *, at: Gate = Gate.ATTEST, revision: str | None = "HEAD"
) -> Verdict:
    runs = CountedRecords(local_record)
    question = Question(
        project=playground.project,
        at=at,
        today=AT.date(),
        revision=revision,
        trust=lambda policy: trust_under(policy, runs),
        records=runs.counted,
    )
    (verdict,) = check(question)
    assert verdict.result is not Result.UNDECIDED, verdict.problem
    return verdict


def attested(playground: Playground) -> Attested:
    private = load_private_key(generate_key(None)[0], None, where="key")
    (found,) = attest(
        Order(
            project=playground.project,
            sign=lambda payload: sign_statement(payload, private),
            store=FolderStore(playground.root.parent / "store"),
            at=AT,
            find_run=local_record,
        )
    )
    return found


def judged_again(found: Attested, text: str, beside: Path) -> Verdict:
    """Judge a statement under a policy, with the evidence that lies in a store."""
    assert found.bundle is not None, found.verdict.findings
    files = [path.read_bytes() for path in beside.rglob("*") if path.is_file()]
    judge = judge_under(
        read_policy(text.encode(), path="deployer.yaml"),
        beside={sha256(data): data for data in files},
        demands_at=Demands(at=AT),
    )
    return judge(*read_attestation(parse_bundle(found.bundle).payload))


def denials(verdict: Verdict) -> dict[str, str]:
    return {f.rule: f.observed for f in verdict.findings if f.outcome is Outcome.DENIED}


def told(verdict: Verdict) -> list[tuple[str, str, str]]:
    """Return what every rule found, save the counts of edges: more bytes are here than there."""
    return [
        (f.rule, f.outcome, f.observed)
        for f in verdict.findings
        if not f.observed.startswith("edges")
    ]


def test_the_same_evidence_is_judged_in_the_commit_and_in_the_statement(
    attestation: Attested, made: Path, governed: Playground
) -> None:
    here, there = checked(governed), judged_again(attestation, policy(made), made / "store")
    assert denials(here) == {}
    assert told(attestation.verdict) == told(here) == told(there)
    assert there.result is Result.PASSED
    observed = {f.rule: f.observed for f in there.findings}
    assert observed["data"] == "2 data sets: data/images, data/raw.csv"
    assert observed["locked"] == "packages: 1 in requirements.txt"
    assert observed["depth"] == "params.yaml:train.depth is 3"
    assert observed["lineage"] == "it is in main"


CHANGES = [
    ("{origin}/**", "/elsewhere/**", "data", "raw.csv, is not on the list"),
    ("s3://evil/**", "{origin}/*", "data", "matches the denied"),
    ("cc0-1.0", "mit-0", "data", "is CC0-1.0"),
    ("deny: [evil]", "deny: [pytest]", "ran-with", "is denied by `pytest`"),
    ("osv.json", "other.json", "ran-with", "there are no advisories"),
    ("allow: [numpy]", "allow: [scipy]", "locked", "numpy 2.1.0 in requirements.txt"),
    ('{{numpy: "2"}}', '{{numpy: "2.2"}}', "locked", "numpy 2.1.0"),
    ("max: 3", "max: 2", "depth", "is 3"),
    ("[mit]", "[apache-2.0]", "licence", "license is mit"),
]


@pytest.mark.parametrize(("old", "new", "rule", "said"), CHANGES)
def test_a_deployer_s_own_policy_finds_it_in_the_statement(
    attestation: Attested, made: Path, old: str, new: str, rule: str, said: str
) -> None:
    verdict = judged_again(attestation, policy(made, old, new), made / "store")
    assert list(denials(verdict)) == [rule]
    assert said in denials(verdict)[rule]


def test_the_same_changes_are_found_in_the_commit(made: Path, governed: Playground) -> None:
    for old, new, rule, said in CHANGES:
        write_policy(governed, policy(made, old, new))
        governed.commit()
        assert said in denials(checked(governed))[rule]


def test_a_bad_file_inside_a_folder_is_found_here_and_in_the_statement(
    attestation: Attested, made: Path, governed: Playground
) -> None:
    text = policy(made).replace(sha256(b"bad"), sha256(IMAGES["sub/b.txt"]))
    said = f"data/images/sub/b.txt has the denied digest sha256:{sha256(IMAGES['sub/b.txt'])}"
    assert denials(judged_again(attestation, text, made / "store"))["data"] == said
    write_policy(governed, text)
    governed.commit("look for a bad file")
    assert denials(checked(governed))["data"] == said
    assert denials(checked(governed, at=Gate.STAGE, revision=None))["data"] == said
    outcomes = {f.rule: f.outcome for f in checked(governed, at=Gate.PUSH).findings}
    assert outcomes["data"] is Outcome.DEFERRED
    shutil.rmtree(governed.root / ".dvc/cache")
    assert "is not known here" in denials(checked(governed))["data"]


def test_a_change_after_the_run_leaves_the_lock_behind(governed: Playground) -> None:
    governed.replace("dvc.yaml", "  evaluate:", "  plot:\n    cmd: echo 1 > plot.txt\n"
                     "    outs: [plot.txt]\n  evaluate:")  # fmt: skip
    governed.commit("a stage that never ran, beside the model")
    assert denials(checked(governed)) == {
        "lineage": "1 stage is behind: stage plot, command: it never ran"
    }
    early = {f.observed for f in checked(governed, at=Gate.STAGE, revision=None).findings}
    assert "whether dvc.lock is current is not judged at the stage gate" in early


def test_a_commit_on_no_protected_branch_is_denied_and_the_working_tree_too(
    governed: Playground,
) -> None:
    governed.git("checkout", "--quiet", "-b", "mine")
    governed.commit("on a branch of my own")
    assert denials(checked(governed))["lineage"].startswith("no protected branch")
    assert denials(checked(governed, revision=None))["lineage"] == "the working tree is no commit"
    pushed = {f.observed for f in checked(governed, at=Gate.PUSH).findings}
    assert "the branch is not judged at the push gate" in pushed


def test_data_of_other_kinds_is_on_record_too(governed: Playground) -> None:
    governed.write("src/labels.csv", "1\n")
    governed.replace("dvc.yaml", "data/images,", "data/images, src/labels.csv, /etc/hostname,")
    governed.dvc("repro", "--quiet")
    governed.commit("read what git has, and what lies outside")
    said = [f.observed for f in checked(governed).findings if f.outcome is Outcome.DENIED]
    assert "src/labels.csv is not on the list" in said
    assert "/etc/hostname is not on the list" in said
    assert "the SHA-256 of /etc/hostname is not known: its bytes were never seen" in said


def test_without_the_evidence_beside_the_bundle_packages_are_undecided(
    attestation: Attested, made: Path
) -> None:
    assert attestation.bundle is not None
    statement = read_statement(parse_bundle(attestation.bundle).payload)
    deployment = read_deployment(statement)
    bare = replace(
        deployment,
        evidence=tuple(replace(item, content=None) for item in deployment.evidence),
        lineage=replace(deployment.lineage, content=None),
    )
    evidence = evidence_again(bare, {}, statement.subjects)
    assert {known.where: known.at_hand for known in evidence.packages} == {
        "prepare": False, "train": False, "evaluate": False, "packages.json": False,
    }  # fmt: skip
    assert evidence.absent == ("lineage-manifest.json", "dataset-files.json")
    rules = read_policy(policy(made).encode(), path="deployer.yaml")
    with pytest.raises(UndecidedError, match="not at hand"):
        evaluate(rules, evidence, at=Gate.DEPLOY, today=AT.date())


def test_files_that_do_not_make_the_folder_s_digest_are_refused(attestation: Attested) -> None:
    assert attestation.bundle is not None
    statement = read_statement(parse_bundle(attestation.bundle).payload)
    deployment = read_deployment(statement)
    other = b'{"data/images":{"a.txt":"' + sha256(b"one").encode() + b'"}}'
    items = tuple(
        replace(item, content=other, sha256=sha256(other)) if "files" in item.name else item
        for item in deployment.evidence
    )
    with pytest.raises(RefusedError, match="its files make the digest"):
        evidence_again(replace(deployment, evidence=items), {}, statement.subjects)
