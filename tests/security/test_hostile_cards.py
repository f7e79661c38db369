"""A hostile card costs no more than an honest one, and is refused with its line."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.actions.card_templates import About, template_text, templates
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.evidence.card_lint import Demands, lint_card, type_of
from aigf_dvc.evidence.card_markers import BLOCKS, fill_blocks
from aigf_dvc.evidence.model_card import is_markdown, read_model_card
from aigf_dvc.evidence.section_states import section_states
from aigf_dvc.report.card_problems import problems_text
from aigf_dvc.report.card_view import CardView, card_view_as_json, card_view_text
from tests.limits import run_limited

HEAD = b"---\nlicense: mit\n---\n"
BODY = 250_000  # bytes, within the bound
BOMB = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
MERGES = b"m0: &m0 {a: 1}\n" + b"".join(
    b"m%d: &m%d {<<: [%s]}\n" % (n, n, b", ".join([b"*m%d" % (n - 1)] * 9)) for n in range(1, 12)
)


def front(text: bytes) -> bytes:
    return b"---\n" + text + b"\n---\n# A\n"


def body(text: bytes, size: int = BODY) -> bytes:
    return HEAD + (text * (size // len(text) + 1))[:size]


# A card, and what must be said of it; an empty text where it is only to be handled in time.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "alias bomb": (front(BOMB), "card.md:2: a YAML anchor or alias"),
    "merge bomb": (front(MERGES), "card.md:2: a YAML anchor or alias"),
    "deep flow": (front(b"a: 1\nb: " + b"[" * 100_000), "card.md:3: nested too deep"),
    "deep mappings": (front(b"a: " + b"{a: " * 60_000), "card.md:2: nested too deep"),
    "deep blocks": (
        front(b"\n".join(b" " * n + b"a:" for n in range(600))), "card.md:18: nested too deep",
    ),
    "deep keys": (front(b"? " * 100_000), "card.md:2: a mapping or list as a key"),
    "deep bullets": (front(b"a:\n" + b"- " * 100_000), "card.md:3: nested too deep"),
    "duplicate keys": (front(b"a: 1\n" * 9000), "card.md:3: the key 'a' for the second time"),
    "long number": (
        front(b"model_version: " + b"9" * 5000), "without quotes, which Hugging Face reads as",
    ),
    "NaN": (front(b"a: 1\nb: .nan"), "card.md:3: the number form .nan"),
    "infinity": (front(b"b: -.inf"), "card.md:2: the number form -.inf"),
    "python tag": (front(b"a: !!python/object/apply:os.system [x]"), "card.md:2: the YAML tag"),
    "many keys": (front(b"".join(b"k%d: 1.10\n" % n for n in range(30_000))), "at most"),
    "large field": (front(b"a: " + b"x" * 300_000), "at most 262144 bytes"),
    "50 MB": (body(b"x" * 79 + b"\n", 50 * 2**20), "at most 4194304 bytes"),
    "50 MB of marks": (body(b"\n---x", 50 * 2**20), "at most 4194304 bytes"),
    "no end of the front matter": (b"---\n" + b"\n---x" * 800_000, "card.md:1: no YAML front"),
    "blanks before the front matter": (b"\n \t" * 1_300_000, "card.md:1: no YAML front matter"),
    "blanks after the front matter": (
        b"---\na: 1\n---" + b" \t" * 200_000 + b"x", "card.md:1: no YAML front matter",
    ),
    "placeholders": (front(b"responsible_owner: '" + b"{{ x " * 50_000 + b"'"), "is missing"),
    "secrets": (front(b"responsible_owner: " + b"password=a1b2c3d4 " * 2_000), "is missing"),
    "too many lines": (body(b"\n"), "at most 262144 bytes and 5000 lines"),
    "headings": (body(b"# a\n## b\n", 20_000), "is missing"),
    "deep headings": (body(b"######## a\n###### b\n", 45_000), "is missing"),
    "cells": (body(b"## Evaluation\n" + b"|a" * 9000 + b"\n"), "is missing"),
    "comments": (body(b"<!----><!--"), "a comment without an end"),
    "fences": (body(b"```\n", 19_000), "is missing"),
    "ticks": (body(b"`"), "is missing"),
    "broken marks": (
        body(b"\n<!--" + b" " * 99 + b"aigf:begin metrics" + b" " * 99), "a broken mark",
    ),
    "half marks": (body(b"<!--" + b" " * 90), "a comment without an end"),
    "nested marks": (
        body(b"<!-- aigf:begin metrics -->\n", 130_000), "mark of metrics inside metrics",
    ),
    "brackets": (body(b"[" * 99 + b"\n" + b"<" * 99 + b"\n"), "is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_card_is_told_in_a_second_and_two_hundred_megabytes(
    name: str, tmp_path: Path
) -> None:
    data, said = HOSTILE[name]
    (tmp_path / "card.md").write_bytes(data)
    lines = run_limited(lambda: linted(tmp_path / "card.md"), tmp_path / "said").splitlines()
    assert any(said in line and line.startswith("card.md") for line in lines), lines[:3]
    for work in (shown, filled):
        told = run_limited(lambda: work(tmp_path / "card.md"), tmp_path / "said")  # noqa: B023  # called at once
        assert told == "as it should", work


def linted(path: Path) -> str:
    """Return what the lint says of a card."""
    problems = lint_card(path.read_bytes(), path="card.md", demands=Demands(templates=templates()))
    return problems_text([("card.md", problems)])


def shown(path: Path) -> str:
    """Show a card, or see that it is refused."""
    data = path.read_bytes()
    with suppress(InputError):
        card = read_model_card(data, path="card.md")
        states = section_states(data, path="card.md", template=templates()["model-card"])
        card_view_text(CardView(card=card, sections=states, problems=()))
    return "as it should"


def filled(path: Path) -> str:
    """Fill in a card twice, and tell whether it was refused with its name, or done once."""
    contents = dict.fromkeys(BLOCKS, ("x",))
    try:
        once = fill_blocks(path.read_bytes(), contents, path="card.md")
    except InputError as error:
        return "as it should" if error.where.startswith("card.md") else str(error)
    again = fill_blocks(once, contents, path="card.md")
    return "as it should" if again == once else "filled in anew"


_PIECES = st.sampled_from(
    ["---", "\n", "\r\n", "\r", "a: ",
     "governance:", "  risk_tier: ", "type: data-card",
     "date: ", "digests: [", "model-index:", "- ", "[", "]", "{", "}", "&a ", "*a",
     "<<: ", "!!str ", "'", '"',
     "# ", "## Evaluation", "```", "~~~", "<!--", "-->", "<!-- aigf:begin metrics -->",
     "<!-- aigf:end metrics -->", "TODO", "|", "|---|", "===", "\ufeff", "\0", "\u202e", "\x85",
     "\u2028", "1.10", "9" * 50, ".nan", "license: ", "tags: ", "?", ": ", "%YAML 1.1", "..."]
)  # fmt: skip
_TEXTS = st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join)
_CARDS = (
    st.binary(max_size=60)
    | _TEXTS.map(lambda text: text.encode(errors="replace"))
    | _TEXTS.map(lambda text: b"---\n" + text.encode(errors="replace") + b"\n---\n")
    | st.tuples(_TEXTS, _TEXTS).map(
        lambda two: f"---\na: {two[0]}\n---\n{two[1]}".encode(errors="replace")
    )
)


@settings(max_examples=100, deadline=None)
@given(_CARDS, st.sampled_from(["card.md", "README.MARKDOWN", "card.yaml", "card.json"]))
def test_nothing_but_our_own_error_comes_out_of_any_card(data: bytes, path: str) -> None:
    demands = Demands(templates=templates(), fields=("owner.name",), tiers=("low", "high"))
    problems = lint_card(data, path=path, demands=demands)
    lines = problems_text([(path, problems)]).splitlines()
    assert all(line.isprintable() for line in lines)
    assert len(lines) >= len(problems) + 1
    with suppress(AigfError):
        card = read_model_card(data, path=path)
        template = templates().get(type_of(card))
        states = section_states(data, path=path, template=template) if is_markdown(path) else ()
        view = CardView(card=card, sections=states, problems=problems)
        card_view_text(view)
        card_view_as_json(view)


@settings(max_examples=100, deadline=None)
@given(_CARDS)
def test_filling_in_any_card_keeps_every_other_byte_and_is_done_once(data: bytes) -> None:
    contents = {name: (f"| {name} |", "|---|") for name in BLOCKS}
    once = data
    with suppress(AigfError):
        once = fill_blocks(data, contents, path="card.md")
        assert fill_blocks(once, contents, path="card.md") == once
    if b"aigf:begin" not in data:
        assert once.startswith(data)


def test_a_template_survives_being_filled_in() -> None:
    about = About(models={"scorer": "model.bin"}, data={})
    data = template_text("model-card", about)
    once = fill_blocks(data, dict.fromkeys(BLOCKS, ("| a |",)), path="card.md")
    assert once.count(b"| a |") == len(BLOCKS)
    assert once.replace(b"\n\n| a |\n\n<!-- aigf:end", b"\n<!-- aigf:end") == data
