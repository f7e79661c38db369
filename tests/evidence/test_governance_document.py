from datetime import date

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.governance_document import GovernanceDocument, read_governance_document

MARKDOWN = b"""---
type: bias-analysis
date: 2026-11-20
models: [mortgage, credit]
title: Bias in mortgage decisions
---
# Findings
"""


def read(data: bytes = MARKDOWN, path: str = "bias.md") -> GovernanceDocument:
    return read_governance_document(data, path=path, kind="bias-analysis")


def test_a_document_says_its_date_and_models_in_its_front_matter() -> None:
    assert read() == GovernanceDocument(
        type="bias-analysis",
        path="bias.md",
        sha256=sha256(MARKDOWN),
        date=date(2026, 11, 20),
        models=("mortgage", "credit"),
    )


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"date: 2026-11-20\nmodels: [mortgage]\n", "a.yaml"),
        (b'{"date": "2026-11-20", "models": ["mortgage"]}', "a.json"),
        (b"\xef\xbb\xbf---\r\ndate: 2026-11-20\r\nmodels: [mortgage]\r\n---\r\n", "A.MD"),
    ],
)
def test_yaml_json_and_crlf_are_read_too(data: bytes, path: str) -> None:
    document = read(data, path)
    assert (document.date, document.models) == (date(2026, 11, 20), ("mortgage",))


@pytest.mark.parametrize(
    ("data", "path"),
    [(b"%PDF-1.7 \xff", "a.pdf"), (b"# Only text\n", "a.md"), (b"---\n- a\n---\n", "a.md")],
)
def test_a_document_that_says_nothing_of_itself_has_only_its_digest(data: bytes, path: str) -> None:
    document = read(data, path)
    assert (document.sha256, document.date, document.models) == (sha256(data), None, ())


def test_another_type_than_the_one_listed_is_refused_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        read(MARKDOWN.replace(b"bias-analysis", b"risk-assessment"))
    assert str(caught.value) == (
        "bias.md:2: the document is a risk-assessment "
        "(expected bias-analysis, as aigf.yaml lists it)"
    )


@pytest.mark.parametrize("text", [b"yesterday", b"20.11.2026", b"2026-02-30", b"20261120", b"[a]"])
def test_a_wrong_date_is_refused_with_its_line(text: bytes) -> None:
    with pytest.raises(InputError, match=r"^bias\.md:3: the date "):
        read(MARKDOWN.replace(b"2026-11-20", text))


@pytest.mark.parametrize("text", [b"mortgage", b"[1]", b"{a: b}", b"null"])
def test_wrong_models_are_refused_with_their_line(text: bytes) -> None:
    with pytest.raises(InputError, match=r"^bias\.md:4: models: "):
        read(MARKDOWN.replace(b"[mortgage, credit]", text))


def test_front_matter_that_is_not_strict_yaml_is_refused() -> None:
    with pytest.raises(InputError, match=r"^bias\.md:4: "):
        read(MARKDOWN.replace(b"[mortgage, credit]", b"&a [x]"))


def test_a_document_names_the_bytes_that_it_speaks_of() -> None:
    digest = sha256(b"model")
    line = f"digests: [sha256:{digest}]\ntitle".encode()
    assert read(MARKDOWN.replace(b"title", line)).digests == (digest,)
    assert read().digests == ()


@pytest.mark.parametrize(
    "text", [b"sha256:abc", b"[abc]", b"[1]", b"['" + b"0" * 64 + b"']", b"{a: b}", b"null",
             b"[sha256:" + b"A" * 64 + b"]", b"sha256:" + b"0" * 64],
)  # fmt: skip
def test_digests_of_another_form_are_refused_with_their_line(text: bytes) -> None:
    with pytest.raises(InputError, match=r"^bias\.md:5: digests: "):
        read(MARKDOWN.replace(b"title", b"digests: " + text + b"\ntitle"))
