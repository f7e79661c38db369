"""The run records and packages that an attestation carries are held to its commit, too."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aigf_dvc.attestation.verification import StepOutcome
from aigf_dvc.canonical import dumps
from tests.actions.walking import (
    Json,
    attested,
    content_of,
    described,
    honest_project,
    said,
    walked,
)
from tests.playground import MODEL, Playground
from tests.security.test_forged_run_records import forge

LOCK = "requirements.txt"
ADVICE = "advisories.json"
ADVISED = f"""\
id: advised
version: "1"
rules:
  - {{id: safe, kind: packages, advisories: {ADVICE}}}
"""


@pytest.fixture(scope="module")
def observed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Playground, bytes]:
    """A project with a lock file and run records that no test changes, and its statement."""

    def edit(p: Playground) -> None:
        p.write(LOCK, "click==8.1.7\nnumpy==2.1.0\n")
        p.commit()
        forge(p)

    return honest_project(template, tmp_path_factory.mktemp("observed"), edit)


def held(observed: tuple[Playground, bytes], statement: Json) -> tuple[StepOutcome, str, int]:
    outcome = walked(statement, observed[0].root, observed[0].root / MODEL)
    return *said(outcome), outcome.exit_code


def item_named(statement: Json, name: str) -> Json:
    (found,) = [item for item in statement["predicate"]["evidence"] if item["name"] == name]
    assert isinstance(found, dict)
    return found


def edited_record(statement: Json, edit: Callable[[Json], None]) -> None:
    """Put another run record of the training in, as consistent as an attester can make it."""
    item = item_named(statement, "run-record/train")
    record = json.loads(content_of(item))
    edit(record)
    item |= described(dumps(record))
    for stage in statement["predicate"]["lineageVerification"]["stages"]:
        if stage["name"] == "train":
            stage["runRecord"] = item["digest"]


def edited_packages(statement: Json, edit: Callable[[Json], None]) -> None:
    item = item_named(statement, "packages.json")
    packages = json.loads(content_of(item))
    edit(packages)
    item |= described(dumps(packages))


def test_the_records_and_packages_of_an_honest_attester_hold(
    observed: tuple[Playground, bytes],
) -> None:
    found, detail, _ = held(observed, json.loads(observed[1]))
    assert found is StepOutcome.PASSED, detail
    assert "3 run records of the runs in dvc.lock, the same packages" in detail


def _another_command(record: Json) -> None:
    record["commands"] = [f"{record['commands'][0]} --more"]


def _another_folder(record: Json) -> None:
    record["directory"] = "elsewhere"


def _other_bytes_of_the_model(record: Json) -> None:
    record["outputs"][MODEL]["sha256"] = "0" * 64


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_another_command, "stage 'train': its run record is of another run than in dvc.lock"),
        (_another_folder, "stage 'train': its run record is of another run than in dvc.lock"),
        (_other_bytes_of_the_model, f"stage 'train': its run record saw '{MODEL}' as sha256:000"),
    ],
)
def test_a_record_of_another_run_is_named(
    observed: tuple[Playground, bytes], edit: Callable[[Json], None], says: str
) -> None:
    statement = json.loads(observed[1])
    edited_record(statement, edit)
    found, detail, code = held(observed, statement)
    assert (found, code) == (StepOutcome.FAILED, 1)
    assert says in detail


def test_a_stage_that_is_called_observed_without_a_record_is_named(
    observed: tuple[Playground, bytes],
) -> None:
    statement = json.loads(observed[1])
    for stage in statement["predicate"]["lineageVerification"]["stages"]:
        if stage["name"] == "train":
            del stage["runRecord"]
    found, detail, _ = held(observed, statement)
    assert found is StepOutcome.FAILED
    assert "stage 'train': attested as observed, without a run record" in detail


def test_records_that_are_not_at_hand_leave_it_undecided(
    observed: tuple[Playground, bytes],
) -> None:
    statement = json.loads(observed[1])
    del item_named(statement, "run-record/train")["content"]
    found, detail, code = held(observed, statement)
    assert (found, code) == (StepOutcome.UNDECIDED, 3)
    assert "the run records of 'train' are not at hand" in detail
    items = statement["predicate"]["evidence"]
    statement["predicate"]["evidence"] = [i for i in items if i["name"] != "run-record/train"]
    assert held(observed, statement)[2] == 3


def test_packages_that_the_lock_files_do_not_pin_are_named(
    observed: tuple[Playground, bytes],
) -> None:
    statement = json.loads(observed[1])

    def newer(packages: Json) -> None:
        packages["lockFiles"][0]["packages"][1][1] = "2.9.9"

    edited_packages(statement, newer)
    found, detail, _ = held(observed, statement)
    assert found is StepOutcome.FAILED
    assert f'packages lockFiles[{LOCK}].packages[1][1]: attested "2.9.9"' in detail
    assert 'the commit has "2.1.0"' in detail
    del item_named(statement, "packages.json")["content"]
    found, detail, _ = held(observed, statement)
    assert found is StepOutcome.FAILED
    assert "(the attested packages are not at hand" in detail


def test_packages_that_are_left_out_are_named_and_the_digest_alone_is_enough(
    observed: tuple[Playground, bytes],
) -> None:
    statement = json.loads(observed[1])
    del item_named(statement, "packages.json")["content"]
    assert held(observed, statement)[0] is StepOutcome.PASSED
    items = statement["predicate"]["evidence"]
    statement["predicate"]["evidence"] = [i for i in items if i["name"] != "packages.json"]
    found, detail, _ = held(observed, statement)
    assert found is StepOutcome.FAILED
    assert "packages: attested none, the commit gives sha256:" in detail


def test_advisories_that_the_commit_has_are_held_too(playground: Playground) -> None:
    advice = {"id": "PYSEC-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "numpy"},
                                             "versions": ["1.0"]}]}  # fmt: skip
    playground.write(LOCK, "numpy==2.1.0\n")
    playground.write(ADVICE, json.dumps([advice]))
    playground.write("governance/policy.yaml", ADVISED)
    playground.commit()
    statement = attested(playground)
    whole = (playground, dumps(statement))
    assert held(whole, statement)[0] is StepOutcome.PASSED

    def silent(packages: Json) -> None:
        packages["advisories"][ADVICE]["advisories"] = []

    edited_packages(statement, silent)
    found, detail, _ = held(whole, statement)
    assert found is StepOutcome.FAILED
    assert f"packages advisories.{ADVICE}.advisories[0]: attested nothing" in detail
