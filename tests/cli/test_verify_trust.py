"""Who may attest by a trust file, about what and when; and by how many a model must be attested."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import StepName
from aigf_dvc.cli.verify_trust import tightened
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import (
    ISSUED,
    POLICY,
    REPOSITORY,
    a_deployment,
    a_payload,
    some_demands,
)
from tests.cli.trust_judging import (
    BOTH,
    HEAD,
    PAIRS,
    PEOPLE,
    RELEASE,
    TWO,
    judged,
    key,
    refusal,
    signed,
)


def test_the_trust_file_alone_says_who_may_attest_and_by_which_line() -> None:
    (one,), code = judged(RELEASE, signed("release"))
    assert code == 0
    assert one.signer is not None
    assert one.signer.line is not None
    assert (one.signer.line.owner, one.signer.line.where) == ("release", "trust.yaml:3")
    assert "of release (trust.yaml:3)" in one.steps[1].detail
    assert "release may say so" in one.steps[2].detail


def test_people_may_attest_too_and_only_those_of_the_role() -> None:
    assert judged(BOTH, signed("dana"))[1] == 0
    for name in ("max", "eve"):
        assert "SIGNATURE signed by nobody whom trust.yaml lets attest" in refusal(
            BOTH, signed(name)
        )


def test_a_changed_statement_says_whose_it_would_be() -> None:
    document = json.loads(signed("release"))
    document["dsseEnvelope"]["payload"] = document["dsseEnvelope"]["payload"][:-4] + "AA=="
    said = refusal(RELEASE, json.dumps(document).encode())
    assert "release (trust.yaml:3): " in said


@pytest.mark.parametrize(
    ("scope", "problem"),
    [
        ("environments: [production]", ""),
        ("environments: [staging]", "release may not speak for 'production'"),
        ("predicate_types: ['https://aigf-dvc.readthedocs.io/predicates/deployment/v1']", ""),
        ("predicate_types: ['https://slsa.dev/provenance/v1']", "release may not sign"),
    ],
)
def test_a_signer_speaks_only_for_what_the_line_names(scope: str, problem: str) -> None:
    text = RELEASE.replace("keys:", f"{scope}, keys:")
    if problem:
        said = refusal(text, signed("release"))
        assert said.startswith("STATEMENT")
        assert problem in said
        assert "trust.yaml:3" in said
    else:
        assert judged(text, signed("release"))[1] == 0


def test_who_may_attest_for_some_environments_may_not_for_none_in_particular() -> None:
    text = RELEASE.replace("keys:", "environments: [production], keys:")
    bundle = signed("release", a_payload(environment=None))
    demands = some_demands(environment=None)
    assert "may not speak for 'no environment'" in refusal(text, bundle, demands=demands)
    assert judged(RELEASE, bundle, demands=demands)[1] == 0


ROTATED = """\
services:
  release:
    keys:
      - {file: release.pub, valid_until: 2026-11-15}
      - {file: new.pub, valid_from: 2026-11-16}
