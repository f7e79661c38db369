"""Who may attest by a trust file, about what and when; and by how many a model must be attested."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.verify import Artifact, Candidates, exit_code, verify
from aigf_dvc.attestation.demands import Demands
from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.attestation.verification import StepName, Verification
from aigf_dvc.cli.verify_trust import attester, tightened
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import generate_key, load_private_key, load_public_key, signed_statement
from aigf_dvc.signing.log_upload import log_signature
from aigf_dvc.signing.open import AnySigner, KeySigner
from aigf_dvc.signing.trusted import open_trust
from tests.attestation.builders import (
    COMMIT,
    DEPLOYED,
    ISSUED,
    MODEL_BYTES,
    POLICY,
    REPOSITORY,
    a_deployment,
    a_payload,
    some_demands,
)
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("release", "new", "dana", "max", "eve")}
ISSUER = "https://issuer.test.example"
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
PATTERN = "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main"
HEAD = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
PEOPLE = "people:\n  Dana: {keys: [{file: dana.pub}]}\n  Max: {keys: [{file: max.pub}]}\n"
RELEASE = "services: {release: {keys: [{file: release.pub}]}}\nroles: {attest: [release]}\n"
BOTH = PEOPLE + RELEASE.replace("[release]", "[release, Dana]")
TWO = BOTH + "demands: {thresholds: {attest: 2}}\n"


def signed(name: str, payload: bytes | None = None) -> bytes:
    key = load_private_key(PAIRS[name][0], None, where="test")
    return sign_statement(payload if payload is not None else a_payload(), key)


def judged(
    text: str,
    *bundles: bytes,
    also: AnySigner | None = None,
    files: Mapping[str, bytes] | None = None,
    demands: Demands | None = None,
    artifact: tuple[ModelFile, ...] = DEPLOYED,
) -> tuple[tuple[Verification, ...], int]:
    """Verify as `aigf verify --trust` does, and return what came of it with the exit code."""

    def read(name: str) -> bytes:
        return (files or {}).get(name) or PAIRS[name.removesuffix(".pub")][1]

    def chosen() -> AnySigner:
        assert also is not None
        return also

    trust = open_trust(read_trust((HEAD + text).encode(), where="trust.yaml"), read)
    wanted = tightened(demands or some_demands(), trust, min_trust=None)
    signer = attester(trust, chosen, named=also is not None)
    model = Artifact(files=artifact, key=sha256(MODEL_BYTES))
    found = Candidates(bundles=bundles, beside={}, place="here")
    tried = verify(model, found, signer=signer, demands=wanted)
    return tried, exit_code(tried, attesters=wanted.attesters)


def refusal(text: str, *bundles: bytes, **how: Any) -> str:  # noqa: ANN401 (the options of judged)
    tried, code = judged(text, *bundles, **how)
    assert code == 1
    stopped = max(tried, key=lambda one: one.steps_taken).stopped_at
    assert stopped is not None
    return f"{stopped.name.name} {stopped.detail}"


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


def key(name: str) -> KeySigner:
    return KeySigner(public_key=load_public_key(PAIRS[name][1], where="test"))


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


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running
    assert running.errors == []


CLAIMS = {
    "repository_uri": REPOSITORY,
    "sha": COMMIT,
    "ref": "refs/heads/main",
    "runner_environment": "github-hosted",
}


def keyless(sigstore: LocalSigstore, identity: str = WORKFLOW, **claims: str) -> bytes:
    when = datetime.now(UTC).replace(microsecond=0)
    return sign_keyless(
        a_payload(issued_on=when),
        trust_config=json.dumps(sigstore.trust_config()).encode(),
        identity_token=sigstore.token(identity, claims=CLAIMS | claims),
        consent_public=False,
        interactive=False,
    )


def test_a_borrowed_entry_of_a_log_proves_nothing_and_is_refused_where_logs_are(
    sigstore: LocalSigstore,
) -> None:
    entries = json.loads(keyless(sigstore))["verificationMaterial"]["tlogEntries"]
    document = json.loads(signed("release"))
    document["verificationMaterial"]["tlogEntries"] = entries
    bundle = json.dumps(document).encode()
    assert "no transparency log is proven" in demanding("transparency_log: required", bundle)
    assert "a transparency log has it" in demanding("transparency_log: refused", bundle)


def in_log(sigstore: LocalSigstore, rekor: Literal[1, 2] = 1, name: str = "release") -> bytes:
    """A key's bundle, with the entry of the local log about it."""
    payload = a_payload(issued_on=datetime.now(UTC).replace(microsecond=0))
    key = load_private_key(PAIRS[name][0], None, where="test")
    signature, public = key_kinds.sign(key, pae(payload)), key.public_key()
    entry = log_signature(payload, signature, public, url=sigstore.url, version=rekor)
    return signed_statement(payload, signature, public, entry=entry)


