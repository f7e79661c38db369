"""Makes the scratch projects that are measured: the example, governed, and a large pipeline."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.process import aigf, dvc, run

ROOT = Path(__file__).resolve().parent.parent
_EXAMPLE = ROOT / "examples" / "mortgage"
_NOT_COPIED = shutil.ignore_patterns(".venv", "__pycache__", ".git", ".dvc")

# What the stages would make: the benchmark measures the reading of it, not scikit-learn.
_OUTPUTS = {
    "data/prepared/train.csv": "afam,deny\n" + "0,1\n" * 1428,
    "data/prepared/test.csv": "afam,deny\n" + "0,1\n" * 952,
    "models/mortgage.pkl": "a model of which only the bytes matter\n" * 20,
    "metrics/evaluation.json": json.dumps({"fairness_score": 0.897, "accuracy": 0.9}) + "\n",
    "metrics/latency.json": json.dumps({"p95_latency_ms": 2.1}) + "\n",
}
_SETTINGS = """\
models:
  chain:
    path: {model}
    metrics:
      fairness_score: "metrics.json:fairness_score"
      p95_latency_ms: "metrics.json:p95_latency_ms"
policy: policy.yaml
"""


class Mortgage(Struct, frozen=True, kw_only=True):
    """The example as a governed project, pushed once, with one commit more to push."""

    root: Path
    remote: Path
    pushed: str  # the commit that the remote has
    head: str
    model: str = "models/mortgage.pkl"

    @property
    def push_line(self) -> bytes:
        """Return what git writes to the pre-push hook's standard input."""
        return f"refs/heads/main {self.head} refs/heads/main {self.pushed}\n".encode()


