"""The quicker reader reads what the strict one reads, or leaves it to that one."""

import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aigf_dvc.attestation.compact_attestation import CompactReader
from aigf_dvc.attestation.deployment import evidence_item
from aigf_dvc.attestation.expectations import ReadAttestation
from aigf_dvc.attestation.fields import MOST
from aigf_dvc.attestation.statement import read_attestation
from aigf_dvc.digests import sha256
from aigf_dvc.errors import RefusedError
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.policy.verdict import Control, Strength
from aigf_dvc.report.verdict_json import verdict_as_json
from tests.attestation.builders import a_deployment, a_payload, a_verdict

Path = tuple[str | int, ...]

SMALL = evidence_item("small", "text/plain", b"0123456")
BY_DIGEST = replace(SMALL, content=None)


def with_every_part() -> bytes:
    plain = a_deployment()
    lineage, document = plain.lineage_verification, plain.documents[0]
    train, prepare = lineage.stages
    train = replace(train, observer="box", reproduction=sha256(b"again"))
    (finding,) = a_verdict().findings
    control = Control(id="EU-AI-Act/15", strength=Strength.PARTIAL)
    verdict = a_verdict(findings=(replace(finding, controls=(control,)), finding), notes=("n",))
    return a_payload(
        verdict=verdict_as_json(verdict),
        source=replace(plain.source, authors=("a@b",), protected=("main", "origin/main")),
        lineage_verification=replace(lineage, stages=(train, prepare), behind=("train",)),
        documents=(document, replace(document, date=None, file=SMALL, digests=(sha256(b"m"),))),
        evidence=(SMALL, BY_DIGEST, evidence_item("none", "text/plain", b"")),
        waivers=(SMALL,),
        approvals=(BY_DIGEST,),
        metrics={
            "exact": Metric(value=Decimal("0.85"), where="m:a"),
            "whole": Metric(value=3, where="m:b"),
            "text": Metric(value="ü\n", where="m:c"),
            "yes": Metric(value=True, where="m:d"),
            "none": Metric(value=None, where="m:e"),
        },
    )


EVERY_PART = with_every_part()
DOCUMENT: Any = json.loads(EVERY_PART)


def read(reader: ReadAttestation, payload: bytes) -> object:
    try:
        head, deployment = reader(payload)
    except RefusedError as refused:
        return str(refused)
    # As text: 1, 1.0 and true are equal, and not the same.
    return head.predicate_type, head.subjects, repr(deployment)


def demand_same(payload: bytes) -> bool:
    """Tell whether the quicker reader read it; then it is what the strict one reads."""
    strictly = read(read_attestation, payload)
    remembering = CompactReader()
    remembering(EVERY_PART)
    assert read(CompactReader(), payload) == read(remembering, payload) == strictly
    return CompactReader().read(payload) is not None