LOGGED = "demands: {transparency_log: required}\n"


@pytest.mark.parametrize(
    ("text", "rekor"),
    [
        (RELEASE + "trusted_root: root.json\n", 1),
        (RELEASE + "trusted_root: root.json\n", 2),
        (RELEASE.replace("release.pub", "release.pub, trusted_root: own"), 1),
    ],
)
def test_a_key_whose_signature_a_trusted_log_has_passes_where_a_log_is_demanded(
    sigstore: LocalSigstore, text: str, rekor: Literal[1, 2]
) -> None:
    assert by_workflow(sigstore, in_log(sigstore, rekor), text + LOGGED) == "accepted"
    said = by_workflow(sigstore, signed("release"), text + LOGGED)
    assert said.startswith("SIGNATURE signed with a key: no transparency log is proven to have it")
    timed = LOGGED.replace("required}", "required, timestamp: required}")
    said = by_workflow(sigstore, in_log(sigstore, rekor), text + timed)
    assert said == "accepted" if rekor == 1 else "only the signer says when" in said


def test_the_entry_of_another_log_or_another_signature_proves_nothing(
    sigstore: LocalSigstore,
) -> None:
    with LocalSigstore(issuer=ISSUER) as other:
        foreign = in_log(other)
    text = RELEASE + "trusted_root: root.json\n" + LOGGED
    said = by_workflow(sigstore, foreign, text)
    assert "no transparency log is proven to have it: log entry: an entry of the log" in said
    one, two = (json.loads(in_log(sigstore)) for _ in range(2))
    one["verificationMaterial"] |= {"tlogEntries": in_log_of(in_log(sigstore, name="new"))}
    said = by_workflow(sigstore, json.dumps(one).encode(), text)
    assert "it is about another signature" in said
    public = RELEASE + LOGGED  # of which the public instance knows nothing
    assert "an entry of the log" in by_workflow(sigstore, json.dumps(two).encode(), public)


def in_log_of(bundle: bytes) -> Any:  # noqa: ANN401 (a document)
    return json.loads(bundle)["verificationMaterial"]["tlogEntries"]


def test_a_key_that_the_caller_names_is_held_to_the_files_log(sigstore: LocalSigstore) -> None:
    nobody = PEOPLE + "roles: {waive: [Dana]}\ntrusted_root: root.json\n" + LOGGED
    root = json.dumps(sigstore.trusted_root()).encode()
    demands = replace(some_demands(), at=datetime.now(UTC))
    for bundle, wanted in ((in_log(sigstore), 0), (signed("release"), 1)):
        _, code = judged(
            nobody, bundle, also=key("release"), files={"root.json": root}, demands=demands
        )
        assert code == wanted


def by_workflow(sigstore: LocalSigstore, bundle: bytes, text: str) -> str:
    root = json.dumps(sigstore.trusted_root()).encode()
    demands = replace(some_demands(), at=datetime.now(UTC))
    files = {"root.json": root}
    pin = f"trusted_roots: {{own: {{file: root.json, sha256: 'sha256:{sha256(root)}'}}}}\n"
    tried, code = judged(text + pin, bundle, files=files, demands=demands)
    stopped = tried[0].stopped_at
    return "accepted" if code == 0 or stopped is None else f"{stopped.name.name} {stopped.detail}"


def workflow(identity: str = f"identity_pattern: {PATTERN}", more: str = "") -> str:
    line = f"{{{identity}, issuer: '{ISSUER}', trusted_root: own{more}}}"
    return f"services: {{release: {{identities: [{line}]}}}}\nroles: {{attest: [release]}}\n"


