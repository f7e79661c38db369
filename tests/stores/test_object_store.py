"""Any URL that fsspec knows keeps attestations; S3 is moto's and GCS an emulator's, on 127.0.0.1.

The emulator takes a second writer of one name, which GCS refuses: that nothing is written over is
shown there by what is read before and after, not by the precondition.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.stores.layout import BUNDLE, EVIDENCE, MAX_BYTES, Stored, Unreadable
from aigf_dvc.stores.object_store import ObjectStore, open_object_store
from tests.stores.registries import free_port, wait_for

MODEL = sha256(b"model")
GOOD = Stored(model=MODEL, ending=BUNDLE, data=b"one")
BESIDE = Stored(model=MODEL, ending=EVIDENCE, data=b"two")


@pytest.fixture(params=["file", "s3", "gs"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    if request.param == "file":
        yield f"file://{tmp_path}/attestations"
    elif request.param == "s3":
        yield from _s3(monkeypatch)
    else:
        yield from _gs(monkeypatch)


def _s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"attestations-{uuid.uuid4()}"  # moto keeps them all, as long as the process lives
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(bucket)
    try:
        yield f"s3://{bucket}/models"
    finally:
        server.stop()


def _gs(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    port = free_port()
    program = Path(sys.executable).parent / "gcp-storage-emulator"
    arguments = ["start", "--host=127.0.0.1", f"--port={port}", "--in-memory"]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    # Else every request waits a minute for a second protocol, which the emulator does not speak.
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # nor is this a machine of Google's
    with subprocess.Popen(
        [program, *arguments, "--default-bucket=attestations"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            yield "gs://attestations/models"
        finally:
            process.terminate()


def test_what_was_added_is_found_from_elsewhere(url: str) -> None:
    open_object_store(url).add((GOOD, BESIDE))
    open_object_store(url).add((GOOD,))
    assert set(open_object_store(url).find(MODEL)) == {GOOD, BESIDE}
    assert open_object_store(url).find(sha256(b"other")) == ()
    assert set(open_object_store(url).all()) == {GOOD, BESIDE}


def test_an_empty_place_is_an_empty_store(url: str) -> None:
    assert open_object_store(url).find(MODEL) == ()
    assert list(open_object_store(url).all()) == []


def test_writers_at_the_same_time_lose_nothing(url: str) -> None:
    items = [Stored(model=MODEL, ending=BUNDLE, data=f"bundle {n}".encode()) for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda item: open_object_store(url).add((item,)), [*items, *items]))
    assert set(open_object_store(url).find(MODEL)) == set(items)


def raw(store: ObjectStore, name: str, data: bytes) -> None:
    system, root = fsspec.core.url_to_fs(store.place, skip_instance_cache=True)
    path = f"{root}/{name}"
    system.makedirs(path.rpartition("/")[0], exist_ok=True)
    system.pipe_file(path, data)


def test_nothing_is_written_over(url: str) -> None:
    store = open_object_store(url)
    raw(store, GOOD.name, b"other bytes")
    with pytest.raises(UndecidedError, match="other bytes than its name says"):
        store.add((GOOD,))
    assert open_object_store(url).find(MODEL) == ()
    assert list(open_object_store(url).all()) == [Unreadable(name=GOOD.name)]


# What the test itself writes to the emulator; nothing of ours is as large.
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
def test_other_names_and_files_too_large_are_left_out(url: str) -> None:
    store = open_object_store(url)
    store.add((GOOD,))
    raw(store, f"{MODEL}/README", b"hello")
    large = b"0" * (MAX_BYTES + 1)
    raw(store, f"{MODEL}/{sha256(large)}{BUNDLE}", large)
    assert open_object_store(url).find(MODEL) == (GOOD,)


def test_a_driver_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="needs a driver") as refused:
        open_object_store("adl://store/place")
    assert "adlfs" in refused.value.hint


@pytest.mark.parametrize(
    "url", ["nothing://x", "simplecache::s3://bucket", "https://example.com/x", "memory://x"]
)
def test_a_url_of_no_kind_that_keeps_what_we_send_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="expected"):
        open_object_store(url)


def test_a_store_that_is_not_reached_is_named_in_one_sentence() -> None:
    with pytest.raises(UndecidedError, match=r"does not answer: .*refused") as refused:
        open_object_store(f"ftp://127.0.0.1:{free_port()}/attestations")
    assert str(refused.value).startswith("ftp://127.0.0.1")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("memory://x", "keeps nothing when the command ends"),
        ("https://example.com/x", "cannot be written to"),
        ("simplecache::s3://bucket", "several addresses in one"),
    ],
)
def test_a_store_that_is_refused_hears_why(url: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        open_object_store(url)


DRIVER_THAT_LOGS = """
import logging
from aigf_dvc.errors import UndecidedError
from aigf_dvc.stores.object_store import ObjectStore

class System:
    def info(self, path):
        try:
            raise OSError("no such host")
        except OSError:
            logging.getLogger("driver").exception("out of retries")
            raise

try:
    ObjectStore("gs://bucket", System(), "bucket").find("0" * 64)
except UndecidedError as error:
    print(error)
logging.getLogger("ours").warning("heard again")
"""


def test_what_a_driver_logs_reaches_no_terminal() -> None:
    """gcsfs logs a traceback of its own for a bucket that it cannot reach."""
    outcome = subprocess.run(
        [sys.executable, "-c", DRIVER_THAT_LOGS], capture_output=True, text=True, check=False
    )
    assert outcome.stdout.startswith("gs://bucket: the store refuses: no such host")
    assert outcome.stderr == "heard again\n"


@pytest.mark.parametrize("place", ["bucket", "bucket/models"])
def test_a_store_that_nobody_may_read_is_not_called_empty(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = open_object_store(f"s3://{place}")
    with pytest.raises(UndecidedError, match="credentials"):
        list(store.all())
    with pytest.raises(UndecidedError, match="credentials"):
        store.find(MODEL)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    store = open_object_store(f"file://{tmp_path}")
    store.add((GOOD,))
    pipe = f"{MODEL}/{'0' * 64}{BUNDLE}"
    os.mkfifo(tmp_path / pipe)
    assert open_object_store(f"file://{tmp_path}").find(MODEL) == (GOOD,)


def test_a_secret_in_the_url_is_not_told() -> None:
    with pytest.raises(InputError) as refused:
        open_object_store("adl://jane:s3cret@store/place")
    assert "s3cret" not in f"{refused.value} {refused.value.hint}"
    assert "s3cret" not in open_object_store("s3://jane:s3cret@bucket").place
