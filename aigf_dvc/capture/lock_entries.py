"""Reads many versions of dvc.lock: a part that stands in a thousand of them is read once.

DVC writes one layout: two lines of header, each stage at two spaces, its sections at four. A file
of that layout is cut into those parts; any other is read as a whole. What begins in one part cannot
end in another: the part alone would not be YAML, and then the whole is read.
"""

import re
from collections.abc import Mapping
from typing import Any

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence.dvc_lock import address_prefix, recorded_parameters
from aigf_dvc.evidence.dvc_record import recorded_by_path
from aigf_dvc.evidence.dvc_values import commands, place
from aigf_dvc.evidence.pipeline import MD5, Recorded, Stage, StageLock
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.strict_yaml import read_dvc

_HEADER = b"schema: '2.0'\nstages:\n"
_ENTRY = lazy_pattern(rb"(  ([A-Za-z0-9_][A-Za-z0-9_.@-]*):\n(?:    [^\n]*\n)+)")
_SECTION = lazy_pattern(rb"(    ([a-z]+):[^\n]*\n(?:(?:    -|     )[^\n]*\n)*)")

# Records as DVC writes them: plain scalars that YAML can read in one way only.
# An MD5 of digits, b and e alone could be a number, and these words could be something else.
_WORD = rb"(?!(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)[:\n])[A-Za-z][A-Za-z0-9_./-]*"
_NUMBER = rb"0|[1-9][0-9]{0,17}"
_RECORD = lazy_pattern(
    rb"    - path: (%b)\n      hash: md5\n"
    rb"      md5: (?=[0-9a-f]*[acdf])([0-9a-f]{32}(?:\.dir)?)\n      size: (%b)\n"
    rb"(?:      nfiles: (%b)\n)?(?:      isexec: true\n)?" % (_WORD, _NUMBER, _NUMBER)
)
_LIST = lazy_pattern(rb"    (?:deps|outs):\n")
_SECTIONS = frozenset({b"cmd", b"deps", b"outs", b"params"})
_MOST = 100_000  # of each that is remembered


class LockEntries:
    """The parts of every dvc.lock that was read: entries, their sections, and single records."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._locks: dict[tuple[str, bytes], dict[str, StageLock]] = {}
        self._stages: Mapping[str, Stage] | None = None
        self._commands: dict[bytes, tuple[str, ...]] = {}
        self._parameters: dict[tuple[str, bytes], Mapping[str, Mapping[str, Any]]] = {}
        self._records: dict[tuple[str, bytes], Recorded] = {}
        self._sections: dict[tuple[str, bytes], Mapping[str, Recorded]] = {}

    def read(
        self, data: bytes, *, file: str, stages: Mapping[str, Stage]
    ) -> dict[str, StageLock] | None:
        """Return the recorded stages by address, or None when the file has another layout.

        Also None when it is refused: read as a whole, it is refused with the line.

        Args:
            data: the bytes of one dvc.lock.
            file: its path in the project.
            stages: what dvc.yaml defines; read anew when it is another object than before.
        """
        if self._stages is not stages or len(self._locks) > _MOST:
            self._stages, self._locks = stages, {}
        if len(self._commands) + len(self._parameters) + len(self._records) > _MOST:
            self._commands, self._parameters, self._records, self._sections = {}, {}, {}, {}
        entries = _split(data)
        if entries is None:
            return None
        prefix = address_prefix(file)
        found: dict[str, StageLock] = {}
        for name, entry in entries.items():
            known = self._locks.get((file, entry))
            if known is None:
                try:
                    known = self._entry(entry, f"{prefix}{name}", stages)
                except UndecidedError:
                    return None
                self._locks[file, entry] = known
            found |= known
        return found

    def _entry(
        self, entry: bytes, address: str, stages: Mapping[str, Stage]
    ) -> dict[str, StageLock]:
        """Return one entry by its address, or nothing when dvc.yaml has no such stage.

        Raises:
            UndecidedError: it has another layout, or is refused.
        """
        texts = _sections(entry)
        if address not in stages:
            for name, text in texts.items():
                _value(text, name.decode())  # else what it leaves open could hide what follows
            return {}
        directory = stages[address].directory
        lock = StageLock(
            commands=self._commands_of(texts.get(b"cmd", b"")),
            deps=self._records_of(texts.get(b"deps", b""), "deps", directory),
            outs=self._records_of(texts.get(b"outs", b""), "outs", directory),
            parameters=self._parameters_of(texts.get(b"params", b""), directory),
        )
        return {address: lock}

    def _commands_of(self, text: bytes) -> tuple[str, ...]:
        if text not in self._commands:
            self._commands[text] = commands(_value(text, "cmd"), "")
        return self._commands[text]

    def _parameters_of(self, text: bytes, directory: str) -> Mapping[str, Mapping[str, Any]]:
        key = directory, text
        if key not in self._parameters:
            self._parameters[key] = recorded_parameters(_value(text, "params"), directory, "")
        return self._parameters[key]

    def _records_of(self, text: bytes, name: str, directory: str) -> Mapping[str, Recorded]:
        section = directory, text
        if section not in self._sections:
            self._sections[section] = self._read_records(text, name, directory)
        return self._sections[section]

    def _read_records(self, text: bytes, name: str, directory: str) -> Mapping[str, Recorded]:
        found: dict[str, Recorded] = {}
        head = _LIST.match(text)
        end = head.end() if head is not None else 0
        while match := _RECORD.match(text, end):
            key = directory, match[0]
            record = self._records.get(key)
            if record is None:
                record = self._records[key] = _record(match, directory)
            if record.path in found:
                raise UndecidedError("a path that stands twice")
            found[record.path] = record
            end = match.end()
        if end == len(text):
            return found
        return recorded_by_path(_value(text, name), directory, "")


def _split(data: bytes) -> dict[str, bytes] | None:
    """Return the text of each entry by the stage's name, or None for any other layout."""
    if not data.startswith(_HEADER):
        return None
    found = _ENTRY.findall(data, len(_HEADER))
    entries = {name.decode(): entry for entry, name in found}
    if not found or len(entries) != len(found):
        return None
    return entries if _are_all(found, data, len(_HEADER)) else None


def _sections(entry: bytes) -> dict[bytes, bytes]:
    """Return the text of each section of an entry by its name."""
    start = entry.index(b"\n") + 1  # after the stage's name
    found = _SECTION.findall(entry, start)
    sections = {name: section for section, name in found}
    is_known = len(sections) == len(found) and sections.keys() <= _SECTIONS
    if is_known and _are_all(found, entry, start):
        return sections
    raise UndecidedError("another layout")


def _are_all(found: list[tuple[bytes, bytes]], text: bytes, start: int) -> bool:
    """Tell whether parts that were found in a text are all of it: nothing stands between them."""
    return start + sum(len(part) for part, _ in found) == len(text)


def _value(text: bytes, name: str) -> object:
    """Return what one section says, read as YAML; nothing when there is none."""
    read = read_dvc(text, where="") if text else {name: None}
    if not isinstance(read, dict) or list(read) != [name]:
        raise UndecidedError("another layout")
    return read[name]


def _record(match: re.Match[bytes], directory: str) -> Recorded:
    path, md5, size, count = match.groups()
    return Recorded(
        path=place(directory, path.decode(), ""),
        algorithm=MD5,
        value=md5.decode(),
        size=int(size),
        file_count=int(count) if count else None,
    )
