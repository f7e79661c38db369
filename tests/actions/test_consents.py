"""What people signed counts only about this model, by those whom the judge trusts."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aigf_dvc.actions import consents as module
from aigf_dvc.actions.consents import (
    Consents,
    carried,
    is_consent,
    open_consents,
    with_consents,
)
from aigf_dvc.attestation.approval_statement import APPROVAL, Decision, approval_statement
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import SignerFacts
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, RefusedError, UndecidedError
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.evaluate import evaluate
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.read import read_policy
from aigf_dvc.policy.verdict import Gate, Outcome, Verdict
from aigf_dvc.signing.bundle import write_key_bundle
from aigf_dvc.signing.keys import fingerprint, load_public_key
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.signing.trusted import open_trust
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.stores.layout import BUNDLE, Stored
from tests.attestation.builders import a_payload
from tests.attestation.consent_builders import (
    DOCUMENT,
    FILES,
    MODEL,
    TODAY,
    TREE,
    TRUST,
    an_engine_statement,
    approval_payload,
    said,
)
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("dana", "old", "max", "ampel", "eve")}
PEOPLE = TRUST.replace(
    "[{file: dana.pub}]", "[{file: dana.pub}, {file: old.pub, valid_until: 2026-11-21}]"
)
POLICY = b"""\
id: test
version: "1"
rules:
  - {id: approved, kind: approvals, role: risk-owner}
  - {id: fairness, kind: metric, metric: fairness_score, min: 0.9}
