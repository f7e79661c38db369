"""Every file that people or attackers write may be anything: one clear message, never a crash."""

import os
from collections.abc import Callable

import pytest

from tests.playground import METRICS, Playground, refused_in_one_line

DEEP = "[" * 30_000
DEEP_BLOCK = "\n".join(" " * depth + "a:" for depth in range(2000))
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n"
    for n in range(1, 14)
)
LONG = "9" * 5000
HEX = "0x" + "f" * 5000

# What may stand in the place of any file, and be refused.
NOISE: dict[str, bytes] = {
    "empty": b"",
    "invalid": b"a: [1, 2\nb: }",
    "latin-1": "a: caf\xe9\n".encode("latin-1"),
    "utf-16": "a: 1\n".encode("utf-16"),
    "NUL": b"a: \0\n",
    "a list": b"- 1\n- 2\n",
    "a number": b"42\n",
    "duplicate keys": b"stages: {}\nstages: {}\nmodels: {}\nmodels: {}\nouts: []\nouts: []\n",
    "bomb": BOMB.encode() + b"stages: *a13\nmodels: *a13\nouts: *a13\nrules: *a13\nschema: *a13\n",
    "deep": DEEP.encode(),
    "deep block": DEEP_BLOCK.encode(),
    "long number": f"a: {LONG}\nstages: {LONG}\nmodels: {LONG}\nouts: {LONG}\n".encode(),
    "long hexadecimal": f"stages: {HEX}\nmodels: {HEX}\nouts: {HEX}\nschema: {HEX}\n".encode(),
    "python tag": b"!!python/object/apply:os.system [touch it-ran]\n",
    "conflict": b"<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n",
    "merge key": b"<<: [1]\n",
    "date": b"2026-99-99: 1\na: 2026-99-99\n",
}
FILES = ["dvc.yaml", "dvc.lock", "data/raw.csv.dvc", "aigf.yaml", "governance/policy.yaml"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("noise", NOISE)
def test_noise_in_the_place_of_a_file_is_one_message(
    playground: Playground, file: str, noise: str
) -> None:
    playground.write(file, NOISE[noise])
    outcome = playground.aigf("check")
    if (file, noise) == ("dvc.lock", "empty"):
        assert outcome.returncode == 1  # no stage ever ran
        return
    said = refused_in_one_line(outcome)
    assert file in said
    assert not (playground.root / "it-ran").exists()


@pytest.mark.parametrize("noise", [n for n in NOISE if n != "empty"])
def test_noise_in_the_card_and_the_digest_lock_is_one_message(
    playground: Playground, noise: str
) -> None:
    data = NOISE[noise]
    playground.write("MODEL_CARD.md", b"---\n" + data + b"\n---\n")
    outcome = playground.aigf("check")
    if noise not in ("long number", "long hexadecimal", "date"):  # text, to a strict reader
        said = refused_in_one_line(outcome)
        assert "MODEL_CARD.md" in said
    playground.git("checkout", "--quiet", "MODEL_CARD.md")
    playground.write("aigf.lock", data)
    assert "aigf.lock" in refused_in_one_line(playground.aigf("capture"))


@pytest.mark.parametrize("noise", [n for n in NOISE if n != "empty"])
def test_noise_in_parameters_and_metrics_is_one_message_or_a_denial(
    playground: Playground, noise: str
) -> None:
    playground.write("params.yaml", NOISE[noise])
    outcome = playground.aigf("check")
    assert outcome.returncode in (1, 3)
    assert len(outcome.stdout + outcome.stderr) < 5000
    playground.git("checkout", "--quiet", "params.yaml")
    playground.write(METRICS, NOISE[noise])
    assert playground.aigf("check").returncode == 3
    playground.replace("aigf.yaml", '"metrics.json:fair', '"metrics.yaml:fair')
    playground.write("metrics.yaml", NOISE[noise] + b"\nfairness_score: 0.9\n")
    assert playground.aigf("check").returncode in (1, 3)


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "1e999", "true", '"0.9"', "null", "[0.9]", '{"a": 1}', LONG, DEEP],
    ids=lambda v: v[:12],
)
def test_a_metric_that_is_no_number_never_passes(playground: Playground, value: str) -> None:
    playground.write(METRICS, f'{{"fairness_score": {value}, "p95_latency_ms": 1}}')
    assert playground.aigf("check").returncode in (1, 3)


def test_a_metric_given_twice_never_passes(playground: Playground) -> None:
    playground.write(METRICS, '{"fairness_score": 0.1, "fairness_score": 0.9, "p95_latency_ms": 1}')
    outcome = playground.aigf("check")
    assert outcome.returncode == 3
    assert "twice" in outcome.stdout + outcome.stderr


