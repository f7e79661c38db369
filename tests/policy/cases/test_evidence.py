"""Every value type that a policy judges can be written down in a case."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from aigf_dvc.digests import Sha256, sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.advisory import Event, EventKind
from aigf_dvc.evidence.approval import Approval, Waiver
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.commit import Commit
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.external_verdict import ExternalVerdict, VerdictType
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import (
    Cause,
    Edge,
    EdgeKind,
    EdgeState,
    StageTrust,
    TrustLevel,
)
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.package import Package, PackageList, PackageSource
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.policy.cases.consent import under_policy
from aigf_dvc.policy.cases.evidence import read_evidence
from aigf_dvc.policy.section import Problems
from aigf_dvc.strict_yaml import read_strict

TODAY = date(2026, 11, 26)
MIDNIGHT = datetime(2026, 11, 26, tzinfo=UTC)
HEX = Sha256("ab" * 32)
EVERYTHING = f"""\
model: mortgage
sha256: sha256:{HEX}
tree: {HEX}
card: {{license: mit, governance: {{risk_tier: high}}}}
metrics: {{score: 0.9, gone: {{$number: NaN}}, groups: {{a: {{value: 1, samples: 9}}}}}}
documents: [{{type: bias, date: 2026-11-01, models: [mortgage], digests: [sha256:{HEX}]}}]
lineage: {{level: observed, edges: {{verified: 2, missing: 1}}, clean_tree: true}}
data: {{data/a.csv: sha256-of:a}}
commit: {{sha: abc, authors: [a@x.org], protected: [main]}}
parameters: {{"params.yaml:train.C": 1.5}}
datasets: [{{name: data/a.csv, uris: ["s3://b/a.csv"], cards: [{{licenses: [cc0-1.0]}}]}}]
advisories: {{osv.json: [{{id: PYSEC-1, package: Num_Py, introduced: "0", fixed: "2.0"}}]}}
packages: {{numpy: "2.1"}}
baselines: {{production: {{metrics: {{score: 0.8}}, model: sha256-of:old}}}}
approvals: [{{person: Dana, role: validator, emails: [d@x.org]}}]
waivers: [{{person: Dana, role: risk-owner, rules: [a], expires: 2026-12-01}}]
signatures: [{{person: Dana, role: validator, document: bias}}]
external_verdicts: [{{engine: opa, type: vsa, properties: [L1], time: "2026-11-25T10:00:00Z"}}]
unsigned: [a note]
"""


def read(text: str) -> ModelEvidence:
    document = read_strict(text.encode(), where="f", columns=True)
    problems = Problems(document)
    found = read_evidence(document, problems, today=TODAY, environment="production")
    problems.raise_any()
    return found


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return f"{caught.value}; {caught.value.hint}"


def test_every_field_of_the_evidence_can_be_written() -> None:
    found = read(EVERYTHING)
    nothing = ModelEvidence(model="", card=None)
    unset = {f for f in found.__struct_fields__ if getattr(found, f) == getattr(nothing, f)}
    # Where things belong, for messages; and what an attestation names and the judge lacks.
    assert unset == {"document_places", "metric_places", "card_path", "absent"}


def test_the_model_and_its_files() -> None:
    found = read(EVERYTHING)
    assert (found.model, found.sha256, found.tree) == ("mortgage", HEX, HEX)
    assert found.files == (ModelFile(name="model.bin", sha256=HEX),)
    assert found.data == {"data/a.csv": sha256(b"a")}


def test_the_model_has_digests_unless_the_case_says_that_it_has_none() -> None:
    assert read("model: m\n").sha256 == sha256(b"model")
    assert read("model: m\n").tree == sha256(b"tree")
    found = read("sha256: null\ntree: null\n")
    assert (found.sha256, found.files, found.tree) == (None, (), None)


def test_the_card_keeps_its_lines() -> None:
    card = read(EVERYTHING).card
    assert card is not None
    tier = card.field("risk_tier")
    assert tier is not None
    assert (tier.value, tier.where) == ("high", "f:4")
    assert read("model: m\n").card is None


def test_metrics_may_be_what_yaml_cannot_write() -> None:
    metrics = read(EVERYTHING).metrics
    assert metrics["score"] == Metric(value=Decimal("0.9"), where="metrics.json:score")
    assert Decimal(metrics["gone"].value).is_nan()  # type: ignore[arg-type]  # a Decimal, as read
    assert metrics["groups"].value == {"a": {"value": 1, "samples": 9}}


def test_a_document_says_what_its_front_matter_would() -> None:
    assert read(EVERYTHING).documents == (
        GovernanceDocument(
            type="bias",
            path="governance/documents/bias.md",
            sha256=sha256(b"bias"),
            date=date(2026, 11, 1),
            models=("mortgage",),
            digests=(HEX,),
        ),
    )


def test_edges_are_counted_or_listed() -> None:
    lineage = read(EVERYTHING).lineage
    assert lineage is not None
    assert (lineage.level, lineage.clean_tree) == (TrustLevel.OBSERVED, True)
    assert lineage.count()[EdgeState.VERIFIED] == 2
    assert lineage.count()[EdgeState.MISSING] == 1
    listed = read(
        "lineage:\n"
        "  edges: [{stage: fit, kind: output, name: m.bin, state: mismatched, reason: r, "
        "cause: output-edited}]\n"
        f"  stages: [{{stage: fit, level: reproduced, observer: ci, run_record: {HEX}}}]\n"
    ).lineage
    assert listed is not None
    assert listed.edges == (
        Edge(
            stage="fit",
            kind=EdgeKind.OUTPUT,
            name="m.bin",
            state=EdgeState.MISMATCHED,
            reason="r",
            cause=Cause.OUTPUT_EDITED,
        ),
    )
    assert listed.stages == (
        StageTrust(stage="fit", level=TrustLevel.REPRODUCED, observer="ci", run_record=HEX),
    )
    assert listed.clean_tree is None


def test_what_the_model_was_made_from() -> None:
    found = read(EVERYTHING)
    assert found.commit == Commit(sha="abc", authors=("a@x.org",), protected=("main",))
    assert found.parameters == (
        Parameter(name="params.yaml:train.C", value=Decimal("1.5"), stage="train"),
    )
    assert found.datasets == (
        Dataset(
            name="data/a.csv",
            sha256=sha256(b"data/a.csv"),
            uris=("s3://b/a.csv",),
            cards=(
                DataCard(
                    path="governance/documents/data-card.md",
                    datasets=("data/a.csv",),
                    licenses=("cc0-1.0",),
                ),
            ),
        ),
    )
    assert found.packages == (
        PackageList(
            source=PackageSource.RUN_RECORD,
            where="train",
            packages=(Package(name="numpy", version="2.1"),),
        ),
    )
    assert found.baselines == (
        Baseline(
            name="production",
            where="the baseline production",
            metrics={"score": Metric(value=Decimal("0.8"), where="the baseline production:score")},
            model=sha256(b"old"),
        ),
    )


def test_the_long_forms_of_parameters_and_packages() -> None:
    found = read(
        "parameters: [{name: 'p.yaml:a', value: true, stage: fit}]\n"
        "packages: [{source: lock-file, where: uv.lock, packages: {a: '1'}}]\n"
        "datasets: [{name: d, sha256: null}, {name: e, files: {a: sha256-of:x}}]\n"
    )
    assert found.datasets[1].files == (("a", sha256(b"x")),)
    assert [dataset.is_directory for dataset in found.datasets] == [False, True]
    assert found.parameters == (Parameter(name="p.yaml:a", value=True, stage="fit"),)
    assert (found.packages[0].source, found.packages[0].where) == ("lock-file", "uv.lock")
    assert found.datasets[0].sha256 is None


def test_an_advisory_is_about_a_range_or_some_versions() -> None:
    (one,) = read(EVERYTHING).advisories["osv.json"].advisories
    assert (one.id, one.package) == ("PYSEC-1", "num-py")
    assert one.affected.ranges == (
        (
            Event(kind=EventKind.INTRODUCED, version="0"),
            Event(kind=EventKind.FIXED, version="2.0"),
        ),
    )
    listed = read("advisories: {a.json: [{id: A, package: b, versions: ['1']}], c.json: []}\n")
    assert listed.advisories["a.json"].advisories[0].affected.versions == ("1",)
    assert listed.advisories["c.json"].advisories == ()


def test_nothing_found_is_not_the_same_as_nobody_looked() -> None:
    found = read("commit: {protected: []}\nlineage: {edges: {verified: 1}, behind: []}\n")
    assert found.commit is not None
    assert found.lineage is not None
    assert (found.commit.protected, found.lineage.behind) == ((), ())
    found = read("commit: {sha: a}\nlineage: {edges: {verified: 1}}\n")
    assert found.commit is not None
    assert found.lineage is not None
    assert (found.commit.protected, found.lineage.behind) == (None, None)


def test_a_metric_named_by_its_place_was_read_there() -> None:
    assert read("metrics: {'m.json:a.b': 1}\n").metrics["m.json:a.b"].where == "m.json:a.b"


def test_a_baseline_may_be_unsigned_absent_or_unfit() -> None:
    found = read(
        "baselines:\n  production: {metrics: {a: 1}, signer: release}\n"
        "  v1: {absent: true, problem: no such tag}\n"
    ).baselines
    assert [(b.signer, b.absent, b.problem) for b in found] == [
        ("release", False, ""),
        ("", True, "no such tag"),
    ]


def test_consent_is_about_the_case_unless_it_says_otherwise() -> None:
    found = under_policy(read(EVERYTHING), sha256(b"the policy"))
    about: dict[str, Any] = {  # fields of either, by name
        "model": "mortgage",
        "models": (HEX,),
        "tree": HEX,
        "policy": sha256(b"the policy"),
        "environment": "production",
        "reason": "for this case",
        "issued": MIDNIGHT,
    }
    assert found.approvals == (
        Approval(
            person="Dana", role="validator", roles=("validator",), expires=None,
            where="approval", emails=("d@x.org",), **about,
        ),
    )  # fmt: skip
    assert found.waivers == (
        Waiver(
            person="Dana", role="risk-owner", roles=("risk-owner",), rules=("a",),
            expires=datetime(2026, 12, 1, tzinfo=UTC), where="waiver", **about,
        ),
    )  # fmt: skip
    assert found.external_verdicts == (
        ExternalVerdict(
            engine="opa",
            type=VerdictType.VSA,
            verifier="",
            passed=True,
            properties=("L1",),
            models=(HEX,),
            time=datetime(2026, 11, 25, 10, tzinfo=UTC),
            where="external verdict",
        ),
    )


def test_a_signature_is_under_a_document_of_the_case() -> None:
    found = read(EVERYTHING)
    (signature,) = found.signatures
    assert (signature.document, signature.issued) == (found.documents[0].sha256, MIDNIGHT)
    (other,) = read(
        f"signatures: [{{person: D, role: r, document: {HEX}, issued: 2026-01-01}}]\n"
    ).signatures
    assert (other.document, other.issued.day) == (HEX, 1)


def test_consent_may_be_about_something_else() -> None:
    text = (
        "approvals: [{person: D, role: r, models: [sha256-of:other], tree: sha256-of:t, "
        "policy: sha256-of:p, environment: staging, roles: [x], issued: 2026-01-01}]\n"
    )
    (approval,) = under_policy(read(text), sha256(b"the policy")).approvals
    assert approval.models == (sha256(b"other"),)
    assert (approval.tree, approval.policy) == (sha256(b"t"), sha256(b"p"))
    assert (approval.environment, approval.roles) == ("staging", ("x",))
    assert approval.issued == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sha256: abc\n", "f:1:1: `sha256` is"),
        ("data: {a: 7}\n", "f:1:8: `a` is 7"),
        ("lineage: {edges: {verfied: 1}}\n", "f:1:19: the unknown state"),
        ("lineage: {edges: {verified: 1.5}}\n", "a count from 0 to 1000"),
        ("lineage: {edges: {verified: 100000}}\n", "a count from 0 to 1000"),
        ("lineage: {level: observed, stages: [{stage: a}]}\n", "`level` beside `stages`"),
        ("documents: [{date: 2026-11-01}]\n", "f:1:13: there is no `type`"),
        ("documents: [{type: a, digests: [b]}]\n", "`digests` names"),
        ("waivers: [{person: a, role: b}]\n", "there is no `rules`"),
        ("approvals: [{person: a, role: b, issued: yesterday}]\n", "f:1:34: `issued` is"),
        ("approvals: [{person: a, role: b, issued: 2026-02-30}]\n", "a day or a time"),
        ("packages: [{source: pip, packages: {a: '1'}}]\n", "run-record, lock-file"),
        ("packages: {numpy: 2.1}\n", 'write it in quotes: numpy: "2.1"'),
        ("baselines: {production: {metric: {a: 1}}}\n", "did you mean `metrics`?"),
        ("colour: red\n", "the unknown key `colour`"),
    ],
)
def test_a_mistake_is_refused_with_line_and_column(text: str, said: str) -> None:
    assert said in refusal(text)
