"""The house keeps its walls: what import-linter and ruff cannot see."""

import ast
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from aigf_dvc.signing.private_keys import generate_key

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "aigf_dvc"
SHIPPED = ("policies", "templates")
LINES_PER_FILE = 400
HEAVY = {"cryptography", "dvc", "fsspec", "git", "packaging", "pydantic", "requests", "sigstore"}

# Starts the command as `python -m aigf_dvc` does, then tells what it made Python load.
COMMAND_PROBE = """
import json, runpy, sys
sys.argv = ["aigf", *sys.argv[1:]]
try:
    runpy.run_module("aigf_dvc", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""

# Loads every module of the gates, so all that a hook has loaded before it judges.
GATES_PROBE = """
import importlib, json, pkgutil, sys
from aigf_dvc import gates
names = [module.name for module in pkgutil.walk_packages(gates.__path__, gates.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(json.dumps({"code": 0 if names else "no gates", "modules": sorted(sys.modules)}))
"""


def modules() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def heavy_imports(probe: str, *arguments: str) -> set[str]:
    """Run a probe in a Python of its own and return the heavy libraries that it loaded."""
    run = subprocess.run(
        [sys.executable, "-c", probe, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout.splitlines()[-1])
    assert report["code"] == 0, run.stdout + run.stderr
    return HEAVY & {name.partition(".")[0] for name in report["modules"]}


def test_an_init_file_holds_one_docstring_and_nothing_else() -> None:
    inits = [path for path in modules() if path.name == "__init__.py"]
    assert inits
    wordy = []
    for path in inits:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if len(tree.body) != 1 or ast.get_docstring(tree) is None:
            wordy.append(path.relative_to(ROOT).as_posix())
    assert wordy == []


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in modules()}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_file_grows_past_four_hundred_lines() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }
    assert {name: size for name, size in lengths.items() if size > LINES_PER_FILE} == {}


def test_the_recorder_imports_only_the_standard_library() -> None:
    imported = set[str]()
    for name in ("recorder.py", "stage_run.py"):
        imported |= imported_by(PACKAGE / name)
    assert imported - sys.stdlib_module_names == {"aigf_dvc"}


def imported_by(file: Path) -> set[str]:
    """Return the first names of what a module imports."""
    imported = set[str]()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or ".").partition(".")[0])
    return imported


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("check", "--help"),
        ("repro", "--help"),
        ("repro", "--clean", "HEAD", "--help"),
        ("hook", "pre-push", "--help"),
    ],
    ids=" ".join,
)
def test_asking_for_help_loads_no_heavy_library(arguments: tuple[str, ...]) -> None:
    assert heavy_imports(COMMAND_PROBE, *arguments) == set()


def test_loading_every_gate_loads_no_heavy_library() -> None:
    assert heavy_imports(GATES_PROBE) == set()


def test_verifying_a_signature_of_a_key_loads_what_that_takes_and_no_more(tmp_path: Path) -> None:
    pems = generate_key(None)
    for name, data in (("k.pub", pems[1]), ("m", b""), ("b.json", b"{}")):
        (tmp_path / name).write_bytes(data)
    arguments = ["verify", str(tmp_path / "m"), "--any-policy", "--key", str(tmp_path / "k.pub")]
    run = subprocess.run(
        [sys.executable, "-c", COMMAND_PROBE, *arguments, "--bundle", str(tmp_path / "b.json")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(run.stdout.splitlines()[-1])
    assert report["code"] == 1, run.stdout + run.stderr
    loaded = {name for name in report["modules"] if name.startswith("aigf_dvc.")}
    assert "aigf_dvc.signing.keys" in loaded
    needless = (
        "aigf_dvc.actions.check",
        "aigf_dvc.actions.consents",
        "aigf_dvc.actions.verify_oms",
        "aigf_dvc.capture.pipeline",
        "aigf_dvc.evidence.model_evidence",
        "aigf_dvc.policy.evaluate",
        "aigf_dvc.redaction",
        "aigf_dvc.stores.open",
        "subprocess",
        "yaml",
    )
    assert [name for name in needless if name in report["modules"]] == []


@pytest.mark.slow
def test_the_wheel_built_from_the_sdist_carries_policies_and_templates(tmp_path: Path) -> None:
    build = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        tops = {PurePosixPath(name).parts[1] for name in sdist.getnames()}
    assert {"aigf_dvc", "LICENSE", "README.md", "pyproject.toml", *SHIPPED} <= tops
    assert tops.isdisjoint({"benchmarks", "examples", "requirements", "tests"})

    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name: wheel.read(name) for name in wheel.namelist()}
    assert "aigf_dvc/_shipped/policies/baseline.yaml" in packed
    for folder in SHIPPED:
        files = [path for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
        assert files, f"{folder}/ has no files to ship"
        for path in files:
            assert packed[f"aigf_dvc/_shipped/{path.relative_to(ROOT).as_posix()}"] == (
                path.read_bytes()
            )


def test_the_push_gate_starts_without_click() -> None:
    program = (
        "import sys; sys.argv = ['aigf', 'hook', 'pre-push', 'origin', 'url']\n"
        "from aigf_dvc.cli.start import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    print(end.code, 'click' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 False\n"
