from aigf_dvc.evidence.card_template import names_of, plain_title, read_template

TEMPLATE = b"""---
type: thing
# How it is called.
title: a
# Optional. The day
# of something.
until: TODO
license: TODO
---
# A

<!-- no section -->

## First part

<!-- Answers: what? -->

| a | b |
|---|---|

## Second part

<!-- Optional. Answers: why? -->
"""


def test_fields_and_sections_are_read_from_the_template_with_what_may_be_left_out() -> None:
    template = read_template(TEMPLATE, kind="thing")
    assert [(field.name, field.is_optional) for field in template.fields] == [
        ("title", False), ("until", True), ("license", False),
    ]  # fmt: skip
    assert [(section.title, section.is_optional) for section in template.sections] == [
        ("First part", False), ("Second part", True),
    ]  # fmt: skip
    assert template.sections[0].lines == {"| a | b |", "|---|---|"}


def test_fields_of_our_block_are_those_of_a_card() -> None:
    data = b"---\ntags:\n  - a\ngovernance:\n  # x\n  owner: TODO\n  # tier: high\n---\n"
    template = read_template(data, kind="model-card")
    assert [field.name for field in template.fields] == ["owner"]


def test_headings_are_compared_without_case_numbers_and_marks() -> None:
    assert plain_title("2. Bias, Risks, and Limitations!") == "bias risks and limitations"
    assert plain_title("Uses") in names_of("Intended use")
    assert plain_title("Bias, Risks, and Limitations") in names_of("Bias, risks and limitations")
    assert "uses" not in names_of("Evaluation")
