"""Check before a stage runs: its data and parameters are judged, and nothing else."""

import hashlib
import json

import pytest

from tests.playground import Playground

POLICY = """\
schema: https://aigf-dvc.readthedocs.io/policy/v1
id: data
version: "1"
rules:
  - id: no-evil-data
    kind: datasets
    deny: ["data/evil/**"]
    deny_digests: ["sha256:{bad}"]
  - id: shallow
    kind: parameters
    parameters: {{"params.yaml:train.depth": {{max: 5}}}}
  - id: fair
    kind: metric
    metric: fairness_score
    min: 0.8
"""
BAD = b"age,label\n66,6\n"


@pytest.fixture
def planned(playground: Playground) -> Playground:
    """A project whose policy denies some data by its digest."""
    bad = hashlib.sha256(BAD).hexdigest()
    playground.write("governance/policy.yaml", POLICY.format(bad=bad))
    return playground


def before(playground: Playground, *arguments: str) -> tuple[int, dict[str, str]]:
    """Return the exit code, and the outcome of each rule."""
    run = playground.aigf("check", "--before", *arguments, "--format", "json")
    assert run.stdout, run.stderr
    (verdict,) = json.loads(run.stdout)["verdicts"]
    return run.returncode, {f["rule"]: f["outcome"] for f in verdict["findings"]}


def test_data_and_parameters_are_judged_and_results_wait(planned: Playground) -> None:
    assert before(planned, "train") == (
        0,
        {"no-evil-data": "passed", "shallow": "passed", "fair": "deferred"},
    )


def test_the_bytes_that_lie_here_count_not_those_on_record(planned: Playground) -> None:
    (planned.root / "data/raw.csv").write_bytes(BAD)
    code, outcomes = before(planned, "train")
    assert (code, outcomes["no-evil-data"]) == (1, "denied")
    assert planned.aigf("check", "--before", "prepare").returncode == 1  # the stage that reads it


def test_the_parameters_that_stand_now_count_not_those_of_the_last_run(
    planned: Playground,
) -> None:
    planned.replace("params.yaml", "depth: 3", "depth: 9")
    code, outcomes = before(planned, "train")
    assert (code, outcomes["shallow"]) == (1, "denied")


def test_a_stage_that_never_ran_is_judged_by_its_definition(planned: Playground) -> None:
    (planned.root / "dvc.lock").unlink()
    assert before(planned, "train")[0] == 0
    (planned.root / "data/raw.csv").write_bytes(BAD)
    assert before(planned, "train")[0] == 1


def test_a_dependency_that_was_added_since_is_looked_at(planned: Playground) -> None:
    (planned.root / "data/more.csv").write_bytes(BAD)
    planned.dvc("add", "data/more.csv")
    assert before(planned, "train")[0] == 0
    planned.replace("dvc.yaml", "src/train.sh]", "src/train.sh, data/more.csv]")
    assert before(planned, "train")[0] == 1
    assert before(planned, "prepare")[0] == 0  # which does not read it


def test_a_denied_file_in_a_folder_is_found_though_dvc_never_saw_it(planned: Playground) -> None:
    folder = planned.root / "data/images"
    folder.mkdir()
    (folder / "1.csv").write_text("1\n")
    planned.dvc("add", "data/images")
    planned.replace("dvc.yaml", "src/train.sh]", "src/train.sh, data/images]")
    assert before(planned, "train")[0] == 0
    (folder / "2.csv").write_bytes(BAD)
    code, outcomes = before(planned, "train")
    assert (code, outcomes["no-evil-data"]) == (1, "denied")


def test_data_that_is_not_here_and_was_never_seen_is_denied(planned: Playground) -> None:
    (planned.root / "data/raw.csv").unlink()
    (planned.root / "aigf.lock").unlink(missing_ok=True)
    assert before(planned, "train")[0] == 1


def test_a_rule_about_data_is_judged_whatever_its_gate(planned: Playground) -> None:
    planned.replace("governance/policy.yaml", "kind: datasets", "kind: datasets\n    at: [deploy]")
    (planned.root / "data/raw.csv").write_bytes(BAD)
    assert before(planned, "train")[0] == 1


def test_a_policy_without_a_word_about_data_is_no_pass(planned: Playground) -> None:
    policy = planned.read("governance/policy.yaml")
    start, rest = policy.split("  - id: no-evil-data")
    planned.write("governance/policy.yaml", start + "  - id: fair" + rest.split("  - id: fair")[1])
    run = planned.aigf("check", "--before", "train")
    assert run.returncode == 1
    assert "no rule" in run.stdout


def test_a_denied_run_is_refused_inside_an_experiment_too(planned: Playground) -> None:
    (planned.root / "data/raw.csv").write_bytes(BAD)
    run = planned.aigf("check", "--before", "train", extra={"DVC_EXP_NAME": "exp-1"})
    assert run.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "did you mean `train`?"),
        (["evaluate"], "leads to none of the models scorer"),
        (["train", "nobody"], "nobody"),
        (["train", "--rev", "HEAD"], "--before goes with MODEL"),
        (["train", "--metrics", "metrics.json"], "--before goes with MODEL"),
        (["train", "--at", "push"], "--before goes with MODEL"),
    ],
)
def test_wrong_words_are_refused_by_name(
    planned: Playground, arguments: list[str], words: str
) -> None:
    run = planned.aigf("check", "--before", *arguments)
    assert (run.returncode, words in run.stderr) == (2, True), run.stderr


PREPARE = """\
stages:
  prepare:
    cmd: sh src/prepare.sh
    deps: [data/raw.csv, src/prepare.sh]
    outs: [data/clean.csv]
"""
PREPARE_EACH = """\
stages:
  prepare:
    foreach: [raw]
    do:
      cmd: sh src/prepare.sh
      deps: ["data/${item}.csv", src/prepare.sh]
      outs: [data/clean.csv]
"""


def test_every_stage_that_a_template_made_is_judged(planned: Playground) -> None:
    planned.replace("dvc.yaml", PREPARE, PREPARE_EACH)
    assert before(planned, "prepare")[0] == 0
    (planned.root / "data/raw.csv").write_bytes(BAD)
    assert before(planned, "prepare")[0] == 1


def test_a_policy_about_results_alone_is_no_pass_and_says_which_rules_are_missing(
    planned: Playground,
) -> None:
    head, _, metric = POLICY.partition("  - id: no-evil-data")
    fair = metric.partition("  - id: fair")[2]
    planned.write("governance/policy.yaml", f"{head}  - id: fair{fair}")
    said = planned.aigf("check", "--before", "train")
    assert said.returncode == 1
    text = " ".join(said.stdout.split())
    assert "found no rule is about what is there before the run: its data and parameters" in text
    assert "a rule of the kind datasets or parameters" in text
    assert "judged at attest" not in text
