"""The options that say who signs, for every command that does."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from aigf_dvc.cli.options import FILE, Options, with_options

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class SignerOptions(Struct, frozen=True, kw_only=True):
    """What the caller said about the signer."""

    keys: tuple[Path, ...] = ()
    certificate: Path | None = None
    timestamp_url: str | None = None
    log_url: str | None = None
    log_version: int = 1
    keyless: bool = False
    trust_config: Path | None = None
    tuf_url: str | None = None
    tuf_root: Path | None = None
    identity_token: str | None = None
    identity_token_file: Path | None = None
    yes_publish: bool = False

    @property
    def key(self) -> Path | None:
        """Return the key, the first of several."""
        return self.keys[0] if self.keys else None

    @property
    def names_somebody(self) -> bool:
        """Tell whether an option on the command line says who signs."""
        instance = self.trust_config or self.tuf_url or self.identity_token_file
        return bool(self.keys or self.keyless or instance)


def signer_options(command: _Command) -> Callable[..., Any]:
    """Add the options that say who signs; the command gets them as `signing`, a SignerOptions."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        signing = SignerOptions(
            keys=given.pop("key"),
            certificate=given.pop("certificate"),
            timestamp_url=given.pop("timestamp_url"),
            log_url=given.pop("log_url"),
            log_version=int(given.pop("log_version")),
            keyless=given.pop("keyless"),
            trust_config=given.pop("trust_config"),
            tuf_url=given.pop("tuf_url"),
            tuf_root=given.pop("tuf_root"),
            identity_token=given.pop("identity_token"),
            identity_token_file=given.pop("identity_token_file"),
            yes_publish=given.pop("yes_publish"),
        )
        return command(signing=signing, **given)

    return with_options(gathered, _OPTIONS)


_SHARED: Mapping[str, Mapping[str, Any]] = {  # Any: what click.option takes
    "certificate": {
        "type": FILE, "metavar": "FILE",
        "help": "With --{}key: sign as what this certificate of your own PKI names.",
    },
    "timestamp-url": {
        "metavar": "URL",
        "help": "With --{}key: let this RFC 3161 authority say when it was signed.",
    },
    "keyless": {"is_flag": True, "help": "Sign with an identity, by Sigstore."},
    "trust-config": {
        "type": FILE, "metavar": "FILE",
        "help": "Keyless with this Sigstore instance (ClientTrustConfig JSON), not the public one.",
    },
    "identity-token": {
        "metavar": "TOKEN", "envvar": "AIGF_IDENTITY_TOKEN",
        "help": "Keyless with this OIDC token; better in AIGF_IDENTITY_TOKEN than in the command.",
    },
    "yes-publish": {
        "is_flag": True,
        "help": "I know that the public log shows the signer's identity for ever.",
    },
}  # fmt: skip


def signer_option(name: str, *, prefix: str = "") -> Callable[[_Command], _Command]:
    """Return an option about a signer that every command with one has.

    Args:
        name: such as `certificate`.
        prefix: what its name begins with where the command has other signers, too.
    """
    about = dict(_SHARED[name])
    return click.option(f"--{prefix}{name}", **about | {"help": about["help"].format(prefix)})


_OPTIONS: Options = (
    click.option(
        "--key", type=FILE, multiple=True, metavar="FILE|URI",
        help="Sign with this private key: a PEM file, or a token's `pkcs11:` URI. `aigf attest` "
        "takes several.",
    ),
    signer_option("certificate"),
    signer_option("timestamp-url"),
    click.option(
        "--log-url", metavar="URL",
        help="With --key: put the signature into this transparency log (Rekor), too.",
    ),
    click.option(
        "--log-version", type=click.Choice(["1", "2"]), default="1", show_default=True,
        help="Which API of Rekor the log at --log-url has.",
    ),
    signer_option("keyless"),
    signer_option("trust-config"),
    click.option(
        "--tuf-url", metavar="URL",
        help="Keyless with the instance whose TUF repository this is, as of now.",
    ),
    click.option(
        "--tuf-root", type=FILE, metavar="FILE",
        help="With --tuf-url: its root.json to begin with, the first time on this machine.",
    ),
    signer_option("identity-token"),
    click.option(
        "--identity-token-file", type=FILE, metavar="FILE",
        help="Keyless with the OIDC token in this file (Kubernetes: a projected token).",
    ),
    signer_option("yes-publish"),
)  # fmt: skip
