"""Observers are those whom the options or the trust file name, never both."""

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from aigf_dvc.cli.observer_options import ObserverOptions
from aigf_dvc.cli.observers import all_observers
from aigf_dvc.cli.trust_options import TrustOptions
from aigf_dvc.signing.observers import Observer, TrustedObservers
from aigf_dvc.signing.open import KeySigner
from aigf_dvc.signing.private_keys import generate_key

AT = datetime(2026, 11, 26, tzinfo=UTC)
TRUST = """\
schema: https://aigf-dvc.readthedocs.io/trust/v1
id: judges
services: {box: {keys: [{file: box.pub}]}}
roles: {observe: [box]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "box.pub").write_bytes(generate_key(None)[1])
    (tmp_path / "observes.yaml").write_text(TRUST)
    (tmp_path / "attests.yaml").write_text(TRUST.replace("observe", "attest"))
    return tmp_path


def observers(folder: Path, *, key: bool = False, trust: str = "") -> tuple[Observer, ...]:
    keys = (folder / "box.pub",) if key else ()
    trusted = TrustOptions(trust=folder / trust if trust else None)
    return all_observers(ObserverOptions(keys=keys), trusted, trusted_root=None, at=AT)


def test_the_role_observe_names_observers_and_options_do_without_it(folder: Path) -> None:
    (found,) = observers(folder, trust="observes.yaml")
    assert isinstance(found, TrustedObservers)
    assert [line.name for line in found.lines] == ["box"]
    assert observers(folder) == ()
    assert observers(folder, trust="attests.yaml") == ()
    (named,) = observers(folder, key=True, trust="attests.yaml")
    assert isinstance(named, KeySigner)


def test_options_cannot_add_to_those_whom_the_file_names(folder: Path) -> None:
    with pytest.raises(click.UsageError, match="cannot add"):
        observers(folder, key=True, trust="observes.yaml")
