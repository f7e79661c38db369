"""What engines sign, an SVR, a VSA or a test result, as text for people."""

from collections.abc import Iterator

from aigf_dvc.attestation.engine_statement import read_engine_statement
from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import MAX_BYTES
from aigf_dvc.evidence.told_time import told_time
from aigf_dvc.report.statement_text import line


def svr_lines(payload: bytes) -> Iterator[str]:
    """Yield who verified what, and which properties hold.

    Raises:
        RefusedError: a required field is missing or has another form.
    """
    yield from _said(payload, "holds")
    for policy in _predicate(payload).mapping("verifier").objects("policies"):
        yield from _resource("policy", policy)


def vsa_lines(payload: bytes) -> Iterator[str]:
    """Yield who verified what under which policy, from which attestations.

    Raises:
        RefusedError: a required field is missing or has another form.
    """
    predicate = _predicate(payload)
    yield from _said(payload, "level")
    yield from line("resource", predicate.text("resourceUri")).split("\n")
    yield from _resource("policy", predicate.mapping("policy"))
    inputs = "inputAttestations"
    for item in predicate.objects(inputs) if inputs in predicate.values else ():
        yield from _resource("judged", item)


def test_result_lines(payload: bytes) -> Iterator[str]:
    """Yield what was tested, and how it went.

    Raises:
        RefusedError: a required field is missing or has another form.
    """
    yield from _said(payload, "passed test")
    predicate = _predicate(payload)
    for key, label in (("warnedTests", "warned test"), ("failedTests", "failed test")):
        for name in predicate.texts(key) if key in predicate.values else ():
            yield from line(label, name).split("\n")
    for item in predicate.objects("configuration"):
        yield from _resource("configured", item)


def _predicate(payload: bytes) -> Fields:
    return Fields.read(payload, "statement", max_bytes=MAX_BYTES).mapping("predicate")


def _said(payload: bytes, label: str) -> Iterator[str]:
    said = read_engine_statement(payload)
    if said.verifier:
        yield from line("verifier", said.verifier).split("\n")
    yield line("result", "PASSED" if said.passed else "NOT PASSED")
    if said.time is not None:
        yield line("judged on", f"{told_time(said.time)}, as the signer says")
    for name in said.properties:
        yield from line(label, name).split("\n")


def _resource(label: str, item: Fields) -> Iterator[str]:
    named = item.optional_text("uri") or item.optional_text("name") or "unnamed"
    digests = item.optional_mapping("digest")
    known = digests.values.items() if digests is not None else ()
    yield from line(label, " ".join([named, *(f"{k}:{v}" for k, v in known)])).split("\n")
