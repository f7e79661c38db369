"""The seed policy in several engines, each judging the same models; run by `benchmarks.inside`.

Every engine is handed what it wants as plain as it can be: parsed cards and metrics. All of them
but the lax one come to the same yes and no on these models; each work checks that they do.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any

RULES = 3  # of the seed policy
MODELS = 100
FIELDS = (
    "training_data_source", "bias_mitigation_strategy", "model_card_version", "responsible_owner",
)  # fmt: skip
_POLICY = Path(__file__).resolve().parent.parent / "policies/seed.yaml"
_WRAPPED = r"[\s.!?*_`'\"()\[\]]*"
_REGO = """
package seed
fields := ["training_data_source", "bias_mitigation_strategy", "model_card_version",
  "responsible_owner"]
filled(text) { is_string(text); text != ""; not startswith(text, "TODO") }
missing[name] { name := fields[_]; not filled(input.card[name]) }
allow { count(missing) == 0; input.metrics.fairness_score >= 0.8
  input.metrics.p95_latency_ms <= 500 }
"""


def models() -> list[dict[str, dict[str, Any]]]:
    """Return models of which every fourth is bad: unfair, slow, or with a placeholder."""
    found = []
    for number in range(MODELS):
        card: dict[str, Any] = dict.fromkeys(FIELDS, f"what somebody wrote about model {number}")
        metrics = {"fairness_score": 0.85 + number / 1000, "p95_latency_ms": 300 + number}
        spoil = number % 16
        if spoil == 0:
            card["responsible_owner"] = "TODO: name somebody"
        elif spoil == 4:
            metrics["fairness_score"] = 0.7 + number / 10000
        elif spoil == 8:
            metrics["p95_latency_ms"] = 600 + number
        elif spoil == 12:
            del card["training_data_source"]
        found.append({"card": card, "metrics": metrics})
    return found


def is_good(number: int) -> bool:
    """Tell whether the seed policy accepts a model."""
    return number % 4 != 0


def judge(path: Path) -> None:
    """Judge as `aigf check` does."""
    from aigf_dvc.evidence.metric import Metric  # noqa: PLC0415
    from aigf_dvc.evidence.model_card import read_model_card  # noqa: PLC0415
    from aigf_dvc.evidence.model_evidence import ModelEvidence  # noqa: PLC0415
    from aigf_dvc.policy.evaluate import evaluate  # noqa: PLC0415
    from aigf_dvc.policy.read import read_policy  # noqa: PLC0415
    from aigf_dvc.policy.verdict import Gate, Result  # noqa: PLC0415

    policy = read_policy(_POLICY.read_bytes(), path="seed.yaml")
    day = date(2026, 11, 26)
    evidence = [
        ModelEvidence(
            model=f"model-{number}",
            card=read_model_card(json.dumps(model["card"]).encode(), path="card.json"),
            metrics={
                name: Metric(value=value, where=f"metrics.json:{name}")
                for name, value in model["metrics"].items()
            },
        )
        for number, model in enumerate(models())
    ]
    _judge_all(
        path,
        lambda number: (
            evaluate(policy, evidence[number], at=Gate.PUSH, today=day).result is Result.PASSED
        ),
    )


def judge_by_schema(path: Path) -> None:
    """Judge by a JSON Schema with one pattern for each kind of placeholder."""
    unfinished, slot, nothing, template = _placeholders()
    patterns = [unfinished, f"{slot}$", f"{nothing}$", template]
    field = {"type": "string", "pattern": r"[^\W_]", "not": {"anyOf": [
        {"pattern": pattern} for pattern in patterns
    ]}}  # fmt: skip
    _judge_by_schema(path, field)


def judge_by_one_pattern(path: Path) -> None:
    """Judge by a JSON Schema that has all placeholders in one pattern, its fastest form."""
    unfinished, slot, nothing, template = _placeholders()
    text = rf"(?!{unfinished}|{slot}$|{nothing}$)(?![\s\S]*(?:{template}))[\s\S]*[^\W_]"
    _judge_by_schema(path, {"type": "string", "pattern": f"^{text}"})


def judge_by_lax_schema(path: Path) -> None:
    """Judge by a JSON Schema that takes every text for an answer."""
    _judge_by_schema(path, {"type": "string", "minLength": 1}, lax=True)


def judge_by_cel(path: Path) -> None:
    """Judge by one CEL program for each rule; of placeholders it knows TODO alone.

    Its `matches` compiles the pattern each time, which takes a thousand times as long.
    """
    import cel  # type: ignore[import-not-found]  # noqa: PLC0415  # not among our dependencies

    filled = 'has(card.{0}) && card.{0} != "" && !card.{0}.startsWith("TODO")'
    fields = " && ".join(filled.format(field) for field in FIELDS)
    texts = (fields, "metrics.fairness_score >= 0.8", "double(metrics.p95_latency_ms) <= 500.0")
    programs = [cel.compile(text) for text in texts]
    contexts = [cel.Context(variables=model) for model in models()]
    _judge_all(path, lambda number: all(p.execute(contexts[number]) is True for p in programs))


def judge_by_rego(path: Path) -> None:
    """Judge by one Rego module; of placeholders it knows TODO alone: its patterns have no flags."""
    from regopy import Interpreter  # type: ignore[import-not-found]  # noqa: PLC0415  # as above

    rego = Interpreter()
    rego.add_module("seed.rego", _REGO)
    known = models()

    def allows(number: int) -> bool:
        rego.set_input(known[number])
        return "true" in str(rego.query("data.seed.allow"))

    _judge_all(path, allows)


def _judge_by_schema(path: Path, field: dict[str, Any], *, lax: bool = False) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    metrics = {
        "fairness_score": {"type": "number", "minimum": 0.8},
        "p95_latency_ms": {"type": "number", "maximum": 500},
    }
    card = {
        "type": "object", "required": list(FIELDS), "properties": dict.fromkeys(FIELDS, field),
    }  # fmt: skip
    schema = {
        "type": "object",
        "required": ["card", "metrics"],
        "properties": {
            "card": card,
            "metrics": {"type": "object", "required": list(metrics), "properties": metrics},
        },
    }
    validator = Draft202012Validator(schema)
    known = models()
    _judge_all(path, lambda number: not list(validator.iter_errors(known[number])), lax=lax)


def _placeholders() -> Iterator[str]:
    """Yield patterns that find what ours calls placeholders, anchored but for the last."""
    words = "todo|tbd|tba|tbc|fixme|xxx+"
    done = "done|determined|defined|decided|added|completed|confirmed|written|filled"
    yield (
        rf"^{_WRAPPED}(?:(?:TODO|TBD|FIXME|XXX)\b|(?i:{words})\s*(?:[^\w\s]|$)"
        rf"|(?i:to be (?:{done}))\b|(?i:fill (?:in|me|this|out)|lorem ipsum|placeholder"
        rf"|change ?me)\b)"
    )
    yield rf"^{_WRAPPED}<[^<>@:]*>{_WRAPPED}"
    nothing = "n/a|na|none|null|nil|unknown|undefined|not applicable|not available"
    yield rf"^{_WRAPPED}(?i:{nothing}){_WRAPPED}"
    yield r"\{\{[\s\S]*?\}\}|(?i:\[more information needed\])"


def _judge_all(path: Path, accepts: Callable[[int], bool], *, lax: bool = False) -> None:
    """Judge as many rules as a file says, model after model.

    Raises:
        ValueError: the engine said something else than the seed policy means.
    """
    count = int(path.read_text()) // RULES
    for number in islice(cycle(range(MODELS)), count):
        if accepts(number) is not is_good(number) and not lax:
            message = f"a wrong answer about model {number}"
            raise ValueError(message)


def read_policy(path: Path) -> None:
    """Read a policy and judge one model by all of its rules."""
    from aigf_dvc.evidence.metric import Metric  # noqa: PLC0415
    from aigf_dvc.evidence.model_evidence import ModelEvidence  # noqa: PLC0415
    from aigf_dvc.policy.evaluate import evaluate  # noqa: PLC0415
    from aigf_dvc.policy.read import read_policy as read  # noqa: PLC0415
    from aigf_dvc.policy.verdict import Gate  # noqa: PLC0415

    policy = read(path.read_bytes(), path=str(path))
    metrics = {
        f"metric-{number}": Metric(value=0.95, where=f"metrics.json:metric-{number}")
        for number in range(len(policy.rules))
    }
    evidence = ModelEvidence(model="model", card=None, metrics=metrics)
    verdict = evaluate(policy, evidence, at=Gate.PUSH, today=date(2026, 11, 26))
    if len(verdict.findings) != len(policy.rules):
        message = "not every rule was judged"
        raise ValueError(message)
