"""Reads a requirements file of pip as a lock file: every requirement pinned to one version."""

from collections.abc import Iterator

from aigf_dvc.errors import InputError
from aigf_dvc.evidence.package import Package
from aigf_dvc.evidence.package_versions import read_pin
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact_text

_COMMENT = lazy_pattern(r"(?:^|\s)#.*$")
_PER_REQUIREMENT = lazy_pattern(r"\s--(?:hash|config-settings|global-option)[= ]\S+")
_HARMLESS = lazy_pattern(  # where packages are looked for and how, not which
    r"(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--no-binary|"
    r"--only-binary|--use-feature)(?:[= ]\S+)\Z"
    r"|(?:--require-hashes|--prefer-binary|--pre|--no-index)\Z"
)
_ENCODING = lazy_pattern(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_OTHER_FILE = lazy_pattern(r"(?:-r|-c|-e|--requirement|--constraint|--editable)(?:[= ]|\Z)")


def read_requirements(data: bytes, *, where: str) -> tuple[Package, ...] | None:
    """Return the pinned packages; None when nothing is pinned, so that it is no lock file.

    Raises:
        InputError: some are pinned and some are not, or a line cannot be read.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start} is not UTF-8", where=where) from None
    _refuse_encoding(text, where)
    found: set[Package] = set()
    loose: tuple[int, str] | None = None
    for number, line in _lines(text):
        if _HARMLESS.match(line):
            continue
        pin = None if _OTHER_FILE.match(line) else read_pin(_PER_REQUIREMENT.sub("", line))
        if pin is not None and pin.version:
            found.add(Package(name=pin.name, version=pin.version))
        elif pin is not None or _OTHER_FILE.match(line):
            loose = loose or (number, line)
        else:
            raise _refused(where, number, line, "a requirement such as `numpy==2.1.0`")
    if found and loose is not None:
        raise _refused(where, *loose, "every package pinned with `==` in one file")
    return tuple(sorted(found)) or None


def _refuse_encoding(text: str, where: str) -> None:
    """Refuse a line by which pip would read the file in another encoding (PEP 263)."""
    for number, line in enumerate(text.splitlines()[:2], 1):
        named = _ENCODING.match(line)
        if named is not None and named[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            raise _refused(where, number, line, "UTF-8, and no other encoding named")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each logical line that says something, with the number of its first."""
    joined, start = "", 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        start = start if joined else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        whole = _COMMENT.sub("", joined + line).strip()
        joined = ""
        if whole:
            yield start, whole


def _refused(where: str, number: int, line: str, expected: str) -> InputError:
    return InputError(f"{redact_text(line)!r:.80}", where=f"{where}:{number}", expected=expected)
