"""`aigf trust add` changes what it was asked to change, and keeps every other byte."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from aigf_dvc.actions.trust_add import add_to_trust
from aigf_dvc.actions.trust_file import load_trust
from aigf_dvc.attestation.trust_edit import SERVICES, NewSigner
from aigf_dvc.cli.main import aigf
from aigf_dvc.errors import InputError
from aigf_dvc.signing.open import CertificateSigner, KeySigner
from aigf_dvc.signing.private_keys import generate_key
from tests.signing.own_pki import IDENTITY, Pki, make_pki

PUBLIC = {name: generate_key(None)[1] for name in ("release", "next", "dana")}
WORKFLOW = "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for name, pem in PUBLIC.items():
        (tmp_path / f"{name}.pub").write_bytes(pem)
    file = tmp_path / "trust.yaml"
    assert CliRunner().invoke(aigf, ["trust", "init", str(file)]).exit_code == 0
    return file


def add(path: Path, *arguments: str) -> None:
    """Run the command, whose errors are raised."""
    run = CliRunner().invoke(aigf, ["trust", "add", str(path), *arguments])
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    assert run.exit_code == 0, run.output


def key(path: Path, name: str) -> tuple[str, str]:
    return "--key", str(path.parent / f"{name}.pub")


def usage(path: Path, *arguments: str) -> str:
    run = CliRunner().invoke(aigf, ["trust", "add", str(path), *arguments])
    assert run.exit_code == 2
    return " ".join(run.output.split())


def test_a_first_service_may_attest_and_the_comments_stay(path: Path) -> None:
    before = path.read_text()
    add(path, "release", "--service", *key(path, "release"), "--role", "attest")
    after = path.read_text()
    assert after.startswith(before)
    (line,) = load_trust(path).holding("attest")
    assert line.name == "release"


def test_a_role_that_is_probably_mistyped_is_added_and_told(path: Path) -> None:
    asked = ("Dana", *key(path, "dana"), "--role", "waiver", "--role", "risk-owner")
    run = CliRunner().invoke(aigf, ["trust", "add", str(path), *asked])
    assert run.exit_code == 0
    assert "'waiver' is a role for approvals only; is 'waive' meant?" in run.stderr
    assert "risk-owner" not in run.stderr
    assert [line.name for line in load_trust(path).holding("waiver")] == ["Dana"]


CORP = ("--authority", "corp")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


def own_pki(pki: Pki) -> tuple[str, ...]:
    certificates = ("--certificate-authority", str(pki.path("root.pem")))
    return (*CORP, *certificates, "--timestamp-authority", str(pki.path("tsa-root.pem")))


def test_a_certificate_comes_with_its_authority_pinned_to_its_bytes(path: Path, pki: Pki) -> None:
    by = ("--certificate", IDENTITY, "--valid-until", "2027-12-31")
    add(path, "release", "--service", *by, *own_pki(pki), "--role", "attest")
    trust = load_trust(path)
    (line,) = trust.holding("attest")
    assert isinstance(line.means, CertificateSigner)
    assert line.means.identity == IDENTITY
    assert line.means.signers == pki.read("root.pem")
    assert line.means.times == pki.read("tsa-root.pem")
    assert str(line.period.last) == "2027-12-31"
    add(path, "Dana", "--certificate", "dana@corp", *CORP, "--role", "waive")
    add(path, "box", "--service", *key(path, "dana"), *own_pki(pki), "--role", "observe")
    (box,) = load_trust(path).holding("observe")
    assert isinstance(box.means, KeySigner)
    assert box.means.times == pki.read("tsa-root.pem")
    assert list(load_trust(path).file.authorities) == ["corp"]


def test_an_authority_may_only_tell_the_time(path: Path, pki: Pki) -> None:
    times = ("--timestamp-authority", str(pki.path("tsa-root.pem")))
    add(path, "release", "--service", *key(path, "release"), *CORP, *times, "--role", "attest")
    assert load_trust(path).file.authorities["corp"].certificates is None


def test_an_authority_is_not_exchanged_and_must_be_there(path: Path, pki: Pki) -> None:
    by = ("--certificate", IDENTITY)
    add(path, "release", "--service", *by, *own_pki(pki), "--role", "attest")
    before = path.read_bytes()
    other = (*CORP, "--timestamp-authority", str(pki.path("root.pem")))
    with pytest.raises(InputError, match="the authority corp is there, with other files"):
        add(path, "Dana", "--certificate", "dana@corp", *other)
    with pytest.raises(InputError, match="the unknown authority"):
        add(path, "Dana", "--certificate", "dana@corp", "--authority", "acme")
    with pytest.raises(InputError, match=r"dana\.pub"):
        add(path, "Dana", "--certificate", "dana@corp", "--authority", "acme",
            "--timestamp-authority", str(path.parent / "dana.pub"))  # fmt: skip
    assert path.read_bytes() == before


def test_what_does_not_go_with_an_authority_is_said(path: Path) -> None:
    certificate = ("--certificate", IDENTITY)
    assert "--authority NAME" in usage(path, "release", *certificate)
    named = ("--identity", "max@corp", "--issuer", ISSUER)
    assert "goes with --certificate or --key" in usage(path, "Max", *named, *CORP)
    only = ("--certificate-authority", "ca.pem")
    assert "needs --timestamp-authority" in usage(path, "release", *certificate, *CORP, *only)
    assert "go with an identity" in usage(path, "release", *certificate, *CORP, "--issuer", ISSUER)
    assert "Give one of" in usage(path, "release", *certificate, *key(path, "release"))


def test_a_key_more_is_a_rotation_and_the_old_one_stays(path: Path) -> None:
    add(path, "release", "--service", *key(path, "release"), "--role", "attest")
    text = path.read_text() + "\n# the end\n"
    path.write_text(text)
    add(
        path, "release", "--service", *key(path, "next"), "--role", "attest",
        "--role", "observe", "--valid-from", "2027-01-01", "--valid-until", "2027-12-31",
    )  # fmt: skip
    trust = load_trust(path)
    (service,) = trust.file.services
    assert [str(one.period.first) for one in service.means.keys] == ["None", "2027-01-01"]
    assert trust.file.roles == {"attest": ("release",), "observe": ("release",)}
    assert "# the end" in path.read_text()
    assert [line for line in text.splitlines() if line not in path.read_text().splitlines()] == []


def test_a_role_alone_goes_to_who_is_there(path: Path) -> None:
    add(path, "box", "--service", *key(path, "release"))
    add(path, "Dana Risk", *key(path, "dana"), "--role", "waive")
    before = path.read_text()
    add(path, "Dana Risk", "--role", "revoke", "--role", "waive")
    add(path, "box", "--service", "--role", "observe")
    trust = load_trust(path)
    assert trust.file.roles == {
        "waive": ("Dana Risk",),
        "revoke": ("Dana Risk",),
        "observe": ("box",),
    }
    assert len(trust.people) == 1
    assert path.read_text().startswith(before)


def test_a_role_alone_is_for_nobody_else(path: Path) -> None:
    add(path, "box", "--service", *key(path, "release"))
    before = path.read_text()
    with pytest.raises(InputError, match="Dana Risk is not in `people`") as refused:
        add(path, "Dana Risk", "--role", "revoke")
    assert "give --key FILE" in refused.value.hint
    with pytest.raises(InputError, match="box is a service there"):
        add(path, "box", "--role", "revoke")
    for more in (("--valid-until", "2027-01-01"), ("--issuer", ISSUER), CORP):
        assert "goes with" in usage(path, "box", "--service", "--role", "observe", *more)
    assert "or --role alone" in usage(path, "box", "--service")
    assert path.read_text() == before


def test_people_have_addresses_and_roles_of_the_judges_own(path: Path) -> None:
    add(
        path, "Dana Risk", *key(path, "dana"), "--email", "dana@corp.example",
        "--role", "waive", "--role", "risk-owner",
    )  # fmt: skip
    add(path, "Max: the 2nd", "--identity", "max@corp", "--issuer", ISSUER, "--role", "waive")
    trust = load_trust(path)
    assert trust.file.people[0].emails == ("dana@corp.example",)
    assert trust.file.roles["waive"] == ("Dana Risk", "Max: the 2nd")


def test_a_workflow_by_pattern_repository_ref_and_runner(path: Path) -> None:
    add(
        path, "ci", "--service", "--identity-pattern", WORKFLOW, "--issuer", ISSUER,
        "--source-repository", "https://github.com/acme/*", "--source-ref", "refs/heads/main",
        "--runner-environment", "github-hosted", "--environment", "production",
        "--role", "attest",
    )  # fmt: skip
    (line,) = load_trust(path).holding("attest")
    assert line.line.runner_environment == "github-hosted"
    assert line.line.scope.environments == ("production",)


HAND = """\
# mine
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: "judge"   # kept

