"""A workflow, or a key in a log, attests by its line of the trust file, and no other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.tally import owners_of
from aigf_dvc.digests import sha256
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.keyless import sign_keyless
from aigf_dvc.signing.keys import signed_statement
from aigf_dvc.signing.log_upload import log_signature
from aigf_dvc.signing.private_keys import load_private_key
from tests.attestation.builders import (
    COMMIT,
    REPOSITORY,
    a_payload,
    some_demands,
)
from tests.cli.test_verify_trust import demanding
from tests.cli.trust_judging import (
    ISSUER,
    PAIRS,
    PATTERN,
    PEOPLE,
    RELEASE,
    WORKFLOW,
    judged,
    key,
    signed,
)
from tests.local_sigstore.server import LocalSigstore


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
