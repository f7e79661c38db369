"""The evidence about a model speaks of this model, and comes from where it says."""

import hashlib
import os

import pytest

from aigf_dvc.capture.model_evidence import gather
from aigf_dvc.capture.project import load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.lineage import EdgeState
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import METRICS, MODEL, Playground


def evidence(playground: Playground) -> ModelEvidence:
    model = load_settings(WorkingTree(playground.root)).models[0]
    return gather(model, playground.comparison(), root=playground.root)


def bad_edges(found: ModelEvidence) -> dict[str, str]:
    assert found.lineage is not None
    return {edge.name: edge.reason for edge in found.lineage.edges if not edge.state.is_sound}


def test_card_metrics_documents_and_lineage_are_gathered(playground: Playground) -> None:
    found = evidence(playground)
    assert found.card is not None
    assert {name: str(m.value) for name, m in found.metrics.items()} == {
        "fairness_score": "0.9",
        "p95_latency_ms": "12.5",
    }
    assert [document.type for document in found.documents] == ["risk-assessment"]
    assert bad_edges(found) == {}


def test_metrics_that_were_not_computed_from_the_model_are_called_out(
    playground: Playground,
) -> None:
    playground.replace("dvc.yaml", "[models/model.bin, data/clean.csv,", "[data/clean.csv,")
    assert "another model" in bad_edges(evidence(playground))[METRICS]


def test_metrics_that_no_stage_makes_are_called_out(playground: Playground) -> None:
    playground.write("by-hand.json", '{"fairness_score": 1.0, "p95_latency_ms": 1}')
    playground.write(
        "aigf.yaml", playground.read("aigf.yaml").replace('"metrics.json', '"by-hand.json')
    )
    assert "no stage makes it" in bad_edges(evidence(playground))["by-hand.json"]
    assert playground.aigf("check").returncode == 1


def test_a_model_that_no_stage_makes_is_refused_with_the_way_to_bring_it_in(
    playground: Playground,
) -> None:
    playground.replace("aigf.yaml", MODEL, "data/raw.csv")
    with pytest.raises(InputError, match="no stage makes the model") as error:
        evidence(playground)
    assert "dvc stage add" in error.value.hint
    assert playground.aigf("check").returncode == 3
    assert playground.aigf("capture").returncode == 2


def _cache_metrics(playground: Playground) -> str:
    """Keep the metrics file in DVC's cache, out of git; return its MD5."""
    playground.replace("dvc.yaml", "{cache: false}", "{cache: true}")
    playground.write(".gitignore", playground.read(".gitignore") + "/metrics.json\n")
    playground.git("rm", "--quiet", "--cached", METRICS)
    digest = hashlib.md5((playground.root / METRICS).read_bytes()).hexdigest()
    playground.write(
        f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}", (playground.root / METRICS).read_bytes()
    )
    playground.commit()
    return digest


def test_cached_metrics_that_were_edited_in_the_workspace_are_not_believed(
    playground: Playground,
) -> None:
    _cache_metrics(playground)
    assert playground.aigf("check").returncode == 0
    playground.replace(METRICS, "0.9", "0.99")
    denied = playground.aigf("check")
    assert denied.returncode == 1
    assert METRICS in denied.stdout


def test_better_metrics_in_git_than_the_run_made_are_not_believed(playground: Playground) -> None:
    _cache_metrics(playground)
    playground.replace(METRICS, "0.9", "0.99")
    playground.git("add", "--force", METRICS)
    playground.commit()
    for revision in ((), ("--rev", "HEAD")):
        denied = playground.aigf("check", *revision)
        assert denied.returncode == 1, revision
        assert METRICS in denied.stdout


def test_an_entry_of_the_lock_speaks_only_for_what_its_own_stage_makes(
    playground: Playground,
) -> None:
    _cache_metrics(playground)
    playground.replace(METRICS, "0.9", "0.99")
    digest = hashlib.md5((playground.root / METRICS).read_bytes()).hexdigest()
    size = (playground.root / METRICS).stat().st_size
    entry = f"    - path: {METRICS}\n      hash: md5\n      md5: {digest}\n      size: {size}\n"
    honest = playground.read("dvc.lock")
    first = "    outs:\n    - path: data/clean.csv\n"
    assert first in honest
    for forged in (
        honest.replace(first, first.replace("outs:\n", f"outs:\n{entry}"), 1),
        honest.replace("stages:\n", f"stages:\n  aaa:\n    cmd: echo\n    outs:\n{entry}", 1),
    ):
        assert forged != honest
        playground.write("dvc.lock", forged)
        assert playground.aigf("check").returncode == 1


def test_metrics_in_a_folder_that_a_stage_makes_are_those_of_the_run(
    playground: Playground,
) -> None:
    playground.replace(
        "dvc.yaml", "    metrics:\n      - metrics.json: {cache: false}", "    outs: [eval]"
    )
    playground.replace("src/evaluate.sh", "> metrics.json", "> eval/metrics.json")
    playground.write("src/evaluate.sh", "mkdir -p eval; " + playground.read("src/evaluate.sh"))
    playground.write(
        "aigf.yaml", playground.read("aigf.yaml").replace("metrics.json:", "eval/metrics.json:")
    )
    playground.dvc("repro", "--quiet")
    playground.aigf("capture")
    assert bad_edges(evidence(playground)) == {}
    assert playground.aigf("check").returncode == 0
    playground.replace("eval/metrics.json", "0.9", "0.99")
    assert "edited" in bad_edges(evidence(playground))["eval/metrics.json"]
    denied = playground.aigf("check")
    assert denied.returncode == 1
    assert "eval/metrics.json" in denied.stdout


def test_a_commit_takes_cached_metrics_from_dvcs_cache_only_when_the_bytes_are_right(
    playground: Playground,
) -> None:
    digest = _cache_metrics(playground)
    assert playground.aigf("check", "--rev", "HEAD").returncode == 0
    place = f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}"
    playground.write(place, playground.read(place).replace("0.9", "1.0"))
    assert playground.aigf("check", "--rev", "HEAD").returncode == 1


def test_a_named_pipe_in_dvcs_cache_keeps_nobody_waiting(playground: Playground) -> None:
    digest = _cache_metrics(playground)
    place = playground.root / f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}"
    place.unlink()
    os.mkfifo(place)
    assert playground.aigf("check", "--rev", "HEAD").returncode == 1


def test_the_edges_of_stages_that_have_nothing_to_do_with_the_model_do_not_count(
    playground: Playground,
) -> None:
    playground.write(
        "dvc.yaml", playground.read("dvc.yaml") + "  other:\n    cmd: echo\n    outs: [other.txt]\n"
    )
    assert bad_edges(evidence(playground)) == {}
    assert all(e.state is EdgeState.VERIFIED for e in playground.edges().values())


def test_the_digests_of_the_model_and_of_its_data_are_gathered(playground: Playground) -> None:
    found = evidence(playground)
    assert found.sha256 == hashlib.sha256((playground.root / MODEL).read_bytes()).hexdigest()
    raw = hashlib.sha256((playground.root / "data/raw.csv").read_bytes()).hexdigest()
    assert found.data == {"data/raw.csv": raw}
    (playground.root / MODEL).unlink()
    assert evidence(playground).sha256 == found.sha256  # the digest lock knows it
