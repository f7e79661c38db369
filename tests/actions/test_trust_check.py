"""`aigf trust check` finds what will not hold, and says which line accepts or refuses a bundle."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aigf_dvc.actions.trust_check import ask
from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.attestation.approval_statement import approval_statement
from aigf_dvc.attestation.reproduction_statement import reproduction_statement
from aigf_dvc.attestation.run_statement import run_statement
from aigf_dvc.attestation.trust_lint import Level, lint_trust
from aigf_dvc.attestation.trust_outcome import BundleOutcome
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.cli.main import aigf
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.bundle import pae
from aigf_dvc.signing.keys import fingerprint, signed_statement
from aigf_dvc.signing.log_upload import log_signature
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.attestation.builders import a_payload
from tests.attestation.consent_builders import an_engine_statement, said
from tests.evidence.test_reproduction import a_reproduction
from tests.evidence.test_run_record import a_record
from tests.local_sigstore.server import LocalSigstore
from tests.signing.by_key import sign_statement

PAIRS = {name: generate_key(None) for name in ("release", "box", "dana", "ampel", "eve")}
AT = datetime(2026, 11, 26, tzinfo=UTC)
TODAY = AT.date()
HEAD = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
TRUST = (
    HEAD
    + """\
expires: 2027-06-30
people:
  Dana: {keys: [{file: dana.pub}]}
services:
  release: {keys: [{file: release.pub}], environments: [staging]}
  box:
    keys:
      - {file: box.pub}
engines:
  ampel: {types: [svr], keys: [{file: ampel.pub}]}
roles:
  attest: [release]
  observe: [box]
  reproduce: [box]
  risk-owner: [Dana]
