"""What a push can look like, and what the gate says: real git, one row for each situation."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.gates.pushing import install_hook, spoil
from tests.playground import Playground, copy, environment, make_home, run

STORE = "refs/aigf/attestations"


@dataclass(frozen=True)
class Stage:
    """One project with every kind of ref, and a remote that has its first commit."""

    place: Playground
    good: str
    bad: str
    remote: Path

    def push(self, *arguments: str) -> tuple[int, str]:
        """Push so that the hook runs and the remote stays as it is."""
        outcome = run(["git", "push", "--dry-run", *arguments], self.place.root, check=False)
        assert "Traceback" not in outcome.stderr
        return outcome.returncode, outcome.stderr

    def hook(self, *lines: str) -> tuple[int, str]:
        """Call the hook as git does."""
        stdin = "".join(f"{line}\n" for line in lines)
        outcome = self.place.aigf("hook", "pre-push", "origin", stdin=stdin)
        return outcome.returncode, outcome.stderr


def attest(place: Playground, *more: str) -> None:
    key = place.root.parent / "release.key"
    if not key.exists():
        assert place.aigf("key", "generate", str(key), "--no-passphrase").returncode == 0
    done = place.aigf("attest", "--key", str(key), *more)
    assert done.returncode == 0, done.stderr


def with_remote(place: Playground, remote: Path) -> None:
    run(["git", "init", "--quiet", "--bare", str(remote)], place.root)
    place.git("remote", "add", "origin", str(remote))
    place.git("push", "--quiet", "--set-upstream", "origin", "main")


@pytest.fixture(scope="module")
def stage(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("situations")
    make_home(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        wanted = environment(folder / "home")
        for name in set(os.environ) - set(wanted):
            patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)
        yield build(copy(template, folder / "project"), folder / "remote.git")


def build(place: Playground, remote: Path) -> Stage:
    with_remote(place, remote)
    place.git("push", "--quiet", "origin", "main:refs/heads/old", "main:refs/heads/release/1")
    place.write("README.md", "more\n")
    good = place.commit("good")
    attest(place)
    place.git("tag", "scorer@v1.2.0")
    place.git("tag", "-a", "scorer#prod#1", "-m", "annotated")
    place.git("tag", "-a", "nested#prod#1", "-m", "nested", "scorer#prod#1^{tag}")
    place.git("tag", "-a", "folder=scorer#prod#1", "-m", "of a folder")
    place.git("tag", "scorer#prod!#2")
    place.git("tag", "key-of-ours", place.git("rev-parse", "HEAD:MODEL_CARD.md"))
    place.git("tag", "scorer#dev#1", place.git("rev-parse", "HEAD:MODEL_CARD.md"))
    place.git("checkout", "--quiet", "-b", "bad")
    spoil(place)
    bad = place.git("rev-parse", "HEAD")
    place.git("tag", "v1")
    place.git("tag", "scorer#prod#2")
    place.git("checkout", "--quiet", "-b", "fixed")
    place.git("revert", "--no-edit", "HEAD")
    place.git("checkout", "--quiet", "main")
    install_hook(place)
    return Stage(place, good, bad, remote)


ROWS = {
    "an update of main": (("main",), 0, "main at {good}"),
    "HEAD": (("HEAD",), 0, "main at {good}"),
    "a raw id": (("{good}:refs/heads/main",), 0, "main at {good}"),
    "a raw id of a bad commit": (("{bad}:refs/heads/main",), 1, "fairness"),
    "a bad update": (("bad:main",), 1, "REFUSED"),
    "a bad commit below a good one, tips": (("fixed:main",), 0, "passed"),
    "a forced bad update": (("--force", "bad:main"), 1, "REFUSED"),
    "a new branch": (("main:feature",), 0, "feature at {good}"),
    "a new bad branch": (("bad",), 0, "not protected, but would be denied (fairness)"),
    "a new protected branch": (("bad:release/2",), 1, "REFUSED"),
    "an old protected branch": (("bad:release/1",), 1, "REFUSED"),
    "nothing to push": (("{base}:main",), 0, ""),
    "a deletion": ((":old",), 0, "old is deleted"),
    "a deletion of a protected branch": ((":release/1",), 1, "release/1 is REFUSED: "),
    "all branches": (("--all",), 0, "fixed"),
    "many, one bad": (("main", "bad:release/2", "main:x"), 1, "release/2"),
    "a mirror": (("--mirror",), 1, "scorer#prod#2"),
    "all tags": (("--tags",), 1, "scorer#prod#2"),
    "another ref": (("bad:refs/exps/x",), 0, "neither a branch nor a tag"),
    "notes": (("bad:refs/notes/x",), 0, "neither a branch nor a tag"),
    "a plain tag": (("v1",), 0, "promotes no model"),
    "a tag of no commit": (("key-of-ours",), 0, "promotes no model"),
    "a promotion of no commit": (("scorer#dev#1",), 1, "cannot be judged"),
    "a version": (("scorer@v1.2.0",), 0, "attested: scorer"),
    "a promotion": (("scorer#prod#1",), 0, "attested: scorer"),
    "a nested tag, of an unknown model": (("nested#prod#1",), 0, "attested: scorer"),
    "a promotion in a folder": (("folder=scorer#prod#1",), 0, "attested: scorer"),
    "a promotion of a bad model": (("scorer#prod#2",), 1, "REFUSED"),
    "a promotion from a branch's name": (("bad:refs/tags/scorer#prod#3",), 1, "fairness"),
    "a promotion taken back": (("scorer#prod!#2",), 0, "takes back"),
    "a tag that only looks like one": (("bad:refs/tags/#prod",), 1, "REFUSED"),
}


@pytest.mark.parametrize("row", ROWS)
def test_every_push_has_its_verdict(stage: Stage, row: str) -> None:
    arguments, code, says = ROWS[row]
    base = stage.place.git("rev-parse", "origin/main")
    known = {"good": stage.good, "bad": stage.bad, "base": base}
    words = [word.format(**known) for word in arguments]
    found, text = stage.push("origin", *words)
    assert found == code, text
    assert says.format(good=stage.good[:12]) in text, text
    assert ("--no-verify" in text) == (code == 1), text


def test_an_unknown_commit_on_the_remote_leaves_the_base_that_is_known(stage: Stage) -> None:
    unknown = "d" * 40
    code, text = stage.hook(f"refs/heads/main {stage.good} refs/heads/main {unknown}")
    base = stage.place.git("rev-parse", "origin/main")
    assert code == 0, text
    assert f"by the policy of {base[:12]}" in text
    assert stage.hook(f"refs/heads/main {stage.bad} refs/heads/main {unknown}")[0] == 1


def test_nothing_on_standard_input_is_no_push_and_said_to_be_no_judgement(stage: Stage) -> None:
    code, text = stage.hook()
    assert code == 0
    assert "nothing was judged" in text
    assert "call aigf before it" in text


def test_a_commit_that_is_not_here_is_refused_with_what_to_do(stage: Stage) -> None:
    code, text = stage.hook(f"refs/heads/main {'e' * 40} refs/heads/main {'0' * 40}")
    assert code == 1
    assert "--unshallow" in text


def test_many_refs_of_one_kind_are_counted_not_listed(stage: Stage) -> None:
    lines = [f"x {stage.good} refs/exps/{n} {'0' * 40}" for n in range(300)]
    code, text = stage.hook(*lines)
    assert code == 0
    assert "and 297 more: each is neither a branch nor a tag" in text
    assert len(text.splitlines()) == 4


def test_many_branches_are_not_all_judged_but_the_protected_one_is(stage: Stage) -> None:
    commits = [
        stage.place.git("commit-tree", f"{stage.bad}^{{tree}}", "-m", str(n)) for n in range(12)
    ]
    lines = [f"x {c} refs/heads/b{n} {'0' * 40}" for n, c in enumerate(commits)]
    code, text = stage.hook(*lines, f"x {stage.bad} refs/heads/release/9 {'0' * 40}")
    assert code == 1
    assert text.count("not protected, but would be denied") == 8
    assert "is not protected: not judged" in text
    assert "release/9" in text


def test_replaced_objects_and_grafts_are_not_looked_at(stage: Stage) -> None:
    place = stage.place
    weak = place.git("hash-object", "-w", "--stdin", stdin="required_metadata: [license]\n")
    policy = place.git("rev-parse", "HEAD:governance/policy.yaml")
    place.git("replace", policy, weak)
    place.git("replace", stage.bad, stage.good)
    try:
        code, text = stage.hook(f"x {stage.bad} refs/heads/main {'0' * 40}")
    finally:
        place.git("replace", "-d", policy, stage.bad)
    assert code == 1
    assert "fairness" in text


def test_a_promotion_without_its_attestation_is_refused(stage: Stage) -> None:
    head = stage.place.git("rev-parse", STORE)
    stage.place.git("update-ref", "-d", STORE)
    try:
        code, text = stage.push("origin", "scorer#prod#1")
    finally:
        stage.place.git("update-ref", STORE, head)
    assert code == 1
    assert "no attestation of scorer" in text
    assert f"`aigf attest scorer --rev {stage.good[:12]} --key PRIVATE.key`" in text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("min: 0.8", "min: 0.7", "under another policy"),
        ("models:", "environment: elsewhere\nmodels:", "is for the environment production"),
    ],
)
def test_an_attestation_under_other_terms_will_not_do(
    stage: Stage, old: str, new: str, says: str
) -> None:
    place = stage.place
    file = "aigf.yaml" if old == "models:" else "governance/policy.yaml"
    place.git("checkout", "--quiet", "--detach", stage.good)
    place.replace(file, old, new)
    base = place.commit("other terms")
    place.git("checkout", "--quiet", "main")
    code, text = stage.hook(
        f"x {stage.good} refs/tags/scorer#live#1 {'0' * 40}",
        f"x {stage.good} refs/heads/main {base}",
    )
    assert code == 1
    assert says in text


def test_a_changed_policy_is_shown_as_policy_diff_does(stage: Stage) -> None:
    place = stage.place
    place.git("checkout", "--quiet", "--detach", stage.good)
    place.replace("governance/policy.yaml", "min: 0.8", "min: 0.1")
    weaker = place.commit("weaker")
    place.git("checkout", "--quiet", "main")
    code, text = stage.push("origin", f"{weaker}:main")
    assert code == 0, text
    assert "main changes governance/policy.yaml: judged by the old one now" in text
    assert "✘ weakens" in text
    assert "The new policy may be weaker" in text


def test_one_base_serves_a_push_that_weakened_its_own_branch_first(stage: Stage) -> None:
    place = stage.place
    place.git("checkout", "--quiet", "--detach", stage.good)
    place.replace("governance/policy.yaml", "min: 0.8", "min: 0.0")
    weak = place.commit("weaker")
    spoil(place)
    unfair = place.git("rev-parse", "HEAD")
    place.git("checkout", "--quiet", "main")
    code, text = stage.hook(f"x {unfair} refs/heads/release/1 {weak}")
    assert code == 1
    assert "fairness" in text


def test_every_commit_must_pass_where_the_setting_says_so(
    playground: Playground, tmp_path: Path
) -> None:
    playground.write("aigf.yaml", playground.read("aigf.yaml") + "push: {commits: all}\n")
    playground.commit("every commit")
    with_remote(playground, tmp_path / "remote.git")
    install_hook(playground)
    spoil(playground)
    bad = playground.git("rev-parse", "HEAD")
    playground.git("revert", "--no-edit", "HEAD")
    refused = run(["git", "push", "origin", "main"], playground.root, check=False)
    assert refused.returncode == 1
    assert f"main at {bad[:12]}" in refused.stderr
    assert "fairness" in refused.stderr
    feature = run(["git", "push", "origin", "main:feature"], playground.root, check=False)
    assert feature.returncode == 0, feature.stderr


@pytest.mark.parametrize("kind", ["shallow", "partial", "bare", "sha256", "submodule"])
def test_the_gate_works_in_every_kind_of_repository(
    playground: Playground, tmp_path: Path, kind: str
) -> None:
    with_remote(playground, tmp_path / "remote.git")
    place = {
        "shallow": _shallow, "partial": _partial, "bare": _bare, "sha256": _sha256,
        "submodule": _submodule,
    }[kind](playground, tmp_path)  # fmt: skip
    good = run(["git", "push", "origin", "good:main"], place.root, check=False)
    assert good.returncode == 0, good.stderr
    assert "passed" in good.stderr
    bad = run(["git", "push", "origin", "bad:main"], place.root, check=False)
    assert bad.returncode == 1, bad.stderr
    assert "fairness" in bad.stderr


def _branches(place: Playground) -> Playground:
    """Make a good and a bad branch on what is there, and install the hook."""
    place.git("checkout", "--quiet", "-B", "good")
    place.write("README.md", "good\n")
    place.commit("good")
    place.git("checkout", "--quiet", "-B", "bad")
    spoil(place)
    hooks = Path(place.git("rev-parse", "--git-path", "hooks"))
    folder = place.root / hooks
    folder.mkdir(exist_ok=True)
    install_hook_at(folder)
    return place


def install_hook_at(folder: Path) -> None:
    scratch = Playground(folder.parent / "scratch")
    (scratch.root / ".git/hooks").mkdir(parents=True)
    install_hook(scratch)
    (scratch.root / ".git/hooks/pre-push").rename(folder / "pre-push")


def _shallow(place: Playground, folder: Path) -> Playground:
    place.commit("second")
    place.git("push", "--quiet", "origin", "main")
    run(["git", "clone", "--quiet", "--depth=1", f"file://{folder}/remote.git", "clone"], folder)
    return _branches(Playground(folder / "clone"))


def _partial(_place: Playground, folder: Path) -> Playground:
    remote = folder / "remote.git"
    run(["git", "config", "uploadpack.allowFilter", "true"], remote)
    run(["git", "clone", "--quiet", "--filter=blob:none", f"file://{remote}", "clone"], folder)
    return _branches(Playground(folder / "clone"))


def _bare(place: Playground, folder: Path) -> Playground:
    _branches(place)
    run(["git", "clone", "--quiet", "--mirror", str(place.root), "bare.git"], folder)
    bare = Playground(folder / "bare.git")
    bare.git("remote", "set-url", "origin", str(folder / "remote.git"))
    bare.git("config", "--unset", "remote.origin.mirror")
    install_hook_at(bare.root / "hooks")
    return bare


def _sha256(place: Playground, folder: Path) -> Playground:
    (place.root / ".git").rename(folder / "old.git")
    place.git("init", "--quiet", "--object-format=sha256")
    place.commit("first")
    run(["git", "init", "--quiet", "--bare", "--object-format=sha256", "new.git"], folder)
    place.git("remote", "add", "origin", str(folder / "new.git"))
    place.git("push", "--quiet", "origin", "main")
    return _branches(place)


def _submodule(_place: Playground, folder: Path) -> Playground:
    outer = Playground(folder / "outer")
    outer.root.mkdir()
    outer.git("init", "--quiet")
    remote = str(folder / "remote.git")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", remote, "sub")
    outer.commit("with a submodule")
    return _branches(Playground(outer.root / "sub"))
