"""`aigf export` as people call it: codes, files, streams, and names that mean harm."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.playground import Playground

STANDARDS = ("slsa", "cyclonedx", "openlineage")


def test_a_model_that_nobody_observed_is_refused_and_told_what_to_do(
    playground: Playground,
) -> None:
    done = playground.aigf("export", "slsa")
    assert (done.returncode, done.stdout) == (1, "")
    assert "aigf repro --force" in done.stderr


@pytest.mark.slow
def test_what_was_observed_is_exported_to_a_file_or_a_pipe(
    playground: Playground, tmp_path: Path
) -> None:
    assert playground.aigf("repro", "--force").returncode == 0
    playground.commit()
    for standard in STANDARDS:
        file = tmp_path / f"{standard}.json"
        piped = playground.aigf("export", standard, "scorer")
        written = playground.aigf("export", standard, "scorer", "--output", str(file))
        assert (piped.returncode, written.returncode, written.stdout) == (0, 0, "")
        assert file.read_text() == piped.stdout
        assert "not signed" in piped.stderr
        assert all(json.loads(line) for line in piped.stdout.splitlines())
    builder = "https://ci.example.com/train"
    named = playground.aigf("export", "slsa", "--builder-id", builder)
    assert json.loads(named.stdout)["predicate"]["runDetails"]["builder"] == {"id": builder}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing argument"),
        (("spdx",), "openlineage"),
        (("slsa", "--rev", "HEAD", "--bundle", "b"), "not both"),
        (("cyclonedx", "--builder-id", "https://a"), "for slsa"),
        (("slsa", "--builder-id", "my machine"), "must be a URI"),
        (("slsa", "--builder-id", "https://a\n"), "must be a URI"),
        (("cyclonedx", "other"), "no model named 'other'"),
        (("cyclonedx", "--rev", "nowhere"), "no commit named 'nowhere'"),
        (("cyclonedx", "--bundle", "nowhere"), "no such file"),
    ],
)
def test_wrong_usage_is_said(playground: Playground, arguments: tuple[str, ...], said: str) -> None:
    done = playground.aigf("export", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_bundle_is_exported_without_a_repository_and_without_a_promise(
    playground: Playground, tmp_path: Path
) -> None:
    key = tmp_path / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    bundle = tmp_path / "bundle.json"
    done = playground.aigf("attest", "--key", str(key), "--output", str(bundle))
    assert done.returncode == 0, done.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    there = Playground(elsewhere).aigf("export", "cyclonedx", "--bundle", str(bundle))
    assert there.returncode == 0, there.stderr
    assert "not verified" in there.stderr
    assert json.loads(there.stdout)["metadata"]["component"]["name"] == "scorer"


def test_a_file_that_is_no_bundle_is_refused(playground: Playground) -> None:
    assert playground.aigf("export", "slsa", "--bundle", "MODEL_CARD.md").returncode == 1


def test_a_repository_without_a_remote_is_said_to_have_no_names_of_its_own(
    playground: Playground,
) -> None:
    assert "no remote" in playground.aigf("export", "openlineage").stderr
    playground.git("remote", "add", "origin", "https://example.com/acme/models.git")
    assert "no remote" not in playground.aigf("export", "openlineage").stderr


HOSTILE = 'x\u202ey"><script>alert(1)<,script>\u2028 $(id) #?&%0a'


def test_a_hostile_name_is_only_a_name(playground: Playground) -> None:
    playground.write(f"data/{HOSTILE}", "1")
    listed = json.dumps(f"data/{HOSTILE}")
    playground.replace("dvc.yaml", "src/prepare.sh]", f"src/prepare.sh, {listed}]")
    playground.dvc("repro", "--quiet")
    playground.commit()
    done = playground.aigf("export", "cyclonedx")
    assert done.returncode == 0, done.stderr
    bom = json.loads(done.stdout)
    (component,) = [c for c in bom["components"] if c["name"] == f"data/{HOSTILE}"]
    assert component["type"] == "file"
    assert component["hashes"]
    assert playground.aigf("export", "openlineage").returncode == 0


def test_on_a_terminal_no_character_steers_it(playground: Playground) -> None:
    playground.replace("MODEL_CARD.md", "a table of three rows", '"a\u202etable\u2028"')
    playground.commit()
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "aigf_dvc", "export", "cyclonedx"],
        cwd=playground.root,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                said += chunk
        except OSError:  # how Linux says that the other side has gone
            pass
        os.close(ours)
    assert process.returncode == 0
    text = said.decode()
    assert "\u202e" not in text
    assert "\\u202etable\\u2028" in text
    assert json.loads(text)["bomFormat"] == "CycloneDX"


def test_what_an_export_leaves_out_is_said(playground: Playground) -> None:
    secret = "hf_" + "a" * 34
    playground.replace("MODEL_CARD.md", "license: mit", f"license: mit\nnote: {secret}")
    playground.commit()
    done = playground.aigf("export", "cyclonedx", "scorer")
    assert "redacted 1 value: hugging-face-token in MODEL_CARD.md" in done.stderr
    assert secret not in done.stdout + done.stderr
