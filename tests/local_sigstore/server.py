"""The local Sigstore: all services behind one HTTP address on this machine.

    with LocalSigstore() as sigstore:
        config = ClientTrustConfig.from_json(json.dumps(sigstore.trust_config()))
        token = IdentityToken(sigstore.token("dev@example.com"))

Each instance has keys of its own, so that one does not trust what another signed.
"""

import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPMethod, HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self

from tests.local_sigstore import rekor, trust_material
from tests.local_sigstore.fulcio import new_fulcio
from tests.local_sigstore.rekor import TransparencyLog
from tests.local_sigstore.timestamps import new_timestamp_authority
from tests.local_sigstore.tokens import write_token
from tests.local_sigstore.trust_material import TIMESTAMP_PATH, Json, Services

HOST = "127.0.0.1"
JSON = "application/json"
REKOR_V1 = "/api/v1/log/entries"
SHUTDOWN_POLL_SECONDS = 0.05  # `close` waits this long at most; the default is ten times longer

# Takes the request's body and its Authorization header; returns the body of the answer.
Service = Callable[[bytes, str], bytes]
Route = tuple[Service, HTTPStatus, str]


class LocalSigstore:
    """Fulcio with its log, Rekor v1 and v2, a timestamp authority, and OIDC discovery.

    Attributes:
        errors: what went wrong in a service; the client saw status 500. Empty when all went well.
    """

    def __init__(self, issuer: str = "https://issuer.test.example") -> None:
        """Make the keys; nothing listens before `start`.

        Args:
            issuer: the issuer of the tokens that `token` writes.
        """
        self.errors: list[Exception] = []
        self._issuer = issuer
        self._services = Services(
            fulcio=new_fulcio(),
            rekor_v1=TransparencyLog(name=HOST, origin=f"{HOST} - 1"),
            rekor_v2=TransparencyLog(name=HOST, origin=HOST),
            timestamps=new_timestamp_authority(),
        )
        self._server: _Server | None = None

    def start(self) -> Self:
        """Listen on a free port of 127.0.0.1."""
        if self._server is not None:
            raise RuntimeError("this LocalSigstore has started already")
        self._server = _Server(self._routes(), self.errors)
        threading.Thread(
            target=self._server.serve_forever, args=(SHUTDOWN_POLL_SECONDS,), daemon=True
        ).start()
        return self

    def close(self) -> None:
        """Stop listening; a second call does nothing."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address of all services, without a slash at the end."""
        if self._server is None:
            raise RuntimeError("this LocalSigstore has no address: call start() first")
        return f"http://{HOST}:{self._server.server_port}"

    def trust_config(self, rekor: Literal[1, 2] = 2, timestamp: bool = True) -> Json:  # noqa: FBT002 (named at every call)
        """Return a ClientTrustConfig, the document that `sigstore --trust-config` reads.

        Args:
            rekor: the version of Rekor's API to sign with. Version 2 tells no time: with it, a
                bundle without timestamp cannot be verified.
            timestamp: whether to ask the timestamp authority.
        """
        config = trust_material.signing_config(url=self.url, rekor=rekor, timestamp=timestamp)
        return trust_material.trust_config(self.trusted_root(), config)

    def trusted_root(
        self,
        *,
        ca_valid_until: dt.datetime | None = None,
        log_valid_until: dt.datetime | None = None,
    ) -> Json:
        """Return a TrustedRoot; with a time in the past, trust in Fulcio or the logs has ended."""
        return trust_material.trusted_root(
            self._services,
            url=self.url,
            ca_valid_until=ca_valid_until,
            log_valid_until=log_valid_until,
        )

    def token(
        self,
        identity: str = "dev@example.com",
        *,
        issuer: str | None = None,
        claims: Mapping[str, str] | None = None,
    ) -> str:
        """Return an identity token; Fulcio believes all of it.

        Args:
            identity: a mail address, or the URI of a workflow, such as
                https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main.
            issuer: who vouches for the identity; by default the issuer given to the constructor.
            claims: more claims; those named in `fulcio.CLAIM_EXTENSIONS` go into the certificate.
        """
        return write_token(identity, issuer=issuer or self._issuer, claims=claims or {})

    def _routes(self) -> dict[tuple[str, str], Route]:
        services = self._services
        ok, created = HTTPStatus.OK, HTTPStatus.CREATED
        return {
            (HTTPMethod.GET, "/.well-known/openid-configuration"): (self._discover, ok, JSON),
            (HTTPMethod.POST, "/api/v2/signingCert"): (services.fulcio.answer, ok, JSON),
            (HTTPMethod.POST, REKOR_V1): (
                lambda body, _: rekor.answer_v1(services.rekor_v1, body),
                created,
                JSON,
            ),
            (HTTPMethod.POST, "/api/v2/log/entries"): (
                lambda body, _: rekor.answer_v2(services.rekor_v2, body),
                created,
                JSON,
            ),
            (HTTPMethod.POST, TIMESTAMP_PATH): (
                lambda body, _: services.timestamps.answer(body),
                created,
                "application/timestamp-reply",
            ),
        }

    def _discover(self, _body: bytes, _authorization: str) -> bytes:
        """Answer OpenID Connect discovery; clients ask even when they have a token."""
        return json.dumps(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
            }
        ).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, routes: Mapping[tuple[str, str], Route], errors: list[Exception]) -> None:
        self.routes = routes
        self.errors = errors
        super().__init__((HOST, 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing: the log of a test server is noise."""

    def _answer(self) -> None:
        route = self.server.routes.get((self.command, self.path))
        if route is None:
            return self._reply(HTTPStatus.NOT_FOUND, "text/plain", b"no such service")
        service, status, content_type = route
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            answer = service(body, self.headers.get("Authorization", ""))
        except Exception as error:  # noqa: BLE001 (a test asserts on `errors`; the client gets 500)
            self.server.errors.append(error)
            return self._reply(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", repr(error).encode())
        # Rekor v1 names the new entry here, and sigstore-go looks it up by that name.
        tag = next(iter(json.loads(answer))) if self.path == REKOR_V1 else None
        return self._reply(status, content_type, answer, tag)

    def _reply(
        self, status: HTTPStatus, content_type: str, body: bytes, tag: str | None = None
    ) -> None:
        self.send_response(status)
        if tag is not None:
            self.send_header("ETag", tag)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
