"""Reads many versions of dvc.lock: a part that stands in a thousand of them is read once.

DVC writes one layout: two lines of header, each stage at two spaces, its sections at four. A file
of that layout is cut into those parts; any other is read as a whole. What begins in one part cannot
end in another: the part alone would not be YAML, and then the whole is read.
"""

import re
from collections.abc import Mapping

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_lock import read_lock
from aigf_dvc.evidence.pipeline import Stage, StageLock
from aigf_dvc.strict_yaml import read_dvc

_HEADER = b"schema: '2.0'\nstages:\n"
_ENTRY = re.compile(rb"  ([A-Za-z0-9_][A-Za-z0-9_.@-]*):\n((?:    [^\n]*\n)+)")
_SECTION = re.compile(rb"    ([a-z]+):[^\n]*\n(?:(?:    -|     )[^\n]*\n)*")

# Lists of records and numbers as DVC writes them: plain scalars that YAML can read in one way only.
# An MD5 of digits, b and e alone could be a number, and these words could be something else.
_WORD = rb"(?!(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)[:\n])[A-Za-z][A-Za-z0-9_./-]*"
_NUMBER = rb"0|[1-9][0-9]{0,17}"
_RECORD = re.compile(
    rb"    - path: (%b)\n      hash: md5\n"
    rb"      md5: (?=[0-9a-f]*[acdf])([0-9a-f]{32}(?:\.dir)?)\n      size: (%b)\n"
    rb"(?:      nfiles: (%b)\n)?(?:      isexec: true\n)?" % (_WORD, _NUMBER, _NUMBER)
)
_PARAMETER = re.compile(
    rb"      (?:  (%b): (?:(-?(?:%b))|(-?(?:%b)\.[0-9]{1,17})|(true|false))|(%b):)\n"
    % (_WORD, _NUMBER, _NUMBER, _WORD)
)
_MOST = 100_000  # parts that are remembered


class LockEntries:
    """The parts of every dvc.lock that was read."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._sections: dict[bytes, object] = {}
        self._locks: dict[tuple[str, bytes], dict[str, StageLock]] = {}
        self._stages: Mapping[str, Stage] | None = None

    def read(
        self, data: bytes, *, file: str, stages: Mapping[str, Stage]
    ) -> dict[str, StageLock] | None:
        """Return the recorded stages by address, or None when the file has another layout.

        Args:
            data: the bytes of one dvc.lock.
            file: its path in the project.
            stages: what dvc.yaml defines; read anew when it is another object than before.

        Raises:
            UndecidedError: an entry has another shape than DVC's.
        """
        if self._stages is not stages or len(self._locks) > _MOST:
            self._stages, self._locks = stages, {}
        entries = _split(data)
        if entries is None:
            return None
        found: dict[str, StageLock] = {}
        for name, entry in entries.items():
            known = self._locks.get((file, entry))
            if known is None:
                value = self._entry(entry, file)
                if value is None:
                    return None
                lock = {"schema": "2.0", "stages": {name: value}}
                known = read_lock(lock, file=file, stages=stages)
                self._locks[file, entry] = known
            found |= known
        return found

    def _entry(self, entry: bytes, file: str) -> Mapping[str, object] | None:
        if len(self._sections) > _MOST:
            self._sections = {}
        found: dict[str, object] = {}
        end = entry.index(b"\n") + 1  # after the stage's name
        while match := _SECTION.match(entry, end):
            name, text, end = match[1].decode(), match[0], match.end()
            if text not in self._sections:
                value = _section(text, name, file)
                if value is None:
                    return None
                self._sections[text] = value
            if name in found:
                return None
            found[name] = self._sections[text]
        return found if end == len(entry) else None


def _split(data: bytes) -> dict[str, bytes] | None:
    """Return the text of each entry by the stage's name, or None for any other layout."""
    if not data.startswith(_HEADER):
        return None
    found: dict[str, bytes] = {}
    end = len(_HEADER)
    while match := _ENTRY.match(data, end):
        name, end = match[1].decode(), match.end()
        if name in found:
            return None
        found[name] = match[0]
    return found if found and end == len(data) else None


def _section(text: bytes, name: str, file: str) -> object | None:
    """Return the value of one section: by its plain form, or as YAML; None when it is neither."""
    body = text.partition(b"\n")[2]
    if text.startswith((b"    deps:\n", b"    outs:\n")):
        value: object | None = _records(body)
    else:
        value = _parameters(body) if text.startswith(b"    params:\n") else None
    if value is not None:
        return value
    try:
        read = read_dvc(text, where=file)
    except UndecidedError:  # the whole file tells the line
        return None
    return read[name] if isinstance(read, dict) and list(read) == [name] else None


def _records(body: bytes) -> list[object] | None:
    found: list[object] = []
    end = 0
    while match := _RECORD.match(body, end):
        path, md5, size, count = match.groups()
        record = {"path": path.decode(), "md5": md5.decode(), "hash": "md5", "size": int(size)}
        found.append(record | ({"nfiles": int(count)} if count else {}))
        end = match.end()
    return found if found and end == len(body) else None


def _parameters(body: bytes) -> dict[str, dict[str, object]] | None:
    found: dict[str, dict[str, object]] = {}
    values: dict[str, object] | None = None
    end = 0
    while match := _PARAMETER.match(body, end):
        key, whole, fraction, word, file = match.groups()
        if file is not None:
            values = found.setdefault(file.decode(), {})
        elif values is None or key.decode() in values:
            return None
        elif whole is not None:
            values[key.decode()] = int(whole)
        else:
            values[key.decode()] = float(fraction) if fraction else word == b"true"
        end = match.end()
    return found if end == len(body) and all(found.values()) else None
