"""Reads what a caller wrote to name some data: a path, a digest, a URI or an etag."""

import os
import posixpath
import re
from pathlib import Path

from aigf_dvc.capture.project import Project
from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.impact import Sought
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.redaction import redact_url

_MD5 = lazy_pattern(r"(?:md5:)?([0-9a-f]{32})(\.dir)?\Z", re.IGNORECASE)
_SHA256 = lazy_pattern(r"(?:sha256:)?([0-9a-f]{64})\Z", re.IGNORECASE)
_ETAG = "etag:"


def read_sought(text: str, *, project: Project, start: Path) -> Sought:
    """Return the data that a text names.

    Args:
        text: `md5:`, `sha256:` and `etag:` may stand before a digest; a text that is none of
            these and has no `://` is a path, or else an etag.
        project: the project that a path belongs to.
        start: the folder that a path is relative to.

    Raises:
        InputError: an empty text.
    """
    if not text.strip():
        raise InputError("nothing", expected="a path, an MD5, a SHA-256, a URI or an etag")
    if match := _SHA256.match(text):
        return Sought(text=text, sha256=Sha256(match[1].lower()))
    if match := _MD5.match(text):
        md5 = match[1].lower()
        return Sought(text=text, values=_quoted(md5) | {f"{md5}.dir"})
    if text.startswith(_ETAG):
        return Sought(text=text, values=_quoted(text.removeprefix(_ETAG)))
    if "://" in text:
        return Sought(text=redact_url(text), uri=redact_url(text))
    path = _in_project(text, project, start)
    etags = _quoted(text) if "/" not in text else frozenset[str]()
    return Sought(text=text, path=path, values=etags)


def _quoted(value: str) -> frozenset[str]:
    """Return a value as a cloud may have written it: etags often have quotes around them."""
    plain = value.strip('"')
    return frozenset((plain, f'"{plain}"'))


def _in_project(text: str, project: Project, start: Path) -> str:
    """Return a path as DVC records it: relative to the project; an absolute one outside stays."""
    full = os.path.normpath(os.path.join(os.path.realpath(start), text))  # noqa: PTH118  # ".." stays text
    if not posixpath.isabs(text) or Path(full).is_relative_to(project.root):
        return posixpath.relpath(full, str(project.root))
    return full
