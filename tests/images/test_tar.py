"""A layer's tar is read only where every program reads it alike."""

import io
import tarfile

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.images.tar import Entry, EntryKind, read_entries
from tests.images.builder import digest_of, file, folder, hard_link, other, symlink, tar

BLOCK = 512


def entries(data: bytes, step: int = 700) -> list[Entry]:
    return list(read_entries((data[at : at + step] for at in range(0, len(data), step)), "layer"))


def refused(data: bytes) -> str:
    with pytest.raises(UndecidedError) as error:
        entries(data)
    return str(error.value)


def header(name: bytes = b"a", kind: bytes = b"0", **fields: bytes) -> bytearray:
    """Return a ustar header with a right checksum; fields by name go over it."""
    places = {"size": 124, "magic": 257, "prefix": 345, "link": 157, "trailer": 508}
    block = bytearray(BLOCK)
    block[: len(name)] = name
    block[124:135] = b"00000000000"
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    for field, value in fields.items():
        block[places[field] : places[field] + len(value)] = value
    return with_checksum(block)


def with_checksum(block: bytearray) -> bytearray:
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    return block


def extra(kind: bytes, content: bytes) -> bytes:
    padding = b"\0" * (-len(content) % BLOCK)
    return bytes(header(b"x", kind, size=b"%011o" % len(content))) + content + padding


def record(key: bytes, value: bytes) -> bytes:
    rest = b" %b=%b\n" % (key, value)
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length += 1
    return b"%d%b" % (length, rest)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_kind_of_entry_is_read_in_every_format(form: int) -> None:
    long = "/".join(["deep" * 10] * 3)
    data = tar(
        folder("app"), file("./app/a", b"1" * 1000), file("/app//empty"), symlink("l", "/app/a"),
        hard_link("h", "app/a"), other("pipe", tarfile.FIFOTYPE), other("dev", tarfile.CHRTYPE),
        file(f"{long}/name", b"2"), form=form,
    )  # fmt: skip
    found = entries(data)
    assert [(entry.kind, "/".join(entry.path)) for entry in found] == [
        (EntryKind.DIRECTORY, "app"), (EntryKind.FILE, "app/a"), (EntryKind.FILE, "app/empty"),
        (EntryKind.SYMLINK, "l"), (EntryKind.HARD_LINK, "h"), (EntryKind.PIPE, "pipe"),
        (EntryKind.CHARACTER_DEVICE, "dev"), (EntryKind.FILE, f"{long}/name"),
    ]  # fmt: skip
    assert [e.sha256 for e in found if e.kind is EntryKind.FILE] == [
        digest_of(b"1" * 1000), digest_of(b""), digest_of(b"2")
    ]  # fmt: skip
    assert [entry.target for entry in found[3:5]] == ["/app/a", "app/a"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_and_targets_too_long_for_a_header_and_names_that_are_no_text_are_read(
    form: int,
) -> None:
    name = "d" * 90 + "/" + "e" * 250
    found = entries(tar(file(name, b"1"), symlink("l", name), file("caf\udce9", b"2"), form=form))
    assert [("/".join(e.path), e.target) for e in found] == [
        (name, ""), ("l", name), ("caf\udce9", "")
    ]  # fmt: skip


def test_a_size_of_gnus_own_form_and_one_of_an_extended_header_are_read() -> None:
    content = b"x" * 600
    padded = content + b"\0" * (-600 % BLOCK)
    gnu = bytes(header(size=b"\x80" + (600).to_bytes(11))) + padded
    pax = extra(b"x", record(b"size", b"600")) + bytes(header(size=b"00000000001")) + padded
    for data in (gnu, pax):
        assert [entry.sha256 for entry in entries(data)] == [digest_of(content)]


def test_what_stands_after_the_end_and_headers_for_all_change_nothing() -> None:
    data = tar(file("a", b"1"))
    comment = extra(b"g", record(b"path", b"other"))
    assert entries(comment + data + b"rest" * 1000) == entries(data)


def test_a_tar_without_an_end_and_an_empty_one_are_read() -> None:
    assert [e.path for e in entries(bytes(header()))] == [("a",)]
    assert entries(b"") == []


def _truncated() -> bytes:
    return tar(file("a", b"1" * 5000))[:4000]


def _wrong_checksum() -> bytes:
    block = header()
    block[0:1] = b"b"
    return bytes(block)


def _sparse() -> bytes:
    return extra(b"x", record(b"GNU.sparse.major", b"1")) + bytes(header())


UNCLEAR = {
    "breaks off in a file": (_truncated(), "breaks off"),
    "breaks off in a header": (bytes(header())[:100], "breaks off"),
    "breaks off in padding": (
        bytes(header(size=b"00000000001")) + b"x" + b"\0" * 10, "breaks off"
    ),
    "breaks off in an extra header": (extra(b"x", b"9" * 600)[:900], "breaks off"),
    "checksum": (_wrong_checksum(), "wrong checksum"),
    "one empty block": (b"\0" * BLOCK + bytes(header()), "one empty block"),
    "magic": (bytes(header(magic=b"ustar  x")), "unknown format"),
    "star": (bytes(header(trailer=b"tar\0")), "unknown format"),
    "sparse": (_sparse(), "holes"),
    "old sparse": (bytes(header(kind=b"S")), "kind"),
    "contiguous": (bytes(header(kind=b"7")), "kind"),
    "no number": (bytes(header(size=b"0000000000x")), "the number"),
    "negative size": (bytes(header(size=b"\xff" * 12)), "the number"),
    "file with a slash": (bytes(header(b"a/")), "the name"),
    "directory with bytes": (bytes(header(kind=b"5", size=b"00000000001")), "is no file"),
    "link with bytes": (bytes(header(kind=b"1", size=b"00000001000")), "is no file"),
    "upwards": (bytes(header(b"a/../../b")), "leads upwards"),
    "two long names": (
        extra(b"L", b"one\0") + extra(b"L", b"two\0") + bytes(header()), "two names"
    ),
    "a long name and a path": (
        extra(b"L", b"one\0") + extra(b"x", record(b"path", b"two")) + bytes(header()),
        "two names",
    ),
    "two paths": (
        extra(b"x", record(b"path", b"one") + record(b"path", b"two")) + bytes(header()),
        "two names",
    ),
    "an empty path": (extra(b"x", record(b"path", b"")) + bytes(header()), "two names"),
    "a path with a zero": (extra(b"x", record(b"path", b"a\0b")) + bytes(header()), "the name"),
    "a size of words": (extra(b"x", record(b"size", b"-1")) + bytes(header()), "the size"),
    "a damaged record": (extra(b"x", b"12 path=toolong\n") + bytes(header()), "damaged"),
    "no record": (extra(b"x", b"path=a\n") + bytes(header()), "damaged"),
    "a large extra header": (bytes(header(kind=b"x", size=b"00010000000")), "extended header of"),
    "an extra header alone": (extra(b"x", record(b"path", b"a")), "without an entry"),
    "a long part": (extra(b"L", b"n" * 256) + bytes(header()), "a part"),
    "a long path": (extra(b"L", b"n/" * 2100) + bytes(header(kind=b"5")), "a part"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_programs_could_read_differently_is_undecided(name: str) -> None:
    data, says = UNCLEAR[name]
    assert says in refused(data)


def test_python_reads_the_same_of_what_is_read() -> None:
    data = tar(folder("a"), file("a/b", b"12"), file("a/b", b"3"), symlink("c", "a"))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = [info.name for info in archive.getmembers()]
    assert names == ["/".join(entry.path) for entry in entries(data)]
