"""How the demo speaks and acts: `Teller` prints, `Scene` runs commands and checks them."""

import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GATES = ("aigf repro", "aigf attest", "aigf verify", "git push origin")  # these say yes or no
WIDTH = 96
BOLD, DIM, RED, GREEN, CYAN = "1", "2", "31", "32", "36"
# What is coloured in an output line: the first of these. Most of DVC's talk is not news.
COLORS = (
    (re.compile(r"^\s*✘ .*|REFUSED.*|push refused|^ERROR.*|^error:.*|exit code [1-9]\d*|✘"), RED),
    (re.compile(r"^✔ .*|ACCEPTED.*|: passed$|exit code 0|✔"), GREEN),
    (re.compile(r"^-[^-].*"), RED),
    (re.compile(r"^\+[^+].*"), GREEN),
    (re.compile(r"^(Running stage|> |Verifying data|Generating lock|Updating lock).*"), DIM),
    (re.compile(r"^.*(didn't change, skipping|Use `dvc push).*"), DIM),
    (re.compile(r"^.*not reached$|^\s+(policy \S+ \d.*|not checked: .*)"), DIM),
)


class SurpriseError(Exception):
    """Something did not come out as the story says."""


class Teller:
    """Prints the story, coloured on a terminal, and never wider than it."""

    def __init__(self, *, color: bool) -> None:
        """Take the terminal as it is."""
        self._color = color
        self._width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
        self._chapter = 0
        self._silent = False  # the last command has printed nothing

    def title(self, text: str, about: str) -> None:
        """Open the story."""
        self._print(text, BOLD)
        self.say(about)

    def chapter(self, text: str, why: str) -> None:
        """Open a numbered chapter, and say why it is told."""
        heading = f"{self._chapter}. {text}"
        self._chapter += 1
        self._print(f"\n\n{heading}\n{'─' * len(heading)}", BOLD)
        self.say(why)

    def say(self, text: str) -> None:
        """Tell a paragraph."""
        self._print("\n" + textwrap.fill(" ".join(text.split()), self._width))

    def typed(self, command: str) -> None:
        """Show a command as a person would type it."""
        if not self._silent:
            self._print("")
        self._print(f"$ {command}", CYAN)
        self._silent = True

    def output(self, line: str) -> None:
        """Show one line of what a command printed."""
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        shown = textwrap.wrap(
            line.expandtabs(4),
            self._width,
            initial_indent="  ",
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        for part in shown or [""]:
            self._print(part[:2] + self._highlighted(part[2:]))

    def to_copy(self, command: str) -> None:
        """Show a command that was not run, in one line."""
        self._print(f"    {command}")

    def _highlighted(self, line: str) -> str:
        for pattern, code in COLORS:
            found = pattern.search(line)
            if found:
                start, stop = found.span()
                return line[:start] + self._painted(line[start:stop], code) + line[stop:]
        return line

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if code and self._color else text

    def _print(self, text: str, code: str = "") -> None:
        self._silent = False
        print(self._painted(text, code), flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where the story plays: a scratch folder, and what its commands see."""

    folder: Path
    teller: Teller
    environment: Mapping[str, str]

    @property
    def team(self) -> Path:
        """Return the repository of the team that trains the model."""
        return self.folder / "mortgage"

    @property
    def deployer(self) -> Path:
        """Return the clone of those who run the model."""
        return self.folder / "deployer"

    def run(self, command: str, *, cwd: Path, code: int = 0, says: str = "") -> str:
        """Show a command, run it without a shell, show what it prints, and hold it to the story.

        Args:
            command: as a person would type it.
            cwd: where.
            code: the exit code that the story expects.
            says: words that the output must hold.

        Raises:
            SurpriseError: it came out otherwise.
        """
        self.teller.typed(command)
        lines = []
        words = shlex.split(command.replace("\\\n", ""))
        with subprocess.Popen(
            words,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                self.teller.output(lines[-1])
        if process.returncode or command.startswith(GATES):
            self.teller.output(f"(exit code {process.returncode})")
        if process.returncode != code:
            raise SurpriseError(f"`{words[0]}` left with {process.returncode}; expected: {code}")
        text = "\n".join(lines)
        if says not in text:
            raise SurpriseError(f"`{command}` did not say {says!r}")
        return text
