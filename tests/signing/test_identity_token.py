"""A CI job signs with the identity that its CI offers, and no message ever shows a token."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.signing.bundle import parse_bundle
from aigf_dvc.signing.identity_token import check_token
from aigf_dvc.signing.keyless import sign_keyless, verify_keyless
from tests.attestation.builders import a_payload
from tests.local_sigstore.server import LocalSigstore
from tests.serving import serving

ISSUER = "https://issuer.test.example"
JOB = "https://ci.example/acme/models/release@main"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CI = (
    "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "SIGSTORE_ID_TOKEN",
    "GOOGLE_SERVICE_ACCOUNT_NAME", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL",
)  # fmt: skip
GOOGLE = "id._internal.oidc.ambient"


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def sigstore() -> Iterator[LocalSigstore]:
    with LocalSigstore(issuer=ISSUER) as running:
        yield running


def signer_found(sigstore: LocalSigstore) -> str:
    """Sign with what the environment offers; return whom the verified certificate names."""
    said: list[str] = []
    bundle = sign_keyless(
        a_payload(),
        trust_config=json.dumps(sigstore.trust_config(rekor=1)).encode(),
        identity_token=None,
        consent_public=False,
        interactive=False,
        told=said.append,
    )
    root = json.dumps(sigstore.trusted_root()).encode()
    found = verify_keyless(
        parse_bundle(bundle), identity=JOB, issuer=ISSUER, trusted_root=root
    ).signer
    assert said == [f"signing as {found.name}, for whom {found.issuer} vouches"]
    return found.name


def refusal(sigstore: LocalSigstore) -> InputError:
    with pytest.raises(InputError) as refused:
        signer_found(sigstore)
    assert refused.value.where == "identity token"
    return refused.value


class Answer:
    """What a test's service answers, and what it was asked."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.status = 200
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str], bytes]] = []

    @contextmanager
    def served(self) -> Iterator[str]:
        answer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {key.lower(): value for key, value in self.headers.items()}
                answer.asked.append((url.path, parse_qs(url.query), headers, body))
                said = {
                    "/github": {"value": answer.token},
                    "/access": {"access_token": "the access token"},
                    "/as/robot@acme": {"token": answer.token},
                }.get(url.path)
                data = json.dumps(said).encode() if said else answer.token.encode()
                self.send_response(answer.status)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815  # the base's name

        with serving(Handler) as host:
            yield f"http://{host}"


@pytest.fixture
def answer(sigstore: LocalSigstore) -> Answer:
    return Answer(sigstore.token(JOB))


