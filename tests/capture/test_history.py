"""A history that is read with a memory says of every commit what it says when read alone."""

import random
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from aigf_dvc.capture.consistency import Consistency
from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.history import ALL_REFS, History, list_commits
from aigf_dvc.capture.pipeline import read_records
from aigf_dvc.digests import dvc_directory, md5
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.lineage import Edge
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from tests.playground import Playground

DVC_YAML = """\
stages:
  prepare:
    cmd: python src/prepare.py
    deps: [data/raw.csv, src/prepare.py, lib]
    params: [prepare.seed, other.json: [x]]
    outs: [data/clean.csv]
  train:
    cmd: python src/train.py
    deps: [data/clean.csv, src/link.py]
    params: [train]
    outs: [models/model.bin]
  evaluate:
    cmd: python src/evaluate.py
    deps: [models, src/evaluate.py]
    metrics: [metrics.json: {cache: false}]
"""
CLAIMS_TOO = "  again:\n    cmd: python src/train.py\n    outs: [models/model.bin]\n"


def record(path: str, value: str) -> str:
    return f"    - path: {path}\n      hash: md5\n      md5: {value}\n      size: 3\n"


def lock(files: Mapping[str, str], seed: int) -> str:
    """Write what a run on these files would have left."""
    code = {path: md5(text.encode()) for path, text in files.items()}
    library = dvc_directory((p[4:], code[p]) for p in files if p.startswith("lib/"))
    clean, model = md5(b"clean%d" % (seed % 3)), md5(b"model%d" % seed)
    return (
        "schema: '2.0'\nstages:\n  prepare:\n    cmd: python src/prepare.py\n    deps:\n"
        + record("data/raw.csv", md5(b"raw"))
        + record("lib", library)
        + record("src/prepare.py", code["src/prepare.py"])
        + "    params:\n      other.json:\n        x: 1\n"
        + f"      params.yaml:\n        prepare.seed: {seed % 2}\n"
        + "    outs:\n"
        + record("data/clean.csv", clean)
        + "  train:\n    cmd: python src/train.py\n    deps:\n"
        + record("data/clean.csv", clean)
        + record("src/link.py", code["src/train.py"])
        + f"    params:\n      params.yaml:\n        train:\n          depth: {seed}\n    outs:\n"
        + record("models/model.bin", model)
        + "  evaluate:\n    cmd: python src/evaluate.py\n    deps:\n"
        + record("models", dvc_directory([("model.bin", model)]))
        + record("src/evaluate.py", code["src/evaluate.py"])
        + "    outs:\n"
        + record("metrics.json", code["metrics.json"])
    )


def states(count: int) -> Iterable[dict[str, str]]:
    """Yield the files of each commit: runs, and edits of every kind that nobody ran."""
    chance = random.Random(7)  # noqa: S311  # the same history every time
    files = {
        "dvc.yaml": DVC_YAML,
        "data/raw.csv.dvc": f"outs:\n- {{md5: {md5(b'raw')}, hash: md5, path: raw.csv}}\n",
        "src/prepare.py": "1\n", "src/train.py": "1\n", "src/evaluate.py": "1\n",
        "lib/a.py": "a\n", "lib/deep/b.py": "b\n", "other.json": '{"x": 1}', "metrics.json": "{}",
        "params.yaml": "prepare: {seed: 0}\ntrain: {depth: 0}\n", "README.md": "",
    }  # fmt: skip
    kinds = [kind for _ in range(count) for kind in chance.sample(range(13), 13)]  # each as often
    for number, kind in enumerate(kinds[:count]):
        if kind < 4 or not number:
            files["params.yaml"] = f"prepare: {{seed: {number % 2}}}\ntrain: {{depth: {number}}}\n"
            files["metrics.json"] = f'{{"n": {number}}}'
            files["dvc.lock"] = lock(files, number)
        edits = {
            4: ("src/train.py", f"{number}\n"), 5: ("lib/deep/b.py", f"{number % 2}\n"),
            6: ("README.md", f"{number}\n"), 7: ("other.json", f'{{"x": {number % 2}}}'),
            8: ("params.yaml", files["params.yaml"] + f"# {number}\n"),
            9: ("dvc.yaml", DVC_YAML + ("" if CLAIMS_TOO in files["dvc.yaml"] else CLAIMS_TOO)),
            10: (".dvcignore", "lib/deep\n" if number % 2 else "# nothing\n"),
            11: ("metrics.json", f'{{"edited": {number}}}'),
        }  # fmt: skip
        if kind == 12:  # one stage ran again, and what reads its output did not
            first, _, _ = lock(files, number).partition("  train:\n")
            _, start, rest = files["dvc.lock"].partition("  train:\n")
            files["dvc.lock"] = first + start + rest
        if kind in edits:
            files[edits[kind][0]] = edits[kind][1]
        if number == count // 2:
            files["dvc.lock"] = "<<<<<<< ours\n" + files["dvc.lock"]
        if number == count // 2 + 1:
            files["dvc.lock"] = lock(files, number)
        yield dict(files)


