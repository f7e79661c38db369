"""The small forms that every export needs: texts, URIs, package URLs, identifiers from content."""

import posixpath
import uuid

from aigf_dvc.canonical import Json, dumps
from aigf_dvc.digests import sha256
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.report.export_source import Origin

HOME = "https://aigf-dvc.readthedocs.io"
TOOL = "aigf-dvc"

_MARKS = ("$number", "$date")  # canonical's; `$redacted` is redaction's
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_IN_URI = _UNRESERVED + ":/?#[]@!$&'()*+,;=%"
_PACKAGE_SEPARATORS = lazy_pattern(r"[-_.]+")


def text_of(value: Json) -> str:
    """Return a value as a text, for formats that have no other: JSON's own, texts as they are."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((mark, content),) = value.items()
        if mark in _MARKS and isinstance(content, str):
            return content
        if mark == "$redacted":
            return f"[redacted:{content}]"
    return dumps(value).decode()


def uuid_of(kind: str, content: bytes) -> str:
    """Return the one UUID (version 5) that some content of a kind has, on every machine.

    Source: RFC 9562, section 5.5.
    """
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, f"{HOME}/{kind}")
    return str(uuid.uuid5(namespace, sha256(content)))


def percent_encoded(text: str, *, keep: str) -> str:
    """Return a text with all characters but ASCII letters, digits, `-._~` and some as `%XX`.

    Source: RFC 3986, section 2.
    """
    allowed = frozenset((_UNRESERVED + keep).encode())
    return "".join(
        chr(byte) if byte in allowed else f"%{byte:02X}"
        for byte in text.encode(errors="surrogatepass")
    )


def repository_path(origin: Origin, path: str) -> str:
    """Return a path of the project as the repository names it."""
    return posixpath.normpath(posixpath.join(origin.folder, path))


def location(origin: Origin, path: str) -> str:
    """Return the URI of a path: itself when it is one, else of the commit that speaks of it.

    Source: the SPDX download location, `git+https://host/path@commit#path`; a repository without a
    remote is known by its commit alone.
    """
    if "://" in path:
        return percent_encoded(path, keep=_IN_URI)
    if path.startswith("/"):
        return "file://" + percent_encoded(path, keep="/")
    return f"{commit_location(origin)}#{percent_encoded(repository_path(origin, path), keep='/')}"


def commit_location(origin: Origin) -> str:
    """Return the URI of a commit."""
    if origin.repository is None:
        return f"git:{origin.commit}"
    return f"{percent_encoded(origin.repository, keep=_IN_URI)}@{origin.commit}"


def package_name(name: str) -> str:
    """Return the one spelling of a Python package's name.

    Source: PEP 503, "Normalized Names".
    """
    return _PACKAGE_SEPARATORS.sub("-", name).lower()


def package_url(name: str, version: str) -> str:
    """Return the package URL of a Python package.

    Source: the purl specification, type `pypi`.
    """
    plain = percent_encoded(package_name(name), keep="")
    return f"pkg:pypi/{plain}@{percent_encoded(version, keep='')}"
