"""The commands that `aigf init` ends with work as they are typed."""

from pathlib import Path

import pytest

from aigf_dvc.cli.init_next import next_steps
from tests.playground import METRICS, Playground, run

PIPE = """\
stages:
  load:
    cmd: echo 1 > a.csv; echo 2 > b.json
    outs: [a.csv]
    metrics: [b.json: {cache: false}]
"""


def steps(place: Playground, folder: str = ".", *written: str) -> list[str]:
    files = [place.root / name for name in written]
    return list(next_steps(place.project, files, here=place.root / folder))


def test_a_pipeline_that_ran_unseen_is_to_be_run_once_more(playground: Playground) -> None:
    assert steps(playground)[0] == "aigf repro --force         run the pipeline once more, observed"
    assert len(steps(playground)) == 3  # nothing was written: nothing to commit
    (playground.root / "dvc.lock").unlink()
    assert steps(playground)[0] == "aigf repro                 run the pipeline, observed"


def test_a_pipeline_that_was_observed_needs_no_force(playground: Playground) -> None:
    assert playground.aigf("repro", "--force").returncode == 0
    assert steps(playground)[0].startswith("aigf repro  ")


@pytest.mark.parametrize("folder", [".", "pipe"])
def test_with_several_files_all_pipelines_run_and_what_they_make_is_added(
    playground: Playground, folder: str
) -> None:
    playground.write("pipe/dvc.yaml", PIPE)
    for name in ("pipe/dvc.lock", "pipe/b.json", "aigf.lock", "written file"):
        playground.write(name, "x: 1\n")
    said = steps(playground, folder, "written file")
    assert said[0].startswith("aigf repro --all-pipelines --force  run")
    run(["sh", "-c", said[3]], playground.root / folder)
    staged = playground.git("diff", "--cached", "--name-only").splitlines()
    assert {"aigf.lock", "pipe/dvc.lock", "pipe/b.json", "written file"} <= set(staged)


def test_metrics_that_dvc_leaves_to_git_are_added(playground: Playground) -> None:
    playground.git("rm", "--quiet", "--cached", METRICS)
    playground.write("aigf.lock", "")
    run(["sh", "-c", steps(playground, ".", "aigf.yaml")[3]], playground.root)
    assert METRICS in playground.git("ls-files").splitlines()


def test_a_folder_below_the_only_pipeline_names_it(playground: Playground) -> None:
    assert Path(playground.root / "src").is_dir()
    assert steps(playground, "src")[0].startswith("aigf repro --all-pipelines --force ")
