"""One repository with DVC projects of every shape that real DVC makes; built once, then copied.

museum/            the git repository, not a DVC project itself
  shared/lib.sh    code above the project
  vendor/lib       a submodule
  project/         the DVC project
  project/inner/   a DVC project inside it
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.playground import Playground

LFS_CODE = "echo lfs\n"

DVC_YAML = """\
stages:
  above:
    cmd: sh ../shared/lib.sh > above.out
    deps: [../shared/lib.sh, ../shared]
    outs: [above.out]
  parts:
    cmd: mkdir -p parts/deep && cp raw.csv parts/a.csv && cp raw.csv parts/deep/b.csv
    deps: [raw.csv]
    outs: [parts]
  one_part:
    cmd: cp parts/a.csv one
    deps: [parts/a.csv]
    outs: [one]
  folder_part:
    cmd: cp parts/deep/b.csv two
    deps: [parts/deep]
    outs: [two]
  inside_a:
    cmd: echo 1 > data/a.csv
    outs: [data/a.csv]
  inside_b:
    cmd: mkdir -p data/b && echo 2 > data/b/x
    outs: [data/b]
  around:
    cmd: cat data/a.csv data/b/x > around.out
    deps: [data]
    outs: [around.out]
  imported:
    cmd: cp imported.csv imported.out
    deps: [imported.csv]
    outs: [imported.out]
  downloaded:
    cmd: cp downloaded.csv downloaded.out
    deps: [downloaded.csv]
    outs: [downloaded.out]
  web:
    cmd: echo 1 > web.out
    deps: ['URL']
    outs: [web.out]
  machine:
    cmd: cp OUTSIDE machine.out
    deps: ['OUTSIDE']
    outs: [machine.out]
  code:
    cmd:
      - cat src/a.sh > code.out
      - cat 'src/naïve name.sh' >> code.out
    deps: [src, 'src/naïve name.sh', link.sh]
    outs: [code.out]
  submodule:
    cmd: sh vendor/lib/tool.sh > sub.out
    deps: [vendor/lib/tool.sh, vendor/lib]
    outs: [sub.out]
  lfs:
    cmd: sh lfs.sh > lfs.out
    deps: [lfs.sh]
    outs: [lfs.out]
  options:
    cmd: echo 1 > kept && echo 1 > numbers.yaml && echo x > plot.csv
    params: [on, time, small, octal, deep.list, 'größe']
    always_changed: true
    outs:
      - kept: {persist: true}
    metrics:
      - numbers.yaml: {cache: false}
    plots:
      - plot.csv: {cache: false, x: a}
"""
FILES = {
    "shared/lib.sh": "echo lib\n",
    "shared/other.sh": "echo other\n",
    "project/raw.csv": "1\n",
    "project/data/notes.txt": "by hand\n",
    "project/data/tracked.csv": "0\n",
    "project/src/a.sh": "echo a\n",
    "project/src/naïve name.sh": "echo b\n",
    "project/src/scratch.tmp": "hidden\n",
    "project/src/keep.tmp": "seen\n",
    "project/hidden/dvc.yaml": "stages: {bad: {}}\n",
    "project/.dvcignore": "*.tmp\n/hidden/\n!keep.tmp\n",
    "project/params.yaml": "on: yes\ntime: 12:30:45\nsmall: 1e-3\noctal: 010\n"
    "deep: {list: [1, {a: 2}]}\ngröße: 7\n",
    "project/lfs.sh": LFS_CODE,
    "project/.gitattributes": "lfs.sh filter=lfs\n",
    "project/prepare/dvc.yaml": "stages:\n  clean:\n    cmd: cp ../raw.csv clean.csv\n"
    "    deps: [../raw.csv]\n    outs: [clean.csv]\n",
    "project/train/dvc.yaml": "stages:\n  fit:\n    wdir: work\n"
    "    cmd: cp ../../prepare/clean.csv m\n    deps: [../../prepare/clean.csv]\n    outs: [m]\n",
    "project/train/work/.keep": "",
    "project/inner/dvc.yaml": "stages:\n  alone:\n    cmd: echo 1 > o\n    outs: [o]\n",
}


@dataclass(frozen=True, slots=True)
class Museum:
    """A copy of the repository."""

    top: Playground
    project: Playground
    inner: Playground
    upstream: Playground
    url: str  # what `web` depends on, and `downloaded.csv` was imported from
    outside: str  # the file of this machine that `machine` depends on


def build(root: Path) -> None:
    """Make everything, with real git and DVC and a real web server."""
    root.mkdir()
    upstream = _upstream(root / "upstream")
    outside = root / "outside.csv"
    outside.write_text("1\n")
    top = _repository(root / "museum")
    with _web(root / "web") as url:
        (root / "url").write_text(url)
        text = DVC_YAML.replace("URL", url).replace("OUTSIDE", str(outside))
        top.write("project/dvc.yaml", text)
        project = _dvc(root / "museum/project")
        inner = _dvc(root / "museum/project/inner")
        (project.root / "link.sh").symlink_to("src/a.sh")
        project.dvc("add", "--quiet", "data/tracked.csv")
        project.dvc("import", "--quiet", str(upstream.root), "table.csv", "-o", "imported.csv")
        project.dvc("import-url", "--quiet", url, "downloaded.csv")
        inner.dvc("repro", "--quiet")
        made = ("inside_a", "inside_b")
        project.dvc("repro", "--quiet", *made)  # the folder around them is read by another stage
        project.dvc("repro", "--quiet", "--all-pipelines")
    top.git("add", "-A")
    pointer = top.git("hash-object", "-w", "--stdin", stdin=lfs_pointer(LFS_CODE))
    top.git("update-index", "--cacheinfo", f"100644,{pointer},project/lfs.sh")
    top.git("commit", "--quiet", "-m", "run")


def copy(template: Path, to: Path) -> Museum:
    shutil.copytree(template, to, symlinks=True)
    return Museum(
        top=Playground(to / "museum"),
        project=Playground(to / "museum/project"),
        inner=Playground(to / "museum/project/inner"),
        upstream=Playground(to / "upstream"),
        url=(to / "url").read_text(),
        outside=str(template / "outside.csv"),
    )


def lfs_pointer(text: str) -> str:
    digest = sha256(text.encode()).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(text)}\n"


def _repository(root: Path) -> Playground:
    top = Playground(root)
    root.mkdir()
    top.git("init", "--quiet")
    for path, text in FILES.items():
        top.write(path, text)
    library = Playground(root.parent / "library")
    library.root.mkdir()
    library.git("init", "--quiet")
    library.write("tool.sh", "echo tool\n")
    library.commit()
    allow = ("-c", "protocol.file.allow=always")
    top.git(*allow, "submodule", "--quiet", "add", str(library.root), "project/vendor/lib")
    return top


def _dvc(root: Path) -> Playground:
    project = Playground(root)
    project.dvc("init", "--quiet", "--subdir")
    project.dvc("config", "core.autostage", "false")
    return project


def _upstream(root: Path) -> Playground:
    upstream = Playground(root)
    root.mkdir()
    upstream.git("init", "--quiet")
    upstream.dvc("init", "--quiet")
    upstream.write("table.csv", "1\n")
    upstream.dvc("add", "--quiet", "table.csv")
    upstream.commit("data")
    return upstream


@contextmanager
def _web(folder: Path) -> Iterator[str]:
    folder.mkdir()
    (folder / "data.csv").write_text("1\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data.csv"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's own name
        """Say nothing."""

    def end_headers(self) -> None:
        self.send_header("ETag", '"one-of-a-kind"')
        super().end_headers()