"""


def the_policy() -> Policy:
    return read_policy(POLICY, path="policy.yaml")


def sign(payload: bytes, name: str = "dana") -> bytes:
    return sign_statement(payload, load_private_key(PAIRS[name][0], None, where=name))


def a_bundle(
    decision: Decision = Decision.APPROVE,
    name: str = "dana",
    *,
    terms: dict[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401 (the fields of Said)
) -> bytes:
    plain = said(decision, **changes)
    if plain.terms is not None:
        about = replace(plain.terms, **({"policy": the_policy().sha256} | (terms or {})))
        plain = replace(plain, terms=about)
    return sign(approval_statement(plain), name)


def judge(*given: bytes, store: FolderStore | None = None, trust: str = PEOPLE) -> Consents:
    file = read_trust(trust.encode(), where="trust.yaml")
    opened = open_trust(file, lambda name: PAIRS[name.removesuffix(".pub")][1])
    stores = (store,) if store is not None else ()
    return open_consents(opened, today=TODAY, stores=stores, given=given)


def evidence(*, authors: tuple[str, ...] = ("ann@corp",)) -> ModelEvidence:
    return ModelEvidence(
        model="fraud",
        card=None,
        sha256=MODEL,
        files=FILES,
        tree=TREE,
        commit=Commit(sha="abc", authors=authors),
        documents=(GovernanceDocument(type="risk", path=DOCUMENT.name, sha256=DOCUMENT.sha256),),
    )


def verdict(*given: bytes, known: ModelEvidence | None = None) -> Verdict:
    found = with_consents(known or evidence(), judge(*given))
    return evaluate(
        the_policy(), found.evidence, at=Gate.ATTEST, today=TODAY, environment="production"
    )


def outcomes(*given: bytes, known: ModelEvidence | None = None) -> dict[str, Outcome]:
    return {f.rule: f.outcome for f in verdict(*given, known=known).findings}


APPROVED = {"approved": Outcome.PASSED, "fairness": Outcome.DENIED}
NOTHING = {"approved": Outcome.DENIED, "fairness": Outcome.DENIED}


def test_an_approval_and_a_waiver_by_trusted_people_count() -> None:
    assert outcomes() == NOTHING
    assert outcomes(a_bundle()) == APPROVED
    assert outcomes(a_bundle(), a_bundle(Decision.WAIVE)) == {
        "approved": Outcome.PASSED, "fairness": Outcome.WAIVED,
    }  # fmt: skip


def test_what_somebody_signed_whose_key_is_revoked_does_not_count_and_is_told() -> None:
    dana = fingerprint(load_public_key(PAIRS["dana"][1], where="dana"))

    def revoked(facts: SignerFacts) -> str:
        return "her key was stolen" if facts.name == dana else ""

    def found(*given: bytes) -> ModelEvidence:
        return with_consents(evidence(), replace(judge(*given), revoked=revoked)).evidence

    assert found(a_bundle(name="max")).approvals
    by_dana = found(a_bundle())
    assert by_dana.approvals == ()
    assert "her key was stolen" in by_dana.unsigned[0]
    svr = sign(an_engine_statement(), "ampel")
    ampel = fingerprint(load_public_key(PAIRS["ampel"][1], where="ampel"))
    stopped = replace(judge(svr), revoked=lambda facts: "broken" if facts.name == ampel else "")
    assert with_consents(evidence(), judge(svr)).evidence.external_verdicts
    assert with_consents(evidence(), stopped).evidence.external_verdicts == ()


OTHER = sha256(b"other")
BORROWED: dict[str, Callable[[Decision], bytes]] = {
    "another model's bytes": lambda d: a_bundle(d, files=(ModelFile(name="m", sha256=OTHER),)),
    "extra subjects": lambda d: a_bundle(d, files=(*FILES, ModelFile(name="x", sha256=OTHER))),
    "the same bytes twice": lambda d: a_bundle(
        d, files=(*FILES, ModelFile(name="x", sha256=MODEL))
    ),
    "another model's name": lambda d: a_bundle(d, terms={"model": "churn"}),
    "another tree": lambda d: a_bundle(d, terms={"tree": OTHER}),
    "another policy": lambda d: a_bundle(d, terms={"policy": OTHER}),
    "another environment": lambda d: a_bundle(d, terms={"environment": "staging"}),
    "expired": lambda d: a_bundle(d, expires=datetime(2026, 11, 22, tzinfo=UTC)),
    "from the future": lambda d: a_bundle(d, issued=datetime(2026, 12, 1, tzinfo=UTC)),
    "an expired key": lambda d: a_bundle(d, "old"),
    "a stranger": lambda d: a_bundle(d, "eve"),
    "an engine": lambda d: a_bundle(d, "ampel"),
    "a role that nobody has": lambda d: a_bundle(d, role="ceo"),
    "changed after signing": lambda d: _changed(a_bundle(d)),
}


def _changed(bundle: bytes) -> bytes:
    """Return the bundle with another statement under the old signature."""
    document = json.loads(bundle)
    other = json.loads(a_bundle(reason="something else"))
    document["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    return json.dumps(document).encode()


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.WAIVE])
@pytest.mark.parametrize("case", BORROWED)
def test_consent_about_something_else_or_by_somebody_else_does_not_count(
    case: str, decision: Decision
) -> None:
    bundle = BORROWED[case](decision)
    assert outcomes(bundle) == NOTHING
    found = verdict(bundle)
    told = " ".join((*found.notes, found.findings[0].observed))
    assert "does not count" in told, told


def test_who_may_not_waive_cannot_whatever_else_they_may() -> None:
    assert outcomes(a_bundle(name="max")) == APPROVED
    assert outcomes(a_bundle(Decision.WAIVE, "max")) == NOTHING
    assert "Max may not waive" in verdict(a_bundle(Decision.WAIVE, "max")).notes[0]


def test_a_waiver_is_no_approval_and_an_approval_no_waiver() -> None:
    assert outcomes(a_bundle(Decision.WAIVE))["approved"] is Outcome.DENIED
    assert outcomes(a_bundle())["fairness"] is Outcome.DENIED


def test_an_author_cannot_approve_their_own_work() -> None:
    assert outcomes(a_bundle(), known=evidence(authors=("dana@corp",))) == NOTHING


def test_a_replayed_or_duplicated_approval_is_one(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    bundle = a_bundle()
    again = json.dumps(json.loads(bundle), indent=1).encode()  # another layout, the same statement
    store.add(tuple(Stored(model=MODEL, ending=BUNDLE, data=d) for d in (bundle, again)))
    found = with_consents(evidence(), judge(bundle, bundle, again, store=store))
    assert len(found.evidence.approvals) == 2
    two = POLICY.replace(b"role: risk-owner", b"role: risk-owner, count: 2")
    policy = read_policy(two, path="policy.yaml")
    assert {a.person for a in found.evidence.approvals} == {"Dana"}
    twice = [a_bundle(terms={"policy": policy.sha256}) for _ in range(2)]
    judged = evaluate(
        policy, with_consents(evidence(), judge(*twice)).evidence, at=Gate.ATTEST, today=TODAY,
        environment="production",
    )  # fmt: skip
    assert judged.findings[0].outcome is Outcome.DENIED
    both = [*twice, a_bundle(name="max", terms={"policy": policy.sha256})]
    judged = evaluate(
        policy, with_consents(evidence(), judge(*both)).evidence, at=Gate.ATTEST, today=TODAY,
        environment="production",
    )  # fmt: skip
    assert judged.findings[0].outcome is Outcome.PASSED


def test_the_store_is_looked_in_under_the_model_and_its_documents(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    signature = a_bundle(Decision.SIGN)
    store.add((
        Stored(model=MODEL, ending=BUNDLE, data=a_bundle()),
        Stored(model=MODEL, ending=BUNDLE, data=sign(a_payload(), "eve")),  # an attestation
        Stored(model=DOCUMENT.sha256, ending=BUNDLE, data=signature),
        Stored(model=OTHER, ending=BUNDLE, data=a_bundle(name="max")),
    ))  # fmt: skip
    found = with_consents(evidence(), judge(store=store))
    assert [a.person for a in found.evidence.approvals] == ["Dana"]
    assert [s.document for s in found.evidence.signatures] == [DOCUMENT.sha256]
    assert found.evidence.unsigned == ()


def test_a_bundle_of_ten_megabytes_is_told_and_not_counted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    huge = a_bundle(reason="x" * 10_000_000)
    store.add((Stored(model=MODEL, ending=BUNDLE, data=huge),))
    (note,) = with_consents(evidence(), judge(store=store)).evidence.unsigned
    assert "at most 1,048,576" in note


def test_too_many_statements_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    three = [a_bundle(reason=str(n)) for n in range(3)]
    with pytest.raises(UndecidedError, match="3 signed statements"):
        with_consents(evidence(), judge(*three))


@pytest.mark.parametrize(
    ("given", "said_so"),
    [
        (b"no bundle", "does not count"),
        (sign(approval_payload({}, kind=APPROVAL.replace("v1", "v2"))), "approval/v2"),
        (sign(approval_payload({"decision": "approve"})), "predicate.role"),
        (sign(b"{}"), "predicateType"),
        (sign(a_payload()), "neither an approval, a waiver nor a verdict"),
        (
            sign(an_engine_statement().replace(b"svr/v0.2", b"svr/v9"), "ampel"),
            "svr/v9",
        ),
        (sign(an_engine_statement(), "dana"), "nobody whom the trust file names"),
        (write_key_bundle(approval_statement(said()), b"no signature", hint="x"), "nobody whom"),
    ],
)
def test_what_cannot_be_read_or_trusted_is_told(given: bytes, said_so: str) -> None:
    found = with_consents(evidence(), judge(given))
    (note,) = found.evidence.unsigned
    assert f"sha256:{sha256(given)} does not count: " in note
    assert said_so in note
    assert found.bundles == {}


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (a_bundle(name="eve"), "the approval, waiver or signature sha256:"),
        (sign(an_engine_statement(), "dana"), "the verdict of another engine sha256:"),
        (b"no bundle", "sha256:"),
    ],
)
def test_what_does_not_count_is_called_what_it_claims_to_be(given: bytes, called: str) -> None:
    (note,) = with_consents(evidence(), judge(given)).evidence.unsigned
    assert note.startswith(called)


def test_of_many_that_do_not_count_some_are_told() -> None:
    strangers = [a_bundle(name="eve", reason=str(n)) for n in range(23)]
    notes = with_consents(evidence(), judge(*strangers)).evidence.unsigned
    assert len(notes) == 21
    assert notes[-1] == "and 3 more that do not count"


def test_an_engines_verdict_about_the_model_is_evidence() -> None:
    bundle = sign(an_engine_statement(), "ampel")
    found = with_consents(evidence(), judge(bundle))
    (one,) = found.evidence.external_verdicts
    assert (one.engine, one.properties) == ("ampel", ("AMPEL_SCANNED", "AMPEL_SIGNED"))


def test_an_expired_trust_file_trusts_nobody() -> None:
    with pytest.raises(InputError, match="expired on 2026-11-22"):
        judge(trust=PEOPLE + "expires: 2026-11-22\n")
    assert judge(trust=PEOPLE + "expires: 2026-11-23\n").today == date(2026, 11, 23)


def test_only_approvals_waivers_and_verdicts_are_consent() -> None:
    assert is_consent(a_bundle())
    assert is_consent(sign(an_engine_statement(), "ampel"))
    assert not is_consent(sign(a_payload()))
    assert not is_consent(b"no bundle")


def test_an_attestation_carries_what_is_about_its_model_under_any_policy() -> None:
    mine, waiver = a_bundle(terms={"policy": OTHER}), a_bundle(Decision.WAIVE)
    signature, engine = a_bundle(Decision.SIGN), sign(an_engine_statement(), "ampel")
    others = [
        a_bundle(terms={"tree": OTHER}),
        a_bundle(Decision.WAIVE, files=(ModelFile(name="m", sha256=OTHER),)),
        a_bundle(Decision.SIGN, files=(ModelFile(name="d", sha256=OTHER),)),
        sign(an_engine_statement(subject=[{"digest": {"sha256": OTHER}}]), "ampel"),
        a_bundle(name="eve"),
    ]
    found = carried(with_consents(evidence(), judge(mine, waiver, signature, engine, *others)))
    assert [(item.name, item.content) for item in found.approvals] == [
        ("approval/Dana", mine), ("signature/Dana", signature),
    ]  # fmt: skip
    assert [(item.name, item.content) for item in found.waivers] == [("waiver/Dana", waiver)]
    assert [(item.name, item.content) for item in found.verdicts] == [
        ("external-verdict/ampel", engine)
    ]


def test_a_secret_in_a_reason_is_not_carried() -> None:
    bundle = a_bundle(reason="token ghp_" + "a1B2" * 9)
    with pytest.raises(RefusedError, match="secret"):
        carried(with_consents(evidence(), judge(bundle)))
