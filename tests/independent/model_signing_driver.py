"""Calls model_signing's public API as told on standard input; run by that program's own Python.

Each line is a JSON object; each answer a line with a JSON object: `error`, null when all went well.
One process for many calls: to start takes longer than any of them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from model_signing import hashing, signing, verifying  # type: ignore[import-not-found]  # not ours

Json = dict[str, Any]  # Any: what the tests write


def main() -> None:
    """Answer until the input ends."""
    calls = {"sign": sign, "verify": verify}
    for line in sys.stdin:
        told = json.loads(line)
        error = None
        try:
            calls[told["do"]](told)
        except Exception as problem:  # noqa: BLE001 (it raises all kinds; the test reads the words)
            error = f"{type(problem).__name__}: {problem}"
        sys.stdout.write(json.dumps({"error": error}) + "\n")
        sys.stdout.flush()


def sign(told: Json) -> None:
    """Sign a model."""
    config = signing.Config()
    if "certificate" in told:
        config.use_certificate_signer(
            private_key=Path(told["key"]),
            signing_certificate=Path(told["certificate"]),
            certificate_chain=[Path(path) for path in told["chain"]],
        )
    elif "key" in told:
        config.use_elliptic_key_signer(private_key=told["key"])
    else:
        config.use_sigstore_signer(
            identity_token=told["token"], trust_config=Path(told["trust_config"])
        )
    config.set_hashing_config(_hashing(told)).sign(told["model"], told["signature"])


def verify(told: Json) -> None:
    """Verify a model; how it was hashed, its signature says."""
    config = verifying.Config()
    if "roots" in told:
        config.use_certificate_verifier(certificate_chain=[Path(path) for path in told["roots"]])
    elif "key" in told:
        config.use_elliptic_key_verifier(public_key=told["key"])
    else:
        config.use_sigstore_verifier(
            identity=told["identity"],
            oidc_issuer=told["issuer"],
            trust_config=Path(told["trust_config"]),
        )
    ignored = told.get("ignore")
    if ignored is not None:
        config.set_hashing_config(_hashing(told))
    config.verify(told["model"], told["signature"])


def _hashing(told: Json) -> Any:  # noqa: ANN401  # a type of theirs
    config, kind = hashing.Config(), told.get("hash", "sha256")
    if "shard_size" in told:
        config.use_shard_serialization(hashing_algorithm=kind, shard_size=told["shard_size"])
    else:
        config.use_file_serialization(hashing_algorithm=kind)
    config.set_ignored_paths(paths=[Path(path) for path in told.get("ignore", ())])
    return config.set_allow_symlinks(told.get("symlinks", False))


if __name__ == "__main__":
    main()
