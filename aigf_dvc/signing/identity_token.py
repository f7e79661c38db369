"""OIDC identity tokens: where CI keeps one, and whether Sigstore will take it.

A token is a secret: no message repeats it, nor what a CI's own service answered.
"""

import os
import re
import shutil
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken, Issuer, detect_credential

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError, InputError, UndecidedError
from aigf_dvc.lazy_pattern import lazy_pattern

AUDIENCE = "sigstore"
VARIABLE = "SIGSTORE_ID_TOKEN"
"""Where a job finds its token on GitLab and, by cosign's convention, anywhere else."""

_WHERE = "identity token"
_CLAIMS = ("aud", "exp", "iat", "iss", "sub")  # OpenID Connect Core 1.0, section 2
_CLOCK_SKEW = timedelta(seconds=5)
_MAX_BYTES = 64 * 2**10
_SECONDS = 60
_ANSWER = lazy_pattern(r", body=.*", re.DOTALL)
_AGENTS = {
    "BUILDKITE": ("buildkite-agent", "oidc", "request-token", "--audience", AUDIENCE),
    "CIRCLECI": (
        "circleci", "run", "oidc", "get", "--claims", f'{{"aud": "{AUDIENCE}"}}', "--root-issuer",
    ),
}  # fmt: skip
_HINTS = {
    "GitHub": "give the job `permissions: {id-token: write}`; a fork's pull request gets none",
    "GitLab": f"give the job `id_tokens: {{{VARIABLE}: {{aud: {AUDIENCE}}}}}`",
    "buildkite-agent": "`buildkite-agent oidc request-token` must work in the job",
    "circleci": "the program `circleci` must be on PATH, and the job in a project with OIDC",
    "GCP": "the machine needs a service account; GOOGLE_SERVICE_ACCOUNT_NAME needs the role "
    "roles/iam.serviceAccountTokenCreator",
}


def find_token(given: str | None, *, config: ClientTrustConfig, interactive: bool) -> IdentityToken:
    """Return the token to sign with; nothing but the request for it has been sent then.

    Args:
        given: the caller's own; None takes the one that CI offers, or asks in the browser.
        config: the instance, whose own issuer asks people.
        interactive: whether a person may be asked.

    Raises:
        InputError: there is none, or it is one that Sigstore would refuse.
        UndecidedError: the person was asked, and it failed.
    """
    found = given or os.environ.get(VARIABLE) or _ambient()
    if found:
        check_token(found, at=now())
        try:
            return IdentityToken(found)
        except Exception as error:  # noqa: BLE001 (sigstore's rules for single issuers)
            raise InputError(_words(error), where=_WHERE) from None
    if not (interactive and sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(
            "no identity token, and nobody to ask for one",
            expected="--identity-token-file, or a CI job that may get one "
            "(GitHub: `id-token: write`)",
        )
    try:
        return Issuer(config.signing_config.get_oidc_url()).identity_token()
    except Exception as error:  # noqa: BLE001 (network, OIDC and browser errors of all kinds)
        raise UndecidedError(_words(error), where="asking for an identity") from None


def check_token(token: str, *, at: datetime) -> None:
    """Check what Fulcio would refuse, before it is asked; the signature is Fulcio's to check.

    Raises:
        InputError: it is no token, of another audience, or not valid at this time.
    """
    claims = _claims(token)
    missing = [name for name in _CLAIMS if claims.get(name) in (None, "")]
    if missing:
        raise InputError(
            f"it lacks {', '.join(missing)}", where=_WHERE, expected="an OpenID Connect ID token"
        )
    audience = claims["aud"]
    if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
        raise InputError(
            f"it is for the audience {audience!r:.200}", where=_WHERE, expected=repr(AUDIENCE),
            hint="ask your CI or cluster for a token with that audience",
        )  # fmt: skip
    ends, starts = _time(claims, "exp"), _time(claims, "nbf" if "nbf" in claims else "iat")
    if ends <= at:
        raise InputError(
            f"it expired at {ends:%Y-%m-%d %H:%M:%S} UTC", where=_WHERE,
            expected="one that is still valid",
            hint="tokens live for minutes: get one right before signing",
        )  # fmt: skip
    if starts > at + _CLOCK_SKEW:
        raise InputError(
            f"it is valid only from {starts:%Y-%m-%d %H:%M:%S} UTC", where=_WHERE,
            expected="one that is valid now", hint="is the clock of this machine right?",
        )  # fmt: skip


def _claims(token: str) -> Mapping[str, Json]:
    expected = "an OIDC ID token: three parts of base64url with dots between"
    parts = token.split(".")
    if len(parts) != len(("header", "claims", "signature")):
        raise InputError("no token", where=_WHERE, expected=expected)
    try:
        text = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return Fields.read(text, _WHERE, max_bytes=_MAX_BYTES).values
    except (ValueError, AigfError):  # whose words would repeat what was found
        raise InputError("its claims cannot be read", where=_WHERE, expected=expected) from None


def _time(claims: Mapping[str, Json], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(claims[name])), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(
            f"{name} is no time", where=_WHERE, expected="seconds since 1970"
        ) from None


def _ambient() -> str | None:
    """Return the token that this CI job, or this machine in the cloud, may have.

    A job on a machine of Google's is itself, not the machine: sigstore would ask the machine first.
    """
    named = os.environ.get("GOOGLE_SERVICE_ACCOUNT_NAME")
    for variable, (agent, *arguments) in _AGENTS.items():
        if os.environ.get(variable) and not named:
            return _ask(agent, arguments)
    try:
        return detect_credential()
    except Exception as error:  # noqa: BLE001 (each CI's way to a token fails in its own manner)
        words = _words(error)
        hint = next((hint for name, hint in _HINTS.items() if words.startswith(name)), "")
        raise InputError(words, where=_WHERE, hint=hint) from None


def _ask(agent: str, arguments: list[str]) -> str:
    """Return the token that the program of a CI gives to its job."""
    program, where = shutil.which(agent), _WHERE
    if program is None:
        raise InputError(f"no program {agent!r} on PATH", where=where, hint=_HINTS[agent])
    try:
        run = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise InputError(f"{agent} cannot be asked", where=where, hint=_HINTS[agent]) from None
    if run.returncode != 0:
        raise InputError(f"{agent} gives none", where=where, hint=_HINTS[agent])
    return run.stdout.strip()


def _words(error: Exception) -> str:
    """Return an error of somebody else's as one line, without what a service answered."""
    words = _ANSWER.sub(")", str(error))
    return f"{' '.join(words.split()) or type(error).__name__:.300}"