def a_program(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_github_is_asked_for_a_token_with_the_right_audience(
    sigstore: LocalSigstore, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answer.served() as url:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "may-ask")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{url}/github?api-version=2.0")
        assert signer_found(sigstore) == JOB
    _, query, headers, _ = answer.asked[0]
    assert query == {"api-version": ["2.0"], "audience": ["sigstore"]}
    assert headers["authorization"] == "bearer may-ask"


def test_a_github_job_without_permission_is_told_which_to_give(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "id-token: write" in refusal(sigstore).hint


def test_what_githubs_service_answers_is_not_repeated(
    sigstore: LocalSigstore, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer.status = 403
    with answer.served() as url:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "may-ask")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{url}/github")
        said = str(refusal(sigstore))
    assert "(code=403)" in said
    assert "value" not in said
    assert answer.token not in said


@pytest.mark.parametrize("ci", ["GITLAB_CI", "JENKINS_URL"])
def test_a_job_finds_its_token_in_its_environment(
    sigstore: LocalSigstore, ci: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ci, "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", sigstore.token(JOB))
    assert signer_found(sigstore) == JOB


def test_a_token_for_another_audience_is_named_before_anything_is_sent(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", sigstore.token(JOB, claims={"aud": "vault"}))
    assert "it is for the audience 'vault'" in str(refusal(sigstore))


def test_a_gitlab_job_without_a_token_is_told_how_to_get_one(
    sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    assert "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}" in refusal(sigstore).hint


@pytest.mark.parametrize(
    ("variable", "program", "asked"),
    [
        ("BUILDKITE", "buildkite-agent", "oidc request-token --audience sigstore"),
        ("CIRCLECI", "circleci", 'run oidc get --claims {"aud": "sigstore"} --root-issuer'),
    ],
)
def test_an_agent_is_asked_for_the_token(
    sigstore: LocalSigstore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    *, variable: str, program: str, asked: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, "true")
    script = f'test "$*" = \'{asked}\' && echo "{sigstore.token(JOB)}"'
    a_program(tmp_path, program, script, monkeypatch)
    assert signer_found(sigstore) == JOB

    for stream in ("", ">&2"):
        a_program(tmp_path, program, f"echo {sigstore.token(JOB)} {stream}; exit 1", monkeypatch)
        refused = refusal(sigstore)
        assert f"{program} gives none" in str(refused)
        assert "eyJ" not in str(refused)
        assert program in refused.hint

    (tmp_path / program).write_text("no program")
    assert "cannot be asked" in str(refusal(sigstore))
    (tmp_path / program).unlink()
    assert "no program" in str(refusal(sigstore))


def test_a_job_on_a_google_machine_is_the_job_and_not_the_machine(
    sigstore: LocalSigstore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Answer(sigstore.token("machine@google.example"))
    (tmp_path / "product_name").write_text("Google Compute Engine\n")
    monkeypatch.setattr(f"{GOOGLE}._GCP_PRODUCT_NAME_FILE", str(tmp_path / "product_name"))
    monkeypatch.setenv("BUILDKITE", "true")
    a_program(tmp_path, "buildkite-agent", f"echo {sigstore.token(JOB)}", monkeypatch)
    with machine.served() as url:
        monkeypatch.setattr(f"{GOOGLE}._GCP_IDENTITY_REQUEST_URL", f"{url}/identity")
        assert signer_found(sigstore) == JOB
    assert machine.asked == []


def test_a_google_machine_is_asked_for_its_service_account(
    sigstore: LocalSigstore, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "product_name").write_text("Google Compute Engine\n")
    monkeypatch.setattr(f"{GOOGLE}._GCP_PRODUCT_NAME_FILE", str(tmp_path / "product_name"))
    with answer.served() as url:
        monkeypatch.setattr(f"{GOOGLE}._GCP_IDENTITY_REQUEST_URL", f"{url}/identity")
        assert signer_found(sigstore) == JOB
    path, query, headers, _ = answer.asked[0]
    assert (path, query["audience"]) == ("/identity", ["sigstore"])
    assert headers["metadata-flavor"] == "Google"


def test_a_google_build_acts_as_the_service_account_that_it_names(
    sigstore: LocalSigstore, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_NAME", "robot@acme")
    monkeypatch.setenv("BUILDKITE", "true")  # which is not asked: the build has named an account
    with answer.served() as url:
        monkeypatch.setattr(f"{GOOGLE}._GCP_TOKEN_REQUEST_URL", f"{url}/access")
        monkeypatch.setattr(f"{GOOGLE}._GCP_GENERATEIDTOKEN_REQUEST_URL", f"{url}/as/{{}}")
        assert signer_found(sigstore) == JOB
        answer.status = 403
        assert "serviceAccountTokenCreator" in refusal(sigstore).hint
    _, _, headers, body = answer.asked[1]
    assert headers["authorization"] == "Bearer the access token"
    assert json.loads(body) == {"audience": "sigstore", "includeEmail": True}


def a_token(**claims: object) -> str:
    whole = {"aud": "sigstore", "iss": ISSUER, "sub": JOB, "iat": at(-60), "exp": at(60)} | claims
    kept = {name: value for name, value in whole.items() if value is not None}
    body = base64.urlsafe_b64encode(json.dumps(kept).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


def at(seconds: float) -> float:
    return (NOW + timedelta(seconds=seconds)).timestamp()


@pytest.mark.parametrize("claims", [{}, {"aud": ["other", "sigstore"]}, {"nbf": at(5)}])
def test_a_token_that_sigstore_will_take_is_good(claims: dict[str, object]) -> None:
    check_token(a_token(**claims), at=NOW)


@pytest.mark.parametrize(
    ("token", "found"),
    [
        (lambda: a_token(aud="vault"), "it is for the audience 'vault'"),
        (lambda: a_token(aud=["a", "sigstore.dev"]), "it is for the audience"),
        (lambda: a_token(exp=at(0)), "it expired at 2026-11-26 12:00:00 UTC"),
        (lambda: a_token(nbf=at(6)), "it is valid only from 2026-11-26 12:00:06 UTC"),
        (lambda: a_token(iat=at(6)), "it is valid only from"),
        (lambda: a_token(exp="soon"), "exp is no time"),
        (lambda: a_token(exp=1e300), "exp is no time"),
        (lambda: a_token(sub=None, iss=""), "it lacks iss, sub"),
        (lambda: "hunter2", "no token"),
        (lambda: "a.%%%.c", "its claims cannot be read"),
        (lambda: "a.W10.c", "its claims cannot be read"),
    ],
)
def test_a_token_that_sigstore_would_refuse_is_refused_before_anything_is_sent(
    token: Callable[[], str], found: str
) -> None:
    with pytest.raises(InputError) as refused:
        check_token(token(), at=NOW)
    assert str(refused.value).startswith(f"identity token: {found}")
    assert token() not in str(refused.value) + refused.value.hint
