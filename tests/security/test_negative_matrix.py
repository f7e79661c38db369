"""Every field of every kind of bundle, changed in every way: refused, or known to be harmless.

`python -m tests.security.test_negative_matrix` prints the counts.
"""

import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.verification import TimeSource
from aigf_dvc.signing import key_kinds
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.verify import verify_bundle
from tests.attestation.builders import DEPLOYED, some_demands
from tests.security.bundles import NOW, OTHER, PAYLOAD, Kind, Outcome, a_world, kinds_of, load
from tests.security.changes import Change, changes, changes_inside
from tests.signing.by_key import sign_statement

README = Path(__file__).resolve().parents[2] / "README.md"
KINDS = (
    "key",
    "key and timestamp",
    "certificate and timestamp",
    "Rekor v1 and timestamp",
    "Rekor v1",
    "Rekor v2 and timestamp",
    "bare bytes, key",
    "bare bytes, Rekor v1 and timestamp",
    "bare bytes, Rekor v2 and timestamp",
)
ANY = "any change of a text to another text"
TEXT_CHANGES = (
    "a space before", "a line end after", "an equals sign after", "other case", "cut by one",
    "cut by four", "cut in half", "first byte flipped", "middle byte flipped", "last byte flipped",
    "one byte longer", "swapped",
)  # fmt: skip
_STAMPS = "verificationMaterial.timestampVerificationData"

# What may be changed, and why it does no harm. Nothing else may.
HARMLESS: Mapping[str, tuple[str, ...]] = {
    # The hint is not signed, and nobody follows it: the judge's own key verifies.
    "verificationMaterial.publicKey.hint": (ANY,),
    # The same, in DSSE; and DSSE lets it be absent.
    "dsseEnvelope.signatures[0].keyid": (ANY, "emptied", "removed"),
}
# An empty list of log entries and none are the same; a kind that needs an entry refuses both.
NO_LOG = {"verificationMaterial.tlogEntries": ("emptied", "removed")}
# No timestamps, in each of the ways that JSON has: only where nobody demands one.
NO_STAMPS = {
    _STAMPS: ("made null", "emptied", "removed"),
    f"{_STAMPS}.rfc3161Timestamps": ("emptied", "removed"),
}
# Without its timestamp a bundle still has the log's own promise, which is verified: the signature
# is good, and the result says that the time is the log's. A judge who wants a timestamp says so.
LOST_STAMP = NO_STAMPS | {f"{_STAMPS}.rfc3161Timestamps[0]": ("removed",)}
# JSON's objects have no order: the same in every kind, at every place.
ORDER = "objects re-ordered"

HARMLESS_OF: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "key": NO_LOG,
    "key and timestamp": NO_LOG,
    "certificate and timestamp": NO_LOG,
    "Rekor v1 and timestamp": LOST_STAMP,
    "Rekor v1": NO_STAMPS,
    "Rekor v2 and timestamp": {},
    "bare bytes, key": NO_LOG,
    "bare bytes, Rekor v1 and timestamp": LOST_STAMP,
    "bare bytes, Rekor v2 and timestamp": {},
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Kind]]:
    saved = os.environ.get("AIGF_TEST_KINDS")  # set where nobody can sign: without a network
    if saved:
        yield load(Path(saved))
        return
    with a_world(tmp_path_factory.mktemp("kinds")) as world:
        yield kinds_of(world)


def all_changes(name: str, kind: Kind) -> Iterator[Change]:
    yield from changes(kind.bundle, kind.other)
    body = ("verificationMaterial", "tlogEntries", 0, "canonicalizedBody")
    if kind.bundle["verificationMaterial"].get("tlogEntries"):
        yield from changes_inside(kind.bundle, body, kind.other)
    if name == "key":  # what the signature covers, it covers in every kind
        yield from changes_inside(kind.bundle, ("dsseEnvelope", "payload"), kind.other)


def is_harmless(name: str, change: Change) -> bool:
    if change.operation == ORDER and ": " not in change.path:
        return True
    table = {**HARMLESS, **HARMLESS_OF[name]}
    allowed = table.get(change.path, ())
    return change.operation in allowed or (ANY in allowed and change.operation in TEXT_CHANGES)


def proves_the_same(found: Outcome, whole: Outcome) -> bool:
    """Tell whether a changed bundle proves what the whole one does; a lost stamp loses its time."""
    mine, signer = found[1], whole[1]
    assert mine is not None
    assert signer is not None
    if mine.time_source is TimeSource.LOG and signer.time_source is TimeSource.TSA:
        assert mine.time is not None
        assert signer.time is not None
        assert abs(mine.time - signer.time).total_seconds() < 60
        mine = replace(mine, time=signer.time, time_source=signer.time_source)
    return (found[0], mine) == (whole[0], signer)


def test_the_matrix_has_every_kind(kinds: Mapping[str, Kind]) -> None:
    assert set(kinds) == set(KINDS)
    assert set(HARMLESS_OF) == set(KINDS)
    for kind in kinds.values():
        assert kind.judge(json.dumps(kind.bundle).encode())[0] == 0
        assert kind.judge(json.dumps(kind.other).encode())[0] == 1


