"""`aigf card fill` writes what the pipeline knows, and leaves the rest to its author."""

import json
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from aigf_dvc.actions.card_fill import fill_cards, write_cards
from aigf_dvc.errors import InputError, RefusedError
from tests.playground import METRICS, MODEL, Playground

BLOCK = "<!-- aigf:begin metrics -->\nold\n<!-- aigf:end metrics -->\n"


def fill(playground: Playground, *models: str) -> str:
    """Fill in the cards, and return the text of the first."""
    cards = fill_cards(playground.project, models)
    write_cards(playground.project, cards)
    return (playground.root / cards[0].path).read_bytes().decode()


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the table with such a first heading, as markdown-it reads it."""
    tables: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and tables and token.level > 3:
            tables[-1][-1].append("".join(c.content for c in token.children or []))
    (found,) = [table for table in tables if table[0][0] == heading]
    return found[1:]


def test_model_metrics_data_and_parameters_are_what_the_records_say(playground: Playground) -> None:
    text = fill(playground)
    lock = dict(line.split()[0::2] for line in playground.read("aigf.lock").splitlines()[1:])
    ((name, path, sha256, dvc),) = rows(text, "model")
    assert (name, path) == ("scorer", MODEL)
    assert lock[dvc.removeprefix("md5:")] == sha256
    assert rows(text, "metric") == [
        ["fairness_score", "0.9", "metrics.json:fairness_score"],
        ["p95_latency_ms", "12.5", "metrics.json:p95_latency_ms"],
    ]
    ((data, sha256, dvc),) = rows(text, "data set")
    assert data == "data/raw.csv"
    assert lock[dvc.removeprefix("md5:")] == sha256
    assert rows(text, "parameter") == [["train.depth", "3", "params.yaml"]]
    assert playground.git("rev-parse", "HEAD") not in text


def test_the_author_keeps_every_byte(playground: Playground) -> None:
    before = playground.read("MODEL_CARD.md") + "a  \n\t\r\n" + BLOCK + "\u2028b\r\n\n\n"
    playground.write("MODEL_CARD.md", b"\xef\xbb\xbf" + before.encode())
    text = fill(playground)
    first, last = text.split(text[text.index("begin metrics -->") : text.index("<!-- aigf:end")])
    assert first + last == ("\ufeff" + before).replace("begin metrics -->\nold\n", "")


def test_filling_in_again_changes_nothing_also_where_the_data_is_not(
    playground: Playground,
) -> None:
    text = fill(playground)
    playground.commit()
    other = playground.clone(playground.root.parent / "clone")
    assert not (other.root / MODEL).exists()
    (card,) = fill_cards(other.project)
    assert card.is_current
    assert fill(playground) == text
    assert playground.aigf("check").returncode == 0


def test_check_tells_what_is_out_of_date_and_writes_nothing(playground: Playground) -> None:
    before = playground.read("MODEL_CARD.md")
    outcome = playground.aigf("card", "fill", "--check")
    assert outcome.returncode == 1
    assert outcome.stdout.startswith("MODEL_CARD.md: out of date")
    assert playground.read("MODEL_CARD.md") == before
    assert playground.aigf("card", "fill").stdout == "MODEL_CARD.md: filled in\n"
    assert playground.aigf("card", "fill", "--check").returncode == 0
    listed = json.loads(playground.aigf("card", "fill", "--check", "--format", "json").stdout)
    assert listed == {"cards": [{"name": "MODEL_CARD.md", "models": ["scorer"], "upToDate": True}]}


def test_a_dry_run_shows_the_difference_and_writes_nothing(playground: Playground) -> None:
    before = playground.read("MODEL_CARD.md")
    outcome = playground.aigf("card", "fill", "--dry-run")
    assert outcome.returncode == 0
    assert "+| fairness_score | 0.9 | metrics.json:fairness_score |" in outcome.stdout.splitlines()
    assert playground.read("MODEL_CARD.md") == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p.replace(METRICS, "0.9", "0.99"),
        lambda p: p.edit(MODEL, b"other\n"),
        lambda p: p.replace("dvc.yaml", "deps: [models/model.bin, data", "deps: [data"),
        lambda p: p.replace("dvc.lock", "path: models/model.bin", "path: models/other.bin"),
    ],
    ids=["edited metrics", "edited model", "metrics of no model", "no record of the model"],
)
def test_numbers_that_are_not_of_this_model_are_refused(
    playground: Playground, spoil: Callable[[Playground], None]
) -> None:
    before = playground.read("MODEL_CARD.md")
    spoil(playground)
    with pytest.raises(RefusedError):
        fill(playground)
    assert playground.read("MODEL_CARD.md") == before


def test_metrics_from_before_the_model_was_trained_again_are_refused(
    playground: Playground,
) -> None:
    playground.replace("params.yaml", "depth: 3", "depth: 4")
    playground.replace("src/train.sh", "echo model", "echo better")
    playground.dvc("repro", "--quiet", "train")
    with pytest.raises(RefusedError):
        fill(playground)
    playground.dvc("repro", "--quiet")
    assert rows(fill(playground), "parameter") == [["train.depth", "4", "params.yaml"]]


def test_hostile_names_and_values_stay_text(playground: Playground) -> None:
    hostile = "a|b\n<script>\u202e`x` <!-- aigf:end metrics -->"
    key = hostile.replace(":", "")  # the last one would part file and key
    numbers = json.dumps({"fairness_score": 0.9, "p95_latency_ms": 12.5, key: "|\n`<b>"})
    playground.write("src/evaluate.sh", f"cat > metrics.json <<'END'\n{numbers}\nEND\n")
    text = playground.read("aigf.yaml")
    place = json.dumps(f"metrics.json:{key}")
    metric = f"      {json.dumps(hostile)}: {place}\n    documents"
    playground.write("aigf.yaml", text.replace("    documents", metric))
    playground.dvc("repro", "--quiet")
    text = fill(playground)
    assert rows(text, "metric")[-1][1] == "|\\u000a`<b>"
    assert text.count("aigf:end metrics -->") == 1
    assert "<script" not in text
    assert "\u202e" not in text
    assert fill(playground) == text


def test_secrets_are_left_out(playground: Playground) -> None:
    playground.replace("dvc.yaml", "[train.depth]", "[train]")
    playground.replace("params.yaml", "rate: 1e-3", "api_key: hunter2hunter2, rate: 1e-3")
    playground.dvc("repro", "--quiet")
    text = fill(playground)
    assert "hunter2" not in text
    assert ["train.api_key", "[redacted:secret-name]", "params.yaml"] in rows(text, "parameter")


def test_a_card_of_two_models_speaks_of_both_whichever_is_asked_for(playground: Playground) -> None:
    text = playground.read("aigf.yaml")
    playground.write("aigf.yaml", f"{text}  other: {{path: data/clean.csv}}\n")
    both = fill(playground, "other")
    assert "| other | data/clean.csv |" in both
    assert fill_cards(playground.project, ("scorer",))[0].is_current
    assert "| scorer | fairness_score | 0.9 |" in both


def test_a_broken_mark_is_refused_with_its_line_and_nothing_is_written(
    playground: Playground,
) -> None:
    text = playground.read("MODEL_CARD.md") + "<!-- aigf:begin metrics -->\n"
    playground.write("MODEL_CARD.md", text)
    outcome = playground.aigf("card", "fill")
    assert outcome.returncode == 2
    assert "MODEL_CARD.md:10: the beginning of metrics without its end" in outcome.stderr
    assert playground.read("MODEL_CARD.md") == text


def test_permissions_are_kept(playground: Playground) -> None:
    (playground.root / "MODEL_CARD.md").chmod(0o640)
    fill(playground)
    assert (playground.root / "MODEL_CARD.md").stat().st_mode & 0o777 == 0o640


def test_a_card_that_has_no_text_is_refused(playground: Playground) -> None:
    playground.write("card.yaml", "governance: {responsible_owner: jane}\n")
    playground.replace("aigf.yaml", "MODEL_CARD.md", "card.yaml")
    with pytest.raises(InputError, match="a card without a text"):
        fill_cards(playground.project)
    playground.replace("aigf.yaml", "card.yaml", "nowhere.md")
    with pytest.raises(InputError, match="no such file"):
        fill_cards(playground.project)


def test_a_metric_that_the_file_does_not_have_is_said(playground: Playground) -> None:
    playground.replace("aigf.yaml", "metrics.json:p95_latency_ms", "metrics.json:other")
    assert rows(fill(playground), "metric")[1][1] == "not in the file"
