"""`aigf doctor` says how each thing is: every line is turned bad once, in real git and DVC."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest

from aigf_dvc.actions.doctor import examine_files, examine_machine, examine_project, looked
from aigf_dvc.clock import now
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.report.doctor_text import Health, Line
from aigf_dvc.signing.private_keys import generate_key
from tests.actions.test_trust_check import write as write_trust
from tests.gates.test_push_situations import attest, with_remote
from tests.playground import Playground, run

AT = datetime(2026, 11, 26, tzinfo=UTC)


def found(lines: Iterable[Line], subject: str) -> Line:
    """Return the worst line about a subject; what is not ok must say what to do."""
    lines = [line for line in lines if line.subject == subject]
    assert all(line.fix for line in lines if line.health is not Health.OK)
    return max(lines, key=lambda line: list(Health).index(line.health))


def of_project(place: Playground, subject: str, *, at: datetime | None = None) -> Line:
    return found(examine_project(place.project, at=at or now()), subject)


def file_line(
    *, keys: tuple[Path, ...] = (), trust: tuple[Path, ...] = (), roots: tuple[Path, ...] = ()
) -> Line:
    (line, *_) = examine_files(keys=keys, trust=trust, roots=roots, at=AT)
    assert line.fix or line.health is Health.OK
    return line


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def place(playground: Playground, tmp_path: Path) -> Playground:
    """A sound project with a remote and the hook."""
    with_remote(playground, tmp_path / "remote.git")
    assert playground.aigf("hook", "install").returncode == 0
    return playground


def test_a_sound_project_has_no_problem_and_nothing_is_changed(place: Playground) -> None:
    before = {p: p.stat().st_mtime_ns for p in place.root.rglob("*") if p.is_file()}
    outcome = place.aigf("doctor", "--format", "json")
    lines = json.loads(outcome.stdout)["lines"]
    assert outcome.returncode == 0, outcome.stdout
    healths = {line["subject"]: line["health"] for line in lines}
    assert {subject for subject, health in healths.items() if health != "ok"} == {"cards"}
    assert {"aigf", "sigstore", "git", "dvc", "hook", "clock", "next push"} <= healths.keys()
    assert {p: p.stat().st_mtime_ns for p in place.root.rglob("*") if p.is_file()} == before


def test_a_problem_exits_with_1_and_what_cannot_be_looked_at_with_3(place: Playground) -> None:
    place.write("aigf.yaml", "models: {}\n")
    refused = place.aigf("doctor")
    assert refused.returncode == 1
    assert "problem aigf.yaml" in refused.stdout
    place.git("checkout", "--quiet", "aigf.yaml")
    place.write("aigf.lock", "<<<<<<< ours\n")
    blind = place.aigf("doctor", folder="data")
    assert blind.returncode == 3
    assert "could not be looked at" in blind.stdout


def test_outside_of_a_project_the_machine_is_looked_at_and_the_rest_is_a_problem(
    home: Path,
) -> None:
    outcome = Playground(home).aigf("doctor")
    assert outcome.returncode == 1
    assert "problem repository" in outcome.stdout
    assert "ok      dvc" in outcome.stdout


def test_no_secret_is_shown(place: Playground, tmp_path: Path) -> None:
    key = tmp_path / "bare.key"
    key.write_bytes(generate_key(None)[0])
    extra = {"AIGF_KEY_PASSPHRASE": "hush-hush", "AIGF_IDENTITY_TOKEN": "tok-tok"}
    outcome = place.aigf("doctor", "--key", str(key), extra=extra)
    said = outcome.stdout + outcome.stderr
    assert str(key.name) in said
    assert "hush-hush" not in said
    assert "tok-tok" not in said
    assert key.read_text().splitlines()[1] not in said


@pytest.mark.parametrize(
    ("name", "script", "said"),
    [
        ("git", "echo git version 2.17.1", "2.17.1 is too old"),
        ("dvc", "echo 2.58.2", "2.58.2 is too old"),
        ("dvc", "exit 1", "ended with 1"),
    ],
)
def test_a_program_that_is_old_or_broken_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str, said: str
) -> None:
    program(tmp_path / "bin", name, script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    line = found(examine_machine(), name)
    assert line.health is Health.PROBLEM
    assert said in line.text


def test_programs_that_are_not_there_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    lines = examine_machine()
    assert found(lines, "aigf").health is Health.WARNING
    assert found(lines, "git").health is Health.PROBLEM
    assert found(lines, "dvc").health is Health.PROBLEM


def test_sigstore_is_looked_up_without_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", lambda _: "4.1.9")
    assert found(examine_machine(), "sigstore").health is Health.PROBLEM
    monkeypatch.setattr(metadata, "version", missing)
    assert found(examine_machine(), "sigstore").health is Health.PROBLEM


def test_a_repository_without_a_remote_or_without_its_history_is_a_warning(
    place: Playground, tmp_path: Path
) -> None:
    place.commit("second")
    place.git("push", "--quiet", "origin", "main")
    url = f"file://{tmp_path / 'remote.git'}"
    run(["git", "clone", "--quiet", "--depth", "1", url, "shallow"], tmp_path)
    assert "shallow" in of_project(Playground(tmp_path / "shallow"), "repository").text
    assert of_project(place, "repository").health is Health.OK
    place.git("remote", "remove", "origin")
    assert "no remote" in of_project(place, "repository").text


def test_what_is_not_committed_is_a_warning(place: Playground) -> None:
    place.replace("governance/policy.yaml", "kind: metric", "kind: metric\n    title: Fair")
    line = of_project(place, "committed")
    assert line.health is Health.WARNING
    assert "governance/policy.yaml" in line.text


def test_a_policy_that_does_not_load_is_a_problem_and_a_remark_a_warning(place: Playground) -> None:
    expired = "kind: metric\n    expires: 2020-01-01"
    place.replace("governance/policy.yaml", "kind: metric", expired)
    line = of_project(place, "policy")
    assert line.health is not Health.OK
    assert "2020-01-01" in line.text
    place.write("governance/policy.yaml", "rules: 3\n")
    assert of_project(place, "policy").health is Health.PROBLEM


GATE = """\
  governance:
    cmd: aigf check
    deps: [MODEL_CARD.md, aigf.yaml, governance, metrics.json, models/model.bin]
