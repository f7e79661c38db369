"""Draw docs/demo.svg from what the demo prints: `./dev demo | python3 docs/make_picture.py`.

The picture shows the excerpts that `STORY` names; every line of them is the demo's own.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

COLUMNS = 94
CHARACTER = 8.6  # pixels; each run of text is stretched to it, whatever font the reader has
LINE = 20
PADDING = 26
TITLE_BAR = 40
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
STYLE = f"""
  text {{ font-family: {FONT}; font-size: 14px; fill: #c9d1d9; white-space: pre }}
  .prompt {{ fill: #6e7681 }}
  .typed {{ fill: #f0f6fc; font-weight: 600 }}
  .told {{ fill: #79c0ff }}
  .dim {{ fill: #8b949e }}
  .no {{ fill: #ff7b72 }}
  .yes {{ fill: #56d364 }}
  .skipped {{ fill: #d29922 }}
  .verdict {{ font-weight: 700 }}
"""

# What is coloured in an output line, by group: the first pattern of a class that is found.
RUNS = (
    (re.compile(r"^(?:✘ |- ).*|REFUSED.*|.*: denied$|^ERROR.*"), "no verdict"),
    (re.compile(r"^(?:✔ |\+ ).*|ACCEPTED.*|passed$"), "yes verdict"),
    (re.compile(r"✘(?: fairness| subject)?"), "no"),
    (re.compile(r"✔"), "yes"),
    (re.compile("\N{EN DASH} "), "skipped"),
    (re.compile(r"^  policy .*|^ {2,}not checked: .*|^\(exit.*|^ *\d+   \w+ +not reached$"), "dim"),
    (re.compile(r"^    (?:found|expected|where|to do)"), "dim"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Some lines of one command's output."""

    told: str  # a sentence before it
    command: str  # how the command begins
    turn: int = 0  # which of the commands that begin so; from 0
    keep: str  # a pattern: the output lines to show


STORY = (
    Excerpt(
        told="The pipeline trains an unfair model; its last stage refuses it.",
        command="aigf repro",
        keep=r"✘|found|expected  |where|to do|`dvc repro`|exit code",
    ),
    Excerpt(
        told="The team turns on the mitigation. Every stage is observed; now the model passes.",
        command="git diff",
        keep=r"^[-+] ",
    ),
    Excerpt(told="", command="aigf repro", turn=1, keep=r"✔|^aigf: "),
    Excerpt(
        told="The push hook agrees, and what passed is signed.",
        command="git push origin main",
        turn=1,
        keep=r"^aigf",
    ),
    Excerpt(told="", command="aigf attest", keep=r"signed for"),
    Excerpt(
        told="The deployer verifies the bytes, offline, with a key and a policy of their choice.",
        command="aigf verify",
        keep=r"^ *\d+ |^ {17}\S|ACCEPTED|^  \S",
    ),
    Excerpt(
        told="One byte of the model is changed.",
        command="aigf verify",
        turn=2,
        keep=r"REFUSED|^  \S|exit code",
    ),
)


def read_transcript(text: str) -> list[tuple[str, list[str]]]:
    """Return each command with its output lines, which the demo indents by two."""
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            blocks.append((line[2:], []))
        elif blocks and blocks[-1][0].endswith("\\"):
            blocks[-1] = (f"{blocks[-1][0]}\n{line}", [])
        elif blocks and line.startswith("  "):
            blocks[-1][1].append(line[2:])
        elif line:  # the teller speaks again
            blocks.append(("", []))
    return blocks


def lines_of(blocks: list[tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
    """Yield the lines of the picture: what they are, and their text."""
    for excerpt in STORY:
        found = [block for block in blocks if block[0].startswith(excerpt.command)]
        if len(found) <= excerpt.turn:
            sys.exit(f"make_picture: the transcript has no `{excerpt.command}` {excerpt.turn}")
        command, output = found[excerpt.turn]
        kept = [line for line in output if re.search(excerpt.keep, line)]
        if not kept:
            sys.exit(f"make_picture: nothing to show of `{excerpt.command}` {excerpt.turn}")
        if excerpt.told:
            yield "output", ""
            yield "told", f"# {excerpt.told}"
        yield from (("typed", line) for line in _typed(command))
        yield from (("output", line) for line in kept)


def _typed(command: str) -> Iterator[str]:
    first, *rest = command.split("\n")
    yield f"$ {first}"
    yield from rest


def runs_of(kind: str, line: str) -> list[tuple[int, str, str]]:
    """Return the runs of a line: column, text, class; no run begins or ends with a space."""
    classes = [{"told": "told", "typed": "typed"}.get(kind, "")] * len(line)
    if kind == "typed" and line.startswith("$"):
        classes[0] = "prompt"
    if kind == "output":
        for pattern, name in reversed(RUNS):
            for found in pattern.finditer(line):
                classes[found.start() : found.end()] = [name] * len(found[0])
    runs = []
    for match in re.finditer(r"\S+(?: \S+)*", line):
        start = match.start()
        for column in range(match.start() + 1, match.end() + 1):
            if column == match.end() or classes[column] != classes[start]:
                runs.append((start, line[start:column], classes[start]))
                start = column
    return runs


def draw(lines: list[tuple[str, str]]) -> str:
    """Return the picture."""
    width = round(COLUMNS * CHARACTER + 2 * PADDING)
    height = TITLE_BAR + LINE * (len(lines) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        "<title>The demo in a terminal: denied, mended, signed, verified, refused</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>',
        *(
            f'<circle cx="{PADDING + 20 * place}" cy="22" r="6" fill="{color}"/>'
            for place, color in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        ),
        f'<text x="{width / 2:.0f}" y="27" text-anchor="middle" class="dim">./dev demo</text>',
    ]
    for number, (kind, line) in enumerate(lines):
        y = TITLE_BAR + LINE * number
        for column, text, name in runs_of(kind, line):
            label = f' class="{name}"' if name else ""
            x = PADDING + column * CHARACTER
            parts.append(
                f'<text x="{x:.1f}" y="{y}" textLength="{len(text) * CHARACTER:.1f}" '
                f'lengthAdjust="spacingAndGlyphs"{label}>{escape(text)}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    picture = draw(list(lines_of(read_transcript(sys.stdin.read()))))
    (Path(__file__).parent / "demo.svg").write_text(picture, encoding="utf-8")
