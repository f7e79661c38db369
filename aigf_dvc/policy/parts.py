"""The other files that a policy consists of, each named by its SHA-256.

They are read by a caller's function, so that a commit, a folder or a bundle can hold them. Paths
are relative to the file that names them, and never lead out of the folder of the policy's own
file: whoever has that folder has the whole policy.
"""

import posixpath
from collections.abc import Callable

from msgspec import Struct

from aigf_dvc.digests import Sha256, as_sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.policy.model import PolicyPart
from aigf_dvc.policy.section import Section, shown

INCLUDES = "includes"
EXTENDS = "extends"
MAX_DEPTH = 4
MAX_PARTS = 32

ReadPart = Callable[[str], bytes | None]
"""Returns the bytes of a file by its path from the folder of the policy's own file, or None."""


class Pin(Struct, frozen=True, kw_only=True):
    """One file that a policy names: its path as written, its SHA-256, and where that stands."""

    path: str
    sha256: Sha256
    place: str


class OpenFile(Struct, frozen=True, kw_only=True):
    """One file of a policy while it is read."""

    name: str  # from the folder of the policy's own file
    where: str  # for messages
    data: bytes
    above: tuple[str, ...] = ()  # the files that lead to it, the policy's own first


def no_parts(_path: str) -> bytes | None:
    """Return nothing: for a policy of which only its own file is at hand."""
    return None


def read_includes(top: Section) -> tuple[Pin, ...]:
    """Read the files whose rules a policy takes in."""
    sections = top.sections(INCLUDES) if top.has(INCLUDES) else []
    pins = [_pin(section) for section in sections]
    return tuple(pin for pin in pins if pin is not None)


def read_extends(top: Section) -> Pin | None:
    """Read the policy that a policy may only tighten."""
    section = top.section(EXTENDS)
    return _pin(section) if section is not None else None


def _pin(section: Section) -> Pin | None:
    path, text = section.text("path"), section.text("sha256")
    section.finish()
    digest = as_sha256(text)
    if text and digest is None:
        section.refuse(
            "sha256", f"`sha256` is {shown(text)}", "64 lower-case hexadecimal digits",
            f'`sha256sum {path}` prints them: write sha256: "DIGITS"',
        )  # fmt: skip
    return Pin(path=path, sha256=digest, place=section.place("sha256")) if path and digest else None


class Parts:
    """Opens the parts of one policy: each within its folder, and never too many of them."""

    def __init__(self, read: ReadPart, path: str) -> None:
        """Take the caller's function, and the path of the policy's own file."""
        self._read = read
        self._path = path
        self._opened = 0
        self._found: dict[str, PolicyPart] = {}

    @property
    def found(self) -> tuple[PolicyPart, ...]:
        """Return every part that was opened, in the order of reading."""
        return tuple(self._found.values())

    def root(self, data: bytes) -> OpenFile:
        """Return the policy's own file."""
        return OpenFile(name=posixpath.basename(self._path), where=self._path, data=data)

    def open(self, pin: Pin, by: OpenFile) -> OpenFile:
        """Open a part.

        Raises:
            InputError: it is not there, has other bytes, or lies elsewhere than it may.
        """
        name = posixpath.normpath(posixpath.join(posixpath.dirname(by.name), pin.path))
        above = (*by.above, by.name)
        self._bound(pin, name, above)
        data = self._read(name)
        if data is None:
            raise InputError(
                f"there is no part {shown(pin.path)}", where=pin.place,
                expected=f"the file {name} in the folder of the policy",
                hint=f"bring it back, or take it out of {by.where}",
            )  # fmt: skip
        _demand_pinned(data, pin)
        where = posixpath.join(posixpath.dirname(self._path), name)
        self._found[name] = PolicyPart(path=where, sha256=pin.sha256, data=data)
        return OpenFile(name=name, where=where, data=data, above=above)

    def _bound(self, pin: Pin, name: str, above: tuple[str, ...]) -> None:
        if _leads_out(pin.path, name):
            raise InputError(
                f"the part {shown(pin.path)} lies outside the policy's folder", where=pin.place,
                expected="a relative path to a file beside the policy or below it",
                hint="keep a copy there: its SHA-256 tells when the original has changed",
            )  # fmt: skip
        if name in above:
            circle = " -> ".join((*above[above.index(name) :], name))
            raise InputError(f"a circle of parts: {circle}", where=pin.place, expected="none")
        if len(above) > MAX_DEPTH:
            raise InputError(
                f"parts of parts, {len(above)} deep", where=pin.place,
                expected=f"at most {MAX_DEPTH} levels",
            )  # fmt: skip
        self._opened += 1
        if self._opened > MAX_PARTS:
            raise InputError("too many parts", where=pin.place, expected=f"at most {MAX_PARTS}")


def _leads_out(written: str, name: str) -> bool:
    odd = "\\" in written or "\0" in written or ":" in written.partition("/")[0]
    return odd or name.startswith(("/", "../")) or name in (".", "..")


def _demand_pinned(data: bytes, pin: Pin) -> None:
    found = sha256(data)
    if found != pin.sha256:
        raise InputError(
            f"{pin.path} has the SHA-256 {found}", where=pin.place, expected=pin.sha256,
            hint=f'look at what changed in it; to take it as it is now, write sha256: "{found}"',
        )  # fmt: skip
