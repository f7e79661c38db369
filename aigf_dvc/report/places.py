"""Places that findings name, taken apart for formats that want a file and a line.

A finding says where in words: `MODEL_CARD.md:4`, `metrics.json:fairness_score`, `stage train,
input data.csv`. Only a place that is sure to be `file:line` gets a line; none is ever invented.
"""

import re

from msgspec import Struct

from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.verdict import Finding, Verdict

_LINE = lazy_pattern(r"(?P<file>.+?):(?P<line>[1-9][0-9]{0,6})(:(?P<column>[1-9][0-9]{0,6}))?\Z")


class Place(Struct, frozen=True, kw_only=True):
    """A file, and a line and column of it where they are known."""

    file: str
    line: int | None = None
    column: int | None = None


class Root(Struct, frozen=True, kw_only=True):
    """How paths in findings lie in the repository, for readers that start at its top."""

    folder: str = ""  # the project's, from the top of the repository; empty: they are one
    policy: str | None = None  # the policy's path from there, when it is not in the project

    def path_of(self, file: str, verdict: Verdict) -> str:
        """Return a file's path from the top of the repository."""
        if self.policy is not None and file == verdict.policy.path:
            return self.policy
        return f"{self.folder}/{file}" if self.folder and not file.startswith("/") else file


def card_place(finding: Finding, card_path: str) -> Place | None:
    """Return the place in the model card that a finding names, if it names one."""
    return _place(finding.where, card_path) if card_path else None


def rule_place(finding: Finding, verdict: Verdict) -> Place | None:
    """Return where the rule of a finding stands: `file:line`, or the policy as a whole."""
    path = verdict.policy.path
    match = _LINE.match(finding.rule_place)
    known = _place(finding.rule_place, path) if path else None
    if known is not None or match is None:
        return known or (Place(file=finding.rule_place) if finding.rule_place else None)
    return _matched(match)


def main_place(finding: Finding, verdict: Verdict, card_path: str) -> Place | None:
    """Return the line that a reader should look at first: the card's, else the rule's."""
    in_card = card_place(finding, card_path)
    return in_card if in_card is not None and in_card.line else rule_place(finding, verdict)


def _place(text: str, file: str) -> Place | None:
    """Return a place in a known file, or None when the text names another."""
    if text == file:
        return Place(file=file)
    match = _LINE.match(text[len(file) - 1 :]) if text.startswith(f"{file}:") else None
    return None if match is None else _matched(match, file=file)


def _matched(match: re.Match[str], *, file: str | None = None) -> Place:
    column = match["column"]
    return Place(
        file=match["file"] if file is None else file,
        line=int(match["line"]),
        column=int(column) if column else None,
    )
