"""A small governed project in real git and DVC, and what tests do with copies of it."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from aigf_dvc.actions.capture import capture
from aigf_dvc.attestation.deployment import DEPLOYMENT
from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import WorkspaceData
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.evidence.lineage import Edge, EdgeState
from aigf_dvc.gates.ci import SYSTEMS
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.hashing.digest_cache import DigestCache
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.working_tree import WorkingTree

PACKAGE = Path(__file__).resolve().parent.parent
SCHEMAS = PACKAGE / "schemas"
TIMEOUT = 60  # seconds: a program that hangs is a failure
MODEL = "models/model.bin"
METRICS = "metrics.json"

DVC_YAML = """\
stages:
  prepare:
    cmd: sh src/prepare.sh
    deps: [data/raw.csv, src/prepare.sh]
    outs: [data/clean.csv]
  train:
    cmd: sh src/train.sh
    deps: [data/clean.csv, src/train.sh]
    params: [train.depth]
    outs: [models/model.bin]
  evaluate:
    cmd: sh src/evaluate.sh
    deps: [models/model.bin, data/clean.csv, src/evaluate.sh]
    metrics:
      - metrics.json: {cache: false}
"""

AIGF_YAML = """\
models:
  scorer:
    path: models/model.bin
    card: MODEL_CARD.md
    metrics:
      fairness_score: "metrics.json:fairness_score"
      p95_latency_ms: "metrics.json:p95_latency_ms"
    documents:
      - {type: risk-assessment, path: governance/documents/risk.md}
"""

CARD = """\
---
license: mit
governance:
  training_data_source: a table of three rows
  bias_mitigation_strategy: reweighing of the rows
  model_card_version: "1.0"
  responsible_owner: jane.doe@example.com
---
# A scorer
"""

FILES = {
    "dvc.yaml": DVC_YAML,
    "aigf.yaml": AIGF_YAML,
    "MODEL_CARD.md": CARD,
    "params.yaml": "train: {depth: 3, rate: 1e-3}\n",
    "data/raw.csv": "age,label\n31,1\n42,0\n53,1\n",
    "src/prepare.sh": "tail -n +2 data/raw.csv > data/clean.csv\n",
    "src/train.sh": "mkdir -p models; (echo model; cat data/clean.csv) > models/model.bin\n",
    "src/evaluate.sh": 'echo \'{"fairness_score": 0.9, "p95_latency_ms": 12.5}\' > metrics.json\n',
    "governance/documents/risk.md": "---\ntype: risk-assessment\ndate: 2026-11-01\n---\n# Risks\n",
    ".gitignore": "/data/clean.csv\n/models/\n",
}


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which no file of the real user is seen, and no CI."""
    ci = {system.mark[0] for system in SYSTEMS.values()}
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GIT_", "DVC_", "AIGF_", "XDG_")) and key not in ci
    }
    return kept | {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PACKAGE),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site-cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def make_home(home: Path) -> None:
    """Write the git identity of a user of our own."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(
        "[user]\nname = Jane Doe\nemail = jane.doe@example.com\n"
        "[init]\ndefaultBranch = main\n[core]\nautocrlf = false\n"
    )


def run(
    arguments: list[str],
    folder: Path,
    *,
    check: bool = True,
    stdin: str = "",
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program; one that hangs fails the test."""
    outcome = subprocess.run(
        arguments,
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=TIMEOUT,
        env={**os.environ, **(extra or {})},
    )
    if check:
        assert outcome.returncode == 0, f"{arguments}: {outcome.stdout}{outcome.stderr}"
    return outcome


