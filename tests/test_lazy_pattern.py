"""Patterns that are compiled when they are first used."""

import re
import subprocess
import sys

import pytest

from aigf_dvc.lazy_pattern import lazy_pattern


def test_a_pattern_does_what_a_compiled_one_does() -> None:
    lazy, plain = lazy_pattern("(?P<a>x)Y", re.IGNORECASE), re.compile("(?P<a>x)Y", re.IGNORECASE)
    for text in ("xy", "axy XY", "z"):
        assert [m.span() for m in lazy.finditer(text)] == [m.span() for m in plain.finditer(text)]
        assert (lazy.match(text) is None) == (plain.match(text) is None)
        assert lazy.sub("-", text) == plain.sub("-", text)
    assert (lazy.pattern, lazy.flags, lazy.groups) == (plain.pattern, plain.flags, plain.groups)


def test_it_is_compiled_once_when_it_is_used() -> None:
    lazy = lazy_pattern("(unclosed")
    with pytest.raises(re.error, match="unterminated"):
        lazy.match("x")
    good = lazy_pattern("x+")
    assert good.match is good.match


def test_every_lazy_pattern_of_the_package_compiles() -> None:
    program = (
        "import pkgutil, importlib, aigf_dvc\n"
        "from aigf_dvc.lazy_pattern import _LazyPattern\n"
        "count = 0\n"
        "for found in pkgutil.walk_packages(aigf_dvc.__path__, 'aigf_dvc.'):\n"
        "    if '__main__' in found.name or '._shipped' in found.name: continue\n"
        "    if found.name.startswith('aigf_dvc.kfp.'): continue  # its library is an extra\n"
        "    for value in vars(importlib.import_module(found.name)).values():\n"
        "        if isinstance(value, _LazyPattern):\n"
        "            value.match; count += 1\n"
        "print(count > 20)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
