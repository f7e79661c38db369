"""Reads parameters from a Python file: by its syntax tree, as DVC does; nothing in it is run.

Found are values that are written out: `x = 1` and `x: int = 1` at the top, the same inside a class
(`Train.lr`), and `self.x = 1` in an `__init__`. Whatever has to be computed is passed over.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from aigf_dvc.errors import UndecidedError

_MAX_BYTES = 2**20  # a syntax tree takes a hundred times the room of its text
_MAX_BRACES = 10_000  # Python's parser takes a minute for a hundred thousand fields of an f-string


def read_python_parameters(data: bytes, *, where: str) -> dict[str, Any]:
    """Return the values that a Python file writes out, by name.

    Raises:
        UndecidedError: it is not Python, or too large or nested too deep.
    """
    braces = data.count(b"{")
    if len(data) > _MAX_BYTES or braces > _MAX_BRACES:
        raise UndecidedError(
            f"{len(data)} bytes of Python with {braces} braces",
            where=where,
            expected=f"at most {_MAX_BYTES} and {_MAX_BRACES}: a file of parameters",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in somebody else's text
            return dict(_values(ast.parse(data.decode()).body, of_self=False))
    except SyntaxError as error:
        place = f"{where}:{error.lineno}" if error.lineno else where
        raise UndecidedError(f"not Python: {error.msg}", where=place, expected="Python") from None
    except (MemoryError, RecursionError):  # both are what Python's parser says of depth
        raise UndecidedError("nested too deep", where=where, expected="Python") from None
    except (ValueError, TypeError) as error:
        raise UndecidedError(f"not readable: {error}", where=where, expected="Python") from None


def _values(body: Iterable[ast.stmt], *, of_self: bool) -> Iterator[tuple[str, Any]]:
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                name = _name(target, of_self=of_self)
                try:
                    literal = ast.literal_eval(value) if name else None
                except ValueError:  # it is not written out
                    continue
                if name:
                    yield name, literal
            case ast.ClassDef(name=name, body=inner):
                yield name, dict(_values(inner, of_self=False))
            case ast.FunctionDef(name="__init__", body=inner):
                yield from _values(inner, of_self=True)
            case _:
                pass


def _name(target: ast.expr, *, of_self: bool) -> str:
    match target:
        case ast.Name(id=name) if not of_self:
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case _:
            return ""
