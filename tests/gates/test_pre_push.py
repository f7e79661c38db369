"""A real `git push` to a bare repository, with the gate as its hook."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aigf_dvc.digests import sha256
from tests.gates.pushing import FAIR, UNFAIR, Pushing, install_hook, spoil
from tests.playground import METRICS, MODEL, Playground, run


@pytest.fixture
def pushing(playground: Playground, tmp_path: Path) -> Pushing:
    """Push the sound project once, so that the remote has a base."""
    run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote.git")], tmp_path)
    playground.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    install_hook(playground)
    pushing = Pushing(playground)
    first = pushing.push("--set-upstream", "origin", "main")
    assert first.returncode == 0, first.stderr
    assert "passed" in first.stderr
    return pushing


def test_a_good_commit_passes(pushing: Pushing) -> None:
    pushing.place.write("README.md", "more\n")
    head = pushing.place.commit()
    outcome = pushing.push()
    assert outcome.returncode == 0, outcome.stderr
    assert "passed" in outcome.stderr
    assert pushing.remote_id() == head


def test_a_bad_commit_is_refused_on_main_and_gets_one_line_elsewhere(pushing: Pushing) -> None:
    before = pushing.remote_id()
    spoil(pushing.place)
    refused = pushing.push()
    assert refused.returncode == 1
    assert "REFUSED" in refused.stderr
    assert "fairness" in refused.stderr
    assert pushing.remote_id() == before
    allowed = pushing.push("origin", "HEAD:refs/heads/feature/x")
    assert allowed.returncode == 0, allowed.stderr
    lines = [line for line in allowed.stderr.splitlines() if line.startswith("aigf")]
    assert len(lines) == 1
    assert "not protected, but would be denied (fairness)" in lines[0]


COUNTS = """
import runpy, sys
started = []
def note(event, arguments):
    if event in ("os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"):
        started.append(arguments)
sys.addaudithook(note)
sys.argv = ["aigf", "hook", "pre-push", "origin", "url"]
try:
    runpy.run_module("aigf_dvc", run_name="__main__", alter_sys=True)
finally:
    print(len(started))
