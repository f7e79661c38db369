"""`aigf trust init` writes where the judge wants it, and never over or under somebody's hand."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigf_dvc.actions.trust_init import start_trust
from aigf_dvc.attestation.trust_reading import read_trust
from aigf_dvc.cli.main import aigf
from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.strict_yaml import read_strict

TODAY = date(2026, 11, 26)


def test_the_file_expires_in_a_year_and_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "new/trust.yaml"
    start_trust(path, name='acme "production"', today=TODAY)
    text = path.read_text()
    document = read_strict(text.encode(), where="trust.yaml").value
    assert document["id"] == 'acme "production"'
    assert document["expires"] == "2027-11-26"
    assert "aigf trust add" in text


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text("mine")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    for taken in (path, tmp_path / "link.yaml"):
        with pytest.raises(InputError, match="already there"):
            start_trust(taken, name="x", today=TODAY)
    assert path.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_governed_repository_is_no_place_for_it_unless_that_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / "governance/trust.yaml"
    start_trust(path, name="x", today=TODAY)  # a repository of the judge's own
    path.unlink()
    (tmp_path / "aigf.yaml").write_text("models: {}\n")
    with pytest.raises(InputError, match="governed repository"):
        start_trust(path, name="x", today=TODAY)
    assert not path.exists()
    start_trust(path, name="x", today=TODAY, inside=True)
    assert path.exists()


def test_the_command_names_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "judge.yaml"
    done = CliRunner().invoke(aigf, ["trust", "init", str(path)])
    assert done.exit_code == 0
    assert "aigf trust add" in done.output
    assert 'id: "judge"' in path.read_text()


def demanded_policies(path: Path) -> frozenset[Sha256] | None:
    """Read them from the file as it is once somebody is trusted."""
    text = path.read_text() + "services: {r: {keys: [{file: k}]}}\nroles: {attest: [r]}\n"
    return read_trust(text.encode(), where="trust.yaml").demands.policies


def test_the_policies_that_it_accepts_stand_in_it_and_need_no_option_then(tmp_path: Path) -> None:
    path, digests = tmp_path / "trust.yaml", [sha256(b"one"), sha256(b"two")]
    options = [part for one in digests for part in ("--policy-digest", f"sha256:{one}")]
    done = CliRunner().invoke(aigf, ["trust", "init", str(path), *options])
    assert done.exit_code == 0, done.output
    assert demanded_policies(path) == frozenset(digests)


def test_without_policies_it_demands_none(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    start_trust(path, name="x", today=TODAY)
    assert demanded_policies(path) is None


def test_what_is_no_digest_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    done = CliRunner().invoke(aigf, ["trust", "init", str(path), "--policy-digest", "sha256:12"])
    assert done.exit_code == 2
    assert not path.exists()
