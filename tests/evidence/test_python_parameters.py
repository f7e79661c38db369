"""Parameters in a Python file are those that DVC sees, and nothing in the file is run."""

from contextlib import nullcontext
from importlib import import_module

import pytest

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.python_parameters import read_python_parameters

TEXTS = [
    "a = 1\nb: float = 1e-3\nc: int\nd = e = 2\nf, g = 1, 2\nh += 1\n",
    "a = {'x': [1, (2, 3)], 2: None}\nb = {1, 2}\nc = ()\nd = set()\ne = b'x'\nf = -1 + 2j\n",
    "a = 1\na = 2\na = f(3)\nb = 'x' 'y'\nc = f'{a}'\nd = -True\ne = 1 + 1\nf = {**a}\n",
    "class A:\n    x = 1\n    class B:\n        y = 2\n    def g(self):\n        self.z = 3\n",
    "class A:\n    def __init__(self, n=1):\n        self.a = 1\n        b = 2\n        n.c = 3\n"
    "        self.d: int = 4\n        self.e.f = 5\n        if n:\n            self.g = 6\n"
    "        class C:\n            h = 7\n",
    "def __init__():\n    self.top = 1\nself.odd = 2\nx[0] = 1\nasync def __init__(): pass\n",
    "if True:\n    a = 1\nfor i in range(3):\n    b = 2\nimport os\nA = os.system('false')\n",
    "class A: pass\nA = 1\nclass A:\n    b = 2\n",
    'a = """two\r\nlines"""\r\nb = "\\d"\r\n',
    "# -*- coding: latin-1 -*-\na = '\u00e9'\n",
    "",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_the_values_are_those_that_dvc_reads(text: str) -> None:
    module = import_module("dvc.utils.serialize._py")
    with pytest.warns(Warning, match="escape") if "\\d" in text else nullcontext():
        expected = module.parse_py(text, "p.py")
    assert repr(read_python_parameters(text.encode(), where="p.py")) == repr(expected)


@pytest.mark.parametrize(
    "text",
    [
        "a = (",
        "a = 1\n  b = 2",
        "a = {[1]: 2}",
        "a = {[1]}",
        "a = 1\0",
        "\ufeffa = 1",
        "a = " + "9" * 5000,
        "a = " + "[" * 5000,
        "a = x" + ".b" * 100_000,
        "a = " + "-" * 100_000 + "1",
        "a = f'" + "{x}" * 100_000 + "'",
        "a" * 2**21,
    ],
    ids=range(12),
)
def test_what_is_no_file_of_parameters_is_refused(text: str) -> None:
    with pytest.raises(UndecidedError) as error:
        read_python_parameters(text.encode(), where="p.py")
    assert error.value.where.startswith("p.py")
    assert len(str(error.value)) < 500


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UndecidedError, match="not readable"):
        read_python_parameters(b"a = '\xff'", where="p.py")
