"""Projects of every shape are exported: several models, directories, folders of a repository."""

import json
from pathlib import Path

import pytest

from aigf_dvc.actions.export import Standard
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError, UndecidedError
from tests.actions.exporting import documents, exported
from tests.capture.shapes import museum
from tests.playground import Playground
from tests.report.standards import as_openlineage_has_it, cyclonedx_problems, without_empty

TWO_MODELS = """\
models:
  scorer: {path: models/model.bin}
  cleaner: {path: data/clean.csv}
"""


def test_each_model_has_a_document_and_the_pipeline_one_set_of_events(
    playground: Playground,
) -> None:
    playground.write("aigf.yaml", TWO_MODELS)
    playground.commit()
    names = [
        b["metadata"]["component"]["name"]
        for b in documents(exported(playground, Standard.CYCLONEDX))
    ]
    assert names == ["scorer", "cleaner"]
    only = documents(exported(playground, Standard.CYCLONEDX, models=("cleaner",)))
    assert [bom["metadata"]["component"]["name"] for bom in only] == ["cleaner"]
    jobs = [
        e["job"]["name"]
        for e in documents(exported(playground, Standard.OPENLINEAGE))
        if "job" in e
    ]
    assert sorted(jobs) == ["prepare", "train"]
    with pytest.raises(InputError, match="other"):
        exported(playground, Standard.CYCLONEDX, models=("other",))


DIRECTORY = """\
stages:
  train:
    cmd: mkdir -p net; echo w > net/weights; echo v > net/vocabulary
    outs: [net]
"""


@pytest.fixture
def directory(playground: Playground) -> Playground:
    playground.write("dvc.yaml", DIRECTORY)
    playground.write("aigf.yaml", "models:\n  net: {path: net}\n")
    playground.aigf("repro", "--quiet")
    playground.commit()
    return playground


def test_a_model_directory_is_its_files(directory: Playground) -> None:
    (statement,) = documents(exported(directory, Standard.SLSA))
    assert statement["subject"] == [
        {"name": "net/vocabulary", "digest": {"sha256": sha256(b"v\n")}},
        {"name": "net/weights", "digest": {"sha256": sha256(b"w\n")}},
    ]
    (bom,) = documents(exported(directory, Standard.CYCLONEDX))
    parts = bom["metadata"]["component"]["components"]
    assert [part["name"] for part in parts] == ["net/vocabulary", "net/weights"]


@pytest.mark.parametrize("change", ["gone", "edited"])
def test_a_model_directory_that_is_not_the_recorded_one_is_unknown(
    directory: Playground, change: str
) -> None:
    weights = directory.root / "net/weights"
    weights.chmod(0o644)
    if change == "gone":
        weights.unlink()
        (directory.root / "net/vocabulary").unlink()
        weights.parent.rmdir()
    else:
        weights.write_bytes(b"x\n")
    with pytest.raises(UndecidedError, match="SHA-256") as unknown:
        exported(directory, Standard.SLSA)
    assert "dvc pull net" in unknown.value.hint
    (bom,) = documents(exported(directory, Standard.CYCLONEDX))
    assert "components" not in bom["metadata"]["component"]


SHAPES = {
    "above": "above.out", "parts": "parts", "one": "one", "two": "two", "around": "around.out",
    "imported": "imported.out", "downloaded": "downloaded.out", "web": "web.out",
    "machine": "machine.out", "code": "code.out", "sub": "sub.out", "kept": "kept",
    "fit": "train/work/m",
}  # fmt: skip


@pytest.mark.slow
def test_a_model_of_a_project_of_any_shape_is_exported_whole(
    museum_template: Path,
    tmp_path: Path,
    home: Path,  # noqa: ARG001  # the home is set
) -> None:
    project = museum.copy(museum_template, tmp_path / "copy").project
    models = {name: {"path": path} for name, path in SHAPES.items()}
    project.write("aigf.yaml", json.dumps({"models": models}))
    project.commit()
    boms = documents(exported(project, Standard.CYCLONEDX))
    assert [bom["metadata"]["component"]["name"] for bom in boms] == list(SHAPES)
    assert [problem for bom in boms for problem in cyclonedx_problems(bom)] == []
    for event in documents(exported(project, Standard.OPENLINEAGE)):
        assert as_openlineage_has_it(event) == without_empty(event)
