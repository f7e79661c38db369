"""`aigf graph` writes the form that was asked for, or that the file's ending names."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.playground import MODEL, Playground

STARTS = {
    "txt": "Lineage of scorer, the working tree\n",
    "svg": "<svg xmlns=",
    "html": "<!doctype html>",
    "mmd": "flowchart LR\n",
    "gv": "digraph lineage {\n",
    "json": '{\n  "graphType"',
}
HOSTILE = "<img src=x onerror=alert(1)> \"'`.sh"


@pytest.mark.slow
def test_the_ending_of_the_file_names_the_form(playground: Playground) -> None:
    for ending, start in STARTS.items():
        done = playground.aigf("graph", "--output", f"lineage.{ending}")
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        assert done.stderr == f"wrote lineage.{ending}\n"
        assert playground.read(f"lineage.{ending}").startswith(start)


def test_a_tree_is_printed_by_default(playground: Playground) -> None:
    done = playground.aigf("graph", "--rev", "HEAD")
    assert done.returncode == 0
    assert f"○ {MODEL}  model scorer" in done.stdout
    assert "✔   └ params.yaml  train.depth = 3" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_form_can_be_named(playground: Playground) -> None:
    done = playground.aigf("graph", "scorer", "--format", "json", "--output", "lineage.txt")
    assert done.returncode == 0
    assert json.loads(playground.read("lineage.txt"))["models"] == ["scorer"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--output", "lineage.png"], "Name the --format"),
        (["--all", "scorer"], "without MODEL"),
        (["--format", "gif"], "gif"),
        (["nothing"], "no model named 'nothing'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    playground: Playground, arguments: list[str], said: str
) -> None:
    done = playground.aigf("graph", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.slow
def test_file_names_cannot_break_out_of_a_picture(playground: Playground) -> None:
    playground.write(HOSTILE, "true\n")
    quoted = json.dumps(HOSTILE)
    playground.replace("dvc.yaml", "[data/raw.csv, ", f"[{quoted}, data/raw.csv, ")
    for form in ("svg", "html", "mermaid", "dot"):
        done = playground.aigf("graph", "--all", "--format", form)
        assert done.returncode == 0, done.stderr
        assert "<img" not in done.stdout
        assert "onerror" in done.stdout
        if form == "svg":
            ET.fromstring(done.stdout)  # noqa: S314  # our own


def test_a_picture_for_a_folder_that_is_not_there_is_refused_first(playground: Playground) -> None:
    outcome = playground.aigf("graph", "--format", "dot", "--output", "nowhere/x.dot")
    assert outcome.returncode == 2
    assert "there is no folder 'nowhere'" in outcome.stderr
    assert "make the folder first" in outcome.stderr