roles: {attest: [release]}
"""


def test_rotation_old_keys_end_and_new_ones_begin() -> None:
    assert judged(ROTATED, signed("new"))[1] == 0
    early = signed("new", a_payload(issued_on=datetime(2026, 11, 15, tzinfo=UTC)))
    assert "valid only from 2026-11-16" in refusal(ROTATED, early)
    assert "valid only until 2026-11-15" in refusal(ROTATED, signed("release"))


def test_an_old_key_cannot_say_an_old_day() -> None:
    """Only its owner says when: so it does not count once its days are over."""
    old = signed("release", a_payload(issued_on=datetime(2026, 11, 10, tzinfo=UTC)))
    assert "STATEMENT" in refusal(ROTATED, old)
    then = some_demands(at=datetime(2026, 11, 12, tzinfo=UTC))
    assert judged(ROTATED, old, demands=then)[1] == 0


def test_a_threshold_counts_owners_not_bundles_nor_keys() -> None:
    tried, code = judged(TWO, signed("release"), signed("dana"))
    assert code == 0
    assert owners_of(tried) == ("release", "Dana")
    assert judged(TWO, signed("release"))[1] == 1
    assert judged(TWO, signed("release"), signed("release"))[1] == 1
    same = signed("release")
    assert judged(TWO, same, same)[1] == 1
    own = TWO.replace("{file: release.pub}", "{file: release.pub}, {file: new.pub}")
    assert judged(own, signed("release"), signed("new"))[1] == 1
    assert judged(own, signed("release"), signed("new"), signed("dana"))[1] == 0
    assert judged(TWO, signed("release"), signed("max"), signed("eve"))[1] == 1


def test_a_borrowed_bundle_does_not_count() -> None:
    other = (ModelFile(name="models/fraud.pkl", sha256=sha256(b"another")),)
    tried, code = judged(TWO, signed("release"), signed("dana"), artifact=other)
    assert code == 1
    assert owners_of(tried) == ()


def test_every_counted_bundle_takes_all_steps() -> None:
    staging = signed("dana", a_payload(environment="staging"))
    tried, code = judged(TWO, signed("release"), staging)
    assert code == 1
    assert owners_of(tried) == ("release",)


def test_a_bundle_that_cannot_be_decided_leaves_the_count_undecided() -> None:
    verdict: Any = json.loads(json.dumps(a_deployment().verdict))
    verdict["findings"][0]["outcome"] = "deferred"
    later = signed("dana", a_payload(verdict=verdict))
    assert judged(TWO, signed("release"), later)[1] == 3


def test_a_key_beside_the_trust_file_must_hold_too() -> None:
    assert judged(BOTH, signed("release"), also=key("release"))[1] == 0
    assert "SIGNATURE" in refusal(BOTH, signed("release"), also=key("dana"))
    assert "lets attest" in refusal(BOTH, signed("eve"), also=key("eve"))
    nobody = PEOPLE + "roles: {waive: [Dana]}\n"
    assert judged(nobody, signed("eve"), also=key("eve"))[1] == 0  # the file names no attester
    logged = nobody + "demands: {transparency_log: required}\n"
    assert "no transparency log" in refusal(logged, signed("eve"), also=key("eve"))


def demanding(demand: str, *bundles: bytes, **how: Any) -> str:  # noqa: ANN401 (as above)
    text = f"{BOTH}demands: {{{demand}}}\n"
    return refusal(text, *(bundles or (signed("release"),)), **how)


def test_a_key_bundle_never_passes_where_a_log_or_a_timestamp_is_demanded() -> None:
    assert "no transparency log is proven to have it" in demanding("transparency_log: required")
    assert "only the signer says when" in demanding("timestamp: required")
    assert judged(BOTH + "demands: {transparency_log: refused}\n", signed("release"))[1] == 0


def test_the_trust_files_policies_ages_and_repositories_are_demanded() -> None:
    bare = some_demands(policy_digests=None)
    mine, other = f"sha256:{POLICY.sha256}", f"sha256:{sha256(b'other')}"
    accepted = f"{BOTH}demands: {{policies: ['{mine}', '{other}']}}\n"
    assert judged(accepted, signed("release"), demands=bare)[1] == 0
    assert "POLICY" in demanding(f"policies: ['{other}']", demands=bare)
    # An option accepts what the file does not.
    assert "POLICY" in demanding(f"policies: ['{other}']")
    narrowed = some_demands(policy_digests=frozenset({sha256(b"other")}))
    assert "is not an accepted one" in refusal(accepted, signed("release"), demands=narrowed)
    later = some_demands(at=ISSUED + timedelta(days=2))
    assert "at most 1 days" in demanding("max_age: 1d", demands=later)
    assert "at least reproduced" in demanding("min_trust: reproduced")
    assert f"repository '{REPOSITORY}'" in demanding("source_repository: https://github.com/a/b")
    near = f"{BOTH}demands: {{source_repository: 'https://github.com/acme/*'}}\n"
    (one,), code = judged(near, signed("release"))
    assert code == 0
    assert one.steps[3].detail == f"by the attester's word '{REPOSITORY}', as demanded"


def test_flags_tighten_ages_and_levels_and_never_loosen_them() -> None:
    text = BOTH + "demands: {max_age: 30d, min_trust: observed, thresholds: {attest: 2}}\n"
    trust = open_trust(
        read_trust((HEAD + text).encode(), where=""),
        lambda name: PAIRS[name.removesuffix(".pub")][1],
    )
    for days, expected in ((7, 7), (90, 30), (None, 30)):
        age = None if days is None else timedelta(days=days)
        found = tightened(some_demands(max_age=age), trust, min_trust=None)
        assert found.max_age == timedelta(days=expected)
        assert found.attesters == 2
    assert tightened(some_demands(), trust, min_trust="declared").min_trust == "observed"


def test_the_steps_stay_in_their_order() -> None:
    (one,), _ = judged(RELEASE, signed("release"))
    assert [step.name for step in one.steps] == list(StepName)


@pytest.mark.parametrize(
    ("demand", "name"),
    [("revocations", StepName.REVOCATION), ("releases", StepName.RELEASE)],
)
def test_a_demand_for_lists_is_undecided_where_there_are_none(demand: str, name: StepName) -> None:
    (one,), code = judged(f"{RELEASE}demands: {{{demand}: required}}\n", signed("release"))
    assert code == 3
    assert one.stopped_at is not None
    assert one.stopped_at.name is name
