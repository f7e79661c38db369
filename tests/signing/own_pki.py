"""An organisation's own PKI, made by OpenSSL, and its timestamp authority on 127.0.0.1."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.serving import serving

IDENTITY = "ml-release@corp.example"
_EXTENSIONS = """\
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = email:ml-release@corp.example, URI:https://corp.example/ml
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[web]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = email:ml-release@corp.example
authorityKeyIdentifier = keyid
[agreement]
basicConstraints = critical, CA:false
keyUsage = critical, keyAgreement
extendedKeyUsage = codeSigning
subjectAltName = email:ml-release@corp.example
authorityKeyIdentifier = keyid
[nameless]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
authorityKeyIdentifier = keyid
[tsa]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
authorityKeyIdentifier = keyid
[tsa_config]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""
EC = ["-algorithm", "EC", "-pkeyopt"]


@dataclass(frozen=True, slots=True)
class Pki:
    """A folder of keys and certificates; `NAME.key` and `NAME.pem` belong together."""

    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / name

    def read(self, *names: str) -> bytes:
        return b"".join(self.path(name).read_bytes() for name in names)

    def make_root(self, name: str) -> None:
        self._key(name)
        self._run(
            "req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/O=corp/CN={name}",
            "-days", "3650", "-config", "openssl.cnf", "-extensions", "ca", "-out", f"{name}.pem",
        )  # fmt: skip

    def issue(
        self, name: str, by: str, *, section: str, days: int = 30, curve: str = "P-256"
    ) -> None:
        """Issue a certificate; a negative number of days gives one that has ended."""
        self._key(name, curve)
        self._run(
            "req", "-new", "-key", f"{name}.key", "-subj", f"/O=corp/CN={name}",
            "-config", "openssl.cnf", "-out", f"{name}.csr",
        )  # fmt: skip
        self._run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key",
            "-CAcreateserial", "-days", str(days), "-extfile", "openssl.cnf",
            "-extensions", section, "-out", f"{name}.pem",
        )  # fmt: skip

    def stamp(self, query: bytes) -> bytes:
        """Answer a timestamp query, as `openssl ts` does."""
        self.path("query.tsq").write_bytes(query)
        self._run(
            "ts", "-reply", "-queryfile", "query.tsq", "-out", "reply.tsr",
            "-config", "openssl.cnf", "-section", "tsa_config",
        )  # fmt: skip
        return self.read("reply.tsr")

    def _key(self, name: str, curve: str = "P-256") -> None:
        self._run("genpkey", *EC, f"ec_paramgen_curve:{curve}", "-out", f"{name}.key")

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def make_pki(folder: Path) -> Pki:
    """Make root, intermediate and leaf, and a timestamp authority with a root of its own."""
    config = f"[req]\ndistinguished_name = dn\n[dn]\n{_EXTENSIONS.format(folder=folder)}"
    (folder / "openssl.cnf").write_text(config)
    (folder / "serial").write_text("01\n")
    pki = Pki(folder)
    pki.make_root("root")
    pki.issue("between", "root", section="ca")
    pki.issue("leaf", "between", section="leaf")
    pki.issue("web", "between", section="web")
    pki.make_root("tsa-root")
    pki.issue("tsa", "tsa-root", section="tsa")
    return pki


@contextmanager
def timestamp_server(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve timestamps on 127.0.0.1, and give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = answer(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

    with serving(Handler) as address:
        yield f"http://{address}/tsa"