roles:
    # who waives
    waive:
        - Dana   # first
    risk-owner: [Dana]   # one line
# between

people:
    Dana:
        keys:
        -   file: dana.pub   # hers
        emails: [dana@corp]

# last words
"""


def test_a_file_written_by_hand_keeps_its_own_layout(path: Path) -> None:
    path.write_text(HAND)
    add(
        path, "Max", *key(path, "release"), "--email", "max@corp", "--role", "waive",
        "--role", "risk-owner",
    )  # fmt: skip
    add(path, "Dana", *key(path, "next"))
    text = path.read_text()
    assert [line for line in HAND.splitlines() if line not in text.splitlines()] == [
        "    risk-owner: [Dana]   # one line"
    ]
    assert "    risk-owner: [Dana, Max]   # one line" in text
    assert text.index("- Max") < text.index("# between")
    trust = load_trust(path)
    assert [len(person.means.keys) for person in trust.file.people] == [2, 1]
    assert trust.file.roles == {"waive": ("Dana", "Max"), "risk-owner": ("Dana", "Max")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HAND.replace("    Dana:\n        keys:\n        -   file: dana.pub   # hers\n"
                      "        emails: [dana@corp]\n",
                      "    Dana: {keys: [{file: dana.pub}]}\n"), "safely"),
        (HAND.replace("schema:", "schma:"), "the unknown key `schma`"),
        ("- a list\n", "no mapping"),
        ("services: 5\n", "`services` is not what it should be"),
        ("people: {Dana: 5}\n", "`people` is not what it should be"),
        ("roles: 5\n", "`roles` is not what it should be"),
        ("roles: {attest: 5}\n", "`roles` is not what it should be"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_safely_leaves_the_file_as_it_was(
    path: Path, text: str, problem: str
) -> None:
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        add(path, "Dana", *key(path, "next"))
    assert problem in f"{caught.value} {caught.value.hint}"
    assert path.read_text() == text


def test_what_would_not_be_valid_leaves_the_file_as_it_was(path: Path) -> None:
    add(path, "release", "--service", *key(path, "release"), "--role", "attest")
    text = path.read_text()
    for arguments, problem in (
        (("twin", *key(path, "release")), "(twin and release|release and twin) share a key \\("),
        (("ci", "--service", *key(path, "next"), "--role", "waive"), "as waive"),
        (("release", *key(path, "next")), "release is a service there"),
        (("ci", "--identity-pattern", "*", "--issuer", ISSUER), "origin"),
        (("release", "--service", *key(path, "next"), "--environment", "x"), "safely"),
    ):
        with pytest.raises(InputError, match=problem):
            add(path, *arguments)
        assert path.read_text() == text


def test_a_file_that_is_not_there_is_not_begun_by_adding_to_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file") as refused:
        add_to_trust(tmp_path / "t.yaml", NewSigner(name="ci", group=SERVICES))
    assert "aigf trust init" in refused.value.hint
    assert not list(tmp_path.iterdir())


def test_options_that_do_not_fit_are_wrong_usage(path: Path) -> None:
    assert "Give one of --key" in usage(path, "ci")
    assert "Give one of --key" in usage(path, "ci", *key(path, "next"), "--identity", "a")
    assert "go with an identity" in usage(path, "ci", *key(path, "next"), "--issuer", ISSUER)
    assert "An identity needs --issuer too" in usage(path, "ci", "--identity", "a@b")
    assert "An identity needs --issuer too" in usage(path, "ci", "--identity-pattern", "a@*")
    assert "git knows no services" in usage(
        path, "ci", "--service", *key(path, "next"), "--email", "a@b"
    )
    assert "not a day" in usage(path, "ci", *key(path, "next"), "--valid-from", "2026-02-30")


def test_the_line_ends_of_another_system_stay(path: Path) -> None:
    path.write_bytes(HAND.replace("\n", "\r\n").encode())
    add(path, "Max", *key(path, "release"), "--role", "waive", "--role", "owner")
    data = path.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    for line in HAND.splitlines():
        assert f"{line}\r\n".encode() in data
    assert load_trust(path).file.roles["owner"] == ("Max",)
