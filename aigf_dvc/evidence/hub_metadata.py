"""What Hugging Face would misread, or refuse, in the front matter of a model card.

Held against `huggingface_hub.ModelCard`: a card in which nothing is found here gives the Hub's
reader the same metadata as ours.
"""

from collections.abc import Iterator, Mapping

from aigf_dvc.evidence.card_problem import CardProblem
from aigf_dvc.evidence.hub_model_index import model_index_problems, shown
from aigf_dvc.evidence.model_card import ModelCard, front_matter_text, line_ends
from aigf_dvc.hub_yaml import Misreading, misreadings
from aigf_dvc.lazy_pattern import lazy_pattern

_SHOWN = 60
_BOM = b"\xef\xbb\xbf"
_TEXTS = (
    "base_model", "datasets", "language", "library_name", "license", "license_name",
    "license_link", "metrics", "pipeline_tag", "tags",
)  # fmt: skip
# Names of arguments of the Hub's own reader, which fails when a card has them as keys.
_RESERVED = ("eval_results", "ignore_metadata_errors", "self")
_ID = r"[A-Za-z0-9](?:[A-Za-z0-9.+-]{0,98}[A-Za-z0-9+])?"
_LICENSE = lazy_pattern(rf"\(?{_ID}(?: (?:AND|OR|WITH) \(?{_ID}\)?){{0,8}}\)?\Z")
_LICENSE_FORM = "an SPDX identifier, such as apache-2.0, mit or cc-by-4.0; other, with license_name"


def hub_problems(card: ModelCard, data: bytes) -> Iterator[CardProblem]:
    """Yield what the Hub would read otherwise in a Markdown card that we can read."""
    if data.startswith(_BOM):
        yield CardProblem(
            where=f"{card.path}:1",
            found="a byte order mark before the front matter",
            expected="`---` as the first characters",
            remedy="save it as UTF-8 without BOM: some readers find no front matter after one",
        )
    text, first_line = front_matter_text(data, path=card.path)
    yield from _tabs(card.path, text, first_line)
    for misread in misreadings(text, first_line=first_line):
        yield _misread(card.path, misread)
    yield from _shapes(card)
    yield from model_index_problems(card)


def license_problems(card: ModelCard) -> Iterator[CardProblem]:
    """Yield what is wrong with the license that a card names."""
    field = card.field("license")
    values = field.value if field is not None and isinstance(field.value, list) else None
    for value in values or ([] if field is None else [field.value]):
        where = field.where if field is not None else card.path
        if not isinstance(value, str) or not _LICENSE.match(value):
            yield CardProblem(
                where=where,
                found=f"the license {shown(value)}",
                expected=_LICENSE_FORM,
                remedy="the list: https://spdx.org/licenses/",
            )
        elif value.lower() == "other" and card.field("license_name") is None:
            yield CardProblem(
                where=where,
                found="the license `other` without a name",
                expected="license_name and license_link beside it",
                remedy="add `license_name: NAME` and `license_link: ADDRESS`",
            )


def _tabs(path: str, text: str, first_line: int) -> Iterator[CardProblem]:
    """Yield the first tab: libyaml takes it for a blank, and PyYAML's own parser fails."""
    if "\t" in text:
        line = first_line + line_ends(text[: text.index("\t")])
        yield CardProblem(
            where=f"{path}:{line}",
            found="a tab in the front matter, at which the reader of Hugging Face can fail",
            expected="blanks",
            remedy='write blanks; within a text, "\\t" in double quotes',
        )


def _misread(path: str, misread: Misreading) -> CardProblem:
    text = misread.text
    return CardProblem(
        where=f"{path}:{misread.line}",
        found=f"{shown(text)} without quotes, which Hugging Face reads as {misread.read_as}",
        expected="a value that YAML 1.1 and 1.2 read alike",
        remedy=f'write "{text}" in quotes, or another form of the number'
        if len(text) <= _SHOWN
        else "put it in quotes",
    )


def _shapes(card: ModelCard) -> Iterator[CardProblem]:
    fields: Mapping[str, object] = card.document.value
    for name in _RESERVED:
        if name in fields:
            yield CardProblem(
                where=card.document.place(name),
                found=f"the key `{name}`, at which the reader of Hugging Face fails",
                expected="another name",
                remedy="rename it, or move it under `governance:`",
            )
    for name in _TEXTS:
        value = fields.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, str) for item in items):
            yield CardProblem(
                where=card.document.place(name),
                found=f"`{name}` is {shown(value)}",
                expected="a text, or a list of texts",
                remedy="details go under `governance:`"
                if isinstance(value, Mapping)
                else "put numbers in quotes",
            )
        elif name == "tags" and len(set(items)) < len(items):
            yield CardProblem(
                where=card.document.place(name),
                found="a tag for the second time, which Hugging Face drops",
                expected="each tag once",
            )
