from pathlib import Path

import pytest

from aigf_dvc.actions.other_hooks import (
    DVC,
    GIT_LFS,
    PRE_COMMIT,
    calling_file,
    calls_ours,
    calls_ours_first,
    who_wrote,
)


def test_known_programs_are_recognised_and_others_are_not() -> None:
    assert who_wrote(b'#!/bin/sh\ngit lfs pre-push "$@"\n') is GIT_LFS
    assert who_wrote(b"#!/bin/sh\nexec dvc git-hook pre-push $@\n") is DVC
    assert who_wrote(b"#!/bin/sh\nmake test\n") is None


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (b'aigf hook pre-push "$@" || exit\n', True),
        (b"    - id: aigf-pre-push\n", True),
        (b'/venv/bin/python -I -m aigf_dvc hook pre-push "$@"\n', True),
        (b"  # aigf hook pre-push\n", False),
        (b"aigf hook status\n", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_call_of_ours_counts_outside_of_comments(text: bytes, calls: bool) -> None:
    assert calls_ours(text) is calls


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (b"", True),
        (b"#!/bin/sh\n# ours\n\nset -e\nexport PATH=$HOME/bin:${PATH}\n", True),
        (b"npm test\n", False),
        (b"set -e; cat\n", False),
        (b"refs=$(cat)\n", False),
        (b"refs=`cat`\n", False),
        (b"A=1 cat\n", False),
    ],
)
def test_what_could_read_the_list_of_refs_before_us_is_seen(before: bytes, first: bool) -> None:
    assert calls_ours_first(before + b'aigf hook pre-push "$@" || exit\ncat\n') is first
    assert not calls_ours_first(before + b"cat\n")


def test_only_the_files_of_the_program_that_wrote_the_hook_count(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text("- id: aigf-pre-push\n")
    assert calling_file(tmp_path, PRE_COMMIT) == tmp_path / ".pre-commit-config.yaml"
    assert calling_file(tmp_path, GIT_LFS) is None
    assert calling_file(tmp_path, None) is None
