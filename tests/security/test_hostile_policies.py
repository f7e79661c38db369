"""Policies written to hurt whoever reads them: refused at once, in little memory, with their line.

Each is read by a process of its own that may take one second of the processor beyond its start
and a bounded address space; what it prints is the refusal.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigf_dvc.errors import InputError
from aigf_dvc.policy.read import read_policy
from aigf_dvc.strict_yaml import read_strict

ROOT = Path(__file__).resolve().parent.parent.parent
MEMORY = 200 * 2**20

# Imports first; then the clock of the processor starts, and memory is bounded to what is used now
# and 200 MB more.
READER = """
import resource, sys
from pathlib import Path
from aigf_dvc.errors import AigfError
from aigf_dvc.capture.policy import folder_policy
from aigf_dvc.actions.caller_file import read_file
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = int(used.ru_utime + used.ru_stime) + 1
pages = int(Path("/proc/self/statm").read_text().split()[0])
memory = pages * resource.getpagesize() + {memory}
resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 1))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
path = Path(sys.argv[1])
try:
    folder_policy(read_file(path), path)
except AigfError as error:
    print(error)
    used_after = resource.getrusage(resource.RUSAGE_SELF)
    spent = used_after.ru_utime + used_after.ru_stime - used.ru_utime - used.ru_stime
    sys.exit(0 if spent < 1 else 9)
