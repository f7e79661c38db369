"""What a person is asked to sign is this commit's model under its policy, or nothing."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.approve import Prepared, Request, prepare, sign
from aigf_dvc.attestation.approval_statement import Decision, ModelTerms, read_approval
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, InputError, RefusedError
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.policy.verdict import Outcome, Result
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.playground import MODEL, Playground, statement_of
from tests.signing.by_key import sign_statement

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RISK = "governance/documents/risk.md"
POLICY = "governance/policy.yaml"


def request(playground: Playground) -> Request:
    return Request(project=playground.project, at=AT, reason="fine", role="risk-owner")


def refusal(wanted: Request) -> AigfError:
    with pytest.raises(AigfError) as caught:
        prepare(wanted)
    return caught.value


def waiver(playground: Playground, rule: str = "latency", until: date | None = None) -> Request:
    until = until or date(2026, 12, 31)
    return replace(request(playground), rules=(rule,), until=until)


def test_an_approval_is_bound_to_model_tree_policy_and_environment(playground: Playground) -> None:
    prepared = prepare(request(playground))
    model = sha256((playground.root / MODEL).read_bytes())
    assert prepared.said.decision is Decision.APPROVE
    assert prepared.said.files == (ModelFile(name=MODEL, sha256=model),)
    assert prepared.key == model
    with playground.commit_snapshot() as snapshot:
        tree = snapshot.tree_digest()
    assert prepared.said.terms == ModelTerms(
        model="scorer",
        environment="production",
        policy=sha256((playground.root / POLICY).read_bytes()),
        tree=tree,
    )
    assert prepared.said.expires is None
    assert prepared.commit == playground.git("rev-parse", "HEAD")
    assert read_approval(read_statement(prepared.payload)) == prepared.said
    assert prepared.verdict is not None
    assert prepared.verdict.result is Result.PASSED


def test_the_findings_of_today_are_of_all_that_the_policy_asks_for(playground: Playground) -> None:
    playground.write("requirements.lock", "numpy==1.26.4\n")
    playground.write(
        POLICY,
        playground.read(POLICY)
        + """
  - {id: old, kind: packages, from: lock-file, deny: ["numpy<2"]}