"""


@pytest.mark.parametrize("commits", [1, 30])
def test_a_push_of_any_number_of_commits_is_judged_by_two_more_processes(
    pushing: Pushing, commits: int
) -> None:
    place = pushing.place
    base = head = place.git("rev-parse", "HEAD")
    spoil(place)
    for number in range(commits):
        head = place.git("commit-tree", "HEAD^{tree}", "-p", head, "-m", str(number))
    line = f"refs/heads/main {head} refs/heads/main {base}\n"
    done = run([sys.executable, "-c", COUNTS], place.root, stdin=line, check=False)
    assert "fairness" in done.stderr  # it was judged
    assert 0 < int(done.stdout) <= 2


def test_a_release_branch_that_is_new_is_judged_too(pushing: Pushing) -> None:
    spoil(pushing.place)
    assert pushing.push("origin", "HEAD:refs/heads/release/1").returncode == 1
    assert pushing.remote_id("release/1") == ""


def test_what_lies_in_the_working_tree_does_not_matter(pushing: Pushing) -> None:
    spoil(pushing.place)
    pushing.place.replace(METRICS, UNFAIR, FAIR)
    assert pushing.push().returncode == 1
    pushing.place.git("reset", "--quiet", "--hard", "HEAD~1")
    pushing.place.write("README.md", "x")
    pushing.place.commit()
    pushing.place.replace(METRICS, FAIR, UNFAIR)
    assert pushing.push().returncode == 0


def _delete_settings(p: Playground) -> None:
    (p.root / "aigf.yaml").unlink()


def _break_settings(p: Playground) -> None:
    p.write("aigf.yaml", "models: {\n")


def _weaken_policy(p: Playground) -> None:
    p.replace("governance/policy.yaml", "min: 0.8", "min: 0.0")


def _delete_policy(p: Playground) -> None:
    (p.root / "governance/policy.yaml").unlink()


def _empty_protected(p: Playground) -> None:
    p.write("aigf.yaml", p.read("aigf.yaml") + "protected: []\n")


def _other_protected(p: Playground) -> None:
    p.write("aigf.yaml", p.read("aigf.yaml") + "protected: [nothing]\n")


def _other_policy(p: Playground) -> None:
    p.write("easy.yaml", "required_metadata: [license]\n")
    p.write("aigf.yaml", p.read("aigf.yaml") + "policy: easy.yaml\n")


def _drop_model(p: Playground) -> None:
    p.write("aigf.yaml", "models: {other: {path: data/clean.csv}}\n")


def _other_metric(p: Playground) -> None:
    p.replace("aigf.yaml", "metrics.json:fairness_score", "metrics.json:p95_latency_ms")


def _delete_pipeline(p: Playground) -> None:
    (p.root / "dvc.yaml").unlink()


@pytest.mark.parametrize(
    "disarm",
    [
        _delete_settings,
        _break_settings,
        _weaken_policy,
        _delete_policy,
        _empty_protected,
        _other_protected,
        _other_policy,
        _drop_model,
        _other_metric,
        _delete_pipeline,
    ],
    ids=lambda f: f.__name__.strip("_"),
)
def test_a_push_cannot_switch_its_own_gate_off(
    pushing: Pushing, disarm: Callable[[Playground], None]
) -> None:
    before = pushing.remote_id()
    disarm(pushing.place)
    spoil(pushing.place)
    outcome = pushing.push()
    assert outcome.returncode == 1, outcome.stderr
    assert "push refused" in outcome.stderr
    assert pushing.remote_id() == before


def test_a_forced_push_of_another_history_is_judged_by_what_the_remote_has(
    pushing: Pushing,
) -> None:
    pushing.place.git("checkout", "--quiet", "--orphan", "fresh")
    _weaken_policy(pushing.place)
    spoil(pushing.place)
    assert pushing.push("--force", "origin", "HEAD:main").returncode == 1


def test_a_first_push_is_judged_by_its_own_policy(playground: Playground, tmp_path: Path) -> None:
    run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote.git")], tmp_path)
    playground.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    install_hook(playground)
    spoil(playground)
    outcome = Pushing(playground).push("origin", "main")
    assert outcome.returncode == 1
    assert "fairness" in outcome.stderr


def test_deleting_a_branch_and_pushing_nothing_are_no_judgement(pushing: Pushing) -> None:
    assert pushing.push("origin", "HEAD:refs/heads/old").returncode == 0
    deleted = pushing.push("origin", ":old")
    assert deleted.returncode == 0
    assert "is deleted" in deleted.stderr
    assert pushing.push().returncode == 0  # up to date: the hook gets no lines
    assert pushing.place.aigf("hook", "pre-push", "origin", stdin="").returncode == 0


def test_a_plain_tag_passes_and_a_promotion_is_judged(pushing: Pushing) -> None:
    pushing.place.git("tag", "-a", "scorer#prod#1", "-m", "not attested")
    good = pushing.push("origin", "scorer#prod#1")
    assert good.returncode == 1, good.stderr
    assert "no attestation of scorer" in good.stderr
    spoil(pushing.place)
    pushing.place.git("tag", "v1")
    pushing.place.git("tag", "-a", "scorer#prod#2", "-m", "bad")
    assert pushing.push("origin", "v1").returncode == 0
    assert pushing.push("origin", "scorer#prod#2").returncode == 1


def test_several_refs_are_judged_each_and_one_bad_one_stops_the_push(pushing: Pushing) -> None:
    spoil(pushing.place)
    outcome = pushing.push("origin", "HEAD:refs/heads/feature", "HEAD:main")
    assert outcome.returncode == 1
    assert "feature" in outcome.stderr
    assert pushing.remote_id("feature") == ""


def test_other_refs_than_branches_and_tags_are_not_judged(pushing: Pushing) -> None:
    spoil(pushing.place)
    outcome = pushing.push("origin", "HEAD:refs/exps/one")
    assert outcome.returncode == 0
    assert "neither a branch nor a tag" in outcome.stderr


def test_it_works_from_a_linked_worktree_whose_hook_gets_git_dir(
    pushing: Pushing, tmp_path: Path
) -> None:
    pushing.place.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    linked = Pushing(Playground(tmp_path / "linked"))
    good = linked.push("origin", "HEAD:main")
    assert good.returncode == 0, good.stderr
    spoil(linked.place)
    refused = linked.push("origin", "HEAD:main")
    assert refused.returncode == 1
    assert "fairness" in refused.stderr


@pytest.mark.usefixtures("home")
def test_a_repository_without_settings_is_left_alone(tmp_path: Path) -> None:
    run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote.git")], tmp_path)
    place = Playground(tmp_path / "plain")
    place.root.mkdir()
    place.git("init", "--quiet")
    place.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    place.write("a", "x")
    place.commit()
    install_hook(place)
    outcome = Pushing(place).push("origin", "main")
    assert outcome.returncode == 0, outcome.stderr
    assert "nothing is governed" in outcome.stderr


def test_a_damaged_object_stops_a_push_of_main_with_one_message(pushing: Pushing) -> None:
    pushing.place.write("README.md", "x")
    head = pushing.place.commit()
    blob = pushing.place.git("rev-parse", "HEAD:governance/policy.yaml")
    path = pushing.place.root / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    stdin = f"refs/heads/main {head} refs/heads/main {pushing.remote_id()}\n"
    stdin += stdin.replace("refs/heads/main", "refs/heads/release/2")
    outcome = pushing.place.aigf("hook", "pre-push", "origin", stdin=stdin)
    assert outcome.returncode == 1, outcome.stderr
    assert outcome.stderr.count("cannot be judged") == 2


@pytest.mark.parametrize("odd", ["--upload-pack=x", "HEAD:evil", "$(touch x)", "f" * 40])
def test_ids_that_name_no_commit_are_refused(pushing: Pushing, odd: str) -> None:
    stdin = f"refs/heads/main {odd} refs/heads/main {'0' * 40}\n"
    outcome = pushing.place.aigf("hook", "pre-push", "origin", stdin=stdin)
    assert outcome.returncode in (1, 2)


@pytest.mark.parametrize(
    "name", [b"release/\xe9", "release/a\u2028b".encode(), b"release/\xc2\x9b"]
)
def test_a_branch_of_any_name_is_judged_without_a_traceback(pushing: Pushing, name: bytes) -> None:
    spoil(pushing.place)
    pushing.place.git("commit", "--quiet", "--allow-empty", "-m", "a b")
    refused = pushing.push("origin", "HEAD^{/a b}:refs/heads/" + os.fsdecode(name))
    assert refused.returncode == 1
    assert "REFUSED" in refused.stderr


def test_a_very_deep_tree_is_refused_on_main_with_one_message(pushing: Pushing) -> None:
    place = pushing.place
    tree = place.git("rev-parse", "HEAD^{tree}")
    for _ in range(1200):
        entry = f"040000 tree {tree}\ta\n"
        tree = run(["git", "mktree"], place.root, stdin=entry).stdout.strip()
    commit = place.git("commit-tree", "-p", "HEAD", "-m", "deep", tree)
    outcome = pushing.push("origin", f"{commit}:refs/heads/main")
    assert outcome.returncode == 1
    assert "cannot be judged" in outcome.stderr
    assert len(outcome.stderr) < 2000
    assert place.aigf("check", "--rev", commit).returncode in (2, 3)


def _forget_the_remote(pushing: Pushing) -> str:
    """Return the remote's address, when another remote of the same kind is known."""
    url = pushing.place.git("remote", "get-url", "origin")
    pushing.place.git("remote", "rename", "origin", "upstream")
    return url


