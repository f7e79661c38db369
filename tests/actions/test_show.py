"""The versions of a model are read from the history, each with its verdict, records and tags."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from aigf_dvc.actions.show import HistoryQuestion, show_history
from aigf_dvc.errors import InputError
from aigf_dvc.policy.verdict import Result
from aigf_dvc.report.model_history import ModelHistory
from aigf_dvc.stores.git_ref import GitRefStore
from tests.histories import MOVED
from tests.playground import MODEL, Playground

KEY = "../release.key"


def shown(playground: Playground, **options: object) -> ModelHistory:
    return show_history(HistoryQuestion(project=playground.project, model="scorer", **options))  # type: ignore[arg-type]  # each test passes what it is about


def test_each_version_is_one_entry_whatever_its_path(history: Playground) -> None:
    found = shown(history)
    assert found.commits == 6
    assert [version.path for version in found.versions] == [MOVED, MODEL, MODEL]
    assert [version.commits for version in found.versions] == [3, 2, 1]
    newest, tuned, first = found.versions
    assert newest.last.commit == history.git("rev-parse", "HEAD")
    assert newest.first.commit == history.git("rev-parse", "HEAD~2")
    assert tuned.first.commit == history.git("rev-parse", "HEAD~4")
    assert first.first == first.last
    assert len({version.sha256 for version in found.versions} - {None}) == 3


def test_the_verdict_and_the_numbers_are_those_of_the_newest_commit(history: Playground) -> None:
    newest, tuned, first = shown(history).versions
    assert newest.metrics == {
        "fairness_score": Decimal("0.85"),
        "p95_latency_ms": Decimal("12.5"),
    }
    assert first.metrics["fairness_score"] == Decimal("0.9")
    assert (newest.result, first.result) == (Result.PASSED, Result.PASSED)
    assert tuned.result is Result.DENIED  # its newest commit changed the code and did not run


def test_another_policy_judges_every_version(history: Playground, tmp_path: Path) -> None:
    strict = tmp_path / "strict.yaml"
    strict.write_text("required_metrics: {fairness_score_min: 0.88}\n")
    newest, _, first = shown(history, policy=strict).versions
    assert (newest.result, first.result) == (Result.DENIED, Result.PASSED)


def test_a_commit_whose_code_did_not_run_is_stale_and_says_why(history: Playground) -> None:
    found = shown(history)
    assert (found.sound, found.stale) == (5, {"code-changed": 1})
    tuned = found.versions[1]
    assert [edge.name for edge in tuned.problems] == ["src/train.sh"]
    assert [version.consistency for version in found.versions] == ["sound", "stale", "sound"]


def test_the_tags_of_a_version_are_told_and_other_models_are_not(history: Playground) -> None:
    newest, tuned, first = shown(history).versions
    assert newest.tags == ("scorer#prod#1",)
    assert tuned.tags == ("scorer@v1.1.0",)
    assert first.tags == ()


def test_the_newest_versions_are_shown_first_and_the_others_counted(history: Playground) -> None:
    found = shown(history, limit=1)
    assert [version.path for version in found.versions] == [MOVED]
    assert found.hidden == 2
    assert found.commits == 6


def test_a_revision_bounds_the_history(history: Playground) -> None:
    found = shown(history, revision="scorer@v1.1.0")
    assert found.commits == 2
    assert [version.path for version in found.versions] == [MODEL, MODEL]


def test_merged_branches_count_only_when_asked_for(history: Playground) -> None:
    history.git("switch", "--quiet", "--create", "side", "HEAD~1")
    history.write("notes.md", "on the side\n")
    history.commit("side")
    history.git("switch", "--quiet", "main")
    history.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    assert shown(history).commits == 7
    assert shown(history, first_parent=False).commits == 8


def test_a_squashed_history_has_the_same_newest_version(history: Playground) -> None:
    newest = shown(history).versions[0]
    history.git("reset", "--quiet", "--soft", "HEAD~4")
    history.commit("squashed")
    squashed = shown(history).versions[0]
    assert (squashed.recorded, squashed.sha256) == (newest.recorded, newest.sha256)
    assert squashed.consistency == "sound"


def test_a_damaged_lock_in_an_old_commit_is_said_and_not_fatal(history: Playground) -> None:
    lock = history.read("dvc.lock")
    history.write("dvc.lock", "<<<<<<< ours\n" + lock)
    bad = history.commit("conflict")
    history.write("dvc.lock", lock)
    history.commit("mended")
    found = shown(history)
    assert [commit for commit, _ in found.unread] == [bad]
    assert "merge conflict" in found.unread[0][1]
    assert len(found.versions) == 3
    outcome = history.aigf("show", "scorer")
    assert outcome.returncode == 0
    assert bad[:12] in outcome.stdout


def test_a_lock_of_dvc_1_is_read_in_old_commits(history: Playground) -> None:
    lock = history.read("dvc.lock")
    body = lock.split("stages:\n", 1)[1]
    old = "\n".join(
        line.removeprefix("  ") for line in body.splitlines() if "hash: md5" not in line
    )
    history.write("dvc.lock", old + "\n")
    history.commit("as DVC 1 wrote it")
    found = shown(history)
    assert found.unread == ()
    assert found.versions[0].commits == 4


def test_the_attestations_in_a_store_are_counted_and_not_verified(history: Playground) -> None:
    history.aigf("key", "generate", KEY, "--no-passphrase")
    assert history.aigf("attest", "--key", KEY).returncode == 0
    newest = shown(history, stores=(GitRefStore(history.root),)).versions[0]
    assert [item.environment for item in newest.attestations] == ["production"]
    assert newest.attestations[0].signer.startswith("key hint ")
    outcome = history.aigf("show", "scorer")
    assert "attestations: 1, not verified; key hint " in outcome.stdout
    read = json.loads(history.aigf("show", "scorer", "--format", "json").stdout)
    assert [item["verified"] for item in read["versions"][0]["attestations"]] == [False]


def test_an_unknown_model_or_revision_is_the_callers_mistake(history: Playground) -> None:
    with pytest.raises(InputError, match="expected one of scorer"):
        show_history(HistoryQuestion(project=history.project, model="nobody"))
    with pytest.raises(InputError, match="no commit named"):
        shown(history, revision="nowhere")


def test_a_shallow_clone_is_said(history: Playground, tmp_path: Path) -> None:
    history.git("clone", "--quiet", "--depth", "2", f"file://{history.root}", str(tmp_path / "c"))
    found = shown(Playground(tmp_path / "c"))
    assert found.shallow
    assert found.commits == 2


def test_the_command_shows_bundles_cards_and_models(history: Playground) -> None:
    card = history.aigf("show", "MODEL_CARD.md")
    assert "responsible_owner         bob@example.com  (MODEL_CARD.md:7)" in card.stdout
    fields = json.loads(history.aigf("show", "MODEL_CARD.md", "--format", "json").stdout)["fields"]
    assert fields["responsible_owner"]["where"] == "MODEL_CARD.md:7"
    text = history.aigf("show", "scorer", "--limit", "2")
    assert text.returncode == 0
    assert "scorer: 6 commits of HEAD: 5 sound, 1 stale (1 code-changed)" in text.stdout
    assert history.aigf("show", "nobody").returncode == 2
    assert history.aigf("show", "dvc.lock").returncode == 2


def test_a_name_cannot_steer_the_terminal(history: Playground) -> None:
    history.git("tag", "scorer@v2.0.0-\u009b31m")
    assert "\u009b" not in history.aigf("show", "scorer").stdout
