"""A statement of OpenSSF Model Signing has one meaning, or is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from aigf_dvc.attestation.oms import HashType, Method, root_digest
from aigf_dvc.attestation.oms_reading import MAX_BYTES, read_oms_statement
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, RefusedError, UndecidedError

Json = dict[str, Any]  # Any: a document that tests edit at will
Edit = Callable[[Json], object]

HEX = sha256(b"w")


def a_statement() -> Json:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "net", "digest": {"sha256": ""}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
            "resources": [
                {"name": "weights", "digest": HEX, "algorithm": "sha256"},
                {"name": "sub/words", "digest": sha256(b"v"), "algorithm": "sha256"},
            ],
        },
    }


def shards(*ranges: tuple[int, int], size: object = 4) -> Json:
    """A statement about the shards of one file, whose name has colons of its own."""
    document = a_statement()
    how = document["predicate"]["serialization"]
    how["method"], how["shard_size"] = "shards", size
    document["predicate"]["resources"] = [
        {"name": f"a:1:2:{start}:{end}", "digest": HEX, "algorithm": "sha256"}
        for start, end in ranges
    ]
    return document


def payload_of(document: Json) -> bytes:
    """The bytes, with the root that goes with the resources, as far as they have digests."""
    digest = document["subject"][0]["digest"] if document["subject"] else {}
    if digest == {"sha256": ""}:
        items = document["predicate"]["resources"]
        try:
            digest["sha256"] = root_digest(item["digest"] for item in items)
        except ValueError:
            digest["sha256"] = HEX
    return json.dumps(document).encode()


def edited(edit: Edit) -> bytes:
    document = a_statement()
    edit(document)
    return payload_of(document)


def how(**changes: object) -> Edit:
    return lambda d: d["predicate"]["serialization"].update(changes)


def first(**changes: object) -> Edit:
    return lambda d: d["predicate"]["resources"][0].update(changes)


def problem(payload: bytes, kind: type[AigfError] = RefusedError) -> str:
    with pytest.raises(kind) as refused:
        read_oms_statement(payload)
    return str(refused.value)


def test_a_good_statement_is_read() -> None:
    found = read_oms_statement(payload_of(a_statement()))
    assert found.paths == {"weights", "sub/words"}
    assert (found.method, found.hash_type) == (Method.FILES, HashType.SHA256)


def test_unknown_keys_of_a_resource_are_passed_over_as_the_specification_demands() -> None:
    assert read_oms_statement(edited(first(mediaType="x"))).paths == {"weights", "sub/words"}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d.update(more=1), "unknown key 'more'"),
        (lambda d: d["predicate"].update(more=1), "unknown key 'more'"),
        (how(more=1), "unknown key 'more'"),
        (lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"), "_type"),
        (lambda d: d.update(predicateType="https://slsa.dev/provenance/v1"), "predicateType"),
        (lambda d: d.update(predicateType="https://model_signing/Digests/v0.1"), "before"),
        (lambda d: d.update(subject=[]), "0 subjects"),
        (lambda d: d["subject"].append(d["subject"][0]), "2 subjects"),
        (lambda d: d["subject"][0]["digest"].update(sha256=HEX), "resources' digests make"),
        (lambda d: d["predicate"].update(resources=[]), "lists nothing"),
        (how(allow_symlinks="false"), "true or false"),
        (how(shard_size=4), "none for files"),
        (first(algorithm="md5"), "'md5'"),
        (first(algorithm="sha256-sharded-4"), "sha256-sharded-4"),
        (first(digest=HEX.upper()), "lower-case"),
        (first(digest=HEX[:-2]), "64 lower-case"),
        (first(name="sub/words"), "stands twice"),
        (first(name="."), "a single file among others"),
        (how(ignore_paths=["sub"]), "both signed and ignored"),
        (how(ignore_paths=["weights"]), "both signed and ignored"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_one_plain_statement_is_refused(edit: Edit, words: str) -> None:
    assert words in problem(edited(edit))


@pytest.mark.parametrize(
    "name", ["/weights", "../weights", "a/../weights", "./weights", "a//b", "a/", "a\0b", ".."]
)
def test_a_name_stays_in_the_model_and_has_one_spelling(name: str) -> None:
    assert "a path in the model" in problem(edited(first(name=name)))


@pytest.mark.parametrize("path", [".", "..", "../cache", "/etc", "a/./b", "*", "a?", "[a]", ""])
def test_what_is_ignored_stays_in_the_model_and_is_no_pattern(path: str) -> None:
    assert "ignore_paths" in problem(edited(how(ignore_paths=[path])))


def test_two_names_that_look_the_same_are_refused() -> None:
    def twins(document: Json) -> None:
        document["predicate"]["resources"][0]["name"] = "caf\u00e9"
        document["predicate"]["resources"][1]["name"] = "cafe\u0301"

    assert "look the same" in problem(edited(twins))
    assert "cafe\u0301" in read_oms_statement(edited(first(name="cafe\u0301"))).paths


@pytest.mark.parametrize("kind", ["sha1", "blake2", "sha512"])
def test_an_unknown_hash_cannot_be_decided(kind: str) -> None:
    assert repr(kind) in problem(edited(how(hash_type=kind)), UndecidedError)


def test_an_unknown_method_cannot_be_decided() -> None:
    assert "'tensors'" in problem(edited(how(method="tensors")), UndecidedError)


def test_digests_have_the_length_of_their_hash() -> None:
    def blake(document: Json) -> None:
        document["predicate"]["serialization"]["hash_type"] = "blake2b"
        for item in document["predicate"]["resources"]:
            item.update(algorithm="blake2b", digest=HEX + HEX)

    assert read_oms_statement(edited(blake)).hash_type is HashType.BLAKE2B
    document = a_statement()
    blake(document)
    document["predicate"]["resources"][0]["digest"] = HEX
    assert "128 lower-case" in problem(payload_of(document))


@pytest.mark.parametrize("size", [4, 4.0], ids=["whole", "as the program writes it"])
def test_shards_cover_a_file_in_pieces_of_one_size(size: object) -> None:
    found = read_oms_statement(payload_of(shards((0, 4), (4, 8), (8, 9), size=size)))
    assert [(r.path, r.start, r.end) for r in found.resources] == [
        ("a:1:2", 0, 4),
        ("a:1:2", 4, 8),
        ("a:1:2", 8, 9),
    ]


def test_shards_are_marked_by_either_name() -> None:
    document = shards((0, 4))
    document["predicate"]["resources"][0]["algorithm"] = "sha256-sharded-4"
    assert read_oms_statement(payload_of(document)).method is Method.SHARDS
    document["predicate"]["resources"][0]["algorithm"] = "sha256-sharded-8"
    assert "sha256-sharded-8" in problem(payload_of(document))


@pytest.mark.parametrize(
    "ranges",
    [
        [(4, 8)],
        [(0, 4), (8, 12)],
        [(0, 3), (3, 7)],
        [(0, 5)],
        [(0, 4), (0, 4)],
        [(0, 4), (4, 4)],
        [(0, 4), (2, 6)],
    ],
    ids=str,
)
def test_shards_with_gaps_or_overlaps_are_refused(ranges: list[tuple[int, int]]) -> None:
    assert "gaps" in problem(payload_of(shards(*ranges)))


@pytest.mark.parametrize("name", ["w", "w:4", "w:0:04", "w:00:4", "w:-1:4", ":0:4", "w:0:4x"])
def test_a_shard_is_named_by_a_path_and_a_range(name: str) -> None:
    document = shards((0, 4))
    document["predicate"]["resources"][0]["name"] = name
    assert "path:start:end" in problem(payload_of(document))


@pytest.mark.parametrize("size", [0, -4, 4.5, True, "4", None, 1e300])
def test_the_size_of_a_shard_is_a_number_of_bytes(size: object) -> None:
    assert "shard_size" in problem(payload_of(shards((0, 4), size=size)))


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"_type":1,"_type":1}', b"\xff"])
def test_what_is_no_strict_json_is_refused(payload: bytes) -> None:
    problem(payload)


def test_a_statement_without_end_is_refused() -> None:
    assert "at most" in problem(b" " * (MAX_BYTES + 1))