def test_a_workflow_attests_by_a_pattern_its_repository_ref_and_runner(
    sigstore: LocalSigstore,
) -> None:
    bundle = keyless(sigstore)
    more = ", source_repository: 'https://github.com/acme/*', source_ref: refs/heads/main"
    text = workflow(more=f"{more}, runner_environment: github-hosted")
    assert by_workflow(sigstore, bundle, text) == "accepted"
    assert by_workflow(sigstore, bundle, workflow(f"identity: {WORKFLOW}")) == "accepted"
    logged = workflow() + "demands: {transparency_log: required, timestamp: required}\n"
    assert by_workflow(sigstore, bundle, logged) == "accepted"
    refused = workflow() + "demands: {transparency_log: refused}\n"
    assert by_workflow(sigstore, bundle, refused).startswith("SIGNATURE a transparency log has it")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (", source_repository: 'https://github.com/acme/other'", "names the repository"),
        (", source_ref: refs/heads/release", "names the ref 'refs/heads/main'"),
        (", source_ref: 'refs/tags/*'", "names the ref"),
        (", runner_environment: self-hosted", "names the runner 'github-hosted'"),
    ],
)
def test_a_certificate_of_another_source_is_refused(
    sigstore: LocalSigstore, more: str, problem: str
) -> None:
    said = by_workflow(sigstore, keyless(sigstore), workflow(more=more))
    assert said.startswith("SOURCE the certificate")
    assert problem in said
    assert "trust.yaml:3 demands" in said


def test_a_certificate_that_says_nothing_of_its_runner_is_refused_where_one_is_demanded(
    sigstore: LocalSigstore,
) -> None:
    bundle = sign_keyless(
        a_payload(issued_on=datetime.now(UTC).replace(microsecond=0)),
        trust_config=json.dumps(sigstore.trust_config()).encode(),
        identity_token=sigstore.token(WORKFLOW),
        consent_public=False,
        interactive=False,
    )
    text = workflow(more=", runner_environment: github-hosted")
    assert "names the runner None" in by_workflow(sigstore, bundle, text)
    assert by_workflow(sigstore, bundle, workflow()) == "accepted"


def test_identities_that_no_line_names_are_refused(sigstore: LocalSigstore) -> None:
    for other in (WORKFLOW.replace("acme", "evil"), WORKFLOW.replace("release", "train")):
        said = by_workflow(sigstore, keyless(sigstore, other), workflow())
        assert said.startswith("SIGNATURE signed by nobody")
    elsewhere = workflow().replace(ISSUER, "https://issuer.evil.example")
    said = by_workflow(sigstore, keyless(sigstore), elsewhere)
    assert said.startswith("SIGNATURE signed by nobody")
    assert "release (trust.yaml:3)" in said
    with LocalSigstore(issuer=ISSUER) as another:
        foreign = keyless(another)
    assert by_workflow(sigstore, foreign, workflow()).startswith("SIGNATURE signed by nobody")


def test_one_signature_that_matches_lines_of_two_owners_counts_once(
    sigstore: LocalSigstore,
) -> None:
    first = workflow().split("\n")[0].removesuffix("}")
    exact = f"{{identity: {WORKFLOW}, issuer: '{ISSUER}', trusted_root: own}}"
    text = (
        f"{first}, twin: {{identities: [{exact}], environments: [staging, production]}}}}\n"
        "roles: {attest: [release, twin]}\ndemands: {thresholds: {attest: 2}}\n"
    )
    root = json.dumps(sigstore.trusted_root()).encode()
    pin = f"trusted_roots: {{own: {{file: root.json, sha256: 'sha256:{sha256(root)}'}}}}\n"
    tried, code = judged(
        text + pin, keyless(sigstore), keyless(sigstore), files={"root.json": root},
        demands=replace(some_demands(), at=datetime.now(UTC)),
    )  # fmt: skip
    assert code == 1
    assert len(owners_of(tried)) == 1


def test_a_line_that_refuses_leaves_the_word_to_another_that_accepts(
    sigstore: LocalSigstore,
) -> None:
    narrow = workflow(more=", runner_environment: self-hosted")
    exact = f"{{identity: {WORKFLOW}, issuer: '{ISSUER}', trusted_root: own}}"
    both = narrow.replace(
        "own, runner_environment: self-hosted}]",
        f"own, runner_environment: self-hosted}}, {exact}]",
    )
    assert by_workflow(sigstore, keyless(sigstore), both) == "accepted"


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
