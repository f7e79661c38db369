import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aigf_dvc.errors import InputError, RefusedError
from aigf_dvc.signing.trusted_root import (
    is_public,
    is_public_url,
    log_with,
    read_trusted_root,
    valid_at,
)

Json = dict[str, Any]  # Any: a document that tests edit at will

WHEN = datetime(2026, 5, 1, tzinfo=UTC)
OPEN = {"start": "2026-01-01T00:00:00Z"}
ENDED = {"start": "2026-01-01T00:00:00Z", "end": "2026-04-30T23:59:59.999Z"}
TO_COME = {"start": "2026-05-01T00:00:01Z"}
TO_THE_SECOND = {"start": "2026-05-01T02:00:00+02:00", "end": "2026-05-01T00:00:00Z"}


def a_root(**periods: list[Json | None]) -> Json:
    root: Json = {}
    for role in ("certificateAuthorities", "tlogs", "ctlogs", "timestampAuthorities"):
        items: list[Json] = [{"validFor": period} for period in periods.get(role, [OPEN])]
        is_log = role in ("tlogs", "ctlogs")
        root[role] = [{"publicKey": item} for item in items] if is_log else items
    return root


@pytest.mark.parametrize("role", ["certificateAuthorities", "tlogs", "ctlogs"])
@pytest.mark.parametrize("period", [ENDED, TO_COME])
def test_a_role_that_nobody_had_at_that_time_refuses(role: str, period: Json | None) -> None:
    with pytest.raises(RefusedError, match="2026-05-01"):
        valid_at(a_root(**{role: [period]}), WHEN)


@pytest.mark.parametrize("role", ["certificateAuthorities", "tlogs", "ctlogs"])
@pytest.mark.parametrize("period", [OPEN, TO_THE_SECOND, {}, None])
def test_a_period_that_holds_the_time_or_names_none_is_kept(role: str, period: Json | None) -> None:
    root = a_root(**{role: [ENDED, period]})
    assert valid_at(root, WHEN)[role] == root[role][1:]


def test_clocks_that_were_not_trusted_then_are_left_out() -> None:
    root = a_root(timestampAuthorities=[ENDED, OPEN])
    assert valid_at(root, WHEN)["timestampAuthorities"] == root["timestampAuthorities"][1:]
    assert valid_at(a_root(timestampAuthorities=[ENDED]), WHEN)["timestampAuthorities"] == []


@pytest.mark.parametrize("bound", ["soon", "2026-05-01T00:00:00", 5, ""])
def test_a_period_that_cannot_be_read_is_no_period_without_bounds(bound: object) -> None:
    for end in ("start", "end"):
        with pytest.raises(InputError, match="validFor"):
            valid_at(a_root(tlogs=[{end: bound}]), WHEN)


def a_config(url: str) -> bytes:
    services = {"caUrls": [{"url": url}], "rekorTlogUrls": [{"url": "https://rekor.corp.example"}]}
    return json.dumps({"trustedRoot": {}, "signingConfig": services}).encode()


@pytest.mark.parametrize(
    "url",
    [
        "https://sigstore.dev",
        "https://fulcio.sigstore.dev:443/api",
        "https://user@fulcio.sigstore.dev",
        "HTTPS://FULCIO.SIGSTORE.DEV./",
        "https://fulcio.sigstage.dev",
    ],
)
def test_the_public_instance_is_known_by_its_hosts(url: str) -> None:
    assert is_public(a_config(url), where="config")


@pytest.mark.parametrize(
    "url", ["https://sigstore.dev.corp.example", "https://mysigstore.dev", "http://127.0.0.1:1"]
)
def test_another_host_is_private(url: str) -> None:
    assert not is_public(a_config(url), where="config")


def test_the_root_inside_a_client_trust_config_is_taken() -> None:
    inner: Json = {"tlogs": []}
    data = json.dumps({"trustedRoot": inner, "signingConfig": {}}).encode()
    assert read_trusted_root(data, where="root") == inner
    assert read_trusted_root(json.dumps(inner).encode(), where="root") == inner


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://rekor.sigstore.dev", True),
        ("https://REKOR.sigstage.dev./api", True),
        ("https://rekor.sigstore.dev@evil.example", False),
        ("https://notsigstore.dev", False),
        ("http://[", False),
    ],
)
def test_the_public_logs_are_known_by_their_host(url: str, public: bool) -> None:
    assert is_public_url(url) is public


def test_a_log_is_found_by_its_identifier_alone() -> None:
    key = {"rawBytes": "AAAA", "validFor": ENDED}
    root: Json = {"tlogs": [{"logId": {"keyId": "AQ=="}, "publicKey": key}, {"logId": 5}]}
    found = log_with(root, b"\1")
    assert found.key == b"\0\0\0"
    assert not found.covers(WHEN)
    assert not found.covers(None), "nobody proves that it was logged before the trust ended"
    with pytest.raises(RefusedError, match="an entry of the log 02"):
        log_with(root, b"\2")
