"""A trust file and what its people and engines say, for tests to bend."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from msgspec.structs import replace

from aigf_dvc.attestation.approval_statement import APPROVAL, Decision, ModelTerms, Said
from aigf_dvc.attestation.engine_statement import PREDICATES
from aigf_dvc.attestation.signed import Signed
from aigf_dvc.attestation.statement import STATEMENT
from aigf_dvc.attestation.trust import Period, TrustFile
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.canonical import dumps
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.evidence.model_file import ModelFile

TODAY = date(2026, 11, 23)
ISSUED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MODEL, TREE, POLICY = sha256(b"model"), sha256(b"tree"), sha256(b"policy")
FILES = (ModelFile(name="models/fraud.pkl", sha256=MODEL),)
DOCUMENT = ModelFile(name="governance/risk.md", sha256=sha256(b"risk"))
BY_KEY = SignerFacts(kind=SignerKind.KEY, name="sha256:abc")

TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
people:
  Dana: {emails: [dana@corp], keys: [{file: dana.pub}]}
  Max: {emails: [max@corp], keys: [{file: max.pub}]}
roles:
  waive: [Dana]
  risk-owner: [Dana, Max]
engines:
  ampel: {types: [svr, test-result], verifier: "https://ampel/v1", keys: [{file: ampel.pub}]}
"""

Json = dict[str, Any]  # Any: a document that tests edit at will


def the_trust() -> TrustFile:
    return read_trust(TRUST.encode(), where="trust.yaml")


def said(decision: Decision = Decision.APPROVE, **changes: Any) -> Said:  # noqa: ANN401 (fields)
    about = ModelTerms(model="fraud", environment="production", policy=POLICY, tree=TREE)
    plain = Said(
        decision=decision,
        role="risk-owner",
        files=(DOCUMENT,) if decision is Decision.SIGN else FILES,
        reason="looked at it",
        issued=ISSUED,
        expires=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        terms=None if decision is Decision.SIGN else about,
        rules=("fairness",) if decision is Decision.WAIVE else (),
    )
    return replace(plain, **changes)


def signed_by(name: str, *, period: Period | None = None, facts: SignerFacts = BY_KEY) -> Signed:
    return Signed(name=name, period=period or Period(), facts=facts)


def approval_payload(predicate: Mapping[str, Any], *, kind: str = APPROVAL) -> bytes:
    return dumps(
        {
            "_type": STATEMENT,
            "subject": [{"name": f.name, "digest": {"sha256": f.sha256}} for f in FILES],
            "predicateType": kind,
            "predicate": dict(predicate),
        }
    )


def an_engine_statement(
    kind: VerdictType = VerdictType.SVR, *, subject: object = None, **changes: object
) -> bytes:
    predicates: dict[VerdictType, Json] = {
        VerdictType.SVR: {
            "verifier": {"id": "https://ampel/v1", "policies": []},
            "timeCreated": "2026-11-20T09:30:00.25Z",
            "properties": ["AMPEL_SCANNED", "AMPEL_SIGNED"],
        },
        VerdictType.VSA: {
            "verifier": {"id": "https://ampel/v1"},
            "timeVerified": "2026-11-20T10:30:00+01:00",
            "resourceUri": "pkg:generic/fraud",
            "policy": {"uri": "https://acme/policy"},
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_2"],
        },
        VerdictType.TEST_RESULT: {
            "result": "PASSED",
            "configuration": [{"name": "ci.yml"}],
            "passedTests": ["robustness", "drift"],
            "warnedTests": [],
            "failedTests": [],
        },
    }
    predicate = {
        key: value for key, value in (predicates[kind] | changes).items() if value is not None
    }
    named = [{"digest": {"sha256": MODEL, "sha512": "ab"}}] if subject is None else subject
    return dumps(
        {
            "_type": STATEMENT,
            "subject": named,
            "predicateType": PREDICATES[kind],
            "predicate": predicate,
        }
    )