def mortgage(folder: Path) -> Mortgage:
    """Make the example in a new folder, as a team would have it after a passing run."""
    root, remote = folder / "mortgage", folder / "mortgage.git"
    shutil.copytree(_EXAMPLE, root, ignore=_NOT_COPIED)
    _repository(root)
    run(dvc("add", "--quiet", "data/hmda.csv"), root)
    for name, text in _OUTPUTS.items():
        _write(root / name, text)
    run(aigf("init"), root)
    run(dvc("commit", "--quiet", "--force"), root)
    pushed = commit(root, "Train the model")
    run(("git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote)), folder)
    run(("git", "remote", "add", "origin", str(remote)), root)
    run(("git", "push", "--quiet", "origin", "main"), root)
    run(aigf("capture"), root)
    return Mortgage(root=root, remote=remote, pushed=pushed, head=commit(root, "Capture lineage"))


def long_history(folder: Path, *, files: int, commits: int, unpushed: int) -> Mortgage:
    """Make the example with many files and commits, of which the remote lacks the last ones."""
    project = mortgage(folder)
    stream = []
    for number in range(commits):
        parent = "" if number else f"from {project.head}\n"
        stream.append(
            f"commit refs/heads/main\ncommitter B <b@example.com> {1_800_000_000 + number} +0000\n"
            f"data 0\n{parent}{_inline('notes.txt', str(number))}"
        )
        if not number:
            names = (f"many/{place // 100:03}/{place:05}.txt" for place in range(files))
            stream += (_inline(name, name) for name in names)
    run(("git", "fast-import", "--quiet"), project.root, stdin="".join(stream).encode())
    pushed, head = (
        run(("git", "rev-parse", name), project.root).output.decode().strip()
        for name in (f"main~{unpushed}", "main")
    )
    run(("git", "update-ref", "refs/remotes/origin/main", pushed), project.root)
    return replace(project, pushed=pushed, head=head)


def chain(folder: Path, stages: int) -> Path:
    """Make a project whose pipeline is one long chain, with the lock of a run that never was.

    Every stage has a script in git, the output of the stage before it, a parameter and an output.
    """
    root = folder / f"chain-{stages}"
    root.mkdir()
    _repository(root)
    script = "print('one step')\n"
    _write(root / "src/step.py", script)
    names = [f"step_{number:05}" for number in range(stages)]
    _write(root / "params.yaml", "".join(f"{name}: {{rate: 0.5}}\n" for name in names))
    paths = ["src/start.csv", *(f"data/{name}.csv" for name in names)]
    _write(root / paths[0], script)
    definition, lock = ["stages:\n"], ["schema: '2.0'\n", "stages:\n"]
    for name, before, after in zip(names, paths[:-1], paths[1:], strict=True):
        definition.append(_STAGE.format(name=name, before=before, after=after))
        entry = _LOCK.format(
            name=name,
            before=before,
            after=after,
            script=_md5(script),
            given=_md5(script if before == paths[0] else before),
            made=_md5(after),
            size=len(script),
        )
        lock.append(entry)
    _write(root / "dvc.yaml", "".join(definition))
    _write(root / "dvc.lock", "".join(lock))
    _write(root / "metrics.json", json.dumps({"fairness_score": 0.9, "p95_latency_ms": 2}))
    _write(root / ".gitignore", "/data/\n")
    _write(root / "aigf.yaml", _SETTINGS.format(model=paths[-1]))
    shutil.copy(ROOT / "policies/baseline.yaml", root / "policy.yaml")
    shutil.copy(_EXAMPLE / "MODEL_CARD.md", root)
    commit(root, "Run the chain")
    return root


def trivial(folder: Path, stages: int) -> Path:
    """Make a project of stages that cost next to nothing, to see what running them adds."""
    root = folder / "trivial"
    root.mkdir()
    _repository(root)
    lines = ["stages:\n"]
    for number in range(stages):
        lines.append(f"  write_{number:02}:\n    cmd: echo {number} > {number}.txt\n")
        lines.append(f"    outs:\n      - {number}.txt\n")
    _write(root / "dvc.yaml", "".join(lines))
    _write(root / ".gitignore", "*.txt\n")
    commit(root, "Define the stages")
    return root


def many_files(folder: Path, count: int) -> Path:
    """Make a project whose model was made from a directory of many small files."""
    root = folder / "many"
    root.mkdir()
    _repository(root)
    for number in range(count):
        _write(root / f"pool/{number // 1000:03}/{number:06}.txt", f"sample {number}\n")
    _write(root / "dvc.yaml", _MANY)
    _write(root / "metrics.json", json.dumps({"fairness_score": 0.9, "p95_latency_ms": 2}))
    _write(root / "aigf.yaml", _SETTINGS.format(model="model.bin"))
    shutil.copy(ROOT / "policies/baseline.yaml", root / "policy.yaml")
    shutil.copy(_EXAMPLE / "MODEL_CARD.md", root)
    run(dvc("add", "--quiet", "pool"), root)
    run(dvc("repro", "--quiet"), root)
    commit(root, "Train on many files")
    return root


_MANY = """\
stages:
  train:
    cmd: echo model > model.bin
    deps: [pool]
    outs: [model.bin]
"""


def history(folder: Path, commits: int) -> Path:
    """Make a chain of four stages with a history: runs, code that was not run, and words.

    Git reads all commits from one stream.
    """
    root = folder / f"history-{commits}"
    root.mkdir()
    _repository(root)
    stream = [
        f"commit refs/heads/main\ncommitter B <b@example.com> {1_700_000_000 + number} +0000\n"
        "data 0\n" + "".join(_inline(path, text) for path, text in changed.items())
        for number, changed in enumerate(_changes(commits))
    ]
    run(("git", "fast-import", "--quiet"), root, stdin="".join(stream).encode())
    return root


def _inline(path: str, text: str) -> str:
    return f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"


def _changes(commits: int) -> Iterator[dict[str, str]]:
    """Yield the files that each commit changes: a run, a run, code, words and the code as it was.

    A run changes the last two stages.
    """
    script = "print('one step')\n" * 40
    names = ("prepare", "select", "train", "evaluate")
    outs = [f"data/{name}.csv" for name in names]
    befores = ["src/start.csv", *outs[:-1]]
    definition = "".join(
        _STAGE.format(name=name, before=before, after=after)
        for name, before, after in zip(names, befores, outs, strict=True)
    )
    first = {
        "dvc.yaml": f"stages:\n{definition}",
        "src/start.csv": script,
        "src/step.py": script,
        **{f"docs/{number}.md": f"{number}\n" for number in range(40)},
    }
    for number in range(commits):
        match number % 4:
            case 0 | 1:
                made = [_md5(path) for path in outs[:2]] + [_md5(f"{p} {number}") for p in outs[2:]]
                given = [_md5(script), *made[:-1]]
                rows = zip(names, befores, outs, given, made, strict=True)
                lock = "".join(
                    _LOCK.format(
                        name=name, before=before, after=after, given=had, made=has,
                        script=_md5(script), size=len(script),
                    )
                    for name, before, after, had, has in rows
                )  # fmt: skip
                changed = {
                    "params.yaml": f"run: {number}\n"
                    + "".join(f"{name}: {{rate: 0.5}}\n" for name in names),
                    "dvc.lock": f"schema: '2.0'\nstages:\n{lock}",
                }
            case 2:
                changed = {"src/step.py": f"{script}# edited {number}\n"}
            case _:
                changed = {"README.md": f"{number}\n", "src/step.py": script}
        yield {**({} if number else first), **changed}


_STAGE = """\
  {name}:
    cmd: python src/step.py {before} {after}
    deps:
      - {before}
      - src/step.py
    params:
      - {name}.rate
    outs:
      - {after}
"""
_LOCK = """\
  {name}:
    cmd: python src/step.py {before} {after}
    deps:
    - path: {before}
      hash: md5
      md5: {given}
      size: {size}
    - path: src/step.py
      hash: md5
      md5: {script}
      size: {size}
    params:
      params.yaml:
        {name}.rate: 0.5
    outs:
    - path: {after}
      hash: md5
      md5: {made}
      size: {size}
"""


def commit(root: Path, message: str) -> str:
    """Commit everything and return the commit's id."""
    run(("git", "add", "--all"), root)
    run(("git", "commit", "--quiet", "--message", message), root)
    return run(("git", "rev-parse", "HEAD"), root).output.decode().strip()


def _repository(root: Path) -> None:
    run(("git", "init", "--quiet", "--initial-branch=main"), root)
    run(dvc("init", "--quiet"), root)
    run(dvc("config", "core.analytics", "false"), root)
    run(dvc("config", "core.check_update", "false"), root)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
