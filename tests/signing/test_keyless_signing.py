"""Nothing is signed keylessly without consent, a token and an instance, nor handed out unproven."""

import logging
from collections.abc import Iterator

import pytest

from aigf_dvc.errors import AigfError, InputError, UndecidedError
from tests.local_sigstore.server import LocalSigstore
from tests.signing.keyless_bundles import (
    ISSUER,
    Rekor,
    as_bytes,
    sign,
)


@pytest.fixture(autouse=True)
def no_ambient_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the identity of the CI job that runs these tests out of them."""
    for name in ("GITHUB_ACTIONS", "BUILDKITE", "GITLAB_CI", "CIRCLECI", "SIGSTORE_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as server:
        yield server
        assert server.errors == []


@pytest.mark.parametrize("host", ["fulcio.sigstore.dev", "rekor.SIGSTORE.dev.", "a.sigstage.dev"])
def test_the_public_sigstore_needs_consent(sigstore: LocalSigstore, host: str) -> None:
    config = sigstore.trust_config()
    config["signingConfig"]["rekorTlogUrls"][0]["url"] = f"https://{host}/"
    with pytest.raises(InputError) as refused:
        sign(as_bytes(config), sigstore.token())
    assert "for ever" in str(refused.value)
    assert "--yes-publish" in refused.value.hint


def test_no_trust_config_means_the_public_sigstore_and_needs_consent() -> None:
    with pytest.raises(InputError, match="for ever"):
        sign(None, "token")


def test_without_a_token_nobody_is_asked_unless_somebody_is_there(sigstore: LocalSigstore) -> None:
    with pytest.raises(InputError, match="no identity token"):
        sign(as_bytes(sigstore.trust_config()), None)


def test_a_private_host_needs_no_consent_whatever_it_is_called(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config()
    config["signingConfig"]["oidcUrls"][0]["url"] = "https://notsigstore.dev/"
    assert sign(as_bytes(config), sigstore.token())


@pytest.mark.parametrize("token", ["not a token", "a.b.c"])
def test_a_token_that_is_none_is_the_callers_mistake(sigstore: LocalSigstore, token: str) -> None:
    with pytest.raises(InputError) as refused:
        sign(as_bytes(sigstore.trust_config()), token)
    assert refused.value.where == "identity token"
    assert token not in str(refused.value)


@pytest.mark.parametrize("config", [b"", b"{}", b"[]", b'{"signingConfig": []}', b"\xff"])
def test_a_file_that_is_no_trust_config_is_the_callers_mistake(config: bytes) -> None:
    with pytest.raises(InputError, match="trust config"):
        sign(config, "token")


def test_an_instance_that_does_not_answer_leaves_it_undecided() -> None:
    with LocalSigstore() as gone:
        config, token = as_bytes(gone.trust_config()), gone.token()
    with pytest.raises(UndecidedError, match="Sigstore did not sign"):
        sign(config, token)


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_bundle_without_the_expected_timestamp_is_not_handed_out(
    sigstore: LocalSigstore, rekor: Rekor, caplog: pytest.LogCaptureFixture
) -> None:
    config = sigstore.trust_config(rekor=rekor)
    config["signingConfig"]["tsaUrls"][0]["url"] += "/nowhere"
    with caplog.at_level(logging.CRITICAL), pytest.raises(AigfError) as refused:
        sign(as_bytes(config), sigstore.token())
    assert "timestamp" in str(refused.value)


def test_a_bundle_that_no_time_proves_is_not_handed_out(sigstore: LocalSigstore) -> None:
    config = sigstore.trust_config(rekor=2, timestamp=False)
    with pytest.raises(UndecidedError, match="inclusion promise or signed timestamp"):
        sign(as_bytes(config), sigstore.token())
