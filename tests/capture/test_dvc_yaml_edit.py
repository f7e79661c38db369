import subprocess
from pathlib import Path

import pytest

from aigf_dvc.capture.dvc_yaml_edit import NewStage, add_stage, yaml_text
from aigf_dvc.errors import InputError, UndecidedError
from aigf_dvc.evidence.template_text import refuse_templates
from aigf_dvc.strict_yaml import read_dvc

STAGE = NewStage(name="governance", command="aigf check", deps=("aigf.yaml", "model.pkl"))

PASTED = """\
  governance:
    cmd: aigf check
    deps:
      - aigf.yaml
      - model.pkl"""

DVC_STYLE = """\
stages:
  train:
    cmd: python train.py
    deps:
    - train.py
    outs:
    - model.pkl
"""

LAYOUTS = {
    "as DVC writes it": DVC_STYLE,
    "items indented": DVC_STYLE.replace("    - ", "      - "),
    "four columns": """\
stages:
    train:
        cmd: 'python  train.py'   # quoted
        outs:
            - "model.pkl"
""",
    "no final line end": DVC_STYLE.rstrip("\n"),
    "windows line ends": DVC_STYLE.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + DVC_STYLE,
    "blank lines between the stages, keys after them": """\
# The pipeline.

vars_comment: &anchor x
stages:

  prepare:
    cmd: python prepare.py
    outs: [data]

  # Trains.
  train:
    cmd: >-
      python train.py
      --fast

    outs:
      - model.pkl:   # the model
          desc: 'it''s one'
      # was: old.pkl

# Numbers.
metrics:
  - metrics.json
artifacts:
  fraud: {path: model.pkl, type: model}
""",
    "stages not the last key, no blank line": DVC_STYLE + "metrics:\n- m.json\nplots: []\n",
    "a document start and end": "---\n" + DVC_STYLE + "...\n",
    "a block scalar at the end": """\
stages:
  train:
    outs: [model.pkl]
    cmd: |
      # not a comment
      python train.py


plots:
  - p.json
""",
    "stages in braces below each other": """\
stages:
  train: {cmd: python train.py, outs: [model.pkl]}
  test: {cmd: python test.py,
         deps: [model.pkl]}   # over two lines
""",
    "an alias at the end": """\
stages:
  train:
    cmd: python train.py
    deps: &deps
      - train.py
    outs: [model.pkl]
  again:
    cmd: python again.py
    deps: *deps
# the end
""",
    "no stages yet": """\
# What we publish.
artifacts:
  fraud: {path: sub/model.pkl, type: model}
# end
""",
    "no stages yet, no final line end": "metrics:\n  - sub/m.json",
    "templates": """\
vars:
  - src: train.py
stages:
  train:
    matrix:
      region: [us, eu]
    cmd: python ${src} ${item.region}
    outs:
      - ${item.region}.pkl
  test:
    foreach: [us, eu]
    do:
      cmd: python test.py
      deps:
        - ${item}.pkl
""",
    "a comment at the end, indented as a stage": DVC_STYLE + "\n  # test:\n  #   cmd: x\n\n# end\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_users_text_is_kept_to_the_byte_and_only_the_stage_is_new(text: str) -> None:
    before = text.encode()
    after = add_stage(before, STAGE, where="dvc.yaml")
    kept = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before)
    )
    assert b"aigf check" in after[kept:]
    assert after.endswith(before[kept:])
    old, new = read_dvc(before, where=""), read_dvc(after, where="")
    old.setdefault("stages", {})
    assert new["stages"].pop("governance") == {
        "cmd": "aigf check",
        "deps": ["aigf.yaml", "model.pkl"],
    }
    assert new == old


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_end_of_the_file_stays_as_it_is(text: str) -> None:
    after = add_stage(text.encode(), STAGE, where="dvc.yaml").decode()
    assert after.endswith("\n") == text.endswith("\n")
    assert after.count("\r") == (after.count("\n") if "\r" in text else 0)


