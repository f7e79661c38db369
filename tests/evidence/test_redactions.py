"""What is taken out of a stage or a model is named with its place."""

from aigf_dvc.digests import sha256
from aigf_dvc.evidence.manifest import ManifestModel, NamedDigest, stage_as_json
from aigf_dvc.evidence.pipeline import Stage, StageLock
from aigf_dvc.evidence.redactions import model_redactions, stage_redactions
from aigf_dvc.redaction import Redaction
from tests.redaction_corpus import GITHUB

FETCH = f"curl https://h.org/x?sig=abc1 && run --with {GITHUB}"


def a_stage(command: str) -> Stage:
    return Stage(
        address="sub/dvc.yaml:fetch", file="sub/dvc.yaml", commands=(command,), directory="",
        deps=(), outs=(), parameters={},
    )  # fmt: skip


def test_commands_and_parameters_of_a_stage_are_named() -> None:
    lock = StageLock(
        commands=(FETCH,), deps={}, outs={},
        parameters={"params.yaml": {"train": {"token": "abc1"}, "depth": 3}},
    )  # fmt: skip
    found = list(stage_redactions(a_stage("python x.py"), lock))
    assert found == [
        Redaction(where="sub/dvc.yaml stage fetch, command", rule="signed-query"),
        Redaction(where="sub/dvc.yaml stage fetch, command", rule="github-token"),
        Redaction(where="params.yaml:train.token (stage fetch)", rule="secret-name"),
    ]
    assert str(stage_as_json(a_stage(FETCH), lock)).count("redacted") == len(found)


def test_a_stage_that_never_ran_is_looked_at_as_it_is_defined() -> None:
    assert len(list(stage_redactions(a_stage(FETCH), None))) == 2
    assert list(stage_redactions(a_stage("python x.py"), None)) == []


def test_the_card_and_the_metrics_of_a_model_are_named() -> None:
    model = ManifestModel(
        name="m", path="m", card=NamedDigest(name="CARD.md", sha256=sha256(b"")),
        card_fields={"governance": {"note": GITHUB}}, documents=(),
        metrics={"f1": ("m.json:f1", {"api_key": "abc1"})},
    )  # fmt: skip
    assert list(model_redactions(model)) == [
        Redaction(where="CARD.md:governance.note", rule="github-token"),
        Redaction(where="m.json:f1.api_key", rule="secret-name"),
    ]
