"""`aigf trust init` writes where the judge wants it, and never over or under somebody's hand."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from aigf_dvc.actions.trust_init import start_trust
from aigf_dvc.cli.main import aigf
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
