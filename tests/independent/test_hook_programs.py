"""Our pre-push hook beside those of other programs: real ones, real git, and the real gate.

Every test pushes a good commit, which all hooks must let go and see, and one that ours refuses.
"""

import json
import os
import stat
from pathlib import Path

import pytest
import yaml

from tests.gates.pushing import spoil
from tests.gates.test_push_situations import with_remote
from tests.independent.hook_programs import git_lfs, hook_programs, husky
from tests.independent.programs import obtained
from tests.playground import PACKAGE, Playground, run

pytestmark = pytest.mark.slow
REFUSED = "aigf: push refused"


@pytest.fixture
def place(playground: Playground, tmp_path: Path) -> Playground:
    """A governed project with a remote that has all of it."""
    with_remote(playground, tmp_path / "remote.git")
    return playground


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Put pre-commit, lefthook and a plain `aigf` on the PATH."""
    found = obtained(hook_programs)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{found}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(home / "pre-commit"))


def hooks(place: Playground) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the mode of every hook."""
    folder = place.root / ".git" / "hooks"
    files = [file for file in folder.iterdir() if not file.name.endswith(".sample")]
    return {file.name: (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) for file in files}


def status(place: Playground) -> dict[str, object]:
    outcome = place.aigf("hook", "status", "--format", "json")
    found = json.loads(outcome.stdout)
    assert isinstance(found, dict)
    assert outcome.returncode == (0 if found["active"] else 1)
    return found


def push(place: Playground, *arguments: str) -> tuple[int, str]:
    outcome = run(["git", "push", *(arguments or ("origin", "main"))], place.root, check=False)
    return outcome.returncode, outcome.stdout + outcome.stderr


def assert_good_goes_and_bad_stays(place: Playground, *, seen: str = "") -> None:
    """Push a good commit, which the other hook must see too, and one that our gate refuses."""
    place.write("README.md", "good\n")
    place.commit("good")
    code, said = push(place)
    assert code == 0, said
    assert "passed" in said
    assert seen in said
    spoil(place)
    code, said = push(place)
    assert code != 0, said
    assert REFUSED in said


def test_dvcs_hook_from_before_runs_after_ours(place: Playground) -> None:
    run(["dvc", "install"], place.root)
    before = hooks(place)
    found = json.loads(place.aigf("hook", "install", "--format", "json").stdout)
    assert (found["beside"], found["chained"]) == ("DVC", True)
    place.dvc("remote", "add", "--default", "there", str(place.root.parent / "dvc-remote"))
    place.commit("a DVC remote")
    code, said = push(place)
    assert code == 0, said
    assert any((place.root.parent / "dvc-remote").iterdir())  # DVC's hook has pushed the data
    assert place.aigf("hook", "uninstall").returncode == 0
    assert hooks(place) == before


def test_dvc_install_refuses_to_write_over_ours(place: Playground) -> None:
    place.aigf("hook", "install")
    before = hooks(place)
    assert run(["dvc", "install"], place.root, check=False).returncode != 0
    assert hooks(place)["pre-push"] == before["pre-push"]


def test_git_lfs_gets_the_refs_after_us(place: Playground) -> None:
    obtained(git_lfs)
    place.git("lfs", "install", "--local")
    before = hooks(place)
    assert place.aigf("hook", "install").returncode == 0
    assert status(place)["beside"] == "Git LFS"
    place.git("lfs", "track", "*.big")
    place.write("weights.big", "many bytes\n")
    place.commit("a large file")
    code, said = push(place)
    assert code == 0, said
    assert any((place.root.parent / "remote.git" / "lfs" / "objects").rglob("*")), said
    assert_good_goes_and_bad_stays(place)
    place.aigf("hook", "uninstall")
    assert hooks(place) == before


def husky_installed(place: Playground) -> None:
    run(obtained(husky), place.root)


def test_husky_calls_us_by_the_line_that_install_names(place: Playground) -> None:
    husky_installed(place)
    outcome = place.aigf("hook", "install")
    assert outcome.returncode == 1
    line = outcome.stdout.rpartition("pre-push: ")[2].strip()
    place.write(".husky/pre-push", f"{line}\necho the team goes on\n")
    assert status(place)["state"] == "called by another hook"
    assert_good_goes_and_bad_stays(place, seen="the team goes on")


def test_a_hook_of_ours_that_husky_put_out_of_force_is_no_longer_reported_and_can_go(
    place: Playground,
) -> None:
    before = hooks(place)
    place.aigf("hook", "install")
    husky_installed(place)
    assert status(place)["state"] == "managed elsewhere"
    assert json.loads(place.aigf("hook", "uninstall", "--format", "json").stdout)["changed"]
    assert hooks(place) == before


def lefthook_runs(place: Playground, command: str, *more: str) -> None:
    settings = {"commands": {"it": {"run": command, "use_stdin": True}}}
    lines = "".join(f"{line}\n" for line in more)
    place.write("lefthook.yml", yaml.safe_dump({"pre-push": settings}) + lines)


@pytest.mark.usefixtures("tools")
def test_lefthooks_hook_runs_after_ours_also_when_its_file_changes(place: Playground) -> None:
    lefthook_runs(place, "echo saw; cat", "no_auto_install: true")
    run(["lefthook", "install"], place.root)
    before = hooks(place)
    assert "no_auto_install" in place.aigf("hook", "install").stdout
    lefthook_runs(place, "echo saw anew; cat", "no_auto_install: true")
    assert_good_goes_and_bad_stays(place, seen="refs/heads/main")
    place.aigf("hook", "uninstall")
    assert hooks(place) == before


