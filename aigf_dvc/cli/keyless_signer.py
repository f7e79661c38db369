"""Opens the signer that is an identity: of a CI job, a cluster, a person."""

import os
import stat
from pathlib import Path

import click

from aigf_dvc.actions.caller_file import read_file
from aigf_dvc.cli.options import talk
from aigf_dvc.cli.publishing import may_publish
from aigf_dvc.cli.signer_options import SignerOptions
from aigf_dvc.errors import InputError
from aigf_dvc.report.visible import visible
from aigf_dvc.signing.signature import Signer


def keyless_signer(signing: SignerOptions, root: Path) -> Signer:
    """Return the signer with an identity; its token is looked for at the moment of signing."""
    if signing.identity_token is not None and signing.identity_token_file is not None:
        raise click.UsageError("--identity-token (AIGF_IDENTITY_TOKEN) or its file, not both.")
    if signing.tuf_root is not None and signing.tuf_url is None:
        raise click.UsageError("--tuf-root goes with --tuf-url.")
    if signing.tuf_url is not None and signing.trust_config is not None:
        raise click.UsageError("--trust-config or --tuf-url, not both: one instance signs.")
    config = read_file(signing.trust_config) if signing.trust_config is not None else None
    consent = may_publish(signing, root)

    def sign(payload: bytes) -> bytes:
        from aigf_dvc.signing.keyless import sign_keyless

        file = signing.identity_token_file
        return sign_keyless(
            payload,
            trust_config=_by_tuf(signing.tuf_url, signing.tuf_root) or config,
            identity_token=signing.identity_token if file is None else _token_in(file),
            consent_public=consent,
            interactive=True,
            told=lambda words: talk(f"aigf: {visible(words)}"),
        )

    return sign


def _by_tuf(url: str | None, root: Path | None) -> bytes | None:
    if url is None:
        return None
    from aigf_dvc.signing.instance import fetch_trust_config

    return fetch_trust_config(url, root)


def _token_in(path: Path) -> str:
    """Read a token at the moment of signing: whoever renews it writes the file anew."""
    token = read_file(path).strip()
    if not token:
        raise InputError("an empty file", where=str(path), expected="an OIDC token")
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) and os.name == "posix":
        talk(f"aigf: warning: {path}: others can read this token, and sign in its name (chmod 600)")
    return token.decode(errors="replace")
