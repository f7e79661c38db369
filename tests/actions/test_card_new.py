"""`aigf card new` starts a card or document, and overwrites nothing."""

from pathlib import Path

import pytest

from aigf_dvc.actions.card_new import new_card, write_new
from aigf_dvc.actions.card_templates import TYPES
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.model_card import read_front_matter
from tests.playground import Playground


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_can_be_started_with_and_without_a_project(
    playground: Playground, kind: str
) -> None:
    for project in (playground.project, None):
        front = read_front_matter(new_card(kind, project=project), path=f"{kind}.md").value
        name = "my-model" if project is None else "scorer"
        assert (front["tags"] if kind == "model-card" else front["models"]) == [name]
        assert front.get("type", "model-card") == kind


def test_a_data_card_names_the_data_and_its_digests(playground: Playground) -> None:
    front = read_front_matter(new_card("data-card", project=playground.project), path="a.md").value
    assert front["datasets"] == ["data/raw.csv"]
    digest = playground.read("aigf.lock")
    assert front["digests"][0].removeprefix("sha256:") in digest


def test_the_command_prints_or_writes_and_overwrites_nothing(playground: Playground) -> None:
    printed = playground.aigf("card", "new", "--type", "monitoring-plan")
    path = "governance/new/plan.md"
    wrote = playground.aigf("card", "new", "--type", "monitoring-plan", "--output", path)
    assert (printed.returncode, wrote.returncode) == (0, 0)
    assert playground.read(path) == printed.stdout
    playground.write(path, "mine")
    again = playground.aigf("card", "new", "--output", path)
    assert again.returncode == 2
    assert f"{path}: already there" in again.stderr
    assert playground.read(path) == "mine"


def test_a_link_to_nothing_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "card.md").symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(InputError, match="already there"):
        write_new(tmp_path / "card.md", b"x")
    assert not (tmp_path / "elsewhere.md").exists()


def test_an_unknown_model_or_a_card_of_several_is_refused(playground: Playground) -> None:
    with pytest.raises(InputError, match="no model named 'nobody'"):
        new_card("model-card", ("nobody",), project=playground.project)
    with pytest.raises(InputError, match="no model named 'nobody'"):
        new_card("model-card", ("nobody",), project=None)
    text = playground.read("aigf.yaml")
    playground.write("aigf.yaml", f"{text}  other: {{path: data/clean.csv}}\n")
    with pytest.raises(InputError, match="a model card about 2 models"):
        new_card("model-card", project=playground.project)
    assert b"other" in new_card("model-card", ("other",), project=playground.project)
