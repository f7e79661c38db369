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


def of_another_command(statement: Json) -> None:
    def edit(record: Json) -> None:
        record["commands"] = [f"{record['commands'][0]} --more"]

    edited_record(statement, edit)


def of_another_folder(statement: Json) -> None:
    edited_record(statement, lambda record: record.update(directory="elsewhere"))


def of_another_model(statement: Json) -> None:
    edited_record(statement, lambda record: record["outputs"][MODEL].update(sha256="0" * 64))


def without_record(statement: Json) -> None:
    for stage in statement["predicate"]["lineageVerification"]["stages"]:
        if stage["name"] == "train":
            del stage["runRecord"]


def with_newer_packages(statement: Json) -> None:
    def edit(packages: Json) -> None:
        packages["lockFiles"][0]["packages"][1][1] = "2.9.9"

    edited_packages(statement, edit)


def with_newer_packages_elsewhere(statement: Json) -> None:
    with_newer_packages(statement)
    only_by_digest(statement, "packages.json")


def without_packages(statement: Json) -> None:
    left_out(statement, "packages.json")


def only_by_digest(statement: Json, name: str) -> None:
    del item_named(statement, name)["content"]


def left_out(statement: Json, name: str) -> None:
    items = statement["predicate"]["evidence"]
    statement["predicate"]["evidence"] = [item for item in items if item["name"] != name]


ANOTHER_RUN = "stage 'train': its run record is of another run than in dvc.lock"
NEWER = f'packages lockFiles[{LOCK}].packages[1][1]: attested "2.9.9", the commit has "2.1.0"'


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (of_another_command, ANOTHER_RUN),
        (of_another_folder, ANOTHER_RUN),
        (of_another_model, f"stage 'train': its run record saw '{MODEL}' as sha256:000"),
        (without_record, "stage 'train': attested as observed, without a run record"),
        (with_newer_packages, NEWER),
        (with_newer_packages_elsewhere, "(the attested packages are not at hand"),
        (without_packages, "packages: attested none, the commit gives sha256:"),
    ],
)
def test_what_the_commit_does_not_bear_out_is_named(
    observed: tuple[Playground, bytes], edit: Callable[[Json], None], says: str
) -> None:
    statement = json.loads(observed[1])
    edit(statement)
    found, detail, code = held(observed, statement)
    assert (found, code) == (StepOutcome.FAILED, 1)
    assert says in detail


@pytest.mark.parametrize("hide", [only_by_digest, left_out])
def test_records_that_are_not_at_hand_leave_it_undecided(
    observed: tuple[Playground, bytes], hide: Callable[[Json, str], None]
) -> None:
    statement = json.loads(observed[1])
    hide(statement, "run-record/train")
    found, detail, code = held(observed, statement)
    assert (found, code) == (StepOutcome.UNDECIDED, 3)
    assert "the run records of 'train' are not at hand" in detail


def test_of_the_packages_the_digest_alone_is_enough(observed: tuple[Playground, bytes]) -> None:
    statement = json.loads(observed[1])
    only_by_digest(statement, "packages.json")
    assert held(observed, statement)[0] is StepOutcome.PASSED


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
