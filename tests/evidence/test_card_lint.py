import pytest

from aigf_dvc.actions.card_templates import TYPES, About, template_text, templates
from aigf_dvc.evidence.card_lint import Demands, lint_card
from aigf_dvc.evidence.card_template import CardTemplate

FIELDS = """\
governance:
  model_card_version: "1.0"
  responsible_owner: jane.doe@example.com
  training_data_source: a table
  bias_mitigation_strategy: reweighing
  intended_use: tests
  out_of_scope: people
  limitations: few rows
"""
BODY = "\n".join(
    f"## {title}\n\nSome words.\n"
    for title in ("Model details", "Uses", "Out-of-scope use", "Training data", "Results", "Bias")
)


def card(front: str = FIELDS, body: str = BODY) -> bytes:
    return f"---\n{front}---\n# A\n\n{body}".encode()


def told(data: bytes, path: str = "card.md", *, fields: tuple[str, ...] = (),
         tiers: tuple[str, ...] = ()) -> list[str]:  # fmt: skip
    demands = Demands(templates=templates(), fields=fields, tiers=tiers)
    problems = lint_card(data, path=path, demands=demands)
    return [f"{problem.where} {problem.found}" for problem in problems]


def test_an_honest_card_has_nothing_to_tell() -> None:
    assert told(card()) == []
    assert told(FIELDS.encode(), "card.yaml") == []


def test_a_readme_is_a_card_too() -> None:
    assert told(card("license: mit\n" + FIELDS), "README.md") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"# no fields\n", "card.md:1 no YAML front matter"),
        (b"---\na: 1\na: 2\n---\n", "card.md:3 the key 'a' for the second time"),
        (b"---\nlanguage: no\n---\n", "card.md:2 the ambiguous word no"),
        (b"---\na: \xff\n---\n", "card.md byte 7 is not UTF-8"),
    ],
)
def test_a_card_that_cannot_be_read_is_one_problem_with_its_line(data: bytes, said: str) -> None:
    assert told(data) == [said]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  limitations: few rows\n", "", "card.md:2 limitations is missing"),
        ("few rows", "TODO", 'card.md:9 limitations is the placeholder "TODO"'),
        ("few rows", "", "card.md:9 limitations is empty"),
        ("few rows", "none", 'card.md:9 limitations is only "none"'),
        ("governance:", "x: {y: '{{ name }}'}\ngovernance:", "card.md:2 x.y is the placeholder"),
        (
            "governance:",
            "license: Apache License 2.0\ngovernance:",
            "card.md:2 the license 'Apache",
        ),
        (
            "governance:",
            "license: other\ngovernance:",
            "card.md:2 the license `other` without a name",
        ),
        ("governance:", "license: [mit, 5]\ngovernance:", "card.md:2 "),
        ("governance:", "version: 1.10\ngovernance:", "card.md:2 '1.10' without quotes, which"),
        ("governance:", "a: x\ty\ngovernance:", "card.md:2 a tab in the front matter"),
        ("few rows", "few\n  reviewed: 'June'", "card.md:10 reviewed is 'June', which is no date"),
        ("few rows", "few\n  reviewed: '2026-02-30'", "card.md:10 reviewed is '2026-02-30', which"),
        ("few rows", "few\n  a: {expires: 20261120}", "card.md:10 a.expires is '20261120', which"),
        ("few rows", "few\n  risk_tier: [a]", "card.md:10 risk_tier is"),
    ],
)
def test_each_fault_is_told_once_with_its_line(old: str, new: str, said: str) -> None:
    assert old in FIELDS
    found = told(card(FIELDS.replace(old, new, 1)))
    assert len({line.partition(" ")[0] for line in found}) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    "license_",
    ["mit", "Apache-2.0", "cc-by-nc-4.0", "MIT OR Apache-2.0", "(MIT AND BSD-3-Clause)",
     "LicenseRef-ours", "unknown"]
)  # fmt: skip
def test_an_identifier_is_a_license(license_: str) -> None:
    assert told(card(f"license: {license_}\n{FIELDS}")) == []


def test_the_policy_adds_its_fields_and_tiers() -> None:
    assert told(card(), fields=("owner.mail",)) == ["card.md:2 owner.mail is missing"]
    data = card(FIELDS + "  risk_tier: hgih\n")
    assert told(data) == []
    assert told(data, tiers=("low", "high")) == ["card.md:10 risk_tier is 'hgih'"]
    assert told(card(FIELDS + "  risk_tier: high\n"), tiers=("low", "high")) == []


def test_broken_marks_are_told() -> None:
    found = told(card(body=BODY + "<!-- aigf:begin data -->\n"))
    assert [line.split(" ", 1)[1] for line in found] == ["the beginning of data without its end"]


def test_problems_stand_in_the_order_of_the_file() -> None:
    found = told(card(FIELDS.replace("few rows", "TODO"), BODY.replace("Some words.", "TBD")))
    lines = [int(line.partition(" ")[0].rpartition(":")[2]) for line in found]
    assert len(lines) == 7
    assert lines == sorted(lines)


@pytest.mark.parametrize("kind", TYPES)
def test_an_unfilled_template_is_told_field_by_field_and_section_by_section(kind: str) -> None:
    about = About(models={"scorer": "model.bin"}, data={})
    found = told(template_text(kind, about), f"{kind}.md")
    template = templates()[kind]
    for section in template.sections:
        assert any(f"the section `{section.title}` " in line for line in found), section.title
    todo = {"title", "models", "model_card_version"}  # filled in by the command
    for field in template.fields:
        assert field.name in todo or any(f" {field.name} is" in line for line in found), field.name


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "model-card"])
def test_a_document_is_held_against_the_template_of_its_type(kind: str) -> None:
    template = templates()[kind]
    assert told(filled_document(template)) == []
    assert told(filled_document(template).replace(b"2026-11-20", b"1.10.2026")) != []
    assert told(filled_document(template).replace(b"models: [a]", b"models: a")) != []


def filled_document(template: CardTemplate) -> bytes:
    values = {"date": "2026-11-20", "consent_expires": "2027-01-01",
              "retention_until": "2028-01-01",
              "models": "[a]", "datasets": "[a.csv]", "digests": f"['sha256:{'0' * 64}']",
              "license": "mit"}  # fmt: skip
    fields = [f"{field.name}: {values.get(field.name, 'words')}" for field in template.fields]
    sections = [f"## {section.title}\n\nSome words.\n" for section in template.sections]
    return "\n".join(["---", f"type: {template.type}", *fields, "---", "# A", *sections]).encode()


def test_a_data_card_without_its_optional_days_is_in_order_but_a_wrong_day_is_not() -> None:
    data = filled_document(templates()["data-card"])
    without = data.replace(b"consent_expires: 2027-01-01\n", b"")
    assert told(without) == []
    assert told(data.replace(b"2027-01-01", b"soon")) == [
        "card.md:9 consent_expires is 'soon', which is no date"
    ]