@dataclass(frozen=True, slots=True)
class Playground:
    """A project that a test may spoil."""

    root: Path

    @property
    def project(self) -> Project:
        return find_project(self.root)

    def git(self, *arguments: str, check: bool = True, stdin: str = "") -> str:
        return run(["git", *arguments], self.root, check=check, stdin=stdin).stdout.strip()

    def dvc(self, *arguments: str) -> str:
        return run(["dvc", *arguments], self.root).stdout

    def aigf(
        self,
        *arguments: str,
        stdin: str = "",
        extra: Mapping[str, str] | None = None,
        folder: str = ".",
    ) -> subprocess.CompletedProcess[str]:
        """Run the command as people do, and hold it to its word: no traceback, known codes."""
        outcome = run(
            [sys.executable, "-m", "aigf_dvc", *arguments],
            self.root / folder,
            check=False,
            stdin=stdin,
            extra=extra,
        )
        assert "Traceback" not in outcome.stderr + outcome.stdout, outcome.stderr
        assert outcome.returncode in (0, 1, 2, 3), (outcome.returncode, outcome.stderr)
        return outcome

    def write(self, path: str, content: str | bytes) -> None:
        full = self.root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}: {text}"
        self.write(path, text.replace(old, new))

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def clone(self, to: Path) -> "Playground":
        self.git("clone", "--quiet", str(self.root), str(to))
        return Playground(to)

    def edges(self, *, revision: str | None = None) -> dict[str, Edge]:
        """Return every edge of the model's lineage with all data hashed, by `stage kind name`."""
        captured = capture(self.project, revision=revision)
        return {f"{e.stage} {e.kind} {e.name}".strip(): e for e in captured.edges}

    def unsound(self, *, revision: str | None = None) -> dict[str, EdgeState]:
        return {
            name: edge.state
            for name, edge in self.edges(revision=revision).items()
            if not edge.state.is_sound
        }

    def manifest(self, revision: str | None = None) -> bytes:
        return capture(self.project, revision=revision).manifest

    @contextmanager
    def commit_snapshot(self, revision: str = "HEAD") -> Iterator[CommitSnapshot]:
        with GitObjects(self.root) as objects:
            yield CommitSnapshot(objects, program.resolve_commit(self.root, revision))

    def comparison(self) -> Consistency:
        """Return the comparison of the working tree with its lock, with all data hashed."""
        tree = WorkingTree(self.root)
        data = WorkspaceData(self.root, DigestCache(self.root), only=None)
        return Consistency(tree, read_pipeline(tree), data)

    def edit_keeping_size_and_mtime(self, path: str) -> None:
        """Change one byte of a file and set its time back, as DVC's own state does not notice."""
        data = bytearray((self.root / path).read_bytes())
        data[-2] ^= 1
        self.edit(path, bytes(data))

    def edit(self, path: str, content: bytes) -> None:
        """Write a file anew and set its time back."""
        full = self.root / path
        before = full.stat()
        full.chmod(0o644)
        full.write_bytes(content)
        os.utime(full, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert full.stat().st_mtime_ns == before.st_mtime_ns


def build(root: Path) -> None:
    """Make the project, with real git and DVC."""
    playground = Playground(root)
    root.mkdir(parents=True)
    for path, text in FILES.items():
        playground.write(path, text)
    playground.write("governance/policy.yaml", (PACKAGE / "policies/baseline.yaml").read_bytes())
    playground.git("init", "--quiet")
    playground.dvc("init", "--quiet")
    playground.dvc("config", "core.autostage", "false")
    playground.dvc("add", "--quiet", "data/raw.csv")
    playground.dvc("repro", "--quiet")
    capture(playground.project)
    playground.commit("first")


def copy(template: Path, to: Path) -> Playground:
    shutil.copytree(template, to, symlinks=True)
    return Playground(to)


def refused_in_one_line(outcome: subprocess.CompletedProcess[str]) -> str:
    """Return what the command said when it could not go on."""
    assert outcome.returncode in (2, 3), (outcome.returncode, outcome.stdout, outcome.stderr)
    said = outcome.stderr + outcome.stdout
    assert said.strip()
    assert len(said) < 4000, said[:4000]
    return said


def statement_of(bundle: bytes) -> dict[str, object]:
    """Return the statement inside a bundle, unverified; ours must be what its schema says."""
    envelope = json.loads(bundle)["dsseEnvelope"]
    statement = json.loads(b64decode(envelope["payload"]))
    assert isinstance(statement, dict)
    if statement["predicateType"] == DEPLOYMENT:
        deployment_validator().validate(statement)
    return statement


@cache
def deployment_validator() -> Draft202012Validator:
    """Return what holds a deployment attestation to its published schema."""
    schema = json.loads((SCHEMAS / "deployment-v1.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