def test_the_stage_takes_the_indentation_of_its_neighbours() -> None:
    assert add_stage(DVC_STYLE.encode(), STAGE, where="dvc.yaml").decode() == DVC_STYLE + (
        "  governance:\n    cmd: aigf check\n    deps:\n    - aigf.yaml\n    - model.pkl\n"
    )
    four = add_stage(LAYOUTS["four columns"].encode(), STAGE, where="dvc.yaml").decode()
    assert four.endswith(
        "\n    governance:\n        cmd: aigf check\n        deps:\n            - aigf.yaml\n"
        "            - model.pkl\n"
    )


def test_the_stage_stands_before_the_blank_lines_and_comments_of_the_next_key() -> None:
    text = LAYOUTS["blank lines between the stages, keys after them"]
    after = add_stage(text.encode(), STAGE, where="dvc.yaml").decode()
    assert "      # was: old.pkl\n\n  governance:\n" in after
    assert "      - model.pkl\n\n# Numbers.\nmetrics:\n" in after


def test_a_comment_and_a_folder_are_written() -> None:
    stage = NewStage(
        name="governance", command="aigf check", deps=("a",), directory="..", comment="Why."
    )
    assert add_stage(None, stage, where="governance/dvc.yaml").decode() == (
        "stages:\n  # Why.\n  governance:\n"
        "    cmd: aigf check\n    wdir: ..\n    deps:\n      - a\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "stages: {train: {cmd: x}}\n",
        "{stages: {train: {cmd: x}}}\n",
        '{"stages": {"train": {"cmd": "x"}}}\n',
        "stages:\n",
        "- stages\n",
        "",
        "stages:\n  train:\n    cmd: |+\n      x\n\n\nmetrics: [m.json]\n",
    ],
)
def test_a_layout_without_a_safe_place_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InputError) as caught:
        add_stage(text.encode(), STAGE, where="dvc.yaml")
    assert caught.value.where == "dvc.yaml"
    assert "--stage-file governance/dvc.yaml" in caught.value.hint
    assert caught.value.hint.endswith(PASTED)


@pytest.mark.parametrize("old", ["{cmd: make tea}", "{foreach: [], do: {cmd: x}}"])
def test_a_name_that_is_taken_is_refused_with_the_lines_for_another(old: str) -> None:
    with pytest.raises(InputError, match="a stage governance of yours") as caught:
        add_stage(f"stages:\n  governance: {old}\n".encode(), STAGE, where="dvc.yaml")
    assert caught.value.hint.endswith(PASTED)
    assert read_dvc(f"stages:\n{PASTED}".encode(), where="")["stages"] == {
        "governance": STAGE.value()
    }


def test_a_path_is_never_taken_for_a_template() -> None:
    stage = NewStage(name="governance", command="aigf check", deps=("model${x}.pkl",))
    (kept,) = read_dvc(add_stage(None, stage, where=""), where="")["stages"]["governance"]["deps"]
    refuse_templates(kept, "")
    assert kept.replace("\\", "") == "model${x}.pkl"


def test_a_file_that_is_no_yaml_is_named_with_its_line() -> None:
    with pytest.raises(UndecidedError, match=r"dvc\.yaml:3"):
        add_stage(b"stages:\n  train:\n  cmd: : x\n", STAGE, where="dvc.yaml")


@pytest.mark.parametrize("text", ["a: b", "1.0", "no", "- x", "#x", "Fraud.pkl", "é", "a\nb", "@x"])
def test_a_text_is_quoted_so_that_it_is_read_as_itself(text: str) -> None:
    assert read_dvc(f"- {yaml_text(text)}\n".encode(), where="") == [text]


def test_dvc_accepts_every_layout(tmp_path: Path) -> None:
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    for number, text in enumerate(LAYOUTS.values()):
        valid = text.replace("vars_comment: &anchor x\n", "")
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "dvc.yaml").write_bytes(add_stage(valid.encode(), STAGE, where="dvc.yaml"))
    listed = subprocess.run(
        ["dvc", "stage", "list", "--recursive", "--name-only", "."],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert listed.count(":governance") == len(LAYOUTS)
