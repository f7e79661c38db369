from aigf_dvc.report.help_page import Key, help_page_as_json, read_help_page

PAGE = """\
# `magic`

**Purpose.** Something must happen, see [the spell](https://example.org/spell). More words.

| key | form | default | meaning |
|---|---|---|---|
| `spell` | `a` \\| `b` | required | what to say |

| key | meaning |
|---|---|
| `low`, `high` | `two` limits |

| it says | do |
|---|---|
| `no spell` | say it |

## Example

```yaml
- id: a
  kind: magic
```

## What it observes

First words.

- one item
- `another` item

```json
{}
```
"""


def test_a_page_is_taken_apart() -> None:
    page = read_help_page(PAGE)
    assert page.name == "magic"
    assert page.purpose == "Something must happen, see the spell (https://example.org/spell)."
    assert page.keys == (
        Key(key="spell", form="a | b", default="required", meaning="what to say"),
        Key(key="low", meaning="two limits"),
        Key(key="high", meaning="two limits"),
    )
    assert page.examples == ("- id: a\n  kind: magic",)
    assert page.sections == {"What it observes": "First words.\none item\nanother item"}


def test_a_page_as_json_has_every_part() -> None:
    found = help_page_as_json(read_help_page(PAGE))
    assert list(found) == ["name", "purpose", "keys", "examples", "sections"]
    assert found["keys"] == [
        {"key": "spell", "form": "a | b", "default": "required", "meaning": "what to say"},
        {"key": "low", "form": "", "default": "", "meaning": "two limits"},
        {"key": "high", "form": "", "default": "", "meaning": "two limits"},
    ]


def test_an_example_that_does_not_end_is_read_to_the_end() -> None:
    assert read_help_page("# a\n```yaml\nid: b\n").examples == ("id: b",)
