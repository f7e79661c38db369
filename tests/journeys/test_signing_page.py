"""Every command of docs/signing.md, typed as it stands there: real tokens, PKI and Sigstore."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_sigstore.server import LocalSigstore
from tests.playground import MODEL, PACKAGE, Playground
from tests.signing.own_pki import make_pki, timestamp_server
from tests.signing.soft_token import MODULES, make_token

pytestmark = pytest.mark.slow

PAGE = PACKAGE / "docs/signing.md"
SECTIONS = {
    section.partition("\n")[0]: re.findall(r"^\$ (.*)$", section, re.MULTILINE)
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
}
FIRST = "With a key"  # what it makes, the others use


@pytest.fixture
def page(playground: Playground, home: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Make what the page takes for granted; give what stands for its names."""
    keys = home / "keys"
    keys.mkdir()
    playground.write("deploy.yaml", playground.read("governance/policy.yaml"))
    for name in ("token", "pki"):
        (tmp_path / name).mkdir()
    token, pki = make_token(tmp_path / "token"), make_pki(tmp_path / "pki")
    token.add_key("release")
    (keys / "token.pub").write_bytes(token.public_key("release"))
    for name, parts in {
        "ml.key": ("leaf.key",), "ml.pem": ("leaf.pem",),
        "corp-ca.pem": ("root.pem", "between.pem"), "corp-tsa.pem": ("tsa-root.pem",),
    }.items():  # fmt: skip
        (keys / name).write_bytes(pki.read(*parts))
    with LocalSigstore() as sigstore, timestamp_server(pki.stamp) as tsa:
        (home / "corp-sigstore.json").write_text(json.dumps(sigstore.trust_config()))
        (home / "token").write_text(sigstore.token("dev@example.com"))
        yield {
            "https://tsa.corp.example/tsa": tsa,
            "https://rekor.corp.example": sigstore.url,
            MODULES[0]: token.module,
            "model.pkl": MODEL,
            "SOFTHSM2_CONF": str(token.config),
        }


def typed(playground: Playground, commands: list[str], stand_ins: dict[str, str]) -> str:
    """Type some commands into one shell, which ends at the first that fails."""
    text = "\n".join(commands)
    for name, stand_in in stand_ins.items():
        text = text.replace(name, stand_in)
    set_up = f"set -e\nexport SOFTHSM2_CONF={stand_ins['SOFTHSM2_CONF']}\n"
    done = subprocess.run(
        ["bash", "-c", set_up + text], cwd=playground.root, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_command_of_the_page_does_what_it_says(
    playground: Playground, page: dict[str, str]
) -> None:
    assert next(iter(SECTIONS)) == FIRST
    for title, commands in SECTIONS.items():
        assert commands, title
        said = typed(playground, commands, page)
        assert said.count("ACCEPTED") == sum("verify" in c for c in commands) - (
            "SIGNATURE VERIFIED, NOTHING ELSE" in said
        ), said
        assert "REFUSED" not in said


def test_what_the_first_way_signed_no_other_key_verifies(
    playground: Playground, page: dict[str, str]
) -> None:
    typed(playground, SECTIONS[FIRST][:2], page)
    other = [SECTIONS[FIRST][2].replace("release.pub", "token.pub")]
    with pytest.raises(AssertionError, match="REFUSED at step 2"):
        typed(playground, other, page)
