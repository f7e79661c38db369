"""Two versions of a model are compared part by part, from commits, files and the working tree."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from aigf_dvc.actions.diff import WORKTREE, diff
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.difference_values import Difference
from tests.histories import MOVED, run_and_commit
from tests.playground import MODEL, Playground


def compared(playground: Playground, before: str, after: str) -> Difference:
    (found,) = diff(playground.project, before, after)
    return found


def test_a_changed_parameter_is_told_with_its_lines(history: Playground) -> None:
    found = compared(history, "HEAD~5", "HEAD~4")
    change = next(item for item in found.parameters if item.name == "params.yaml:train.depth")
    assert (change.before, change.after) == (3, 5)
    assert (change.before_where, change.after_where) == ("params.yaml:1", "params.yaml:1")
    assert [item.path for item in found.code] == ["src/train.sh"]
    assert found.model is not None
    assert found.model.role == "model"


def test_changed_code_is_told_with_its_lines(history: Playground) -> None:
    found = compared(history, "HEAD~4", "HEAD~3")
    (change,) = found.code
    assert change.path == "src/train.sh"
    assert change.lines is not None
    assert (change.lines.added, change.lines.removed) == (1, 0)
    assert (found.model, found.data, found.parameters, found.metrics) == (None, (), (), ())


def test_changed_data_numbers_and_card_are_told(history: Playground) -> None:
    found = compared(history, "HEAD~3", "HEAD~2")
    raw = next(item for item in found.data if item.role == "dataset")
    assert raw.before is not None and raw.after is not None  # noqa: PT018  # both sides have it
    assert raw.before.sha256 != raw.after.sha256
    (metric,) = found.metrics
    assert (metric.name, metric.difference) == ("fairness_score", Decimal("-0.05"))
    assert round(metric.relative or 0, 4) == Decimal("-0.0556")
    (field,) = found.card
    assert field.name == "governance.responsible_owner"
    assert (field.before, field.after) == ("jane.doe@example.com", "bob@example.com")
    assert (field.before_where, field.after_where) == ("MODEL_CARD.md:7", "MODEL_CARD.md:7")


def test_words_alone_are_no_difference(history: Playground) -> None:
    assert compared(history, "HEAD~2", "HEAD~1").is_empty


def test_a_moved_model_is_one_model(history: Playground) -> None:
    found = compared(history, "HEAD~1", "HEAD")
    assert found.model is not None
    before, after = found.model.before, found.model.after
    assert before is not None and after is not None  # noqa: PT018  # both sides have it
    assert (before.path, after.path) == (MODEL, MOVED)
    assert before.sha256 == after.sha256
    assert found.data == ()


def test_the_working_tree_is_compared_without_writing(history: Playground) -> None:
    assert compared(history, "HEAD", WORKTREE).is_empty
    history.write("src/train.sh", history.read("src/train.sh") + "# more\n# and more\n")
    status = history.git("status", "--short")
    found = compared(history, "HEAD", WORKTREE)
    assert [item.path for item in found.code] == ["src/train.sh"]
    assert found.code[0].lines is not None
    assert found.code[0].lines.added == 2
    assert history.git("status", "--short") == status


def test_manifests_and_bundles_are_compared_as_commits_are(
    history: Playground, tmp_path: Path
) -> None:
    manifest, bundle = tmp_path / "old.json", tmp_path / "new.sigstore.json"
    history.aigf("capture", "--rev", "HEAD~5", "--output", str(manifest))
    history.aigf("key", "generate", str(tmp_path / "k.key"), "--no-passphrase")
    key = str(tmp_path / "k.key")
    assert history.aigf("attest", "--key", key, "--output", str(bundle)).returncode == 0
    commits = compared(history, "HEAD~5", "HEAD")
    files = compared(history, str(manifest), str(bundle))
    assert files.metrics == commits.metrics
    assert [c.name for c in files.parameters] == [c.name for c in commits.parameters]
    assert [(c.path, c.before, c.after) for c in files.code] == [
        (c.path, c.before, c.after) for c in commits.code
    ]
    assert files.card[0].after_where == "MODEL_CARD.md:7"  # the attested commit is here
    assert files.card[0].before_where == "MODEL_CARD.md"  # a manifest alone has no lines
    (alone,) = diff(None, str(manifest), str(bundle))
    assert alone.metrics == commits.metrics


@pytest.mark.slow
def test_packages_are_compared_when_both_sides_have_run_records(playground: Playground) -> None:
    assert compared(playground, "HEAD", WORKTREE).packages is None
    assert playground.aigf("repro", "--force").returncode == 0
    playground.commit("observed")
    first = set((playground.root / ".aigf/runs").glob("*.json"))
    playground.replace("params.yaml", "depth: 3", "depth: 4")
    assert playground.aigf("repro", "--force").returncode == 0
    playground.commit("again")
    for path in sorted((playground.root / ".aigf/runs").glob("*.json")):
        if path not in first:
            record = json.loads(path.read_text())
            record["environment"]["python"]["packages"]["click"] = "99.0"
            path.write_text(json.dumps(record, separators=(",", ":"), sort_keys=True))
    found = compared(playground, "HEAD~1", "HEAD")
    assert found.packages is not None
    assert [(item.name, item.after) for item in found.packages] == [("click", "99.0")]


@pytest.mark.slow
def test_the_files_inside_a_directory_are_counted(playground: Playground) -> None:
    for name in ("a", "b", "c"):
        playground.write(f"images/{name}.txt", name)
    playground.dvc("add", "--quiet", "images")
    playground.replace("dvc.yaml", "data/raw.csv, src", "data/raw.csv, images, src")
    run_and_commit(playground, "pictures")
    (playground.root / "images/a.txt").unlink()
    (playground.root / "images/b.txt").unlink()
    playground.write("images/b.txt", "other")
    playground.write("images/d.txt", "d")
    playground.write("images/e.txt", "e")
    playground.dvc("add", "--quiet", "images")
    run_and_commit(playground, "other pictures")
    found = compared(playground, "HEAD~1", "HEAD")
    (change,) = (item for item in found.data if item.after and item.after.path == "images")
    assert change.inside is not None
    assert (change.inside.added, change.inside.removed, change.inside.changed) == (2, 1, 1)
    outcome = playground.aigf("diff", "HEAD~1", "HEAD")
    assert "inside: 2 files added, 1 removed, 1 changed" in outcome.stdout


def test_one_of_several_models_is_chosen_by_name(history: Playground) -> None:
    history.replace("aigf.yaml", "models:\n", "models:\n  numbers: {path: metrics.json}\n")
    history.commit("two models")
    assert [d.names[0] for d in diff(history.project, "HEAD", WORKTREE)] == ["numbers", "scorer"]
    (one,) = diff(history.project, "HEAD", WORKTREE, model="scorer")
    assert one.names == ("scorer", "scorer")
    with pytest.raises(InputError, match="no model named 'nobody'"):
        diff(history.project, "HEAD", WORKTREE, model="nobody")


def test_the_command_says_by_its_exit_code_only_when_asked(history: Playground) -> None:
    text = history.aigf("diff", "HEAD~5", "HEAD")
    assert text.returncode == 0
    assert "params.yaml:train.depth  3 -> 5  (params.yaml:1)" in text.stdout
    assert "fairness_score  0.9 -> 0.85  (-0.05, -5.6%)" in text.stdout
    assert "packages: not recorded" in text.stdout
    assert history.aigf("diff", "HEAD~5", "HEAD", "--exit-code").returncode == 1
    assert history.aigf("diff", "--exit-code").returncode == 0
    read = json.loads(history.aigf("diff", "HEAD~5", "HEAD", "--format", "json").stdout)
    assert read[0]["metrics"][0]["difference"] == -0.05
    assert read[0]["packages"] is None
    assert history.aigf("diff", "nowhere").returncode == 2
    assert history.aigf("diff", "dvc.lock", "HEAD").returncode == 2


def test_a_secret_is_not_shown(history: Playground) -> None:
    history.replace("MODEL_CARD.md", "governance:\n", "governance:\n  api_key: hunter2hunter2\n")
    outcome = history.aigf("diff")
    assert "api_key" in outcome.stdout
    assert "hunter2" not in outcome.stdout
