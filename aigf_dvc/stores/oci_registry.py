"""A client of OCI registries (distribution specification 1.1); the home of requests.

See: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from msgspec import Struct

from aigf_dvc.canonical import Json, dumps, loads
from aigf_dvc.digests import sha256
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.stores.oci_credentials import Credentials

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_ACCEPT = ", ".join((MANIFEST, INDEX, _DOCKER_MANIFEST, _DOCKER_LIST))
DOCKER_HUB = "docker.io"
_HUB_SERVER = "registry-1.docker.io"  # the one host whose name is not its server's
MOST_MANIFEST_BYTES = 4 * 2**20
_SECONDS = 60
_CHALLENGE = lazy_pattern(r'(\w+)="([^"]*)"')
_NEXT = lazy_pattern(r'<([^>]+)>;\s*rel="?next"?')
_MOST_PAGES = 1000
_BUSY = (requests.codes.too_many_requests,)
_SERVER_FAILED = 500
_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds


class Descriptor(Struct, frozen=True, kw_only=True):
    """What a manifest says of a blob or of another manifest."""

    media_type: str
    digest: str  # `sha256:HEX`
    size: int

    def as_json(self) -> dict[str, Json]:
        """Return it as manifests have it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


class Registry:
    """One repository of a registry."""

    def __init__(self, host: str, repository: str, credentials: Credentials | None) -> None:
        """Take an address; nothing is asked yet. Plain http is spoken to this machine only."""
        server = _HUB_SERVER if host == DOCKER_HUB else host
        scheme = "http" if _is_here(server) else "https"
        self._base = f"{scheme}://{server}/v2/{repository}/"
        self._repository = repository
        self._credentials = credentials
        self._session = requests.Session()
        self._session.trust_env = True
        self._token = ""

    def blob(self, data: bytes, media_type: str) -> Descriptor:
        """Keep a blob, and return what a manifest says of it."""
        digest = f"sha256:{sha256(data)}"
        if self._ask("HEAD", f"blobs/{digest}", allow=(404,)).status_code != requests.codes.ok:
            begun = self._ask("POST", "blobs/uploads/", allow=())
            place = urljoin(self._base, begun.headers.get("Location", ""))
            joined = f"{place}{'&' if '?' in place else '?'}digest={digest}"
            self._ask(
                "PUT", joined, allow=(), data=data,
                headers={"Content-Type": "application/octet-stream"},
            )  # fmt: skip
        return Descriptor(media_type=media_type, digest=digest, size=len(data))

    def put(self, manifest: Mapping[str, Json], reference: str) -> bool:
        """Keep a manifest under a tag or its digest; tell whether the registry lists referrers."""
        data = dumps(dict(manifest))
        media_type = str(manifest["mediaType"])
        answer = self._ask(
            "PUT", f"manifests/{reference}", allow=(), data=data,
            headers={"Content-Type": media_type},
        )  # fmt: skip
        return "OCI-Subject" in answer.headers

    def manifest(self, reference: str) -> tuple[Mapping[str, Json], str] | None:
        """Return a manifest and its digest, or None when it is not there.

        Raises:
            UndecidedError: it is none, too large, or not what its digest says.
        """
        data = self.manifest_bytes(reference)
        if data is None:
            return None
        return self._object(data, reference), f"sha256:{sha256(data)}"

    def manifest_bytes(self, reference: str) -> bytes | None:
        """Return a manifest as the registry keeps it, or None when it is not there.

        Raises:
            UndecidedError: it is not what its digest says.
        """
        answer = self._ask(
            "GET", f"manifests/{reference}", allow=(404,), headers={"Accept": _ACCEPT}
        )
        if answer.status_code == requests.codes.not_found:
            return None
        data = _content(answer)
        digest = f"sha256:{sha256(data)}"
        if reference.startswith("sha256:") and digest != reference:
            raise UndecidedError(f"other bytes, {digest}", where=reference, expected=reference)
        return data

    def referrers(self, digest: str) -> list[Mapping[str, Json]] | None:
        """Return what the registry lists as referring to a digest; None: it keeps no such list."""
        answer = self._ask("GET", f"referrers/{digest}", allow=(400, 404, 405))
        if answer.status_code != requests.codes.ok:
            return None
        listed = _objects(self._object(_content(answer), "referrers").get("manifests"))
        for _ in range(_MOST_PAGES):
            following = _next(answer)
            if not following:
                break
            answer = self._ask("GET", urljoin(self._base, following), allow=())
            listed += _objects(self._object(_content(answer), "referrers").get("manifests"))
        return listed

    def tags(self) -> list[str]:
        """Return every tag of the repository."""
        found: list[str] = []
        path: str = "tags/list?n=1000"
        for _ in range(_MOST_PAGES):
            answer = self._ask("GET", urljoin(self._base, path), allow=(404,))
            if answer.status_code == requests.codes.not_found:
                break
            names = self._object(_content(answer), "tags").get("tags")
            found += [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
            path = _next(answer)
            if not path:
                break
        return found

    def read_blob(self, digest: str, *, most: int) -> bytes | None:
        """Return a blob, or None when it is larger than that or not what its digest says."""
        answer = self._ask("GET", f"blobs/{digest}", allow=(404,))
        if answer.status_code == requests.codes.not_found:
            return None
        with answer:
            data = b"".join(_bounded(answer, most + 1))
        return data if len(data) <= most and f"sha256:{sha256(data)}" == digest else None

    def stream_blob(self, digest: str) -> Iterator[bytes]:
        """Yield a blob as it comes; whether it is what its digest says, nobody has looked.

        Raises:
            InputError: the registry does not have it.
            UndecidedError: it breaks off.
        """
        answer = self._ask("GET", f"blobs/{digest}", allow=(404,))
        with answer:
            if answer.status_code == requests.codes.not_found:
                raise InputError("no such blob", where=f"{self._base}blobs/{digest}")
            yield from _chunks(answer)

    def _object(self, data: bytes, where: str) -> Mapping[str, Json]:
        if len(data) > MOST_MANIFEST_BYTES:
            raise UndecidedError(f"{len(data)} bytes", where=where, expected="a manifest")
        value = loads(data, where=where)
        if not isinstance(value, dict):
            raise UndecidedError("no JSON object", where=where, expected="a manifest")
        return value

    def _ask(self, method: str, path: str, *, allow: tuple[int, ...], **more: Any) -> Any:  # noqa: ANN401  # what requests takes and gives
        answer = self._patiently(method, path, **more)
        if answer.status_code == requests.codes.unauthorized and self._authorise(answer):
            answer = self._patiently(method, path, **more)
        if answer.ok or answer.status_code in allow:
            return answer
        raise _refused(answer, self._base)

    def _patiently(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401  # what requests takes and gives
        """Ask again where the registry is busy: docker-registry fails when two write one tag."""
        answer = self._send(method, path, **more)
        for wait in _WAITS:
            if answer.status_code not in _BUSY and answer.status_code < _SERVER_FAILED:
                break
            time.sleep(wait * (1 + os.urandom(1)[0] / 255))
            answer = self._send(method, path, **more)
        return answer

    def _send(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401  # what requests takes and gives
        url = path if "://" in path else self._base + path
        if urlsplit(url).netloc != urlsplit(self._base).netloc:
            raise UndecidedError(
                f"it leads to another host, {urlsplit(url).netloc!r:.100}", where=self._base
            )
        plain = {"Accept-Encoding": "identity"}  # what is unpacked may have no end
        headers = {**plain, **more.pop("headers", {}), **self._authorization()}
        try:
            answer = self._session.request(
                method, url, headers=headers, timeout=_SECONDS, stream=True, **more
            )
        except requests.RequestException as error:
            raise UndecidedError(
                f"the registry did not answer: {type(error).__name__}", where=self._base
            ) from None
        if method != "GET" or not answer.ok:
            _content(answer)  # nobody else will: the connection can be used again
        return answer

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": self._token} if self._token else {}

    def _authorise(self, answer: requests.Response) -> bool:
        """Get what the registry asks for; tell whether there is anything to try again with."""
        challenge = answer.headers.get("WWW-Authenticate", "")
        scheme = challenge.partition(" ")[0].lower()
        if scheme == "basic" and self._credentials is not None:
            before, self._token = self._token, self._credentials.basic()
            return before != self._token
        if scheme == "bearer":
            before, self._token = self._token, self._bearer(dict(_CHALLENGE.findall(challenge)))
            return bool(self._token) and before != self._token
        return False

    def _bearer(self, asked: Mapping[str, str]) -> str:
        realm = asked.get("realm", "")
        where = urlsplit(realm)
        is_safe = "@" not in where.netloc and (where.scheme == "https" or _is_here(where.netloc))
        if not is_safe:
            raise UndecidedError(f"tokens from {realm!r:.100}", where=self._base, expected="https")
        wanted = {key: asked[key] for key in ("service", "scope") if key in asked}
        wanted.setdefault("scope", f"repository:{self._repository}:pull,push")
        basic = self._credentials.basic() if self._credentials is not None else ""
        try:
            answer = self._session.get(
                realm, params=wanted, timeout=_SECONDS, stream=True,
                headers={"Authorization": basic} if basic else {},
            )  # fmt: skip
        except requests.RequestException as error:
            raise UndecidedError(
                f"the token service did not answer: {type(error).__name__}", where=realm
            ) from None
        if not answer.ok:
            answer.close()
            return ""
        said = self._object(_content(answer), realm)
        token = said.get("token") or said.get("access_token")
        return f"Bearer {token}" if isinstance(token, str) else ""


def _refused(answer: requests.Response, where: str) -> AigfError:
    status = f"{answer.status_code} {answer.reason}"
    if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        return InputError(
            f"the registry refuses: {status}", where=where, expected="somebody it knows",
            hint="`docker login HOST`, or set AIGF_OCI_USERNAME and AIGF_OCI_PASSWORD",
        )  # fmt: skip
    return UndecidedError(f"the registry refuses: {status}", where=where)


def _content(answer: requests.Response) -> bytes:
    """Return the body of an answer, or as much of it as shows that it is too large."""
    with answer:
        return b"".join(_bounded(answer, MOST_MANIFEST_BYTES + 1))


def _bounded(answer: requests.Response, most: int) -> list[bytes]:
    parts, left = [], most
    for part in _chunks(answer):
        parts.append(part[:left])
        left -= len(parts[-1])
        if left <= 0:
            break
    return parts


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(1 << 16)
    except requests.RequestException as error:
        raise UndecidedError(f"the answer broke off: {type(error).__name__}") from None


def _next(answer: requests.Response) -> str:
    match = _NEXT.search(answer.headers.get("Link", ""))
    return match[1] if match else ""


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_here(host: str) -> bool:
    name = host.rpartition(":")[0] if ":" in host else host
    return name in ("127.0.0.1", "localhost", "[::1]")
