"""OCI registries on 127.0.0.1: Debian's docker-registry, and one that lists referrers."""

import hashlib
import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.serving import serving

USER, PASSWORD = "jane", "correct-horse"
_SECONDS = 20
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


@contextmanager
def docker_registry(folder: Path, *, login: bool = False) -> Iterator[str]:
    """Run Debian's registry, which keeps no list of referrers; gives `host:port`."""
    auth = ""
    if login:
        subprocess.run(
            ["htpasswd", "-Bbc", str(folder / "users"), USER, PASSWORD],
            check=True,
            capture_output=True,
        )
        auth = f"auth: {{htpasswd: {{realm: test, path: {folder / 'users'}}}}}"
    port = free_port()
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(folder=folder, port=port, auth=auth))
    with subprocess.Popen(
        ["docker-registry", "serve", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/v2/")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=_SECONDS)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port: int = chosen.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310  # 127.0.0.1
            return
        except urllib.error.HTTPError:  # it wants a login, so it is there
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


class ListingRegistry:
    """A registry of distribution specification 1.1, in memory: it lists referrers by itself."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.tags: dict[str, str] = {}
        self.lock = threading.Lock()

    def keep(self, reference: str, media_type: str, body: bytes) -> str:
        digest = digest_of(body)
        with self.lock:
            self.manifests[digest] = (media_type, body)
            if not reference.startswith("sha256:"):
                self.tags[reference] = digest
        return digest

    def find(self, reference: str) -> tuple[str, bytes] | None:
        with self.lock:
            return self.manifests.get(self.tags.get(reference, reference))

    def referrers(self, digest: str) -> bytes:
        listed = []
        with self.lock:
            for name, (media_type, body) in self.manifests.items():
                manifest = json.loads(body)
                if manifest.get("subject", {}).get("digest") == digest:
                    listed.append(
                        {
                            "mediaType": media_type,
                            "digest": name,
                            "size": len(body),
                            "artifactType": manifest.get("artifactType"),
                        }
                    )
        return json.dumps({"schemaVersion": 2, "manifests": listed}).encode()

    @contextmanager
    def serve(self) -> Iterator[str]:
        handler = type("Handler", (_Handler,), {"registry": self})
        with serving(handler) as address:
            yield address


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: ListingRegistry

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self) -> None:
        self._answer(202, Location=f"{self.path}{uuid.uuid4()}")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        if "/blobs/uploads/" in path:
            digest = query.partition("digest=")[2].replace("%3A", ":")
            if digest_of(body) != digest:
                self._answer(400)
                return
            self.registry.blobs[digest] = body
            self._answer(201, Docker_Content_Digest=digest)
            return
        digest = self.registry.keep(path.rpartition("/")[2], self.headers["Content-Type"], body)
        subject = json.loads(body).get("subject", {}).get("digest")
        extra = {"OCI_Subject": subject} if subject else {}
        self._answer(201, Docker_Content_Digest=digest, **extra)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        reference = path.rpartition("/")[2]
        if "/blobs/" in path:
            blob = self.registry.blobs.get(reference)
            self._answer(404) if blob is None else self._answer(200, blob)
        elif "/referrers/" in path:
            self._answer(200, self.registry.referrers(reference))
        elif re.search(r"/tags/list\Z", path):
            self._answer(200, json.dumps({"tags": sorted(self.registry.tags)}).encode())
        else:
            found = self.registry.find(reference)
            if found is None:
                self._answer(404)
            else:
                self._answer(200, found[1], Content_Type=found[0])

    do_HEAD = do_GET  # noqa: N815  # the base's name
