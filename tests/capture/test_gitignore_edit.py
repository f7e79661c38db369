import subprocess
from pathlib import Path

import pytest

from aigf_dvc.capture.gitignore_edit import add_lines, ignore_line, unignored


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_a_new_file_has_the_lines_and_nothing_else() -> None:
    assert add_lines(None, ["/model.pkl", "/data"]) == b"/model.pkl\n/data\n"


def test_lines_that_are_there_are_not_added_again() -> None:
    before = b"# mine\n/model.pkl\n"
    assert add_lines(before, ["/model.pkl"]) == before


def test_a_file_without_a_final_line_end_is_not_run_together_with_the_new_line() -> None:
    assert add_lines(b"*.pyc", ["/model.pkl"]) == b"*.pyc\n/model.pkl\n"


def test_windows_line_ends_are_kept_and_used() -> None:
    assert add_lines(b"*.pyc\r\n/a\r\n", ["/a", "/b"]) == b"*.pyc\r\n/a\r\n/b\r\n"


def test_bytes_that_are_no_text_are_kept() -> None:
    assert add_lines(b"caf\xe9\n", ["/a"]) == b"caf\xe9\n/a\n"


@pytest.mark.parametrize("name", ["model.pkl", "a*b", "what?", "[x].bin", "back\\slash", "end "])
def test_an_ignore_line_ignores_that_name_and_no_other(repository: Path, name: str) -> None:
    (repository / ".gitignore").write_bytes(add_lines(None, [ignore_line(name)]))
    assert unignored(repository, [name]) == ()
    others = ("ax", "axb", "x.bin", "whatx", "end", "backslash")
    assert unignored(repository, others) == others


def test_a_rule_of_the_repository_counts_even_one_for_folders_that_are_not_there(
    repository: Path,
) -> None:
    (repository / ".gitignore").write_text("/models/\n*.onnx\n")
    paths = ("models", "models/a.pkl", "deep/er/b.onnx", "model.pkl")
    assert unignored(repository, paths) == ("model.pkl",)


def test_a_rule_that_others_do_not_have_does_not_count(repository: Path) -> None:
    (repository / ".git" / "info" / "exclude").write_text("model.pkl\n")
    assert unignored(repository, ["model.pkl"]) == ("model.pkl",)


def test_a_path_that_a_later_rule_takes_back_is_not_ignored(repository: Path) -> None:
    (repository / ".gitignore").write_text("*.pkl\n!/model.pkl\n")
    assert unignored(repository, ["model.pkl", "other.pkl"]) == ("model.pkl",)
