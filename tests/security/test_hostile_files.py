"""Whatever stands in the place of a file that `verify` reads: one clear word, and never a yes."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from aigf_dvc.attestation.oms import build_oms_statement
from aigf_dvc.attestation.statement import build_statement
from aigf_dvc.cli import main
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from tests.attestation.builders import MODEL_BYTES, MODEL_FILES, a_deployment
from tests.images.builder import Images, file, tar
from tests.signing.by_key import sign_statement

NOISE: dict[str, bytes] = {
    "empty": b"",
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "NUL": b"\0" * 100,
    "not UTF-8": b"\xff\xfe{}",
    "a long number": b'{"a": ' + b"9" * 100_000 + b"}",
    "a list": b"[]",
    "a number": b"42",
    "null": b"null",
    "half a pair": b'{"a": "\\ud800"}',
    "a key twice": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "a tag": b"!!python/object/apply:os.system [id]\n",
    "no key": b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "no certificate": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
}


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(300 << 20)


def _write(data: bytes, path: Path) -> None:
    path.write_bytes(data)


SHAPES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a loop": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a device": lambda path: path.symlink_to("/dev/null"),
    "a large file": _large,
    **{name: partial(_write, data) for name, data in NOISE.items()},
}

_KEY = ("--key", "key.pub", "--any-policy")
_BUNDLE = ("model.bin", "--bundle", "bundle.json")
_LISTS = (*_BUNDLE, *_KEY, "--state", "numbers.json")
PLACES: dict[str, tuple[str, ...]] = {
    "the bundle": ("model.bin", "--bundle", "X", *_KEY),
    "the artifact": ("X", "--bundle", "bundle.json", *_KEY),
    "the key": (*_BUNDLE, "--key", "X", "--any-policy"),
    "the policy": (*_BUNDLE, "--key", "key.pub", "--policy", "X"),
    "the trust file": (*_BUNDLE, "--trust", "X"),
    "the store": ("model.bin", "--from", "X", *_KEY),
    "the revocations": (*_LISTS, "--revocations", "X", "--revocation-key", "key.pub",
                        "--require-revocations"),
    "the releases": (*_LISTS, "--releases", "X", "--release-key", "key.pub", "--require-releases"),
    "the key of a list": (*_LISTS, "--revocations", "bundle.json", "--revocation-key", "X",
                          "--require-revocations"),
    "the signature of a model": ("net", "--oms", "X", "--key", "key.pub"),
    "the signed model": ("X", "--oms", "net.sig", "--key", "key.pub"),
    "the image": ("--image", "IMAGE", "--image-layout", "X", *_KEY),
    "the trusted root": (*_BUNDLE, "--identity", "a@b.example", "--issuer", "https://b.example",
                         "--trusted-root", "X", "--any-policy"),
    "the authorities": (*_BUNDLE, "--identity", "a@b.example", "--certificate-authority", "X",
                        "--timestamp-authority", "X", "--any-policy"),
    "the repository": (*_BUNDLE, *_KEY, "--deep", "--repo", "X"),
    "the observer": (*_BUNDLE, *_KEY, "--observer-key", "X", "--min-trust", "observed"),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model, its attestation, a signature and an image: all good."""
    folder = tmp_path_factory.mktemp("place")
    private, public = generate_key(None)
    key = load_private_key(private, None, where="test")
    (folder / "key.pub").write_bytes(public)
    (folder / "model.bin").write_bytes(MODEL_BYTES)
    now = datetime.now(UTC).replace(microsecond=0)
    statement = build_statement(a_deployment(issued_on=now), MODEL_FILES)
    (folder / "bundle.json").write_bytes(sign_statement(statement, key))
    (folder / "net").mkdir()
    (folder / "net/weights").write_bytes(b"123")
    files = [ModelFile(name="weights", sha256=sha256(b"123"))]
    (folder / "net.sig").write_bytes(sign_statement(build_oms_statement("net", files), key))
    return folder


@contextmanager
def not_for_ever() -> Iterator[None]:
    """End what waits for somebody who never comes."""

    def ended(*_: object) -> None:
        pytest.fail("it waits")

    before = signal.signal(signal.SIGALRM, ended)
    signal.alarm(60)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def verified(
    arguments: tuple[str, ...], patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Run the command; an error that it does not know ends the test."""
    patch.setattr(sys, "argv", ["aigf", "verify", *arguments])
    with not_for_ever():
        code = main._run()
    told = said.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize("arguments", PLACES.values(), ids=PLACES.keys())
def test_no_hostile_file_is_a_yes_a_crash_or_a_flood(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(place)
    images = f"localhost/a@sha256:{'a' * 64}"
    for name, put in SHAPES.items():
        hostile = tmp_path / name.replace(" ", "-")
        put(hostile)
        named: Mapping[str, str] = {"X": str(hostile), "IMAGE": images}
        given = tuple(named.get(one, one) for one in arguments)
        code, said = verified(given, monkeypatch, capsys)
        assert code in (1, 2, 3), (name, said)
        assert said.strip(), name
        assert len(said) < 4000, (name, said[:200])


def test_what_is_good_in_every_place_is_a_yes(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the test above would show nothing."""
    monkeypatch.chdir(place)
    assert verified((*_BUNDLE, *_KEY), monkeypatch, capsys)[0] == 0
    signed = ("net", "--oms", "net.sig", "--key", "key.pub")
    assert verified(signed, monkeypatch, capsys)[0] == 0


BESIDE: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda net: os.mkfifo(net / "pipe"),
    "a loop": lambda net: (net / "loop").symlink_to("loop"),
    "a link out": lambda net: (net / "link").symlink_to("/etc/passwd"),
    "a link to a folder": lambda net: (net / "link").symlink_to("."),
    "no UTF-8 name": lambda net: Path(os.fsdecode(os.fsencode(net) + b"/\xff")).touch(),
    "a line end": lambda net: (net / "a\nb\x1b[31m").touch(),
    "one more": lambda net: (net / "more").touch(),
}


@pytest.mark.parametrize("put", BESIDE.values(), ids=BESIDE.keys())
def test_nothing_beside_the_signed_files_is_passed_over(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    put: Callable[[Path], object],
) -> None:
    monkeypatch.chdir(place)
    net = tmp_path / "net"
    net.mkdir()
    (net / "weights").write_bytes(b"123")
    signed = (str(net), "--oms", "net.sig", "--key", "key.pub")
    assert verified(signed, monkeypatch, capsys)[0] == 0
    put(net)
    code, said = verified(signed, monkeypatch, capsys)
    assert code in (1, 3), said
    assert "\x1b[31m" not in said


def test_hostile_files_of_an_image_layout_are_no_yes(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(place)
    images = Images()
    digest = images.image(tar(file("app/model.bin", MODEL_BYTES)))
    for name, put in SHAPES.items():
        for inside in ("index.json", "oci-layout", f"blobs/sha256/{digest}"):
            folder = tmp_path / name.replace(" ", "-") / inside.partition("/")[0]
            layout = images.write_layout(folder, [digest])
            (layout / inside).unlink()
            put(layout / inside)
            image = f"localhost/a@sha256:{digest}"
            given = ("--image", image, "--image-layout", str(layout), *_KEY)
            code, said = verified(given, monkeypatch, capsys)
            assert code in (1, 2, 3), (name, inside, said)
            assert len(said) < 2000
