"""The events are OpenLineage's: rebuilt by its own library they are the same."""

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from msgspec.structs import replace
from openlineage.client.naming import dataset as naming

from aigf_dvc.canonical import dumps
from aigf_dvc.digests import sha256
from aigf_dvc.report.export_source import ExportSource
from aigf_dvc.report.openlineage import UNNAMED, dataset_name, openlineage_events
from aigf_dvc.report.openlineage_facets import PRODUCER
from tests.report.builders import (
    AT,
    EXTERNAL,
    MODEL,
    ORIGIN,
    RAW,
    RECORDS,
    REPOSITORY,
    Json,
    a_record,
    a_source,
    content,
)
from tests.report.standards import as_openlineage_has_it, without_empty

IN_A_FOLDER = a_source(origin=replace(ORIGIN, repository=None, folder="ml"))


def events(*sources: ExportSource) -> list[Json]:
    return [json.loads(line) for line in openlineage_events(sources or (a_source(),))]


def of_kind(kind: str, *sources: ExportSource) -> list[Json]:
    return [event for event in events(*sources) if event["schemaURL"].endswith(f"/{kind}")]


@pytest.mark.parametrize("source", [a_source(), IN_A_FOLDER, a_source(card={}, records={})])
def test_the_library_rebuilds_every_event_as_it_is(source: ExportSource) -> None:
    found = events(source)
    assert found
    for event in found:
        assert as_openlineage_has_it(event) == without_empty(event)


def test_every_event_names_its_producer_and_a_real_time() -> None:
    for event in events():
        assert event["producer"] == PRODUCER
        # "RFC 3339" with a zone: spec/OpenLineage.json, BaseEvent.eventTime, format date-time
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        assert event["eventTime"].endswith("Z")


def test_every_path_is_a_data_set_and_every_stage_a_job() -> None:
    names = [event["dataset"]["name"] for event in of_kind("DatasetEvent")]
    assert len(names) == len(set(names)) == 9
    assert {MODEL, RAW, "extra.csv", "src/train.py", "metrics.json"} <= set(names)
    jobs = [event["job"]["name"] for event in of_kind("JobEvent")]
    assert jobs == ["prepare", "train", "evaluate"]
    assert {event["job"]["namespace"] for event in of_kind("JobEvent")} == {REPOSITORY}


def test_a_job_says_what_it_reads_and_makes_and_which_version() -> None:
    train = of_kind("JobEvent")[1]
    assert [item["name"] for item in train["inputs"]] == ["data/clean.csv", "src/train.py"]
    ((made),) = train["outputs"]
    assert made["name"] == MODEL
    assert made["facets"]["version"]["datasetVersion"] == f"sha256:{sha256(content(MODEL))}"


def test_static_facts_have_the_time_of_the_commit() -> None:
    static = (*of_kind("DatasetEvent"), *of_kind("JobEvent"))
    assert {event["eventTime"] for event in static} == {"2026-11-20T09:30:00Z"}


def test_each_observed_run_begins_and_completes_at_its_own_time() -> None:
    runs = of_kind("RunEvent")
    assert [(e["job"]["name"], e["eventType"], e["eventTime"][-9:]) for e in runs] == [
        ("prepare", "START", "08:30:00Z"),
        ("prepare", "COMPLETE", "08:30:09Z"),
        ("train", "START", "08:30:10Z"),
        ("train", "COMPLETE", "08:30:19Z"),
        ("evaluate", "START", "08:30:20Z"),
        ("evaluate", "COMPLETE", "08:30:29Z"),
    ]


def test_the_two_events_of_a_run_share_an_identifier_from_its_record() -> None:
    runs = of_kind("RunEvent")
    ids = [event["run"]["runId"] for event in runs]
    assert ids[0::2] == ids[1::2]
    assert len(set(ids)) == 3
    assert {UUID(text).version for text in ids} == {5}
    assert ids == [event["run"]["runId"] for event in of_kind("RunEvent", a_source(card={}))]
    later = a_record("train", ended=AT.replace(hour=9))
    others = {d: r for d, r in RECORDS.items() if r.stage != "train"}
    other = of_kind("RunEvent", a_source(records={**others, sha256(later.to_bytes()): later}))
    assert len(set(ids) & {event["run"]["runId"] for event in other}) == 2


def test_only_the_end_of_a_run_says_what_it_made() -> None:
    start, complete = of_kind("RunEvent")[2:4]
    assert "outputs" not in start
    assert [item["name"] for item in complete["outputs"]] == [MODEL]
    assert start["inputs"] == complete["inputs"]


def test_stages_that_nobody_observed_have_no_run() -> None:
    assert of_kind("RunEvent", a_source(records={})) == []
    assert len(of_kind("JobEvent", a_source(records={}))) == 3


def test_runs_within_one_second_stand_in_running_order() -> None:
    records = [a_record(stage, started=AT, ended=AT) for stage in ("evaluate", "train", "prepare")]
    source = a_source(records={sha256(record.to_bytes()): record for record in records})
    names = [event["job"]["name"] for event in of_kind("RunEvent", source)]
    assert names == ["prepare", "prepare", "train", "train", "evaluate", "evaluate"]


def test_what_two_models_share_is_said_once() -> None:
    assert events(a_source(), a_source()) == events()


def test_the_same_evidence_gives_the_same_lines() -> None:
    assert openlineage_events([a_source()]) == openlineage_events([a_source()])
    for line in openlineage_events([a_source()]):
        assert dumps(json.loads(line)) == line
        assert b"\n" not in line


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("s3://bucket/a/b.csv", naming.S3("bucket", "a/b.csv")),
        ("gs://bucket/a/b.csv", naming.GCS("bucket", "a/b.csv")),
        ("hdfs://node:8020/a/b.csv", naming.HDFS("node", "8020", "/a/b.csv")),
        ("/mnt/data/b.csv", naming.LocalFileSystem("/mnt/data/b.csv")),
    ],
)
def test_data_from_elsewhere_is_named_as_the_naming_conventions_say(
    path: str, named: naming.DatasetNaming
) -> None:
    assert dataset_name(ORIGIN, path) == (named.get_namespace(), named.get_name())


def test_paths_are_named_as_the_repository_has_them() -> None:
    origin = replace(ORIGIN, folder="ml")
    assert dataset_name(ORIGIN, RAW) == (REPOSITORY, RAW)
    assert dataset_name(origin, RAW) == (REPOSITORY, f"ml/{RAW}")
    assert dataset_name(origin, "../shared.csv") == (REPOSITORY, "shared.csv")
    assert dataset_name(replace(ORIGIN, repository=None), RAW) == (UNNAMED, RAW)
    assert of_kind("JobEvent", IN_A_FOLDER)[0]["job"] | {"facets": {}} == {
        "namespace": UNNAMED,
        "name": "ml/prepare",
        "facets": {},
    }


def test_every_data_set_that_a_job_names_is_described() -> None:
    def names(items: list[Json]) -> Iterator[tuple[str, str]]:
        return ((item["namespace"], item["name"]) for item in items)

    described = set(names([event["dataset"] for event in of_kind("DatasetEvent")]))
    for event in (*of_kind("JobEvent"), *of_kind("RunEvent")):
        assert set(names([*event["inputs"], *event.get("outputs", [])])) <= described
    assert ("s3://bucket", "extra.csv") in described
    assert EXTERNAL == "s3://bucket/extra.csv"