@pytest.mark.parametrize("disarm", [_weaken_policy, _other_protected, _delete_settings])
@pytest.mark.parametrize("ref", ["refs/heads/release/9", "refs/tags/scorer#prod#9"])
def test_a_push_by_address_is_judged_by_what_a_known_remote_has(
    pushing: Pushing, disarm: Callable[[Playground], None], ref: str
) -> None:
    disarm(pushing.place)
    spoil(pushing.place)
    url = _forget_the_remote(pushing)
    outcome = pushing.push(url, f"HEAD:{ref}")
    assert outcome.returncode == 1, outcome.stderr
    assert "push refused" in outcome.stderr


EVIL = """
  evil:
    cmd: echo evil > evil.bin
    outs: [evil.bin]
  evil-metrics:
    cmd: 'echo ''{"fairness_score": 0.01, "p95_latency_ms": 1}'' > evil.json'
    deps: [evil.bin]
    metrics:
      - evil.json: {cache: false}
"""


def test_a_known_model_with_a_new_definition_is_judged_by_both(pushing: Pushing) -> None:
    place = pushing.place
    place.write("dvc.yaml", place.read("dvc.yaml") + EVIL)
    place.write(".gitignore", place.read(".gitignore") + "/evil.bin\n")
    place.dvc("repro", "--quiet", "evil-metrics")
    place.replace("aigf.yaml", "path: models/model.bin", "path: evil.bin")
    place.replace("aigf.yaml", '"metrics.json:', '"evil.json:')
    place.aigf("capture")
    place.commit()
    outcome = pushing.push()
    assert outcome.returncode == 1, outcome.stderr
    assert "fairness" in outcome.stderr
    assert "main changes aigf.yaml: judged by the old one now" in outcome.stderr


