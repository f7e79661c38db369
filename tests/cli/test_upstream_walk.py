"""Whose upstream attestations are believed: a key of the trust file is held to its line."""

from pathlib import Path

import pytest

from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.actions.verify import Artifact, Candidates, verify
from aigf_dvc.cli.upstream_walk import upstream_trust
from aigf_dvc.digests import sha256
from aigf_dvc.signing.trusted import Trust
from tests.actions.list_signing import PAIRS, sign
from tests.attestation.builders import DEPLOYED, MODEL_BYTES, a_payload, some_demands

TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services:
  data-team: {keys: [{file: ops.pub}]}
  other: {keys: [{file: sec.pub}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (_, public) in PAIRS.items():
        (tmp_path / f"{name}.pub").write_bytes(public)
    return tmp_path


def a_trust(folder: Path, more: str) -> Trust:
    path = folder / "trust.yaml"
    path.write_text(TRUST + more)
    return load_trust(path)


def believed(folder: Path, trust: Trust | None) -> bool:
    demands = some_demands()
    found = upstream_trust((), (folder / "ops.pub",), None, demands=demands, trust=trust)
    (signer,) = found.signers
    outcomes = verify(
        Artifact(files=DEPLOYED, key=sha256(MODEL_BYTES)),
        Candidates(bundles=(sign(a_payload(), "ops"),), beside={}, place="here"),
        signer=signer,
        demands=found.demands,
    )
    return outcomes[0].accepted


def test_a_key_that_the_trust_file_knows_needs_the_role_and_a_line_that_covers_it(
    folder: Path,
) -> None:
    assert believed(folder, None)
    assert believed(folder, a_trust(folder, "roles: {attest: [data-team, other]}\n"))
    assert not believed(folder, a_trust(folder, "roles: {attest: [other]}\n"))
    assert not believed(folder, a_trust(folder, "roles: {observe: [data-team]}\n"))
    ended = "roles: {attest: [data-team]}\n"
    path = folder / "trust.yaml"
    path.write_text(TRUST.replace("ops.pub", "ops.pub, valid_until: 2026-11-19") + ended)
    assert not believed(folder, load_trust(path))


def test_a_key_that_it_does_not_know_is_believed_as_the_caller_says(folder: Path) -> None:
    trust = a_trust(folder, "roles: {attest: [other]}\n")
    path = folder / "trust.yaml"
    path.write_text(path.read_text().replace("ops.pub", "eve.pub"))
    assert trust.holding("attest")
    assert believed(folder, load_trust(path))
