"""Reads what other engines sign about a model: an SVR v0.2, a VSA v1 or a test result v0.1.

Their subjects may lack a name and carry digests beside SHA-256, as in-toto allows; every subject
must have a SHA-256, and no digest may be empty.

See: https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md
See: https://slsa.dev/spec/v1.2/verification_summary
See: https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.statement import MAX_BYTES, STATEMENT
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.external_verdict import VerdictType
from aigf_dvc.lazy_pattern import lazy_pattern

PREDICATES: Mapping[VerdictType, str] = {
    VerdictType.SVR: "https://in-toto.io/attestation/svr/v0.2",
    VerdictType.VSA: "https://slsa.dev/verification_summary/v1",
    VerdictType.TEST_RESULT: "https://in-toto.io/attestation/test-result/v0.1",
}
FAMILIES = tuple(f"{uri.rpartition('/')[0]}/" for uri in PREDICATES.values())
"""What the predicate types of all their versions start with."""

_HEXADECIMAL = lazy_pattern(r"[0-9a-f]+\Z")
_RFC_3339 = lazy_pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
)
_MICROSECONDS = 6  # digits that Python keeps of a second's fraction


class EngineSaid(Struct, frozen=True, kw_only=True):
    """What an engine says of the files that it looked at."""

    type: VerdictType
    verifier: str  # its own name for itself; empty: a test result has none
    passed: bool
    properties: tuple[str, ...]
    files: tuple[Sha256, ...]
    time: datetime | None  # when it judged, as it says


def read_engine_statement(payload: bytes) -> EngineSaid:
    """Read a statement of another engine strictly, as far as it is judged.

    Raises:
        RefusedError: an unknown predicate or version, or a value of another form.
    """
    top = Fields.read(payload, "statement", max_bytes=MAX_BYTES)
    if top.text("_type") != STATEMENT:
        raise RefusedError(f"{top.text('_type')!r:.100}", where=top.at("_type"), expected=STATEMENT)
    found = top.text("predicateType")
    kind = next((kind for kind, uri in PREDICATES.items() if uri == found), None)
    if kind is None:
        raise RefusedError(
            f"{found!r:.200}",
            where=top.at("predicateType"),
            expected=" or ".join(PREDICATES.values()),
        )
    subjects = top.objects("subject")
    if not subjects:
        raise RefusedError("no subject", where=top.at("subject"), expected="the model's files")
    files = tuple(_sha256(subject) for subject in subjects)
    return _READERS[kind](top.mapping("predicate"), files)


def _sha256(subject: Fields) -> Sha256:
    digests = subject.mapping("digest")
    for algorithm in digests.values:
        if not _HEXADECIMAL.match(digests.text(algorithm)):
            raise RefusedError(
                f"{digests.text(algorithm)!r:.100}", where=digests.at(algorithm),
                expected="lower-case hexadecimal digits",
            )  # fmt: skip
    return subject.sha256("digest")


def _svr(predicate: Fields, files: tuple[Sha256, ...]) -> EngineSaid:
    verifier = predicate.mapping("verifier")
    verifier.items("policies")  # v0.2 demands them; before, other things went by the same names
    return EngineSaid(
        type=VerdictType.SVR,
        verifier=verifier.text("id"),
        passed=True,  # it lists what holds; there is none of a failure
        properties=predicate.texts("properties"),
        files=files,
        time=_time(predicate, "timeCreated"),
    )


def _vsa(predicate: Fields, files: tuple[Sha256, ...]) -> EngineSaid:
    predicate.mapping("policy")
    predicate.text("resourceUri")
    return EngineSaid(
        type=VerdictType.VSA,
        verifier=predicate.mapping("verifier").text("id"),
        passed=_result(predicate, "verificationResult", ("PASSED", "FAILED")),
        properties=predicate.texts("verifiedLevels"),
        files=files,
        time=_time(predicate, "timeVerified") if "timeVerified" in predicate.values else None,
    )


def _test_result(predicate: Fields, files: tuple[Sha256, ...]) -> EngineSaid:
    predicate.objects("configuration")
    passed = _result(predicate, "result", ("PASSED", "WARNED", "FAILED"))
    failed = predicate.texts("failedTests") if "failedTests" in predicate.values else ()
    tests = predicate.texts("passedTests") if "passedTests" in predicate.values else ()
    return EngineSaid(
        type=VerdictType.TEST_RESULT,
        verifier="",
        passed=passed and not failed,
        properties=tuple(test for test in tests if test not in failed),
        files=files,
        time=None,
    )


_READERS: Mapping[VerdictType, Callable[[Fields, tuple[Sha256, ...]], EngineSaid]] = {
    VerdictType.SVR: _svr,
    VerdictType.VSA: _vsa,
    VerdictType.TEST_RESULT: _test_result,
}


def _result(predicate: Fields, key: str, known: tuple[str, ...]) -> bool:
    """Tell whether a result is the first of the known ones: warned is not passed."""
    found = predicate.text(key)
    if found not in known:
        raise RefusedError(f"{found!r:.100}", where=predicate.at(key), expected=" or ".join(known))
    return found == known[0]


def _time(predicate: Fields, key: str) -> datetime:
    """Return an RFC 3339 time in UTC, cut to whole seconds."""
    text = predicate.text(key)
    match = _RFC_3339.match(text)
    fraction = (match[1] or "") if match is not None else ""
    try:
        if match is not None:
            plain = text.replace(fraction, fraction[: 1 + _MICROSECONDS], 1).upper()
            return datetime.fromisoformat(plain).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        pass  # such as 2026-02-30: refused below
    raise RefusedError(
        f"{text!r:.100}", where=predicate.at(key), expected="a time such as 2026-11-20T09:30:00Z"
    )