@pytest.mark.parametrize("name", KINDS)
def test_every_change_of_every_field_is_refused_or_known_to_be_harmless(
    kinds: Mapping[str, Kind], name: str
) -> None:
    kind = kinds[name]
    whole = kind.judge(json.dumps(kind.bundle).encode())
    wrong, seen = [], 0
    for change in all_changes(name, kind):
        seen += 1
        found = kind.judge(change.text)
        said, _, advice = found[2].partition("\nto do: ")  # one sentence, and what to do
        one_sentence = "\n" not in said + advice and 0 < len(found[2]) < 1000
        expected = 0 if is_harmless(name, change) else 1
        same = found[0] == 1 or proves_the_same(found, whole)
        if found[0] != expected or not one_sentence or not same:
            wrong.append((change.operation, change.path, found[0], found[2][:100]))
    assert wrong == []
    assert seen > 140  # the walk has walked


def test_the_readme_tells_how_many_changes_are_refused(kinds: Mapping[str, Kind]) -> None:
    """That those are refused and the others not, the test above shows."""
    harmless = Counter(
        is_harmless(name, change) for name in KINDS for change in all_changes(name, kinds[name])
    )
    # Not to the digit: that depends a little on what was signed at random.
    told = re.search(
        r"more than ([0-9,]+) changes are refused; some ([0-9]+) are\snot",
        README.read_text(encoding="utf-8"),
    )
    assert told is not None
    more_than, some = (int(number.replace(",", "")) for number in told.groups())
    assert more_than < harmless[False] < more_than + 100
    assert abs(harmless[True] - some) < 10


# What a trusted signer may say otherwise, and no demand of these tests looks at: the model's own
# story, which a judge's policy reads, and words for people. All other fields of a signed statement
# decide: changed in any way, it is refused though the right key signed it.
FREE = (
    "predicate.documents", "predicate.evidence", "predicate.lineage.", "predicate.metrics",
    "predicate.modelCard", "predicate.lineageVerification", "predicate.source.", "predicate.tool",
    "predicate.tree.", "predicate.policy.evidence", "predicate.model.path", "subject[0].name",
    "predicate.verdict.at", "predicate.verdict.notes", "predicate.verdict.problem",
    "predicate.verdict.tier", "predicate.verdict.findings[0].",
)  # fmt: skip
# Fields that decide, with what of them does not: a verdict for no environment is one for every.
ALSO_FREE = {
    ("predicate.verdict.environment", "emptied"),
    ("predicate.verdict.findings[0]", "duplicated"),
}
# in-toto has readers ignore the fields that they do not know.
# See: https://github.com/in-toto/attestation/blob/main/spec/v1/README.md#parsing-rules
IGNORED = ("an unknown key", ORDER)


@cache
def resigned() -> tuple[tuple[Change, int], ...]:
    """Return each change of the statement, signed again by the right key, and the exit code."""
    key = key_kinds.generate("p256")
    signer = KeySigner(public_key=key.public_key())
    found = []
    for change in changes(json.loads(PAYLOAD), json.loads(OTHER)):
        verification = verify_bundle(
            sign_statement(change.text, key),
            artifact=DEPLOYED,
            signer=signer,
            demands=some_demands(at=NOW),
        )
        found.append((change, verification.exit_code))
    return tuple(found)


def decides(change: Change) -> bool:
    free = change.path.startswith(FREE) or (change.path, change.operation) in ALSO_FREE
    return not free and change.operation not in IGNORED


def test_a_field_that_decides_decides_even_when_the_right_key_signed_it() -> None:
    deciding = [(change, code) for change, code in resigned() if decides(change)]
    assert [(c.operation, c.path) for c, code in deciding if code != 1] == []
    assert len({change.path for change, _ in deciding}) > 20


def test_the_list_of_what_a_signer_may_say_otherwise_holds_nothing_that_they_may_not() -> None:
    said = [change.path for change, code in resigned() if code == 0]
    assert [free for free in FREE if not any(path.startswith(free) for path in said)] == []


def test_what_a_signed_statement_does_not_decide_is_never_an_error_of_ours() -> None:
    assert {code for _, code in resigned()} == {0, 1}


def main() -> None:
    """Print how many changes of each kind are refused, and how many do no harm."""
    totals = Counter[str]()
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        for name, kind in kinds_of(world).items():
            codes = Counter(kind.judge(change.text)[0] for change in all_changes(name, kind))
            sys.stdout.write(f"{name}: {codes[1]} refused, {codes[0]} harmless\n")
            totals.update({"refused": codes[1], "harmless": codes[0]})
    codes = Counter(code for _, code in resigned())
    sys.stdout.write(f"statement, signed again: {codes[1]} refused, {codes[0]} harmless\n")
    sys.stdout.write(f"all bundles: {totals['refused']} refused, {totals['harmless']} harmless\n")


if __name__ == "__main__":
    main()
