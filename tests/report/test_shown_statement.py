"""Every statement is shown as what it says, never as verified, and can do nothing to a terminal."""

import json
from typing import Any

import pytest

from aigf_dvc.attestation.approval_statement import approval_statement
from aigf_dvc.attestation.lists.releases import release_statement
from aigf_dvc.attestation.lists.revocations import revocation_statement
from aigf_dvc.attestation.reproduction_statement import reproduction_statement
from aigf_dvc.attestation.run_statement import run_statement
from aigf_dvc.canonical import dumps
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.report.shown_statement import _NAMES, shown_statement
from aigf_dvc.report.slsa import slsa_statement
from aigf_dvc.report.visible import cells
from tests.attestation.builders import a_payload
from tests.attestation.consent_builders import an_engine_statement, said
from tests.attestation.list_builders import a_list, an_entry, an_index
from tests.evidence.test_reproduction import a_metric, a_reproduction
from tests.report.builders import a_record, a_source
from tests.report.hostile import HOSTILE

DIGEST = "ab" * 32
OURS = "https://aigf-dvc.readthedocs.io/predicates"
OMS = "https://model_signing/signature/v1.0"


def a_statement(kind: Any, predicate: object, **changes: Any) -> bytes:  # noqa: ANN401
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": DIGEST}}],
        "predicateType": kind,
        "predicate": predicate,
    }
    return dumps(document | changes)


def a_model_signature(count: int = 12) -> bytes:
    files = [{"name": f"w{i}", "algorithm": "sha256", "digest": DIGEST} for i in range(count)]
    how = {"method": "files", "hash_type": "sha256", "ignore_paths": [".git"]}
    return a_statement(OMS, {"serialization": how, "resources": files})


KNOWN: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "deployment": (a_payload(), ("deployment attestation", "verdict      passed", "fraud")),
    "approval": (approval_statement(said()), ("decision     approval", "looked at it")),
    "run": (
        run_statement(a_record("train")),
        ("stage        train", "command      ", "read         sha256:", "made         sha256:"),
    ),
    "reproduction": (
        reproduction_statement(a_reproduction(made="b", metric=a_metric("0.9", "0.5"))),
        ("result       different", "recorded 0.9, made 0.5"),
    ),
    "slsa": (
        dumps(slsa_statement(a_source(), builder="https://ci.example.com/b")),
        ("builder      https://ci.example.com/b", "made from    ", "byproduct    ", "gitCommit:"),
    ),
    "svr": (
        an_engine_statement(VerdictType.SVR),
        ("verifier     https://ampel/v1", "holds        AMPEL_SCANNED", "sha512:ab"),
    ),
    "vsa": (
        an_engine_statement(VerdictType.VSA),
        ("result       PASSED", "level        SLSA_BUILD_LEVEL_2", "resource     pkg:"),
    ),
    "test": (
        an_engine_statement(VerdictType.TEST_RESULT, warnedTests=["slow"]),
        ("passed test  robustness", "warned test  slow", "configured   ci.yml"),
    ),
    "oms": (
        a_model_signature(),
        ("OpenSSF model signature", "files        12", "w9", "and 2 more", "method: files"),
    ),
    "revocations": (
        revocation_statement(a_list(an_entry(reason="leak"))),
        ("list of revocations", "revocations, number 3", "revokes      model", "leak (defect)"),
    ),
    "releases": (
        release_statement(an_index()),
        ("list of releases", "production, number 3", "model        fraud", "good until"),
    ),
    "unknown": (
        a_statement("https://example.com/x/v9", {"a": {"b": [1, True, None]}}),
        ("which this version does not know", "a.b[0]: 1", "a.b[1]: true", "a.b[2]: null"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KNOWN)
def test_each_kind_says_what_it_is_about_and_that_nobody_verified_it(kind: str) -> None:
    payload, wanted = KNOWN[kind]
    shown = shown_statement(payload, signer="key hint k")
    assert "signature    NOT VERIFIED; key hint k" in shown
    assert json.loads(payload)["subject"][0]["digest"]["sha256"] in shown
    for text in wanted:
        assert text in shown
    assert "problem" not in shown


def test_every_known_kind_has_a_name() -> None:
    for payload, _ in KNOWN.values():
        kind = json.loads(payload)["predicateType"]
        assert kind in _NAMES or kind == "https://example.com/x/v9"


@pytest.mark.parametrize("kind", [k for k in KNOWN if k != "unknown"])
def test_a_known_kind_in_another_form_is_shown_as_it_stands(kind: str) -> None:
    document = json.loads(KNOWN[kind][0])
    document["predicate"] = {"odd": "value"}
    shown = shown_statement(dumps(document), signer="k")
    assert "problem      not as its kind wants it: " in shown
    assert "odd: value" in shown
    assert document["subject"][0]["digest"]["sha256"] in shown


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
def test_no_text_steers_the_terminal_or_makes_a_line_of_its_own(text: str) -> None:
    odd = {text: [text, {"name": text}]}
    verifier = {"id": text, "policies": []}
    subject = [{"name": text, "digest": {text: text}}]
    for payload in (
        a_statement(text, odd, subject=subject),
        an_engine_statement(VerdictType.SVR, properties=[text], verifier=verifier),
        an_engine_statement(VerdictType.VSA, resourceUri=text, policy={"uri": text}),
    ):  # fmt: skip
        shown = shown_statement(payload, signer=text)
        for line in shown.split("\n"):
            assert not {c for c in line if ord(c) < 32 or c in "\x7f\x9b\u202e\u200b\u2028"}
            assert cells(line) <= 400
            assert not line.startswith(("::error", "##[error]", "line two", "- item"))


def test_what_is_long_is_cut() -> None:
    shown = shown_statement(a_statement("x", {str(i): "y" * 999 for i in range(999)}), signer="k")
    assert len(shown.split("\n")) <= 251
    assert "more lines: --format json shows all" in shown
    many = [{"name": str(i), "digest": {"sha256": DIGEST}} for i in range(999)]
    assert "and 979 more" in shown_statement(a_statement("x", {}, subject=many), signer="k")


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": None}, {"subject": []}, {"subject": [1]}, {"subject": [{"digest": 5}]},
        {"predicate": None}, {"predicate": []}, {"predicateType": None}, {"predicateType": [1]},
        {"predicateType": {"a": 1}},
    ],
)  # fmt: skip
def test_a_statement_of_any_shape_is_shown(changes: dict[str, Any]) -> None:
    document = json.loads(a_statement("x", {})) | changes
    assert "NOT VERIFIED" in shown_statement(dumps(document), signer="k")


def test_what_is_no_object_is_no_statement() -> None:
    for payload in (b"", b"[]", b"{", b'{"a":1,"a":2}'):
        with pytest.raises(RefusedError):
            shown_statement(payload, signer="k")