"""


def test_a_gate_that_leaves_out_what_it_judges_is_a_warning(place: Playground) -> None:
    before = [line.subject for line in examine_project(place.project, at=now())]
    assert "gate" not in before
    place.write("dvc.yaml", place.read("dvc.yaml") + GATE)
    assert of_project(place, "gate").health is Health.OK
    place.replace("dvc.yaml", "governance, metrics.json", "metrics.json")
    line = of_project(place, "gate")
    assert line.health is Health.WARNING
    assert "does not depend on governance/policy.yaml, governance/documents/risk.md" in line.text
    assert line.fix == "add it to the stage's `deps:` in dvc.yaml"


def test_data_without_a_digest_is_a_problem(place: Playground) -> None:
    assert of_project(place, "aigf.lock").health is Health.OK
    lines = place.read("aigf.lock").splitlines(keepends=True)
    place.write("aigf.lock", "".join(lines[:-1]))
    line = of_project(place, "aigf.lock")
    assert line.health is Health.PROBLEM
    assert "aigf capture" in line.fix
    assert any(path in line.text for path in ("model.bin", "raw.csv", "clean.csv"))


def test_a_missing_card_is_a_warning(place: Playground) -> None:
    (place.root / "MODEL_CARD.md").unlink()
    line = of_project(place, "cards")
    assert (line.health, "there is no card" in line.text) == (Health.WARNING, True)


def test_the_hook_is_ok_missing_or_out_of_force(place: Playground) -> None:
    assert of_project(place, "hook").health is Health.OK
    place.git("config", "core.hooksPath", ".hooks")
    assert of_project(place, "hook").health is Health.PROBLEM
    place.git("config", "--unset", "core.hooksPath")
    assert place.aigf("hook", "uninstall").returncode == 0
    assert of_project(place, "hook").health is Health.WARNING


def test_a_committed_private_key_is_a_problem(place: Playground) -> None:
    assert of_project(place, "keys").health is Health.OK
    place.write("deep/release.key", generate_key(None)[0])
    place.commit("a mistake")
    line = of_project(place, "keys")
    assert line.health is Health.PROBLEM
    assert "deep/release.key" in line.text


def test_a_clock_behind_the_newest_commit_is_a_problem(place: Playground) -> None:
    assert of_project(place, "clock").health is Health.OK
    line = of_project(place, "clock", at=now() - timedelta(days=2))
    assert line.health is Health.PROBLEM
    assert "refs/" in line.text


def test_attestations_that_no_remote_has_are_a_warning_until_they_are_sent(
    place: Playground,
) -> None:
    assert of_project(place, "attestations").text == "0 here, none unsent"
    attest(place)
    line = of_project(place, "attestations")
    assert (line.health, "1 of them" in line.text) == (Health.WARNING, True)
    assert place.aigf("push").returncode == 0
    assert of_project(place, "attestations").health is Health.OK


def test_a_private_key_is_judged_by_who_may_read_it(tmp_path: Path) -> None:
    key = tmp_path / "release.key"
    key.write_bytes(generate_key(b"a long passphrase")[0])
    key.chmod(0o640)
    line = file_line(keys=(key,))
    assert (line.health, "0640" in line.text) == (Health.PROBLEM, True)
    key.chmod(0o600)
    assert file_line(keys=(key,)).health is Health.OK
    key.write_bytes(generate_key(None)[0])
    assert file_line(keys=(key,)).health is Health.WARNING
    key.write_bytes(generate_key(None)[1])
    assert "no private key" in file_line(keys=(key,)).text
    assert file_line(keys=(tmp_path / "gone",)).health is Health.PROBLEM


def test_a_trust_file_is_judged_by_its_lint(tmp_path: Path) -> None:
    path = write_trust(tmp_path)
    assert file_line(trust=(path,)).health is Health.OK
    text = path.read_text()
    path.write_text(text.replace("2027-06-30", "2026-12-10"))
    assert file_line(trust=(path,)).health is Health.WARNING
    path.write_text(text.replace("2027-06-30", "2026-11-01"))
    assert file_line(trust=(path,)).health is Health.PROBLEM


@pytest.mark.parametrize(
    ("end", "health"),
    [
        ("2030-01-01T00:00:00Z", Health.OK),
        ("2026-12-10T00:00:00Z", Health.WARNING),
        ("2026-11-01T00:00:00Z", Health.PROBLEM),
    ],
)
def test_a_trusted_root_is_judged_by_its_periods(tmp_path: Path, end: str, health: Health) -> None:
    period = {"validFor": {"start": "2020-01-01T00:00:00Z", "end": end}}
    always = {"validFor": {"start": "2020-01-01T00:00:00Z"}}
    root = {
        "tlogs": [{"publicKey": always}],
        "ctlogs": [{"publicKey": always}],
        "certificateAuthorities": [period],
    }
    (tmp_path / "root.json").write_text(json.dumps(root))
    assert file_line(roots=(tmp_path / "root.json",)).health is health


def test_an_error_of_evidence_is_not_looked_at_and_one_of_the_user_is() -> None:
    def fails(error: Exception) -> Iterable[Line]:
        raise error

    (blind,) = looked("x", lambda: fails(UndecidedError("unreadable")))
    (seen,) = looked("x", lambda: fails(InputError("wrong", expected="right")))
    assert (blind.looked, seen.looked) == (False, True)
    assert (blind.health, seen.fix) == (Health.PROBLEM, "it must be right")
