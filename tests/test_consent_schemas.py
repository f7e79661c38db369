"""The published JSON Schemas of consent say what the code does: a drift in either shows here."""

import json
from typing import Any

import pytest

from aigf_dvc.attestation.approval_statement import Decision, approval_statement, read_approval
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from tests.attestation.consent_builders import said
from tests.test_schemas import SCHEMAS, validator

TRUST_HEAD = {"schema": "https://aigf-dvc.readthedocs.io/trust/v1", "id": "judges"}
DANA = {"emails": ["dana@corp"], "keys": [{"file": "dana.pub"}]}
IDENTITY = {"identity": "max@corp", "issuer": "https://issuer"}
TRUSTED: dict[str, Any] = {
    **TRUST_HEAD,
    "expires": "2027-06-30",
    "trusted_root": "root.json",
    "people": {
        "Dana Risk": DANA,
        "max": {"identities": [{**IDENTITY, "valid_from": "2026-01-01"}]},
    },
    "roles": {"waive": ["Dana Risk"], "risk-owner": ["Dana Risk", "max"]},
    "engines": {"ampel": {"types": ["svr"], "verifier": "v", "keys": [{"pem": "PEM"}]}},
}


def _person(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (of any form)
    return {**TRUST_HEAD, "people": {"Dana": fields}}


def _key(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (of any form)
    return _person(keys=[fields])


PINNED = {"file": "f", "sha256": "sha256:" + "a" * 64}
WORKFLOW = {
    "identity_pattern": "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main",
    "issuer": "https://token.actions.githubusercontent.com",
    "source_repository": "https://github.com/acme/*",
    "source_ref": "refs/heads/main",
    "runner_environment": "github-hosted",
    "trusted_root": "own",
}
DEMANDS: dict[str, Any] = {
    "policies": ["sha256:" + "b" * 64],
    "thresholds": {"attest": 2},
    "transparency_log": "required",
    "timestamp": "required",
    "max_age": "30d",
    "min_trust": "observed",
    "source_repository": "https://github.com/acme/fraud",
    "revocations": "required",
    "releases": "optional",
}
WHOLE: dict[str, Any] = {
    **TRUSTED,
    "trusted_roots": {"own": PINNED},
    "authorities": {"corp": {"certificates": PINNED, "timestamps": PINNED}},
    "services": {
        "release": {"identities": [WORKFLOW], "environments": ["production"]},
        "box": {
            "keys": [{"file": "box.pub", "authority": "corp"}],
            "certificates": [{"identity": "box@corp", "authority": "corp"}],
            "predicate_types": ["https://aigf-dvc.readthedocs.io/predicates/run-record/v1"],
        },
    },
    "roles": {**TRUSTED["roles"], "attest": ["release", "max"], "observe": ["box"]},
    "demands": DEMANDS,
}


def _identity(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (of any form)
    kept = {key: value for key, value in ({**WORKFLOW, **fields}).items() if value is not None}
    service = {"release": {"identities": [kept]}}
    return {**TRUST_HEAD, "services": service, "trusted_roots": {"own": PINNED}}


def _demanding(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (of any form)
    return {**WHOLE, "demands": fields}


GOOD_TRUST: list[dict[str, Any]] = [
    WHOLE,
    {**TRUST_HEAD, "includes": [PINNED], "roles": {"attest": ["release"]}},
    {**TRUST_HEAD, "open_roles": ["attest", "engines"], "demands": {"timestamp": "optional"}},
    *({**WHOLE, "demands": {key: value}} for key, value in DEMANDS.items()),
    _identity(source_repository=None, source_ref="refs/tags/v*", runner_environment=None),
    _identity(identity="max@corp", identity_pattern=None),
    _identity(identity_pattern="*@corp.example"),
    TRUSTED,
    {**TRUST_HEAD, "people": {"Dana": DANA}},
    {**TRUST_HEAD, "engines": TRUSTED["engines"]},
    _key(file="a", fingerprint="sha256:" + "a" * 64, valid_until="2026-12-31"),
]
BAD_TRUST: list[dict[str, Any]] = [
    {},
    TRUST_HEAD,
    {**TRUSTED, "schema": "https://aigf-dvc.readthedocs.io/trust/v2"},
    {**TRUSTED, "id": " "},
    {**TRUSTED, "expires": "soon"},
    {**TRUSTED, "threshold": 2},
    {**TRUSTED, "people": {}},
    {**TRUSTED, "roles": {"Risk Owner": ["Dana Risk"]}},
    {**TRUSTED, "roles": {"waive": []}},
    {**TRUSTED, "roles": {"waive": "Dana Risk"}},
    {**TRUSTED, "engines": {"ampel": {"keys": [{"file": "a"}]}}},
    {**TRUSTED, "engines": {"ampel": {"types": ["oscal"], "keys": [{"file": "a"}]}}},
    {**TRUSTED, "engines": {"ampel": {"types": ["svr"]}}},
    {**TRUST_HEAD, "people": {"Dana\x1b[2J": DANA}},
    {**TRUST_HEAD, "people": {"x" * 65: DANA}},
    {**TRUST_HEAD, "people": {" ": DANA}},
    _person(emails=["dana@corp"]),
    _person(**{**DANA, "emails": ["dana"]}),
    _person(**{**DANA, "phone": "1"}),
    _person(identities=[{"identity": "a"}]),
    _person(keys=[]),
    _key(file="a", pem="b"),
    _key(valid_from="2026-01-01"),
    _key(file="a", fingerprint="abc"),
    _key(file="a", valid_until=2026),
    {**WHOLE, "demands": {}},
    {**WHOLE, "includes": []},
    {**WHOLE, "includes": [PINNED] * 9},
    {**WHOLE, "includes": [{"file": "org.yaml"}]},
    {**WHOLE, "open_roles": ["Risk Owner"]},
    {**WHOLE, "trusted_roots": {"own": {"file": "f", "sha256": "a" * 64}}},
    {**WHOLE, "trusted_roots": {"own": {**PINNED, "url": "https://x"}}},
    {**WHOLE, "authorities": {"corp": {"certificates": PINNED}}},
    {**WHOLE, "authorities": {"corp": {"timestamps": "tsa.pem"}}},
    {**WHOLE, "services": {"release": {"emails": ["a@b"], "keys": [{"file": "a"}]}}},
    {**WHOLE, "services": {"release": {"environments": ["production"]}}},
    {**WHOLE, "services": {"release": {"keys": [{"file": "a"}], "environments": []}}},
    _demanding(thresholds={"attest": 0}),
    _demanding(thresholds={"attest": 17}),
    _demanding(thresholds={"approve": 2}),
    _demanding(transparency_log="yes"),
    _demanding(timestamp="refused"),
    _demanding(max_age="12h"),
    _demanding(min_trust="high"),
    _demanding(policies=["b" * 64]),
    _demanding(source_repository="https://github.com/**"),
    _demanding(quorum=2),
    _identity(identity="max@corp"),
    _identity(identity_pattern=None),
    _identity(identity_pattern="max@corp"),
    _identity(identity_pattern="https://github.com/acme/**/release.yml"),
    _identity(identity_pattern="https://github.com/acme/%2a/*"),
    _identity(issuer=None),
    _identity(source_ref="refs/heads/**"),
    _identity(runner_environment=""),
    _identity(workflow="release.yml"),
    _identity(valid_until="soon"),
]


@pytest.mark.parametrize("trust", GOOD_TRUST)
def test_the_schema_and_the_reader_accept_the_same_trust_files(trust: dict[str, Any]) -> None:
    validator("trust-v1").validate(trust)
    assert read_trust(json.dumps(trust).encode(), where="trust.yaml").id == "judges"


@pytest.mark.parametrize("trust", BAD_TRUST)
def test_the_schema_and_the_reader_refuse_the_same_trust_files(trust: dict[str, Any]) -> None:
    assert not validator("trust-v1").is_valid(trust)
    with pytest.raises(InputError):
        read_trust(json.dumps(trust).encode(), where="trust.yaml")


def test_the_schema_of_trust_files_knows_every_type_of_verdict() -> None:
    schema = json.loads((SCHEMAS / "trust-v1.schema.json").read_text())
    types = schema["$defs"]["engine"]["properties"]["types"]["items"]["enum"]
    assert types == list(VerdictType)


@pytest.mark.parametrize("decision", Decision)
def test_the_schema_of_approvals_says_what_is_written_and_refuses_what_is_not_read(
    decision: Decision,
) -> None:
    schema = validator("approval-v1")
    statement = json.loads(approval_statement(said(decision)))
    schema.validate(statement)
    schema.validate(json.loads(approval_statement(said(decision, expires=None))))
    for key in statement["predicate"]:
        less = {k: v for k, v in statement["predicate"].items() if k != key}
        changed = statement | {"predicate": less}
        assert schema.is_valid(changed) == (key == "expires"), key
    changes: list[dict[str, Any]] = [
        {"scope": "all"}, {"role": ""}, {"issued": "today"}, {"expires": "never"},
        {"decision": "perhaps"},
        {"rules": []} if decision is Decision.WAIVE else {"rules": ["fairness"]},
    ]  # fmt: skip
    for change in changes:
        changed = statement | {"predicate": statement["predicate"] | change}
        assert not schema.is_valid(changed), change
        with pytest.raises(RefusedError):
            read_approval(read_statement(json.dumps(changed).encode()))
    assert not schema.is_valid(statement | {"subject": []})