demands: {policies: [sha256:POLICY]}
""".replace("POLICY", "a" * 64)
)


def test_a_log_is_demanded_of_nobody_who_cannot_be_in_one() -> None:
    logged = TRUST.replace("demands: {", "demands: {transparency_log: required, ")
    pin = "{file: ca.pem, sha256: sha256:" + "b" * 64 + "}"
    corp = f"authorities: {{corp: {{certificates: {pin}, timestamps: {pin}}}}}\n"
    by_certificate = logged.replace(
        "keys: [{file: release.pub}]", "certificates: [{identity: ml@corp, authority: corp}]"
    )
    texts = [
        [remark.text for remark in lint_trust(read_trust(text.encode(), where="t"), TODAY)]
        for text in (logged, by_certificate + corp)
    ]
    assert texts == [
        [], ["`transparency_log: required`, and certificates of one's own PKI stand in none"],
    ]  # fmt: skip


def test_a_key_whose_signature_a_log_has_is_accepted_where_a_log_is_demanded(
    tmp_path: Path,
) -> None:
    text = TRUST.replace("demands: {", "demands: {transparency_log: required, ")
    payload = a_payload(environment="staging")
    key = load_private_key(PAIRS["release"][0], None, where="test")
    signature, public = key_kinds.sign(key, pae(payload)), key.public_key()
    with LocalSigstore() as sigstore:
        entry = log_signature(payload, signature, public, url=sigstore.url, version=2)
        (tmp_path / "root.json").write_text(json.dumps(sigstore.trusted_root()))
    logged = signed_statement(payload, signature, public, entry=entry)
    path = write(tmp_path, text + "trusted_root: root.json\n")
    assert ask(load_trust(path), "b.json", logged, AT).exit_code == 0
    (line,) = ask(load_trust(path), "b.json", sign_statement(payload, key), AT).lines
    assert "no transparency log is proven to have it" in line.refusal


def write(folder: Path, text: str = TRUST) -> Path:
    for name, (_, public) in PAIRS.items():
        (folder / f"{name}.pub").write_bytes(public)
    path = folder / "trust.yaml"
    path.write_text(text)
    return path


def signed(name: str, payload: bytes) -> bytes:
    return sign_statement(payload, load_private_key(PAIRS[name][0], None, where="test"))


def asked(folder: Path, bundle: bytes, text: str = TRUST) -> BundleOutcome:
    return ask(load_trust(write(folder, text)), "b.json", bundle, AT)


def remarks(text: str, today: date = TODAY) -> list[str]:
    found = lint_trust(read_trust(text.encode(), where="trust.yaml"), today)
    return [f"{remark.level}: {remark.where}: {remark.text}" for remark in found]


def test_a_sound_file_gives_no_remark() -> None:
    assert remarks(TRUST) == []


@pytest.mark.parametrize(
    ("old", "new", "remark"),
    [
        ("expires: 2027-06-30", "expires: 2026-11-25", "error: trust.yaml:3: it expired"),
        ("expires: 2027-06-30", "expires: 2026-12-10", "warning: trust.yaml:3: it expires soon"),
        ("expires: 2027-06-30\n", "", "note: trust.yaml: it never expires"),
        ("  risk-owner: [Dana]\n", "", "warning: trust.yaml:5: Dana has no role"),
        ("  attest: [release]\n", "", "nobody may attest"),
        ("demands: {policies", "demands: {timestamp: required, policies",
         "error: trust.yaml:14: `timestamp: required`, and no key"),
        ("[{file: dana.pub}]", "[{file: dana.pub, valid_until: 2026-11-25}]",
         "warning: trust.yaml:5: no key or identity of Dana (risk-owner) is valid today"),
        ("[{file: dana.pub}]", "[{file: dana.pub, valid_until: 2026-12-10}]",
         "the last key or identity of Dana (risk-owner) ends within 30 days"),
        ("[{file: dana.pub}]", "[{file: dana.pub, valid_from: 2026-12-01}]", "is valid today"),
    ],
)  # fmt: skip
def test_what_will_not_hold_is_remarked_with_its_line(old: str, new: str, remark: str) -> None:
    assert old in TRUST
    assert remark in "\n".join(remarks(TRUST.replace(old, new)))


@pytest.mark.parametrize(
    ("role", "meant"),
    [("atest", "attest"), ("waiver", "waive"), ("reproduced", "reproduce")],
)
def test_a_role_that_is_nearly_one_of_ours_is_remarked(role: str, meant: str) -> None:
    (found,) = remarks(TRUST.replace("  risk-owner: [Dana]", f"  {role}: [Dana]"))
    assert found.startswith(f"warning: trust.yaml:17: {role!r} is a role for approvals only")
    assert f"{meant!r} meant" in found


def test_a_successor_in_time_silences_the_remark_about_a_key_that_ends() -> None:
    both = "[{file: dana.pub, valid_until: 2026-12-10}, {file: d2.pub, valid_from: 2026-12-01}]"
    assert remarks(TRUST.replace("[{file: dana.pub}]", both)) == []


def test_identities_alone_cannot_meet_a_ban_of_logs_and_wide_patterns_are_told() -> None:
    text = HEAD + (
        "expires: 2027-06-30\nservices:\n  ci:\n    identities:\n"
        "      - {identity_pattern: 'https://github.com/*/x/r.yml', issuer: i}\n"
        "roles: {attest: [ci]}\ndemands: {transparency_log: refused}\n"
    )
    found = "\n".join(remarks(text))
    assert "error: trust.yaml:8: `transparency_log: refused`" in found
    assert "warning: trust.yaml:7: 'https://github.com/*/x/r.yml' lets anybody in" in found
    assert "note: trust.yaml:9: no `policies:`" in found


def test_the_line_that_accepts_is_named_and_so_is_why_one_refuses(tmp_path: Path) -> None:
    bundle = signed("release", a_payload(environment="staging"))
    found = asked(tmp_path, bundle)
    assert found.accepted
    assert found.role == "attest"
    assert [(line.where.rpartition(":")[2], line.refusal) for line in found.lines] == [("7", "")]
    refused = asked(tmp_path, signed("release", a_payload()))
    assert not refused.accepted
    assert "may not speak for 'production'" in refused.lines[0].refusal
    stranger = asked(tmp_path, signed("eve", a_payload()))
    assert stranger.lines[0].refusal
    assert stranger.signed_with.startswith("key hint ")
    assert stranger.signed_with.endswith(", not verified")


def test_a_key_of_the_file_is_named_by_its_fingerprint_whatever_the_bundle_claims(
    tmp_path: Path,
) -> None:
    key = load_private_key(PAIRS["release"][0], None, where="test").public_key()
    bundle = json.loads(signed("release", a_payload()))
    bundle["verificationMaterial"]["publicKey"]["hint"] = "somebody else"
    found = asked(tmp_path, json.dumps(bundle).encode())
    assert "may not speak for 'production'" in found.lines[0].refusal
    assert found.signed_with == f"the key {fingerprint(key)}"


@pytest.mark.parametrize(
    ("signer", "payload", "role", "accepted"),
    [
        ("box", run_statement(a_record()), "observe", True),
        ("release", run_statement(a_record()), "observe", False),
        ("box", reproduction_statement(a_reproduction()), "reproduce", True),
        ("dana", approval_statement(said()), "person", True),
        ("dana", approval_statement(said(role="validator")), "person", False),
        ("box", approval_statement(said()), "person", False),
        ("ampel", an_engine_statement(), "engine", True),
        ("dana", an_engine_statement(), "engine", False),
    ],
)  # fmt: skip
def test_each_kind_of_statement_is_asked_of_those_of_its_role(
    tmp_path: Path, signer: str, payload: bytes, role: str, *, accepted: bool
) -> None:
    found = asked(tmp_path, signed(signer, payload))
    assert (found.role, found.accepted) == (role, accepted), found


def test_what_nobody_may_say_and_what_is_no_bundle_are_refused(tmp_path: Path) -> None:
    alone = TRUST.replace("  reproduce: [box]\n", "")
    found = asked(tmp_path, signed("box", reproduction_statement(a_reproduction())), alone)
    assert found.problem == "the trust file lets nobody reproduce"
    assert not found.accepted
    assert asked(tmp_path, b"{}").problem
    other = signed("box", a_payload().replace(b"deployment/v1", b"something/v1"))
    assert "for which there is no role" in asked(tmp_path, other).problem


def run(path: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(aigf, ["trust", "check", str(path), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def test_the_command_tells_people_and_machines(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert run(path) == (0, f"{path}: nothing to remark")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(signed("release", a_payload(environment="staging")))
    bad.write_bytes(good.read_bytes() + b"\n" + signed("eve", a_payload()))
    code, text = run(path, str(good))
    assert code == 0
    assert "ACCEPTED to attest; signer: the key sha256:" in text
    assert "release: accepts" in text
    code, text = run(path, str(good), str(bad))
    assert code == 1
    assert f"{bad}:2: REFUSED" in text
    code, output = run(path, str(bad), "--format", "json")
    assert code == 1
    document: Any = json.loads(output)
    assert [item["accepted"] for item in document["bundles"]] == [True, False]
    assert document["bundles"][0]["lines"][0]["owner"] == "release"


def test_an_expired_file_or_one_in_a_governed_repository_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, TRUST.replace("2027-06-30", "2020-01-01"))
    assert run(path)[0] == 1
    (tmp_path / ".git").mkdir()
    (tmp_path / "aigf.yaml").touch()
    write(tmp_path)
    code, text = run(path)
    assert code == 0
    assert "whoever may push there can change it" in text
    assert Level.WARNING in text
