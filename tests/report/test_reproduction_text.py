from decimal import Decimal

from msgspec.structs import replace

from aigf_dvc.evidence.lineage import StageTrust, TrustLevel
from aigf_dvc.report.reproduction_text import reproduction_as_json, reproduction_text
from tests.evidence.test_reproduction import a_metric, a_reproduction, digests

REPRODUCED = StageTrust(stage="train", level=TrustLevel.REPRODUCED)
DECLARED = StageTrust(stage="train", level=TrustLevel.DECLARED)


def test_an_identical_run_says_so_and_shows_no_metrics() -> None:
    record = a_reproduction(metric=a_metric("0.9", "0.9"))
    text = reproduction_text(record, (REPRODUCED,), color=False)
    assert text.splitlines()[0] == "scorer: identical: every output has the recorded bytes"
    assert f"train  model.bin  {digests('a').sha256[:12]}  the same" in text
    assert "auc" not in text
    assert text.endswith("every stage is reproduced")


def test_a_different_run_shows_both_digests_and_the_numbers() -> None:
    record = a_reproduction(made="b", metric=a_metric("0.9", None))
    text = reproduction_text(record, (DECLARED,), color=False)
    assert text.startswith("scorer: different")
    assert f"{digests('a').sha256[:12]}  {digests('b').sha256[:12]}" in text
    row = next(line for line in text.splitlines() if line.strip().startswith("auc"))
    assert row.split("  ")[1] == "auc"
    assert row.count("no number") == 2
    assert row.endswith("NOT WITHIN")
    assert text.endswith("not reproduced: train (declared)")


def test_near_numbers_without_an_observed_run_say_what_to_do() -> None:
    metric = replace(a_metric("0.9", "0.85"), tolerance=Decimal("0.1"))
    text = reproduction_text(a_reproduction(made="b", metric=metric), (DECLARED,), color=False)
    assert text.startswith("scorer: within-tolerance")
    assert "`aigf repro --force`" in text


def test_colour_is_only_where_it_is_wanted() -> None:
    record = a_reproduction()
    assert "\x1b" not in reproduction_text(record, (REPRODUCED,), color=False)
    assert "\x1b[32midentical\x1b[0m" in reproduction_text(record, (REPRODUCED,), color=True)


def test_json_has_the_record_its_digest_and_the_levels() -> None:
    value = reproduction_as_json(
        a_reproduction(), (REPRODUCED,), commit="c", kept="here", stored=""
    )
    assert isinstance(value, dict)
    assert value["result"] == "identical"
    assert value["stages"] == [{"name": "train", "trustLevel": "reproduced"}]
    assert value["source"] == {"gitCommit": "c"}
    assert (value["kept"], value["stored"]) == ("here", None)
