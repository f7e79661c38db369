"""Whether a line of the trust file lets its owner say what they have signed."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from aigf_dvc.attestation.speaking import refuse_attester, refuse_line, refuse_run
from aigf_dvc.attestation.statement import read_statement
from aigf_dvc.attestation.trust import Period, Scope, TrustLine
from aigf_dvc.attestation.verification import SignerFacts, SignerKind
from aigf_dvc.errors import RefusedError
from tests.attestation.builders import a_deployment, a_payload

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


CLAIMED, TODAY = datetime(2026, 11, 20, 9, tzinfo=UTC), date(2026, 11, 23)


def held(line: TrustLine | None, signer: SignerFacts = SIGNED) -> None:
    refuse_line(replace(signer, line=line), "type/v1", "production", CLAIMED, TODAY)


def attests(line: TrustLine, signer: SignerFacts = SIGNED) -> None:
    statement = replace(read_statement(a_payload()), predicate_type="type/v1")
    refuse_attester(replace(signer, line=line), statement, a_deployment(), TODAY)


def ran(line: TrustLine, signer: SignerFacts = SIGNED) -> None:
    refuse_run(line, "type/v1", signer, CLAIMED, TODAY)


TYPE = (replace(ANY, scope=Scope(predicate_types=("type/v2",))), "may not sign 'type/v1'")
PLACE = (replace(ANY, scope=Scope(environments=("staging",))), "may not speak for 'production'")
DAYS = (replace(ANY, period=Period(last=date(2026, 11, 22))), "valid only until 2026-11-22")
CERTIFIED = (
    (replace(ANY, source_repository=f"{REPOSITORY}-2"), "names the repository"),
    (replace(ANY, source_ref="refs/heads/release"), "names the ref"),
    (replace(ANY, runner_environment="self-hosted"), "names the runner"),
)


@pytest.mark.parametrize(
    ("judge", "line", "says"),
    [
        *((held, *case) for case in (TYPE, PLACE, DAYS, *CERTIFIED)),
        # What its certificate says is compared in a step of its own: `source_refusals`.
        *((attests, *case) for case in (TYPE, PLACE, DAYS)),
        *((ran, *case) for case in (TYPE, DAYS, *CERTIFIED)),
    ],
)
def test_what_a_line_does_not_cover_is_refused(
    judge: Callable[[TrustLine], None], line: TrustLine, says: str
) -> None:
    judge(ANY)
    with pytest.raises(RefusedError, match=says):
        judge(line)


@pytest.mark.parametrize("judge", [held, ran])
@pytest.mark.parametrize(
    ("line", "says"),
    [
        (replace(ANY, source_repository="https://github.com/acme/*"), "names the repository None"),
        (replace(ANY, source_ref="refs/heads/main"), "names the ref None"),
        (replace(ANY, runner_environment="github-hosted"), "names the runner None"),
    ],
)
def test_a_certificate_that_says_nothing_of_what_is_demanded_is_refused(
    judge: Callable[[TrustLine, SignerFacts], None], line: TrustLine, says: str
) -> None:
    bare = replace(SIGNED, source_repository=None, source_ref=None, runner_environment=None)
    with pytest.raises(RefusedError, match=says):
        judge(line, bare)


def test_what_a_line_covers_is_not_and_an_option_has_no_line() -> None:
    held(None)
    held(ANY)
    held(
        replace(
            ANY, source_repository="https://github.com/acme/*", source_ref=SIGNED.source_ref or ""
        )
    )
