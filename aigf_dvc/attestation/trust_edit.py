"""Adds a signer to the text of a trust file; comments, order and layout stay as they are.

Lines are inserted where the file is written in blocks. What is written in one line is left to its
author, with what to write. Whatever comes out is read again and must mean exactly what was asked.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from aigf_dvc.errors import InputError
from aigf_dvc.strict_yaml import Document, read_strict

PEOPLE, SERVICES = "people", "services"
AUTHORITIES = "authorities"
_STEP = 2  # of indentation


class NewAuthority(Struct, frozen=True, kw_only=True):
    """Who issues certificates, or tells the time; each file with its digest, as the file says."""

    name: str
    files: Mapping[str, Mapping[str, str]]  # `certificates`, `timestamps` -> file and sha256


class NewSigner(Struct, frozen=True, kw_only=True):
    """Whom to add, or what to add to them."""

    name: str
    group: str  # PEOPLE or SERVICES
    key: Mapping[str, str] | None = None  # one of these three, as the file will say it; or none
    identity: Mapping[str, str] | None = None
    certificate: Mapping[str, str] | None = None
    authority: NewAuthority | None = None  # to add, where it is not there
    emails: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    roles: tuple[str, ...] = field(default=())

    @property
    def means(self) -> tuple[str, Mapping[str, str]] | None:
        """Return where the new entry of theirs stands, and the entry; None: only roles are new."""
        if self.key is not None:
            return "keys", self.key
        if self.certificate is not None:
            return "certificates", self.certificate
        return ("identities", self.identity) if self.identity is not None else None


def add_signer(text: str, new: NewSigner, *, where: str) -> str:
    """Return the text of a trust file with a signer, key, identity or role more.

    Raises:
        InputError: the file cannot be read, or is written so that nothing can be added safely.
    """
    before = _read(text, where)
    _refuse_shape(before.value, where)
    _refuse_other_group(before.value, new, where)
    known = (before.value.get(new.group) or {}).get(new.name)
    if known is None:
        text = _in_block(text, where, (new.group,), _owner_lines(new, where))
    else:
        if new.emails or new.environments:
            raise _by_hand(where, f"{new.name} is there already: only keys and roles are added")
        if new.means is not None:
            key, entry = new.means
            text = _in_block(text, where, (new.group, new.name, key), _item_lines(entry))
    for role in new.roles:
        text = _with_role(text, where, role, new.name)
    text = _with_authority(text, where, new.authority)
    after = _read(text, where)
    if after.value != _expected(before.value, new):
        raise _by_hand(where, f"add {new.name} by hand, then run `aigf trust check`")
    return text


def _refuse_shape(value: Mapping[str, Any], where: str) -> None:
    """Refuse what nothing can be added to; whether the rest is valid is asked afterwards."""
    for key, kind in ((PEOPLE, dict), (SERVICES, dict), ("roles", list)):
        entries = value.get(key) or {}
        if not isinstance(entries, dict) or not all(
            isinstance(entry, kind) for entry in entries.values()
        ):
            raise InputError(
                f"`{key}` is not what it should be", where=where,
                expected=f"names, each with {'a list' if kind is list else 'keys of its own'}",
                hint="`aigf trust check` tells more",
            )  # fmt: skip


def _refuse_other_group(value: Mapping[str, Any], new: NewSigner, where: str) -> None:
    other = PEOPLE if new.group == SERVICES else SERVICES
    if new.name in (value.get(other) or {}):
        what = "a service" if other == SERVICES else "a person"
        raise InputError(
            f"{new.name} is {what} there", where=where, expected="a name of its own for each",
            hint="add --service" if other == SERVICES else "leave --service out",
        )  # fmt: skip


def _read(text: str, where: str) -> Document:
    document = read_strict(text.encode(), where=where)
    if not isinstance(document.value, dict):
        raise InputError(
            "no mapping", where=where, expected="a trust file", hint="`aigf trust init`"
        )
    return document


def _expected(value: Mapping[str, Any], new: NewSigner) -> dict[str, Any]:
    """Return what the edited file must mean."""
    expected = dict(value)
    if new.means is not None:
        key, entry = new.means
        owners = dict(value.get(new.group) or {})
        owner = dict(owners.get(new.name) or _scope(new))
        owner[key] = [*(owner.get(key) or ()), dict(entry)]
        expected[new.group] = {**owners, new.name: owner}
    if new.roles:
        roles = dict(value.get("roles") or {})
        for role in new.roles:
            names = roles.get(role) or []
            roles[role] = names if new.name in names else [*names, new.name]
        expected["roles"] = roles
    if new.authority is not None:
        said = {name: dict(file) for name, file in new.authority.files.items()}
        expected[AUTHORITIES] = {**(value.get(AUTHORITIES) or {}), new.authority.name: said}
    return expected


def _scope(new: NewSigner) -> dict[str, Any]:
    lists = {"emails": list(new.emails), "environments": list(new.environments)}
    return {key: values for key, values in lists.items() if values}


def _owner_lines(new: NewSigner, where: str) -> list[str]:
    if new.means is None:
        raise InputError(
            f"{new.name} is not in `{new.group}`", where=where,
            expected="a name that is there, or what the new one signs with",
            hint="give --key FILE, --identity ID --issuer URL or --certificate ID",
        )  # fmt: skip
    key, entry = new.means
    lines = [f"{_quoted(new.name)}:"]
    lines += [f"  {name}: {_flow(values)}" for name, values in _scope(new).items()]
    return [*lines, f"  {key}:", *(f"    {line}" for line in _item_lines(entry))]


def _item_lines(entry: Mapping[str, str]) -> list[str]:
    """Return an entry of a list; a text of several lines becomes a block."""
    lines = []
    for name, value in entry.items():
        if "\n" in value:
            lines += [f"{name}: |", *(f"  {line}" for line in value.splitlines())]
        else:
            lines.append(f"{name}: {_quoted(value)}")
    return [f"{'- ' if position == 0 else '  '}{line}" for position, line in enumerate(lines)]


def _flow(values: Sequence[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _quoted(text: str) -> str:
    """Return a text as YAML takes it: plain where that is safe, else in double quotes."""
    plain = text[:1].isalpha() and all(one.isalnum() or one in " -_./@+" for one in text)
    is_word = text.lower() in ("yes", "no", "on", "off", "true", "false", "null")
    return (
        text
        if plain and text.isascii() and text == text.strip() and not is_word
        else json.dumps(text)
    )


def _with_role(text: str, where: str, role: str, name: str) -> str:
    document = _read(text, where)
    names = (document.value.get("roles") or {}).get(role)
    if names is None:
        return _in_block(text, where, ("roles",), [f"{role}: {_flow([name])}"])
    if name in names:
        return text
    lines = _lines(text)
    at = document.lines["roles", role] - 1
    head, bracket, comment = lines[at].rpartition("]")
    if "[" in head and lines[at].count("]") == 1:
        lines[at] = f"{head}, {_quoted(name)}{bracket}{comment}"
        return "\n".join(lines) + "\n"
    return _in_block(text, where, ("roles", role), [f"- {_quoted(name)}"])


def _with_authority(text: str, where: str, new: NewAuthority | None) -> str:
    if new is None:
        return text
    known = (_read(text, where).value.get(AUTHORITIES) or {}).get(new.name)
    if known is None:
        lines = [
            f"  {name}: {{{', '.join(f'{key}: {_quoted(value)}' for key, value in file.items())}}}"
            for name, file in new.files.items()
        ]
        return _in_block(text, where, (AUTHORITIES,), [f"{_quoted(new.name)}:", *lines])
    if known != {name: dict(file) for name, file in new.files.items()}:
        raise InputError(
            f"the authority {new.name} is there, with other files", where=where,
            expected="a name of its own for each authority",
            hint="leave --certificate-authority and --timestamp-authority out to use it",
        )  # fmt: skip
    return text


def _lines(text: str) -> list[str]:
    """Return the lines as they are, but for the line feed: what else ends a line stays in it."""
    return text.removesuffix("\n").split("\n")


def _in_block(text: str, where: str, path: tuple[str, ...], added: Sequence[str]) -> str:
    """Return the text with lines at the end of the block at a path; the block is made if needed."""
    lines, document = _lines(text), _read(text, where)
    carriage = "\r" if text.endswith("\r\n") else ""
    missing = [key for key in range(len(path)) if path[: key + 1] not in document.lines]
    if missing:
        for key in reversed(path[missing[0] :]):
            added = [f"{key}:", *(f"{' ' * _STEP}{line}" for line in added)]
        path = path[: missing[0]]
    if not path:
        gap = [""] if lines[-1].strip() else []
        more = [f"{line}{carriage}" for line in (*gap, *added)]
        return "\n".join([*lines, *more]) + "\n"
    at = document.lines[path] - 1
    if lines[at].split(" #")[0].rstrip()[-1:] != ":":
        raise _by_hand(where, "\n".join([f"below `{'.'.join(path)}`:", *added]))
    outer = len(lines[at]) - len(lines[at].lstrip())
    end = _end_of_block(lines, at, outer, is_list=added[0].startswith("- "))
    inner = len(lines[at + 1]) - len(lines[at + 1].lstrip()) if end > at + 1 else outer + _STEP
    return (
        "\n".join(
            [*lines[:end], *(f"{' ' * inner}{line}{carriage}" for line in added), *lines[end:]]
        )
        + "\n"
    )


def _end_of_block(lines: Sequence[str], at: int, outer: int, *, is_list: bool) -> int:
    """Return the line after the last one of a block; comments after it belong to what follows."""
    end = at + 1
    for place in range(at + 1, len(lines)):
        line = lines[place]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if indent < outer or (indent == outer and not (is_list and line.lstrip().startswith("- "))):
            break
        end = place + 1
    return end


def _by_hand(where: str, what: str) -> InputError:
    return InputError(
        "written so that nothing can be added safely", where=where,
        expected="blocks, one key a line", hint=f"add it by hand: {what}",
    )  # fmt: skip