def test_a_metric_that_is_a_yaml_bomb_is_no_number(playground: Playground) -> None:
    playground.replace("aigf.yaml", '"metrics.json:fair', '"metrics.yaml:fair')
    playground.write("metrics.yaml", BOMB + "fairness_score: *a13\n")
    outcome = playground.aigf("check")
    assert outcome.returncode in (1, 3)
    assert len(outcome.stdout) < 5000


@pytest.mark.parametrize(
    "line",
    ["    meta: *a13", "    desc: *a13", "    deps: *a13", "    cmd: *a13", "    wdir: *a13",
     "    params: *a13", "    outs: *a13", "    params: [*a13]", "    frozen: *a13"]
)  # fmt: skip
def test_a_yaml_bomb_anywhere_in_a_stage_is_harmless(playground: Playground, line: str) -> None:
    text = BOMB + playground.read("dvc.yaml") + f"  other:\n{line}\n"
    playground.write("dvc.yaml", text if "cmd" in line else f"{text}    cmd: echo\n")
    outcome = playground.aigf("capture", "--check")
    assert len(outcome.stderr) < 5000


@pytest.mark.parametrize("value", [HEX, "*a13", LONG, "-1", "1.5", "true", "2026-01-01"])
def test_an_odd_size_in_the_lock_is_refused(playground: Playground, value: str) -> None:
    lock = playground.read("dvc.lock").replace("schema:", f"{BOMB}schema:", 1)
    playground.write("dvc.lock", lock.replace("size: 21", f"size: {value}", 1))
    assert "dvc.lock" in refused_in_one_line(playground.aigf("capture"))


@pytest.mark.parametrize(
    "value", [HEX, "*a13", "2026-01-01", "!!binary aGVsbG8=", "!!set {a, b}", ".nan"]
)
def test_an_odd_parameter_is_compared_or_refused(playground: Playground, value: str) -> None:
    playground.write("params.yaml", f"{BOMB}train: {{depth: {value}}}\n")
    outcome = playground.aigf("capture", "--check")
    assert outcome.returncode in (1, 3)
    assert len(outcome.stdout + outcome.stderr) < 9000


@pytest.mark.parametrize("key", ["train." + LONG, "train.\u00b2", "train.-1", "train."])
def test_an_odd_index_into_a_list_of_parameters_is_absent(playground: Playground, key: str) -> None:
    playground.write("params.yaml", "train: [1, 2]\n")
    playground.replace("dvc.yaml", "[train.depth]", f'["{key}"]')
    assert playground.aigf("capture", "--check").returncode == 1


def _folder(p: Playground, path: str) -> None:
    (p.root / path).unlink()
    (p.root / path).mkdir()
    (p.root / path / "x").touch()


def _pipe(p: Playground, path: str) -> None:
    (p.root / path).unlink()
    os.mkfifo(p.root / path)


def _link_out(p: Playground, path: str) -> None:
    outside = p.root.parent / "outside"
    outside.write_bytes((p.root / path).read_bytes())
    (p.root / path).unlink()
    (p.root / path).symlink_to(outside)


def _parent_link_out(p: Playground, path: str) -> None:
    folder = (p.root / path).parent
    folder.rename(p.root.parent / "outside-folder")
    folder.symlink_to(p.root.parent / "outside-folder")


ALL = [*FILES, "MODEL_CARD.md", METRICS, "params.yaml", "aigf.lock", "models/model.bin",
       "src/train.sh", "governance/documents/risk.md"]  # fmt: skip


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("put", [_folder, _pipe, _link_out], ids=lambda f: f.__name__.strip("_"))
def test_something_else_in_the_place_of_a_file_never_passes_and_never_hangs(
    playground: Playground, put: Callable[[Playground, str], None], path: str
) -> None:
    put(playground, path)
    if path != "governance/policy.yaml":  # not part of the lineage
        assert playground.aigf("capture", "--check").returncode in (1, 2, 3)
    assert playground.aigf("check").returncode in (1, 2, 3)


@pytest.mark.parametrize("path", [p for p in ALL if "/" in p])
def test_a_folder_that_is_a_link_out_of_the_tree_never_passes(
    playground: Playground, path: str
) -> None:
    _parent_link_out(playground, path)
    assert playground.aigf("capture", "--check").returncode in (1, 2, 3)
    assert playground.aigf("check").returncode in (1, 2, 3)


def test_files_too_large_to_be_what_they_should_are_refused(playground: Playground) -> None:
    playground.write("MODEL_CARD.md", b"---\na: " + b"x" * 300_000 + b"\n---\n")
    assert "at most" in refused_in_one_line(playground.aigf("check"))
    playground.git("checkout", "--quiet", "MODEL_CARD.md")
    with (playground.root / "params.yaml").open("wb") as file:
        file.truncate(300 * 2**20)  # sparse
    assert "too large" in refused_in_one_line(playground.aigf("capture"))
