"""A lock file is read as a whole: what is not understood is said, never skipped."""

import json

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.lock_file import is_lock_file, read_lock_file
from aigf_dvc.evidence.package import PackageList


def read(path: str, text: str) -> PackageList:
    found = read_lock_file(text.encode(), path=path)
    assert found is not None
    assert found.sha256 == sha256(text.encode())
    return found


def pinned(path: str, text: str) -> list[tuple[str, str]]:
    found = read(path, text)
    assert found.problem == ""
    return [(package.name, package.version) for package in found.packages]


REQUIREMENTS = """\
--index-url https://pypi.example/simple
--require-hashes
# a comment
Zope.Interface==5.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
numpy==2.1.0 ; python_version >= "3.11"  # why
numpy==1.26.4 ; python_version < "3.11"
"""
UV = """\
version = 1
[[package]]
name = "ours"
version = "0.1"
source = { editable = "." }
[[package]]
name = "numpy"
version = "2.1.0"
source = { registry = "https://pypi.org/simple" }
"""
POETRY = """\
[[package]]
name = "NumPy"
version = "2.1.0"
[metadata]
lock-version = "2.1"
"""
PYLOCK = """\
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "2.1.0"
[[packages]]
name = "ours"
directory = { path = "." }
"""
CONDA = """\
version: 1
package:
- {name: openssl, version: 1.1.1w, manager: conda, platform: linux-64}
- {name: numpy, version: '2.10', manager: pip, platform: linux-64}
"""
PIPFILE = json.dumps({"_meta": {}, "default": {"numpy": {"version": "==2.1.0"}}, "develop": {}})


def test_requirements_are_read_with_their_continued_lines() -> None:
    assert pinned("requirements.txt", REQUIREMENTS) == [
        ("numpy", "1.26.4"), ("numpy", "2.1.0"), ("zope-interface", "5.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("uv.lock", UV),
        ("poetry.lock", POETRY),
        ("pdm.lock", POETRY.replace('lock-version = "2.1"', 'lock_version = "4.5.0"')),
        ("pylock.toml", PYLOCK),
        ("pylock.train.toml", PYLOCK),
        ("Pipfile.lock", PIPFILE),
    ],
)
def test_each_lock_file_tells_its_packages(path: str, text: str) -> None:
    assert is_lock_file(path)
    assert pinned(path, text) == [("numpy", "2.1.0")]


def test_a_conda_lock_keeps_the_versions_of_conda() -> None:
    assert pinned("conda-lock.yml", CONDA) == [("numpy", "2.10"), ("openssl", "1.1.1w")]


@pytest.mark.parametrize("text", ["", "# nothing\n", "numpy\nscipy>=1\n-r base.txt\n"])
def test_requirements_that_pin_nothing_are_no_lock_file(text: str) -> None:
    assert read_lock_file(text.encode(), path="requirements.txt") is None


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("requirements.txt", "numpy==1\nscipy>=1\n", "requirements.txt:2: 'scipy>=1'"),
        ("requirements.txt", "# -*- coding: utf-7 -*-\nsix==1\n", "requirements.txt:1: "),
        ("requirements.txt", "numpy==1\n-r other.txt\n", "-r other.txt"),
        ("requirements.txt", "numpy==1\na @ https://x/a.whl\n", "a @ https"),
        ("requirements.txt", "numpy==1\n./wheels/a.whl\n", "./wheels"),
        ("requirements.txt", "--secret-flag x\n", "--secret-flag"),
        ("requirements.lock", "numpy==1\nscipy==1.*\n", "1.*"),
        ("uv.lock", "version = 2\n", "lock version '2'"),
        ("uv.lock", "version = 1\n", "`package` is None"),
        ("uv.lock", UV.replace('version = "2.1.0"\n', ""), "version None"),
        ("uv.lock", UV.replace("source = { registry", "sauce = { registry"), "source is None"),
        ("poetry.lock", POETRY.replace('"2.1"', '"9.0"'), "lock version '9.0'"),
        ("poetry.lock", "[[package", "not readable"),
        ("pylock.toml", PYLOCK.replace("directory", "archive"), "version None"),
        ("conda-lock.yml", CONDA.replace("'2.10'", "2.10"), "a package with the name"),
        ("Pipfile.lock", json.dumps({"default": {"a": {"git": "x"}}}), "pinned with `==`"),
        ("Pipfile.lock", "[", "not JSON"),
    ],
)
def test_what_is_not_understood_is_a_problem_of_the_whole_file(
    path: str, text: str, said: str
) -> None:
    found = read(path, text)
    assert said in found.problem
    assert found.packages == ()


def test_a_password_in_a_requirements_file_is_not_repeated() -> None:
    found = read("requirements.txt", "a==1\nb @ https://jane:s3cret@host/b.whl\n")
    assert "s3cret" not in found.problem


def test_other_files_are_no_lock_files() -> None:
    for path in ("setup.py", "sub/uv.lock", "requirements.in", "my-uv.lock", "pylock.a.b.toml"):
        assert not is_lock_file(path)
