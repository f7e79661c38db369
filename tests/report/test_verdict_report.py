"""A report says which model was judged, by its bytes and by its card."""

from msgspec.structs import replace

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.model_card import read_model_card
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate
from aigf_dvc.report.verdict_report import Fact, ModelReport, model_report
from tests.report.builders import COMMIT, some_evidence
from tests.report.verdict_builders import a_report, a_verdict

POLICY = (
    b"{id: p, version: '1', description: Why, rules: [{id: m, kind: metric, metric: x, min: 0}]}"
)
CARD = b"---\nlicense: mit\ngovernance:\n  responsible_owner: jane\n  intended_use: [a, b]\n---\n"


def reported(at: Gate = Gate.ATTEST, **changes: object) -> ModelReport:
    evidence = some_evidence(**changes)
    return model_report(
        replace(a_verdict(), at=at), evidence, read_policy(POLICY, path="policy.yaml")
    )


def test_the_model_is_named_by_its_files_else_by_its_digest() -> None:
    digest = sha256(b"model")
    files = (ModelFile(name="m/a", sha256=digest), ModelFile(name="m/b", sha256=digest))
    named = [f.text for f in reported(files=files, sha256=digest).facts if f.name == "File"]
    assert named == [f"m/a sha256:{digest}", f"m/b sha256:{digest}"]
    assert Fact(name="Digest", text=f"sha256:{digest}") in reported(sha256=digest).facts
    many = tuple(ModelFile(name=f"m/{n}", sha256=digest) for n in range(10))
    assert [f.text for f in reported(files=many).facts if f.name == "File"][-1] == "and 2 more"


def test_the_card_says_who_answers_for_it_and_only_what_is_text() -> None:
    card = read_model_card(CARD, path="MODEL_CARD.md")
    facts = {fact.name: fact.text for fact in reported(card=card).facts}
    assert facts["Model card"] == f"MODEL_CARD.md sha256:{sha256(CARD)}"
    assert facts["Responsible owner"] == "jane"
    assert facts["License"] == "mit"
    assert "Intended use" not in facts
    assert "Responsible owner" not in {fact.name for fact in reported(card=None).facts}


def test_the_trust_level_is_told_only_where_somebody_looked() -> None:
    assert "Trust level" in {fact.name for fact in reported(Gate.ATTEST).facts}
    assert "Trust level" not in {fact.name for fact in reported(Gate.PUSH).facts}


def test_the_commit_and_the_purpose_of_the_policy_are_told() -> None:
    model = reported(commit=Commit(sha=COMMIT))
    assert Fact(name="Commit", text=COMMIT) in model.facts
    assert model.policy_description == "Why"
    assert a_report(model).verdicts == (model.verdict,)