@pytest.mark.usefixtures("tools")
def test_lefthook_may_call_us_with_all_refs(place: Playground) -> None:
    lefthook_runs(place, "aigf hook pre-push {1} {2}")
    run(["lefthook", "install"], place.root)
    assert status(place)["state"] == "called by another hook"
    assert_good_goes_and_bad_stays(place)


@pytest.mark.usefixtures("tools")
def test_our_hook_that_lefthook_put_aside_is_missed_and_comes_back(place: Playground) -> None:
    lefthook_runs(place, "cat")
    run(["lefthook", "install"], place.root)
    place.aigf("hook", "install")
    run(["lefthook", "install", "--force"], place.root)
    assert "pre-push.old" in str(status(place)["detail"])
    assert not status(place)["active"]
    assert place.aigf("hook", "install").returncode == 0
    assert_good_goes_and_bad_stays(place)


def pre_commit_runs(place: Playground, *hooks_of_it: dict[str, object]) -> None:
    settings = {"repos": [{"repo": "local", "hooks": list(hooks_of_it)}]}
    place.write(".pre-commit-config.yaml", yaml.safe_dump(settings))
    place.commit("pre-commit")
    run(["pre-commit", "install", "--hook-type", "pre-push"], place.root)


ECHO: dict[str, object] = {
    "id": "echo", "name": "echo", "language": "system", "entry": "echo the team goes on",
    "stages": ["pre-push"], "verbose": True, "pass_filenames": False, "always_run": True,
}  # fmt: skip


def our_pre_commit_hook() -> dict[str, object]:
    """Return what `.pre-commit-hooks.yaml` offers, run by the `aigf` that stands on the PATH."""
    (hook,) = yaml.safe_load((PACKAGE / ".pre-commit-hooks.yaml").read_text())
    assert isinstance(hook, dict)
    return {**hook, "language": "system"}


@pytest.mark.usefixtures("tools")
def test_pre_commits_hook_from_before_runs_after_ours(place: Playground) -> None:
    pre_commit_runs(place, ECHO)
    before = hooks(place)
    place.aigf("hook", "install")
    assert (status(place)["beside"], status(place)["chained"]) == ("pre-commit", True)
    assert_good_goes_and_bad_stays(place, seen="the team goes on")
    place.aigf("hook", "uninstall")
    assert hooks(place) == before


@pytest.mark.usefixtures("tools")
def test_pre_commit_runs_our_hook_when_it_comes_later_and_again(place: Playground) -> None:
    place.aigf("hook", "install")
    pre_commit_runs(place, ECHO)
    found = status(place)
    assert (found["state"], found["detail"]) == ("installed", "pre-commit runs it")
    assert place.aigf("hook", "install").returncode == 0
    assert_good_goes_and_bad_stays(place, seen="the team goes on")
    place.aigf("hook", "uninstall")
    assert list(hooks(place)) == ["pre-push"]
    assert status(place)["state"] == "foreign"


@pytest.mark.usefixtures("tools")
def test_pre_commit_installed_before_and_after_ours_does_not_run_itself(place: Playground) -> None:
    pre_commit_runs(place, ECHO)
    before = hooks(place)
    place.aigf("hook", "install")
    run(["pre-commit", "install", "--hook-type", "pre-push"], place.root)
    assert_good_goes_and_bad_stays(place, seen="the team goes on")
    place.aigf("hook", "uninstall")
    assert hooks(place) == before


@pytest.mark.usefixtures("tools")
def test_a_hook_kept_by_ours_still_runs_when_pre_commit_comes_last(place: Playground) -> None:
    place.write(".git/hooks/pre-push", "#!/bin/sh\necho my own got $(cat | wc -l)\n")
    (place.root / ".git/hooks/pre-push").chmod(0o755)
    place.aigf("hook", "install")
    pre_commit_runs(place, ECHO)
    assert_good_goes_and_bad_stays(place, seen="my own got 1")


@pytest.mark.usefixtures("tools")
def test_pre_commit_accepts_our_manifest(place: Playground) -> None:
    run(["pre-commit", "validate-manifest", str(PACKAGE / ".pre-commit-hooks.yaml")], place.root)


@pytest.mark.usefixtures("tools")
def test_pre_commit_calls_us_by_our_manifest(place: Playground) -> None:
    pre_commit_runs(place, our_pre_commit_hook())
    found = status(place)
    assert (found["state"], found["beside"]) == ("called by another hook", "pre-commit")
    assert "first pushed ref" in str(found["hint"])
    assert_good_goes_and_bad_stays(place)


@pytest.mark.usefixtures("tools")
def test_the_second_ref_that_pre_commit_does_not_name_is_judged(place: Playground) -> None:
    pre_commit_runs(place, our_pre_commit_hook())
    place.git("branch", "feature")
    place.git("checkout", "--quiet", "feature")
    place.write("README.md", "a feature\n")
    place.commit("feature")
    place.git("checkout", "--quiet", "main")
    spoil(place)
    code, said = push(place, "origin", "feature", "main")
    assert code != 0, said
    assert REFUSED in said