def test_a_model_that_moved_is_judged_where_it_is_now(pushing: Pushing) -> None:
    place = pushing.place
    for file in ("dvc.yaml", "dvc.lock", "aigf.yaml", "src/train.sh"):
        place.replace(file, MODEL, "models/moved.bin")
    place.dvc("repro", "--quiet")
    place.aigf("capture")
    place.commit()
    outcome = pushing.push()
    assert outcome.returncode == 0, outcome.stderr
    place.write("aigf.yaml", place.read("aigf.yaml").replace("card: MODEL_CARD.md", "card: no.md"))
    place.commit()
    refused = pushing.push()
    assert refused.returncode == 1
    assert "no.md" in refused.stderr


def test_the_parts_of_the_base_govern_and_a_changed_one_is_said(pushing: Pushing) -> None:
    place = pushing.place
    part = "rules: [{id: fair, kind: metric, metric: fairness_score, min: 0.8}]\n"
    policy = 'id: p\nversion: "1"\nincludes: [{path: fair.yaml, sha256: "%s"}]\n'
    place.write("governance/fair.yaml", part)
    place.write("governance/policy.yaml", policy % sha256(part.encode()))
    place.commit()
    assert pushing.push().returncode == 0
    weaker = part.replace("0.8", "0.05")
    place.write("governance/fair.yaml", weaker)
    place.write("governance/policy.yaml", policy % sha256(weaker.encode()))
    spoil(place)
    refused = pushing.push()
    assert refused.returncode == 1
    assert "fair" in refused.stderr
    assert "governance/fair.yaml" in refused.stderr


def test_a_changed_policy_is_said_in_one_line_and_counts_from_the_next_push(
    pushing: Pushing,
) -> None:
    _weaken_policy(pushing.place)
    pushing.place.commit()
    outcome = pushing.push()
    assert outcome.returncode == 0, outcome.stderr
    said = "main changes governance/policy.yaml: judged by the old one now, the new one counts from"
    assert outcome.stderr.count(said) == 1
    spoil(pushing.place)
    passed = pushing.push()
    assert passed.returncode == 0, passed.stderr
    assert "changes" not in passed.stderr
