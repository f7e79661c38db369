"""The environment of a stage is that of its own Python, and names no person and no place."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.running.environment import capture_environment, stated_image


def in_environment(python: str, root: Path) -> dict[str, str]:
    """Variables in which `python` is this one."""
    folder = root / "bin"
    folder.mkdir()
    (folder / "python").write_text(f'#!/bin/sh\nexec {python} "$@"\n', encoding="utf-8")
    (folder / "python").chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(root)}


def python_of(environment: object) -> dict[str, Json]:
    assert isinstance(environment, dict)
    python = environment["python"]
    assert isinstance(python, dict)
    return python


def test_it_is_the_python_of_the_stage_that_is_described(tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    info = packages / "Scikit_Learn-1.5.2.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("sklearn/__init__.py,,\n", encoding="utf-8")

    variables = in_environment(str(environment / "bin/python"), tmp_path)
    python = python_of(capture_environment(tmp_path, variables))
    assert python["implementation"] == platform.python_implementation()
    assert python["version"] == platform.python_version()
    assert python["packages"] == {"scikit-learn": "1.5.2"}

    (info / "RECORD").write_text("sklearn/__init__.py,sha256=x,1\n", encoding="utf-8")
    changed = python_of(capture_environment(tmp_path, variables))
    assert changed["packagesDigest"] != python["packagesDigest"]


def test_packages_on_the_pythonpath_are_seen(tmp_path: Path) -> None:
    (tmp_path / "lib/extra-3.0.dist-info").mkdir(parents=True)
    variables = in_environment(sys.executable, tmp_path) | {"PYTHONPATH": str(tmp_path / "lib")}
    packages = python_of(capture_environment(tmp_path, variables))["packages"]
    assert isinstance(packages, dict)
    assert packages["extra"] == "3.0"


def test_without_a_python_it_says_so(tmp_path: Path) -> None:
    assert capture_environment(tmp_path, {"PATH": str(tmp_path)})["python"] is None


def test_a_python_that_does_not_work_is_none(tmp_path: Path) -> None:
    variables = in_environment("/nowhere/python", tmp_path)
    assert capture_environment(tmp_path, variables)["python"] is None


def test_lock_files_are_named_with_their_digests(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_bytes(b"uv")
    (tmp_path / "requirements-dev.txt").write_bytes(b"dev")
    (tmp_path / "notes.txt").write_bytes(b"no lock")
    assert capture_environment(tmp_path, {"PATH": ""})["lockFiles"] == {
        "requirements-dev.txt": sha256(b"dev"),
        "uv.lock": sha256(b"uv"),
    }


def test_processor_and_gpu_driver_are_read_from_the_system(tmp_path: Path) -> None:
    (tmp_path / "driver/nvidia").mkdir(parents=True)
    (tmp_path / "cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: AMD EPYC 7B13\n", encoding="utf-8"
    )
    (tmp_path / "driver/nvidia/version").write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  545.23.08  Release Build\n"
        "GCC version:  gcc version 12.2.0\n",
        encoding="utf-8",
    )
    environment = capture_environment(tmp_path, {"PATH": ""}, proc=tmp_path)
    assert environment["cpu"] == {"model": "AMD EPYC 7B13", "count": os.cpu_count()}
    assert environment["gpuDriver"] == "545.23.08"


def test_no_variable_host_or_path_is_recorded(tmp_path: Path) -> None:
    variables = in_environment(sys.executable, tmp_path) | {"API_TOKEN": "do-not-tell"}
    data = dumps(capture_environment(tmp_path, variables)).decode()
    assert "do-not-tell" not in data
    assert str(tmp_path) not in data
    assert sys.prefix not in data
    assert f'"{platform.node()}"' not in data


def test_a_container_image_is_recorded_by_digest_as_the_caller_states_it(tmp_path: Path) -> None:
    stated = stated_image(f"registry.example:5000/a/b:1.0@sha256:{'0' * 64}")
    environment = capture_environment(tmp_path, {"PATH": ""}, container_image=stated)
    assert environment["containerImage"] == {
        "statedByCaller": True,
        "name": "registry.example:5000/a/b:1.0",
        "digest": {"sha256": "0" * 64},
    }
    assert capture_environment(tmp_path, {"PATH": ""})["containerImage"] is None


@pytest.mark.parametrize(
    "text",
    ["image", "image:tag", "image@sha256:0", f"image@sha256:{'G' * 64}", f"@sha256:{'0' * 64}",
     f"a b@sha256:{'0' * 64}", f"image@sha256:{'0' * 64}\n"],
)  # fmt: skip
def test_a_container_image_without_its_digest_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(InputError, match="REFERENCE@sha256:HEX"):
        stated_image(text)
