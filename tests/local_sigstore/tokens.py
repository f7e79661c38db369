"""Identity tokens whose signature is none, which is enough when nobody checks it.

The header names RS256 all the same: cosign takes a token with any other algorithm for a file name.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping

LIFETIME = dt.timedelta(minutes=10)
# The client's clock may be a little behind the clock that wrote the token.
BACKDATED = dt.timedelta(seconds=5)


def write_token(identity: str, *, issuer: str, claims: Mapping[str, str]) -> str:
    """Return a token for `identity`, a mail address or a URI such as that of a CI workflow."""
    now = dt.datetime.now(dt.UTC)
    payload: dict[str, str | int] = {
        "iss": issuer,
        "aud": "sigstore",
        "sub": identity,
        "iat": int((now - BACKDATED).timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        **claims,
    }
    if is_mail_address(identity):
        payload.setdefault("email", identity)
        payload.setdefault("email_verified", True)
    return ".".join((_part({"alg": "RS256"}), _part(payload), "unsigned"))


def read_token(token: str) -> dict[str, str]:
    """Return the claims of a token; nothing is checked."""
    payload = token.split(".")[1]
    padding = "=" * (-len(payload) % 4)
    claims = json.loads(base64.urlsafe_b64decode(payload + padding))
    return {name: str(value) for name, value in claims.items()}


def is_mail_address(identity: str) -> bool:
    """Tell a mail address from a URI; a workflow's URI holds an `@` too."""
    return "@" in identity and "://" not in identity


def _part(content: Mapping[str, str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