def paths(value: object, above: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else ()
    numbered = enumerate(value) if isinstance(value, list) else ()
    for key, below in (*items, *numbered):
        yield (*above, key)
        yield from paths(below, (*above, key))


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def edited(path: Path, edit: str, value: object) -> bytes:
    document = deepcopy(DOCUMENT)
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    match edit:
        case "set":
            parent[path[-1]] = value
        case "drop":
            del parent[path[-1]]
        case "add" if isinstance(parent, dict):
            parent["zz"] = value
        case "add":
            parent.append(value)
        case _:
            parent[path[-1]] = [parent[path[-1]], parent[path[-1]]]
    return compact(document)


NESTED = json.loads("[" * 70 + "]" * 70)
HOSTILE = [
    *(None, True, 0, 1, -1, MOST, MOST + 1, 2**70, 0.5, 1.0, -0.0, 1e300),
    *("", "0", "5", "AAAA", "AAB=", "x\"y", "declared", "observed", "missing", "file", "x" * 64),
    *("2026-11-20", "20261120", "2026-W47-5", "2026-11-20T09:30:00Z", "2026-11-20 09:30:00Z"),
    *("2026-11-20T09:30:00.5Z", "2026-11-20T09:30:00+00:00", "0999-11-20T09:30:00Z", "sha256:"),
    *(sha256(b"other"), sha256(b"other").upper(), f"sha256:{sha256(b'other')}", "a\x07"),
    *([], {}, [""], ["x"], [{}], {"sha256": "0"}, {"sha256": sha256(b"")}, {"content": "AAAA"}),
    *({"$number": "NaN"}, {"$number": "1.5"}, {"a": {"b": {"c": {}}}}, NESTED, [0.1, True]),
]  # fmt: skip


def test_a_statement_with_every_part_is_read_quickly_and_the_same() -> None:
    assert demand_same(EVERY_PART)
    assert demand_same(a_payload())
    assert demand_same(a_payload(model_card=None, environment=None, policy_evidence=None))


@settings(deadline=None, max_examples=600)
@given(
    st.sampled_from(list(paths(DOCUMENT))),
    st.sampled_from(["set", "set", "set", "drop", "add", "twice"]),
    st.sampled_from(HOSTILE),
)
def test_an_edited_statement_is_read_the_same_or_left(path: Path, edit: str, value: object) -> None:
    demand_same(edited(path, edit, value))


@settings(deadline=None, max_examples=300)
@given(
    st.integers(min_value=0),
    st.sampled_from(
        [b"", b'"', b"\\", b" ", b"0", b"=", b",", b"\xff", b'"content":"AAAA",', b'"name":"x",']
    ),
    st.integers(min_value=0, max_value=6),
)
def test_a_damaged_statement_is_read_the_same_or_left(at: int, new: bytes, length: int) -> None:
    place = at % len(EVERY_PART)
    demand_same(EVERY_PART[:place] + new + EVERY_PART[place + length :])


@pytest.mark.parametrize(
    "path",
    [
        ("predicate", "verdict", "content"),
        ("predicate", "metrics", "content"),
        ("predicate", "verdict", "findings", 0, "content"),
    ],
)
def test_the_key_of_evidence_in_a_free_place_stays_what_it_is(path: Path) -> None:
    document = deepcopy(DOCUMENT)
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = {"value": 1, "where": "x"} if "metrics" in path else "AAAA"
    assert demand_same(compact(document)) is ("metrics" in path)


@pytest.mark.parametrize("key", ["environment", "verdict", "content", "issuedOn", "sha256"])
def test_a_key_that_stands_twice_is_refused(key: str) -> None:
    mark = f'"{key}":'.encode()
    before, _, after = EVERY_PART.partition(mark)
    twice = before + mark + b'"AAAA",' + mark + after
    with pytest.raises(RefusedError, match="stands twice"):
        CompactReader()(twice)
    assert not demand_same(twice)


VERIFIED = ("predicate", "lineageVerification", "edges", "verified")
SUBJECT = DOCUMENT["subject"][0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (VERIFIED, -1),
        (VERIFIED, MOST + 1),
        (("subject",), []),
        (("subject",), [SUBJECT, SUBJECT]),
        (("subject", 0, "digest", "sha256"), "x" * 64),
        (("predicate", "issuedOn"), "0999-11-20T09:30:00Z"),
        (("predicate", "metrics", "whole", "value"), {"$number": "NaN"}),
        (("predicate", "metrics", "whole", "value"), NESTED),
        (("predicate", "lineage", "content"), "AAAA"),
        (("predicate", "documents", 1, "digests"), ["sha256:x"]),
        (("predicate", "tool", "version"), ""),
    ],
)
def test_what_no_type_says_is_held_against_it_too(path: Path, value: object) -> None:
    assert not demand_same(edited(path, "set", value))


def test_a_large_statement_is_left_to_the_reader_that_counts_its_values() -> None:
    assert not demand_same(edited(("predicate", "policy", "version"), "set", "x" * 2**20))
