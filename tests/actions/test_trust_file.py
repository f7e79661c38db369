"""A trust file is whole with all that it names, each part by its digest."""

from datetime import date
from pathlib import Path

import pytest

from aigf_dvc.actions.trust_file import load_trust, project_around, refuse_expired, refuse_own
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.signing.private_keys import generate_key

HEAD = "schema: https://aigf-dvc.readthedocs.io/trust/v1\nid: judges\n"
ORG = (
    HEAD
    + """\
services: {release: {keys: [{file: keys/release.pub}]}}
roles: {attest: [release]}
"""
)


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return f"{{file: {name}, sha256: 'sha256:{sha256(text.encode())}'}}"


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    (tmp_path / "org/keys").mkdir(parents=True)
    (tmp_path / "org/keys/release.pub").write_bytes(generate_key(None)[1])
    return tmp_path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_trust(path)
    return f"{caught.value} {caught.value.hint}"


def test_an_included_file_brings_its_signers_and_finds_its_own_keys(judge: Path) -> None:
    pin = write(judge, "org/org.yaml", ORG)
    write(judge, "own.yaml", f"{HEAD}includes: [{pin}]\nexpires: 2026-12-31\n")
    (line,) = load_trust(judge / "own.yaml").holding("attest")
    assert line.name == "release"
    assert line.line.where == f"{judge}/org/org.yaml:3"


def test_an_included_file_that_has_changed_is_refused_with_its_digest(judge: Path) -> None:
    pin = write(judge, "org/org.yaml", ORG)
    write(judge, "own.yaml", f"{HEAD}includes: [{pin}]\n")
    changed = ORG + "# changed\n"
    write(judge, "org/org.yaml", changed)
    said = refusal(judge / "own.yaml")
    assert f"org/org.yaml has the digest sha256:{sha256(changed.encode())}" in said
    assert "own.yaml:3" in said
    (judge / "org/org.yaml").unlink()
    assert "org/org.yaml" in refusal(judge / "own.yaml")


def test_includes_within_includes_end(judge: Path) -> None:
    pin = write(judge, "org/org.yaml", ORG)
    for level in range(5):
        pin = write(judge, f"{level}.yaml", f"{HEAD}includes: [{pin}]\n")
        if level == 3:
            assert load_trust(judge / "3.yaml").holding("attest")
    assert "deep" in refusal(judge / "4.yaml")


def test_a_loosening_include_says_what_and_where(judge: Path) -> None:
    pin = write(judge, "org/org.yaml", ORG)
    write(judge, "own.yaml", f"{HEAD}includes: [{pin}]\nroles: {{waive: [release]}}\n")
    assert "own.yaml:4: it loosens an included file: it fills the role waive" in refusal(
        judge / "own.yaml"
    )


def test_roots_and_authorities_are_held_to_their_digest(judge: Path) -> None:
    service = ORG.replace("keys/", "org/keys/")
    root = write(judge, "root.json", '{"tlogs": []}')
    write(judge, "own.yaml", f"{service}trusted_roots: {{own: {root}}}\n")
    assert load_trust(judge / "own.yaml").holding("attest")
    (judge / "root.json").write_text("{} ")
    assert "root.json has the digest" in refusal(judge / "own.yaml")
    write(judge, "own.yaml", f"{service}trusted_root: root.json\n")
    assert "root.json: no transparency logs" in refusal(judge / "own.yaml")
    write(
        judge, "own.yaml", f"{service}trusted_roots: {{own: {write(judge, 'root.json', '[]')}}}\n"
    )
    assert "own.yaml:5: " in refusal(judge / "own.yaml")
    times = write(judge, "tsa.pem", "x")
    write(judge, "own.yaml", f"{service}authorities: {{corp: {{timestamps: {times}}}}}\n")
    assert "own.yaml:5: no certificate" in refusal(judge / "own.yaml")
    (judge / "tsa.pem").write_text("y")
    assert "tsa.pem has the digest" in refusal(judge / "own.yaml")


def test_an_expired_file_is_refused_from_the_day_after(judge: Path) -> None:
    write(judge, "org/org.yaml", ORG + "expires: 2026-11-26\n")
    file = load_trust(judge / "org/org.yaml").file
    refuse_expired(file, date(2026, 11, 26))
    with pytest.raises(InputError, match="expired on 2026-11-26"):
        refuse_expired(file, date(2026, 11, 27))


def test_only_a_governed_repository_around_the_artifact_is_judged(tmp_path: Path) -> None:
    inside, model = tmp_path / "repo/trust.yaml", tmp_path / "repo/models/m.bin"
    model.parent.mkdir(parents=True)
    refuse_own(inside, model)  # no repository
    (tmp_path / "repo/.git").mkdir()
    refuse_own(inside, model)  # of the judge's own: nothing there is governed
    (tmp_path / "repo/models/aigf.yaml").touch()
    assert project_around(model) == tmp_path / "repo"
    with pytest.raises(InputError, match="inside the repository that it judges"):
        refuse_own(inside, model)
    link = tmp_path / "link.yaml"
    link.symlink_to(inside)
    with pytest.raises(InputError, match="inside the repository"):
        refuse_own(link, model)
    refuse_own(tmp_path / "trust.yaml", model)
