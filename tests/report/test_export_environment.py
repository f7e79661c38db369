"""The environment as a run record has it; a record that says nothing names nothing."""

from aigf_dvc.canonical import Json
from aigf_dvc.digests import sha256
from aigf_dvc.report.export_environment import interpreters, lock_files, packages
from tests.report.builders import a_record

OTHER: Json = {
    "implementation": "PyPy",
    "version": "3.10.1",
    "packages": {"numpy": "2.0", "odd": 7, "torch_vision": "0.16+cu118"},
}


def test_the_packages_of_every_run_are_named_once() -> None:
    runs = (
        a_record("train"),
        a_record("prepare"),
        a_record("train", environment={"python": OTHER}),
    )
    assert packages(runs) == (
        ("numpy", "1.26.4"),
        ("numpy", "2.0"),
        ("torch-vision", "0.16+cu118"),
    )
    assert interpreters(runs) == (("CPython", "3.12.1"), ("PyPy", "3.10.1"))


def test_only_lock_files_with_a_digest_count() -> None:
    assert lock_files([a_record("train")]) == (("uv.lock", sha256(b"uv.lock")),)


def test_a_record_without_a_python_names_nothing() -> None:
    run = a_record("train", environment={"python": None})
    assert packages([run]) == interpreters([run]) == lock_files([run]) == ()
