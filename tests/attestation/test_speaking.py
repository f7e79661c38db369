"""Whether a line of the trust file lets its owner say what they have signed."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.speaking import refuse_line
from aigf_dvc.attestation.trust import Period, Scope, TrustLine
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.errors import RefusedError

REPOSITORY = "https://github.com/acme/models"
ANY = TrustLine(owner="release", where="trust.yaml:3")
SIGNED = SignerFacts(
    kind=SignerKind.KEYLESS,
    name="release@acme.example",
    issuer="https://issuer.example",
    source_repository=REPOSITORY,
    source_ref="refs/heads/main",
    runner_environment="github-hosted",
)


def held(line: TrustLine | None, signer: SignerFacts = SIGNED) -> None:
    claimed = datetime(2026, 11, 20, 9, tzinfo=UTC)
    signer = replace(signer, line=line)
    refuse_line(signer, "type/v1", "production", claimed, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (replace(ANY, scope=Scope(predicate_types=("type/v2",))), "may not sign 'type/v1'"),
        (replace(ANY, scope=Scope(environments=("staging",))), "may not speak for 'production'"),
        (replace(ANY, period=Period(last=date(2026, 11, 22))), "valid only until 2026-11-22"),
        (replace(ANY, source_repository=f"{REPOSITORY}-2"), "names the repository"),
        (replace(ANY, source_ref="refs/heads/release"), "names the ref"),
        (replace(ANY, runner_environment="self-hosted"), "names the runner"),
    ],
)
def test_what_a_line_does_not_cover_is_refused(line: TrustLine, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        held(line)


def test_what_a_line_covers_is_not_and_an_option_has_no_line() -> None:
    held(None)
    held(ANY)
    held(
        replace(
            ANY, source_repository="https://github.com/acme/*", source_ref=SIGNED.source_ref or ""
        )
    )
