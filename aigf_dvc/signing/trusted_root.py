"""Sigstore's trust files as JSON: whom they trust at a given time, and where they sign.

See: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.canonical import Json, dumps
from aigf_dvc.errors import InputError, RefusedError

_Read = TypeVar("_Read")

MAX_BYTES = 16 * 2**20
_CONFIG_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
_SIGNING_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
_PUBLIC = ("sigstore.dev", "sigstage.dev")  # the public-good instance, and its staging twin
_ROLES = {
    "certificateAuthorities": "certificate authority",
    "tlogs": "transparency log",
    "ctlogs": "certificate transparency log",
}


def read_trusted_root(data: bytes, *, where: str) -> Mapping[str, Json]:
    """Return a TrustedRoot; of a ClientTrustConfig, the one inside.

    Raises:
        InputError: the file is neither.
    """
    top = _read(data, where)
    inner = top.values.get("trustedRoot")
    root = inner if isinstance(inner, dict) else top.values
    if not isinstance(root.get("tlogs"), list):
        raise InputError(
            "no transparency logs", where=where, expected="a TrustedRoot or ClientTrustConfig"
        )
    return root


def is_public(config: bytes, *, where: str) -> bool:
    """Tell whether signing by a ClientTrustConfig publishes the signer's identity for all to read.

    Raises:
        InputError: the file is no ClientTrustConfig.
    """
    top = _read(config, where)
    if "signingConfig" not in top.values:
        raise InputError(
            "it does not say where to sign",
            where=where,
            expected="a ClientTrustConfig, with a trustedRoot and a signingConfig",
        )
    services = _as_input(lambda: top.mapping("signingConfig"))
    urls = [
        str(service["url"])
        for kind in ("caUrls", "rekorTlogUrls", "tsaUrls", "oidcUrls")
        for service in _dicts(services.values.get(kind))
        if "url" in service
    ]
    return any(is_public_url(url) for url in urls)


def is_public_url(url: str) -> bool:
    """Tell whether a service belongs to the public-good instance, or to its staging twin."""
    return any(f".{_host(url)}".endswith(f".{public}") for public in _PUBLIC)


class TrustedLog(Struct, frozen=True, kw_only=True):
    """A transparency log that a trusted root names."""

    key: bytes  # DER
    period: Json

    def covers(self, time: datetime | None) -> bool:
        """Tell whether it was trusted at a time; None, an unproven one: only if for ever."""
        if time is not None:
            return _covers(self.period, time)
        return not (isinstance(self.period, dict) and self.period.get("end") is not None)


def log_with(root: Mapping[str, Json], log_id: bytes) -> TrustedLog:
    """Return the transparency log that a trusted root names by this identifier.

    Raises:
        InputError: the log's key cannot be read.
        RefusedError: it names none.
    """
    wanted = b64encode(log_id).decode()
    logs = [item for item in _dicts(root.get("tlogs")) if _log_id(item) == wanted]
    if not logs:
        raise RefusedError(
            f"an entry of the log {log_id.hex()[:16]}", where="log entry",
            expected="one of a log that the trusted root names",
        )  # fmt: skip
    where = "trusted root: tlogs.publicKey"
    key = _as_input(lambda: Fields.of(logs[0].get("publicKey"), where))
    der = _as_input(lambda: key.base64("rawBytes"))
    return TrustedLog(key=der, period=key.values.get("validFor"))


def demand_logs(root: Mapping[str, Json], *, where: str) -> None:
    """Refuse a trusted root with a transparency log that has no key.

    Raises:
        InputError: a log has none.
    """
    for number, log in enumerate(_dicts(root.get("tlogs"))):
        _as_input(partial(_log_key, log, f"{where}: tlogs[{number}].publicKey"))


def _log_key(log: Mapping[str, Json], where: str) -> bytes:
    return Fields.of(log.get("publicKey"), where).base64("rawBytes")


def _log_id(log: Mapping[str, Json]) -> Json:
    named = log.get("logId")
    return named.get("keyId") if isinstance(named, dict) else None


def trust_config_with(root: Mapping[str, Json]) -> str:
    """Return a ClientTrustConfig that trusts a root and signs nowhere."""
    config = {
        "mediaType": _CONFIG_TYPE,
        "trustedRoot": dict(root),
        "signingConfig": {"mediaType": _SIGNING_TYPE},
    }
    return dumps(config).decode()


def valid_at(root: Mapping[str, Json], time: datetime) -> dict[str, Json]:
    """Return the part of a trusted root that was valid at a time.

    Raises:
        InputError: a period of the root cannot be read.
        RefusedError: nothing of a needed kind was valid then.
    """
    kept = dict(root)
    for role in (*_ROLES, "timestampAuthorities"):
        if role in root:
            kept[role] = [item for item in _dicts(root[role]) if _covers(_period(item, role), time)]
    for role, name in _ROLES.items():
        if not kept.get(role):
            raise RefusedError(f"no {name} was trusted at {time.isoformat()}", where="trusted root")
    return kept


def of_log(root: Mapping[str, Json], key_id: bytes) -> dict[str, Json]:
    """Return a trusted root whose only transparency log is the one with this key.

    sigstore tries every key when none has the identifier that a bundle names.

    Raises:
        RefusedError: the root trusts no such log.
    """
    name = b64encode(key_id).decode()
    logs = [log for log in _dicts(root.get("tlogs")) if name in _identifiers(log)]
    if not logs:
        raise RefusedError(
            f"no transparency log {name}", where="trusted root",
            expected="the log that the bundle names",
            hint="a Sigstore instance of your own signed? Give its --trusted-root",
        )  # fmt: skip
    return {**root, "tlogs": logs}


def _identifiers(log: Mapping[str, Json]) -> list[Json]:
    found = [log.get(name) for name in ("logId", "checkpointKeyId")]
    return [item.get("keyId") for item in found if isinstance(item, dict)]


def _read(data: bytes, where: str) -> Fields:
    return _as_input(lambda: Fields.read(data, where, max_bytes=MAX_BYTES))


def _as_input(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except RefusedError as error:
        raise InputError(error.found, where=error.where, expected=error.expected) from None


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _period(item: Mapping[str, Json], role: str) -> Json:
    if role.endswith("Authorities"):
        return item.get("validFor")
    key = item.get("publicKey")
    return key.get("validFor") if isinstance(key, dict) else None


def _covers(period: Json, time: datetime) -> bool:
    if period is None:
        return True
    bounds = _as_input(lambda: Fields.of(period, "trusted root: validFor"))
    start, end = bounds.values.get("start"), bounds.values.get("end")
    return (start is None or _time(start) <= time) and (end is None or time <= _time(end))


def _time(value: Json) -> datetime:
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InputError(
            f"{value!r:.100}", where="trusted root: validFor", expected="RFC 3339 time"
        )
    return time