sys.exit(8)
"""

RULE = 'id: p\nversion: "1"\nrules:\n  - {id: a, kind: metric, metric: m, min: %s}\n'
LAUGHS = "a: &a [x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {k: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}], {name}: 1}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "aliases": (LAUGHS, ":1:4: a YAML anchor or alias"),
    "merges": (MERGES, ":1:4: a YAML anchor or alias"),
    "a merge key": ("a: {<<: {b: 1}}\n", ":1:5: a YAML merge key"),
    "flow nested 100,000 deep": ("rules: " + "[" * 100_000, ": nested too deep"),
    "mappings nested 100,000 deep": ("{a: " * 50_000, ": nested too deep"),
    "blocks nested 400 deep": (
        "".join(f"{' ' * depth}a:\n" for depth in range(400)),
        ": nested too deep",
    ),
    "keys as keys": ("? " * 100_000 + "a", ": a mapping or list as a key"),
    "a key twice": ("id: a\nrules: []\nid: b\n", ":3:1: the key 'id' for the second time"),
    "5,000 digits": (RULE % ("9" * 5000), ':4:38: `min` is "9999'),
    "5,000 decimals": (RULE % ("0." + "9" * 5000), ':4:38: `min` is "0.9999'),
    "an exponent": (RULE % "1e999999999", ':4:38: `min` is "1e999999999"'),
    "NaN": (RULE % ".nan", ":4:43: the number form .nan"),
    "infinity": (RULE % "-.inf", ":4:43: the number form -.inf"),
    "True for 1": (RULE % "true", ":4:38: `min` is true"),
    "True in capitals": (RULE % "True", ":4:43: the ambiguous word True"),
    "a number in quotes": (RULE % '"0.9"', ':4:38: `min` is "0.9"'),
    "a hexadecimal number": (RULE % "0x10", ":4:43: the number form 0x10"),
    "a tag": ("rules: !!python/object/apply:os.system [ls]\n", ":1:8: the YAML tag"),
    "many keys": ("".join(f"k{n}: 1\n" for n in range(15_000)), ": too many values"),
    "many unknown keys": ("rules: [a]\n" + "".join(f"k{n}: 1\n" for n in range(9000)), "problems"),
    "many unlike rules": (
        "id: p\nversion: '1'\nrules:\n" + "  - {id: x, kind: y, z: 1}\n" * 2400,
        "problems",
    ),
    "one text of many twice": (
        f"required_metadata: [{', '.join(f'f{n}' for n in range(19_000))}, f18999]\n",
        ":1:1: 'f18999' stands twice",
    ),
    "many environments": (
        f'id: p\nversion: "1"\nenvironments: [{", ".join(f"e{n}" for n in range(9000))}]\nrules: '
        f"[{{id: a, kind: lineage, environments: [{', '.join(f'e{n}' for n in range(9000))}]}}]\n",
        ":3:1: 9000 names",
    ),
    "one long word": ("id: " + "a" * 250_000 + "\nrules: []\n", "problems"),
    "one long id of dashes": (RULE.replace("id: a", "id: " + "a-" * 100_000) % 1, ":4:6: the id"),
    "one long control": (
        RULE.replace("min: %s", "min: 1, controls: {'" + "a" * 200_000 + ":': direct}"),
        ":4:",
    ),
    "long parts of addresses": (
        f'id: p\nversion: "1"\nincludes: [{{path: "{"../" * 60_000}x", sha256: "{"0" * 64}"}}]\n',
        ":3:",
    ),
    "50 MB": ("# " + "x" * 50 * 2**20, "bytes (expected at most 262144 bytes)"),
    "50 MB of brackets": ("[" * 50 * 2**20, "bytes (expected at most 262144 bytes)"),
    "no text": (b"\x00" * 1000, "not YAML"),
    "no UTF-8": (b"\xff\xfe" * 1000, "byte 0 is not UTF-8"),
    "half a surrogate": (b"a: \xed\xa0\x80\n", "is not UTF-8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_policy_is_refused_within_a_second_and_200_mb(name: str, tmp_path: Path) -> None:
    text, said = HOSTILE[name]
    path = tmp_path / "policy.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = subprocess.run(
        [sys.executable, "-c", READER.replace("{memory}", str(MEMORY)), str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stdout[:500], done.stderr[-2000:])
    assert said in done.stdout, done.stdout[:500]
    assert len(done.stdout) < 2 * 2**20


def test_the_bounds_of_this_test_are_in_force(tmp_path: Path) -> None:
    program = READER.replace("{memory}", str(MEMORY)).replace(
        "    folder_policy(read_file(path), path)", "    len(bytearray(2**30))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "MemoryError" in done.stderr
    endless = program.replace("len(bytearray(2**30))", "while True: pass")
    done = subprocess.run(
        [sys.executable, "-c", endless, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode < 0


WORDS = st.sampled_from(
    [
        "id", "version", "rules", "kind", "metric", "min", "max", "required_metadata", "fields",
        "required_metrics", "a_min", "tiers", "environments", "expires", "waivers", "includes",
        "extends", "path", "sha256", "controls", "at", "severity", "lineage", "document", "low",
        "0.8", "1", "true", "null", "~", "", "2026-11-26", "2026-02-30", "90d", "no", ".nan",
        "tolerance", "min_trust", "reproduced", "required-fields", "deny", "push", "'", '"', "#",
        "\u0085", "\u202e", "\ufeff", "\x00", "0" * 64,
    ]
)  # fmt: skip
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)
PIECES = st.sampled_from(
    ["- ", ": ", "\n", "  ", "{", "}", "[", "]", ", ", "&a ", "*a", "!t ", "|\n", ">\n", "? ",
     "---\n", "...\n", "%YAML 1.2\n", "\t", "<<: "]
)  # fmt: skip
TEXTS = st.lists(WORDS | PIECES, max_size=40).map("".join)


def refusal_of(read: Callable[..., object], data: bytes, **place: str) -> str:
    """Return how some bytes are refused, or an empty text; anything else than that comes out."""
    try:
        read(data, **place)
    except InputError as error:
        return str(error)
    return ""


@settings(max_examples=1500, deadline=None, database=None)
@given(st.binary(max_size=200) | TEXTS.map(lambda text: text.encode(errors="surrogatepass")))
def test_only_a_refusal_comes_out_of_any_bytes(data: bytes) -> None:
    said = refusal_of(read_policy, data, path="policy.yaml")
    assert said == "" or said.startswith("policy.yaml")
    said = refusal_of(read_strict, data, where="card.yaml")
    assert said == "" or said.startswith("card.yaml")


@settings(max_examples=1500, deadline=None, database=None)
@given(JSONS)
def test_only_a_refusal_comes_out_of_any_value(value: object) -> None:
    said = refusal_of(read_policy, json.dumps(value).encode(), path="policy.yaml")
    assert said == "" or said.startswith("policy.yaml")
