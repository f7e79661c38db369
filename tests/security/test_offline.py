"""Offline is offline: nobody is asked, and without a network all tests of verification pass.

A new network namespace has no interface up, not even that of 127.0.0.1. Root may make one, and so
may others where the kernel lets them make user namespaces; elsewhere, as on macOS, the tests say
that they cannot show it, and fail.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attestation.builders import MODEL_BYTES, POLICY
from tests.security.bundles import ISSUER, PERSON, a_world, kinds_of, save
from tests.signing.own_pki import IDENTITY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")
# All that verifies and needs nobody who signs, with bundles that were signed before. The tests that
# are not here ask an authority or a log on 127.0.0.1 to sign first; what they verify then, the
# matrix verifies here.
SUITE = (
    "tests/attestation",
    "tests/images",
    "tests/security/test_load_bearing_steps.py",
    "tests/security/test_negative_matrix.py",
    *(
        f"tests/signing/test_{name}.py"
        for name in (
            "bundle", "identity", "keys", "list_signers", "log_entry", "log_proof", "observers",
            "oms_bundle", "reproducers", "trusted_root", "verify",
        )
    ),
    *(
        f"tests/actions/test_{name}.py"
        for name in (
            "judged_vsa", "list_memory", "materialize", "signature_only", "trust_file", "verify",
            "verify_oms", "walk_again",
        )
    ),
    *(
        f"tests/cli/test_{name}.py"
        for name in ("lists", "observers", "signature_only", "verify_asked", "verify_trust")
    ),
)  # fmt: skip
# One of each way to sign, and of each library that verifies.
WAYS = (
    "key",
    "certificate and timestamp",
    "Rekor v1 and timestamp",
    "bare bytes, Rekor v2 and timestamp",
)
# Runs the command as `python -m aigf_dvc` does, and ends it at once when it asks for a socket.
# Beside sigstore comes urllib3, which binds a socket on import, to find out whether there is IPv6.
PROBE = """
import os, runpy, sys
harmless = ("socket.__new__", "socket.bind") if "--issuer" in sys.argv else ()
def refuse(event, arguments):
    if event.startswith("socket.") and event not in harmless:
        os.write(2, f"asked for a socket: {event} {arguments}".encode())
        os._exit(9)
sys.addaudithook(refuse)
if sys.argv[1] == "ask":
    import socket
    socket.socket().connect(("127.0.0.1", 9))
sys.argv = ["aigf", *sys.argv[1:]]
runpy.run_module("aigf_dvc", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles of every kind; whoever signed them is gone."""
    folder = tmp_path_factory.mktemp("saved")
    with a_world(folder / "world") as world:
        save(world, kinds_of(world), folder / "kinds")
    (folder / "model.pkl").write_bytes(MODEL_BYTES)
    (folder / "home").mkdir()
    return folder


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "HOME": str(folder / "home"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def options(place: Path) -> list[str]:
    """Return the options of `aigf verify` that trust the signer of a saved bundle."""
    files = {"key.pub": "--key", "tsa.pem": "--timestamp-authority",
             "ca.pem": "--certificate-authority", "root.json": "--trusted-root"}  # fmt: skip
    found = [part for name, option in files.items() if (place / name).exists()
             for part in (option, str(place / name))]  # fmt: skip
    if (place / "ca.pem").exists():
        found += ["--identity", IDENTITY]
    if (place / "root.json").exists():
        found += ["--identity", PERSON, "--issuer", ISSUER]
    bare = place.name.startswith("bare bytes")
    return found + (
        ["--signature-only"] if bare else ["--policy-digest", f"sha256:{POLICY.sha256}"]
    )


def test_verification_asks_nobody(saved: Path) -> None:
    for name in WAYS:
        place = saved / "kinds" / name
        for bundle, code in (("bundle.json", 0), ("other.json", 1)):
            given = ["--bundle", str(place / bundle), *options(place)]
            command = [sys.executable, "-c", PROBE, "verify", str(saved / "model.pkl"), *given]
            done = run(command, saved)
            assert (done.returncode, done.stderr) == (code, ""), (place.name, done.stdout)


@pytest.mark.parametrize("more", [[], ["--issuer"]])
def test_the_probe_sees_who_asks(saved: Path, more: list[str]) -> None:
    done = run([sys.executable, "-c", PROBE, "ask", *more], saved)
    assert done.returncode == 9
    assert ("socket.connect" if more else "socket.__new__") in done.stderr


def demand_a_namespace() -> None:
    if shutil.which("unshare") is None or run([*WITHOUT_NETWORK, "true"], ROOT).returncode != 0:
        pytest.fail(
            "this system makes no network namespace, so nothing shows that verification works "
            "without a network: run this as root on Linux, with unshare (util-linux)"
        )


def test_a_namespace_of_ones_own_reaches_nobody(saved: Path) -> None:
    demand_a_namespace()
    program = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    done = run([*WITHOUT_NETWORK, sys.executable, "-c", program], saved)
    assert "Network is unreachable" in done.stderr


def test_all_tests_of_verification_pass_without_a_network(saved: Path) -> None:
    demand_a_namespace()
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    base = ["--basetemp", str(saved / "base")]
    done = run(
        [*WITHOUT_NETWORK, *pytest_here, *base, *SUITE], saved, AIGF_TEST_KINDS=str(saved / "kinds")
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
