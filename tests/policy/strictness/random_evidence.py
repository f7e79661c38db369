"""Evidence at random, of the few words that random policies speak of."""

from datetime import UTC, datetime
from random import Random

from msgspec.structs import replace

from aigf_dvc.evidence.approval import Waiver
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.data_card import DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.evidence.governance_document import GovernanceDocument
from aigf_dvc.evidence.lineage import EdgeKind, EdgeState, Lineage, TrustLevel
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.evidence.model_file import ModelFile
from aigf_dvc.evidence.package import Package, PackageList, PackageSource
from aigf_dvc.evidence.parameter import Parameter
from tests.policy.builders import a_lineage, an_edge
from tests.policy.strictness.random_policies import (
    DAYS,
    DIGEST,
    MODEL,
    OTHER,
    a_small_card,
    some_of,
)


def an_evidence(random: Random) -> ModelEvidence:
    texts = [random.choice(["said", "TODO"]) for _ in range(3)]
    tiers = ["", ", risk_tier: low", ", risk_tier: mid", ", risk_tier: odd"]
    card = a_small_card(*texts, random.choice(tiers), random.choice(["mit", "gpl", "x", "other"]))
    return ModelEvidence(
        model="model",
        card=random.choice([card, card, card, None]),
        metrics={
            name: Metric(value=random.choice([0, 1, 2, 3, "2"]), where=name)
            for name in some_of(random, "m", "n")
        }
        | {
            name: Metric(value=some_groups(random), where=name)
            for name in some_of(random, "s", "t")
        },
        baselines=tuple(a_baseline(random, name) for name in some_of(random, "tag:v1", "tag:v2")),
        datasets=tuple(a_dataset(random) for _ in range(random.randint(0, 2))),
        packages=tuple(a_package_list(random) for _ in range(random.randint(0, 2))),
        parameters=tuple(
            Parameter(name=name, value=random.choice([0, 1, 2, 3, True, "2"]), stage="train")
            for name in some_of(random, "f:a", "f:b")
        ),
        documents=tuple(a_document(random) for _ in range(random.randint(0, 2))),
        lineage=random.choice([None, a_random_lineage(random), a_random_lineage(random)]),
        sha256=random.choice([MODEL, None]),
        data={"data": OTHER},
        files=(ModelFile(name="model", sha256=MODEL),),
        tree=OTHER,
        waivers=(a_waiver(random),) if random.random() < 0.5 else (),
    )


def some_groups(random: Random) -> dict[str, object]:
    groups = {}
    for name in some_of(random, "x", "y", "z", least=1):
        samples = random.choice([5, 50, 5000])
        groups[name] = {"positives": random.randint(0, samples), "samples": samples}
    return dict(groups)


def a_baseline(random: Random, name: str) -> Baseline:
    return Baseline(
        name=name,
        where=name,
        metrics={one: Metric(value=random.choice([1, 2, 3]), where=one) for one in ("m", "n")},
        absent=random.random() < 0.3,
        problem=random.choice(["", "", "odd"]),
    )


def a_dataset(random: Random) -> Dataset:
    cards = [
        DataCard(
            path="card.md",
            datasets=("a/x",),
            licenses=some_of(random, "mit", "gpl"),
            consent_expires=random.choice([None, *DAYS]),
        )
    ]
    return Dataset(
        name=random.choice(["a/x", "a/z", "b/y", "c/z"]),
        sha256=random.choice([None, MODEL, OTHER]),
        cards=tuple(random.sample(cards, random.randint(0, 1))),
    )


def a_package_list(random: Random) -> PackageList:
    return PackageList(
        source=random.choice([*PackageSource]),
        where="train",
        packages=tuple(
            Package(name=name, version=random.choice(["1", "1.5", "2", "3"]))
            for name in some_of(random, "p", "q")
        ),
    )


def a_document(random: Random) -> GovernanceDocument:
    return GovernanceDocument(
        type=random.choice(["d", "e"]),
        path="d.md",
        sha256=OTHER,
        date=random.choice([None, *DAYS]),
        models=some_of(random, "model", "other"),
        digests=tuple(random.sample([MODEL, OTHER], random.randint(0, 2))),
    )


def a_random_lineage(random: Random) -> Lineage:
    edges = [
        an_edge(random.choice([*EdgeState]), kind=random.choice([*EdgeKind]))
        for _ in range(random.randint(1, 2))
    ]
    level = random.choice([*TrustLevel])
    lineage = a_lineage(*edges, level=level, clean_tree=random.choice([None, True, False]))
    stage = replace(lineage.stages[0], run_record=random.choice([None, OTHER]))
    return replace(lineage, stages=(stage,))


def a_waiver(random: Random) -> Waiver:
    return Waiver(
        person="dana",
        roles=("owner",),
        role=random.choice(["owner", "chief", "other"]),
        model="mortgage",
        models=(MODEL,),
        tree=OTHER,
        policy=DIGEST,
        environment="production",
        reason="because",
        issued=datetime(2026, 11, 1, tzinfo=UTC),
        expires=random.choice([None, datetime(2026, 11, 2, tzinfo=UTC)]),
        where="bundle",
        rules=some_of(random, "r", "s", "t", least=1),
    )
