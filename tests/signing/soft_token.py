"""A PKCS #11 token in software (SoftHSM), with keys that OpenSSL made."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PIN = "7531"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftToken:
    """One token, and where its module and its configuration are."""

    module: str
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.config)}

    def uri(self, label: str, *, named: str = "aigf-test") -> str:
        return f"pkcs11:token={named};object={label}?module-path={self.module}"

    def add_key(self, label: str, *, curve: str = "P-256", identifier: str = "01") -> None:
        """Import a new key pair; a real token would make it inside."""
        pem = self.config.parent / f"{label}.pem"
        options = (
            ["-algorithm", "RSA"]
            if curve == "RSA"
            else ["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"]
        )
        subprocess.run(
            ["openssl", "genpkey", *options, "-out", str(pem)], check=True, capture_output=True
        )
        self._util(
            "--import", str(pem), "--token", "aigf-test", "--label", label, "--id", identifier,
            "--pin", PIN,
        )  # fmt: skip

    def public_key(self, label: str) -> bytes:
        pem = self.config.parent / f"{label}.pem"
        return subprocess.run(
            ["openssl", "pkey", "-in", str(pem), "-pubout"], check=True, capture_output=True
        ).stdout

    def _util(self, *arguments: str) -> None:
        subprocess.run(
            ["softhsm2-util", *arguments],
            check=True,
            capture_output=True,
            env={**os.environ, **self.environment},
        )


def make_token(folder: Path) -> SoftToken:
    """Make a token of its own in a folder.

    Raises:
        StopIteration: SoftHSM is not installed; `./dev test` installs it.
    """
    module = next(path for path in MODULES if Path(path).exists())
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    token = SoftToken(module=module, config=config)
    token._util("--init-token", "--free", "--label", "aigf-test", "--pin", PIN, "--so-pin", "86420")
    return token
