"""An OpenSSF Model Signing statement, read strictly: what it lists has one meaning only."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.attestation.oms import (
    OMS,
    SINGLE,
    HashType,
    Method,
    OmsStatement,
    Resource,
    digest_size,
    is_below,
    root_digest,
)
from aigf_dvc.attestation.statement import STATEMENT
from aigf_dvc.errors import RefusedError, UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

MAX_BYTES = 64 * 2**20
_MOST_BYTES = 2**53  # of a file: what JSON's numbers can count
_BEFORE_1_0 = "https://model_signing/Digests/v0.1"
_SHARD = lazy_pattern(r"(.+):(0|[1-9][0-9]{0,15}):([1-9][0-9]{0,15})\Z", re.DOTALL)
_GLOB = lazy_pattern(r"[*?\[]")
_HEXADECIMAL = lazy_pattern(r"[0-9a-f]+\Z")


def read_oms_statement(payload: bytes) -> OmsStatement:
    """Read the statement of a signature that was verified.

    Raises:
        RefusedError: it is no such statement, or contradicts itself.
        UndecidedError: it uses a hash or a method that is not known here.
    """
    fields = Fields.read(payload, "statement", max_bytes=MAX_BYTES)
    fields.only("_type", "subject", "predicateType", "predicate")
    _expect(fields, "_type", STATEMENT)
    if fields.text("predicateType") == _BEFORE_1_0:
        raise RefusedError(
            "signed before OpenSSF Model Signing 1.0, which lists no scope",
            where=fields.at("predicateType"), expected=OMS,
            hint="let its signer sign again with a newer program",
        )  # fmt: skip
    _expect(fields, "predicateType", OMS)
    subjects = fields.objects("subject")
    if len(subjects) != 1:
        raise RefusedError(
            f"{len(subjects)} subjects", where=fields.at("subject"), expected="one: the model"
        )
    predicate = fields.mapping("predicate")
    predicate.only("serialization", "resources")
    statement = _statement(subjects[0], predicate)
    _refuse_contradictions(statement)
    return statement


def _statement(subject: Fields, predicate: Fields) -> OmsStatement:
    how = predicate.mapping("serialization")
    how.only("method", "hash_type", "shard_size", "allow_symlinks", "ignore_paths")
    method, hash_type = _method(how), _hash_type(how)
    shard_size = _shard_size(how, method)
    marks = (hash_type, *((f"{hash_type}-sharded-{shard_size}",) if shard_size else ()))
    resources = tuple(
        _resource(item, method, marks, digest_size(hash_type))
        for item in predicate.objects("resources")
    )
    if not resources:
        raise RefusedError(
            "lists nothing", where=predicate.at("resources"), expected="one file at least"
        )
    if shard_size is None:
        _refuse_twice(resources)
    else:
        _refuse_gaps(resources, shard_size)
    return OmsStatement(
        name=subject.text("name"),
        method=method,
        hash_type=hash_type,
        allow_symlinks=_flag(how, "allow_symlinks"),
        ignore_paths=_ignored(how),
        resources=resources,
        root=subject.sha256("digest"),
    )


def _expect(fields: Fields, key: str, expected: str) -> None:
    found = fields.text(key)
    if found != expected:
        raise RefusedError(f"{found!r:.200}", where=fields.at(key), expected=expected)


def _method(how: Fields) -> Method:
    found = how.text("method")
    if found not in list(Method):
        raise UndecidedError(
            f"the unknown method {found!r:.100}", where=how.at("method"), expected="files or shards"
        )
    return Method(found)


def _hash_type(how: Fields) -> HashType:
    found = how.text("hash_type")
    if found not in list(HashType):
        raise UndecidedError(
            f"the unknown hash {found!r:.100}",
            where=how.at("hash_type"),
            expected=", ".join(HashType),
        )
    return HashType(found)


def _flag(how: Fields, key: str) -> bool:
    found = how.values.get(key)
    if not isinstance(found, bool):
        raise RefusedError(f"{found!r:.100}", where=how.at(key), expected="true or false")
    return found


def _shard_size(how: Fields, method: Method) -> int | None:
    """Return the size of a shard: a whole number, though the program writes `1000000.0`."""
    found = how.values.get("shard_size")
    if (found is None) is (method is Method.FILES):
        number = found if isinstance(found, int | Decimal) and not isinstance(found, bool) else 0
        if found is None:
            return None
        if number == int(number) and 0 < number <= _MOST_BYTES:
            return int(number)
    raise RefusedError(
        "missing" if found is None else f"{found!r:.100}",
        where=how.at("shard_size"),
        expected="none for files, a number of bytes for shards",
    )


def _ignored(how: Fields) -> tuple[str, ...]:
    if "ignore_paths" not in how.values:
        return ()
    paths = how.texts("ignore_paths")
    for path in paths:
        if path == SINGLE or not _is_plain(path) or _GLOB.search(path):
            raise RefusedError(
                f"{path!r:.200}", where=how.at("ignore_paths"),
                expected="paths in the model, without patterns",
            )  # fmt: skip
    return paths


def _resource(item: Fields, method: Method, marks: Sequence[str], size: int) -> Resource:
    """Read one entry; keys that nobody knows are passed over, as the specification demands."""
    name, digest = item.text("name"), item.text("digest")
    if item.text("algorithm") not in marks:
        raise RefusedError(
            f"{item.text('algorithm')!r:.100}", where=item.at("algorithm"), expected=marks[0]
        )
    if len(digest) != 2 * size or not _HEXADECIMAL.match(digest):
        raise RefusedError(
            f"{digest!r:.200}", where=item.at("digest"),
            expected=f"{2 * size} lower-case hexadecimal digits",
        )  # fmt: skip
    path, start, end = name, 0, None
    if method is Method.SHARDS:
        match = _SHARD.match(name)
        if match is None:
            raise RefusedError(f"{name!r:.200}", where=item.at("name"), expected="path:start:end")
        path, start, end = match[1], int(match[2]), int(match[3])
    if not _is_plain(path):
        raise RefusedError(
            f"{path!r:.200}", where=item.at("name"),
            expected="a path in the model, in its shortest form",
        )  # fmt: skip
    return Resource(path=path, start=start, end=end, digest=digest)


def _is_plain(path: str) -> bool:
    """Tell whether a path stays inside and has one spelling; `.` alone is a model of one file."""
    if path == SINGLE:
        return True
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def _refuse_twice(resources: Sequence[Resource]) -> None:
    seen = set[str]()
    for resource in resources:
        if resource.path in seen:
            raise RefusedError(f"{resource.path!r:.200} stands twice", where="statement.resources")
        seen.add(resource.path)


def _refuse_gaps(resources: Sequence[Resource], shard_size: int) -> None:
    """Refuse shards that are not, together, each byte of a file once, in pieces of one size."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for resource in resources:
        ranges.setdefault(resource.path, []).append((resource.start, resource.end or 0))
    for path, found in ranges.items():
        found.sort()
        whole = all(end - start == shard_size for start, end in found[:-1])
        start, end = found[-1]
        joined = all(before[1] == after[0] for before, after in pairwise(found))
        if found[0][0] != 0 or not whole or not joined or not 0 < end - start <= shard_size:
            raise RefusedError(
                f"the shards of {path!r:.200} have gaps, overlap or differ in size",
                where="statement.resources", expected=f"pieces of {shard_size} bytes from 0 on",
            )  # fmt: skip


def _refuse_contradictions(statement: OmsStatement) -> None:
    where = "statement.resources"
    paths = statement.paths
    if len({unicodedata.normalize("NFC", path) for path in paths}) != len(paths):
        raise RefusedError("two names that look the same (Unicode forms)", where=where)
    if SINGLE in paths and len(paths) > 1:
        raise RefusedError("a single file among others", where=where, expected="one of both")
    for ignored in statement.ignore_paths:
        listed = next((path for path in paths if is_below(path, ignored)), None)
        if listed is not None:
            raise RefusedError(f"{listed!r:.200} is both signed and ignored", where=where)
    found = root_digest(resource.digest for resource in statement.resources)
    if found != statement.root:
        raise RefusedError(
            f"the resources' digests make sha256:{found}", where=where,
            expected=f"sha256:{statement.root}, as the subject says",
        )  # fmt: skip
