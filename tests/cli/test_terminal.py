"""Nothing that a file, a card or a branch holds may steer the reader's terminal."""

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.cli.terminal import harmless_output
from tests.playground import Playground

CLEAR = "\x1b[2J"


def written(text: str, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> str:
    target = io.BytesIO()
    before = io.TextIOWrapper(target, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", before)
    with harmless_output():
        sys.stdout.write(text)
    assert sys.stdout is before
    before.flush()  # it is still open
    said = target.getvalue().decode(encoding)
    monkeypatch.undo()
    return said


@pytest.mark.parametrize(
    "character", ["\x1b", "\x00", "\x07", "\x08", "\r", "\x7f", "\x9b", "\u202e"]
)
def test_a_control_character_is_made_visible(
    character: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert written(f"a{character}b", monkeypatch) == f"a\\u{ord(character):04x}b"


def test_text_colours_and_line_ends_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("\x1b[31mé ✔\x1b[0m\n\tx\n", monkeypatch) == "\x1b[31mé ✔\x1b[0m\n\tx\n"


def test_what_the_place_cannot_show_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("✔ é", monkeypatch, encoding="latin-1") == "? é"


def test_escaped_json_is_still_the_same_json(monkeypatch: pytest.MonkeyPatch) -> None:
    said = written(json.dumps("a\x9bb", ensure_ascii=False), monkeypatch)
    assert json.loads(said) == "a\x9bb"


def test_a_card_cannot_clear_the_screen(playground: Playground) -> None:
    playground.write("MODEL_CARD.md", '---\n"a\\e[2J": 1\n"a\\e[2J": 2\n---\n')
    done = playground.aigf("check")
    assert done.returncode in (2, 3)
    assert CLEAR not in done.stdout + done.stderr


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """Run the command on a terminal of its own, where colours and escapes would count."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "aigf_dvc", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # the far end is closed: all has been read
            while chunk := os.read(ours, 65536):
                said += chunk
    os.close(ours)
    assert process.returncode == 1
    return said.decode()


def test_a_file_name_cannot_clear_the_screen(playground: Playground) -> None:
    playground.write(f"data/a{CLEAR}b", "x")
    playground.commit()
    playground.write(f"data/a{CLEAR}b", "y")
    key = playground.root.parent / "release.key"
    playground.aigf("key", "generate", str(key), "--no-passphrase")
    said = on_a_terminal(["attest", "--key", str(key)], playground.root)
    assert "\\u001b[2J" in said
    assert CLEAR not in said