""",
    )
    playground.commit()
    verdict = prepare(request(playground)).verdict
    assert verdict is not None
    (found,) = [finding for finding in verdict.findings if finding.rule == "old"]
    assert found.outcome is Outcome.DENIED
    assert "numpy" in found.observed


def test_what_is_signed_is_the_prepared_bytes(playground: Playground) -> None:
    prepared: Prepared = prepare(request(playground))
    key = load_private_key(generate_key(None)[0], None, where="key")
    stored = sign(prepared, lambda payload: sign_statement(payload, key))
    assert stored.model == prepared.key
    assert statement_of(stored.data) == json.loads(prepared.payload)


def test_a_waiver_ends_with_its_last_day(playground: Playground) -> None:
    prepared = prepare(waiver(playground))
    assert prepared.said.decision is Decision.WAIVE
    assert prepared.said.rules == ("latency",)
    assert prepared.said.expires == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_waiver_without_a_role_is_signed_as_one_who_may_waive(playground: Playground) -> None:
    assert prepare(replace(waiver(playground), role="")).said.role == "waive"


@pytest.mark.parametrize(
    ("edit", "change", "problem"),
    [
        ("", {"rules": ("latncy",)}, "no rule `latncy`"),
        ("", {"until": None}, "a waiver without an end"),
        ("", {"until": date(2027, 2, 22)}, "at most 90 days"),
        ("waivers: {roles: [cro]}\nrules:", {}, "a waiver signed as risk-owner"),
        ("waivers: {max_duration: 7d}\nrules:", {}, "at most 7 days"),
    ],
)
def test_a_waiver_that_could_never_count_is_not_signed(
    playground: Playground, edit: str, change: dict[str, object], problem: str
) -> None:
    if edit:
        playground.replace(POLICY, "rules:", edit)
        playground.commit()
    error = refusal(replace(waiver(playground), **change))  # by name
    assert isinstance(error, InputError)
    assert problem in str(error)


def test_a_rule_that_is_not_waivable_is_not_waived(playground: Playground) -> None:
    playground.replace(POLICY, "max: 500", "max: 500\n    waivable: false")
    playground.commit()
    assert "cannot be waived" in str(refusal(waiver(playground)))


def test_a_document_is_signed_as_the_commit_has_it(playground: Playground) -> None:
    prepared = prepare(replace(request(playground), document=RISK))
    digest = sha256((playground.root / RISK).read_bytes())
    assert prepared.said.files == (ModelFile(name=RISK, sha256=digest),)
    assert (prepared.key, prepared.said.terms, prepared.verdict) == (digest, None, None)
    missing = refusal(replace(request(playground), document="governance/none.md"))
    assert "not in the commit" in str(missing)


def test_a_dirty_tree_is_not_signed_for_and_a_named_commit_is(playground: Playground) -> None:
    head = playground.git("rev-parse", "HEAD")
    before = prepare(request(playground)).said
    playground.write("src/train.sh", "echo other\n")
    assert isinstance(refusal(request(playground)), RefusedError)
    assert prepare(replace(request(playground), revision=head)).said == before


def test_other_bytes_than_the_recorded_model_are_not_signed_for(playground: Playground) -> None:
    playground.edit_keeping_size_and_mtime(MODEL)
    assert "the bytes here are others" in str(refusal(request(playground)))
    (playground.root / MODEL).unlink()
    assert "dvc pull" in refusal(request(playground)).hint


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"reason": "  "}, "no reason"),
        ({"role": "Chief Officer"}, "the role 'Chief Officer'"),
        ({"role": ""}, "the role ''"),
        ({"until": date(2026, 11, 22)}, "is over"),
        ({"model": "fraud"}, "no model named 'fraud'"),
        ({"reason": "token ghp_" + "a1B2" * 9}, "secret"),
    ],
)
def test_what_makes_no_sense_is_not_signed(
    playground: Playground, change: dict[str, object], problem: str
) -> None:
    assert problem in str(refusal(replace(request(playground), **change)))


def test_one_of_several_models_must_be_named(playground: Playground) -> None:
    playground.write(
        "aigf.yaml", playground.read("aigf.yaml") + "  other: {path: data/clean.csv}\n"
    )
    playground.commit()
    assert "one of scorer, other" in str(refusal(request(playground)))
    assert prepare(replace(request(playground), model="scorer")).said.terms is not None


def test_another_policy_and_environment_can_be_approved_under(
    playground: Playground, tmp_path: Path
) -> None:
    part = b"rules:\n  - {id: card, kind: required-fields, fields: [license]}\n"
    (tmp_path / "part.yaml").write_bytes(part)
    own = tmp_path / "own.yaml"
    own.write_text(
        f'id: own\nversion: "1"\nincludes: [{{path: part.yaml, sha256: "{sha256(part)}"}}]\n'
    )
    terms = prepare(replace(request(playground), policy=own, environment="staging")).said.terms
    assert terms is not None
    assert (terms.policy, terms.environment) == (sha256(own.read_bytes()), "staging")


def test_every_file_of_a_directory_is_signed_for(playground: Playground) -> None:
    playground.replace("dvc.yaml", "outs: [models/model.bin]", "outs: [models]")
    playground.replace("dvc.yaml", "deps: [models/model.bin,", "deps: [models,")
    playground.write(
        "src/train.sh", "rm -rf models; mkdir -p models; echo w > models/w; echo v > models/v\n"
    )
    playground.replace("aigf.yaml", "path: models/model.bin", "path: models")
    playground.dvc("repro", "--quiet")
    playground.commit()
    prepared = prepare(request(playground))
    assert [file.name for file in prepared.said.files] == ["models/v", "models/w"]
    assert prepared.key not in {file.sha256 for file in prepared.said.files}


def test_a_role_that_no_rule_asks_for_is_warned_about(playground: Playground) -> None:
    playground.aigf("key", "generate", "../bob.key", "--no-passphrase")
    sign = ["approve", "--key", "../bob.key", "--reason", "seen", "--yes", "--output", "../a.json"]
    odd = playground.aigf(*sign, "--role", "model-validater")
    assert odd.returncode == 0, odd.stderr
    assert "no rule of the policy asks for the role model-validater" in odd.stderr
    policy = playground.read("governance/policy.yaml")
    rule = "  - {id: validated, kind: approvals, role: model-validator}\n"
    playground.write("governance/policy.yaml", policy.rstrip() + "\n" + rule)
    playground.commit()
    right = playground.aigf(*sign, "--role", "model-validator")
    assert "warning" not in right.stderr
    wrong = playground.aigf(*sign, "--role", "model-validater")
    assert "its rules ask for model-validator" in wrong.stderr