def make(root: Path, trees: Iterable[Mapping[str, str]], *, prefix: str = "") -> None:
    """Write one commit for each tree, with one run of git."""
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    stream = []
    for number, files in enumerate(trees):
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@b> {1_700_000_000 + number} +0000\n"
            "data 0\ndeleteall\n"
        )
        everything = {path: ("100644", text) for path, text in files.items()}
        everything["src/link.py"] = ("120000", "train.py")
        for path, (mode, text) in everything.items():
            size = len(text.encode())
            stream.append(f"M {mode} inline {prefix}{path}\ndata {size}\n{text}\n")
    subprocess.run(
        ["git", "-C", str(root), "-c", "fastimport.unpackLimit=9999", "fast-import", "--quiet"],
        input="".join(stream).encode(),
        check=True,
    )


def alone(root: Path, commit: str, prefix: str) -> object:
    """Read one commit with no memory of others."""
    with GitObjects(root) as objects:
        try:
            snapshot = CommitSnapshot(objects, commit, prefix=prefix)
            pipeline = read_records(snapshot)
            edges = Consistency(snapshot, pipeline, NoData()).edges
            return pipeline, {stage: _edges(edges(stage)) for stage in pipeline.stages}
        except AigfError as error:
            return str(error)


def _edges(edges: Iterable[Edge]) -> object:
    try:
        return tuple(edges)
    except AigfError as error:
        return str(error)


@pytest.mark.slow
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("prefix", ["", "sub/project/"])
def test_every_commit_says_what_it_says_alone(tmp_path: Path, prefix: str) -> None:
    make(tmp_path / "r", states(60), prefix=prefix)
    commits = list_commits(tmp_path / "r", ("refs/heads/main",), first_parent=True)
    assert len(commits) == 60
    kinds = set()
    with GitObjects(tmp_path / "r") as objects:
        history = History(objects, prefix=prefix.rstrip("/"))
        for reading in history.read_all(commits):
            found: object = str(reading.problem)
            if reading.pipeline is not None:
                found = (
                    reading.pipeline,
                    {s: _edges(history.edges(reading, s)) for s in reading.pipeline.stages},
                )
                edges = (e for s in reading.pipeline.stages for e in history.edges(reading, s))
                kinds |= {(edge.kind, edge.state) for edge in edges}
            assert found == alone(tmp_path / "r", reading.commit.id, prefix.rstrip("/"))
    assert len(kinds) >= 6, "the history holds sound and unsound edges of every kind"


@pytest.mark.usefixtures("home")
def test_a_damaged_commit_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    root = tmp_path / "r"
    make(root, states(12))
    commits = list_commits(root, ("refs/heads/main",), first_parent=True)
    tree = Playground(root).git("rev-parse", f"{commits[3].id}^{{tree}}")
    loose = root / ".git/objects" / tree[:2] / tree[2:]
    loose.chmod(0o644)
    loose.write_bytes(b"damaged")
    with GitObjects(root) as objects:
        readings = list(History(objects).read_all(commits))
    damaged = [n for n, reading in enumerate(readings) if reading.pipeline is None and n != 5]
    assert 3 in damaged
    assert readings[3].problem is not None
    assert readings[11].pipeline is not None


@pytest.mark.usefixtures("home")
def test_a_project_that_was_not_there_yet_is_no_problem(tmp_path: Path) -> None:
    make(tmp_path / "r", [{"README.md": "x"}])
    commits = list_commits(tmp_path / "r", ("refs/heads/main",), first_parent=True)
    with GitObjects(tmp_path / "r") as objects:
        (top,) = History(objects).read_all(commits)
        (below,) = History(objects, prefix="sub").read_all(commits)
    assert (top.pipeline, top.problem) == (None, None)
    assert (below.pipeline, below.problem) == (None, None)


def test_the_refs_of_attestations_are_no_history(playground: Playground) -> None:
    playground.git("update-ref", "refs/aigf/attestations", "HEAD")
    playground.git("update-ref", "refs/notes/x", "HEAD")
    playground.git("checkout", "--quiet", "--orphan", "other")
    playground.commit("other")
    playground.git("branch", "-D", "main")
    assert len(list_commits(playground.root, ALL_REFS, first_parent=False)) == 1
