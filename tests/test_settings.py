"""aigf.yaml can mean one thing only, and every refusal names the line."""

import pytest

from aigf_dvc.errors import InputError
from aigf_dvc.settings import DEFAULT_PROTECTED, DocumentSource, MetricSource, read_settings

FULL = """\
models:
  fraud:
    path: models/fraud.pkl
    card: cards/fraud.md
    metrics: {fairness: "out/m.json:a.b", odd: "a:b.json:c"}
    documents: [{type: risk-assessment, path: docs/risk.md}]
  team/other: {path: other}
policy: p.yaml
protected: [main, "prod/*"]
push: {commits: all}
environment: staging
transparency: public
"""


def test_everything_that_is_written_is_read() -> None:
    found = read_settings(FULL.encode())
    fraud, other = found.models
    assert fraud.metrics["fairness"] == MetricSource(file="out/m.json", key="a.b")
    assert fraud.metrics["odd"].place == "a:b.json:c"
    assert fraud.documents == (DocumentSource(type="risk-assessment", path="docs/risk.md"),)
    assert (other.name, other.path, other.card) == ("team/other", "other", "MODEL_CARD.md")
    assert (found.policy, found.environment, found.transparency) == ("p.yaml", "staging", "public")
    assert found.protected == ("main", "prod/*")
    assert found.judges_all_commits
    assert found.model("fraud") is fraud


def test_what_is_left_out_has_its_default() -> None:
    found = read_settings(b"models: {a: {path: m}}")
    assert found.protected == DEFAULT_PROTECTED
    assert not found.judges_all_commits
    assert (found.policy, found.transparency) == ("governance/policy.yaml", "private")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("models: {}\n", 1, "no models"),
        ("policy: x\n", None, "nothing"),
        ("models:\n  a: {path: m}\nprotect: [x]\n", 3, "did you mean `protected`"),
        ("models:\n  a:\n    pth: m\n", 3, "did you mean `path`"),
        ("models:\n  a: {card: c}\n", 2, "without `path`"),
        ("models:\n  A b: {path: m}\n", 2, "the model name"),
        ("models:\n  -a: {path: m}\n", 2, "the model name"),
        ("models:\n  a: {path: m}\n  a: {path: n}\n", 3, "second time"),
        ("models: {a: {path: m}}\nprotected: []\n", 2, "a list of texts"),
        ("models: {a: {path: m}}\nprotected: main\n", 2, "a list of texts"),
        ("models: {a: {path: m}}\nprotected: [1]\n", 2, "text"),
        ("models: {a: {path: m}}\npush: {commits: some}\n", 2, "`tips` or `all`"),
        ("models: {a: {path: m}}\npush: all\n", 2, "a mapping with commits"),
        ("models: {a: {path: m}}\ntransparency: yes-please\n", 2, "`private` or `public`"),
        ("models: {a: {path: m, metrics: {f: metrics.json}}}\n", 1, "file:key"),
        ("models: {a: {path: m, metrics: {f: 'metrics.json:'}}}\n", 1, "file:key"),
        ("models: {a: {path: m, documents: [{type: t}]}}\n", 1, "`type` and `path`"),
        ("models: {a: {path: m, metrics: []}}\n", 1, "a mapping"),
        ("models: {a: {path: m, documents: {}}}\n", 1, "a list"),
        ("models: {a: {path: m, documents: false}}\n", 1, "a list"),
        ("models: [a]\n", 1, "a mapping"),
        ("- a\n", None, "a mapping"),
    ],
)
def test_a_mistake_is_refused_with_its_line(text: str, line: int | None, says: str) -> None:
    with pytest.raises(InputError) as error:
        read_settings(text.encode())
    assert says in f"{error.value} {error.value.hint}"
    assert error.value.where == (f"aigf.yaml:{line}" if line else "aigf.yaml")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "~/x", "./x", "a//b", "a/", "a\\b", "", "..", "."]
)
@pytest.mark.parametrize("place", ["path", "card", "policy"])
def test_a_path_out_of_the_folder_or_of_two_spellings_is_refused(path: str, place: str) -> None:
    text = {
        "path": f"models: {{a: {{path: '{path}'}}}}",
        "card": f"models: {{a: {{path: m, card: '{path}'}}}}",
        "policy": f"models: {{a: {{path: m}}}}\npolicy: '{path}'",
    }[place]
    with pytest.raises(InputError):
        read_settings(text.encode())


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="expected one of fraud, team/other"):
        read_settings(FULL.encode()).model("nothing")
