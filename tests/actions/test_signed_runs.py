"""What this machine recorded is signed once, and kept where others find it by content."""

import pytest
from msgspec.structs import replace

from aigf_dvc.actions.signed_runs import SignedRuns, find_signed_here, sign_runs
from aigf_dvc.attestation.run_statement import read_run_statement
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.run_records import FOLDER, FoundRecord, local_record
from aigf_dvc.clock import now
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.bundle import MEDIA_TYPE, parse_bundle
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from aigf_dvc.trees.working_tree import WorkingTree
from tests.playground import Playground
from tests.security.test_forged_run_records import forge
from tests.signing.by_key import sign_statement

ALL = ("prepare", "train", "evaluate")
KEY = load_private_key(generate_key(None)[0], None, where="key")


def sign(place: Playground) -> SignedRuns:
    return sign_runs(
        place.project, sign=lambda payload: sign_statement(payload, KEY), store=store(place)
    )


def store(place: Playground) -> FolderStore:
    return FolderStore(place.root.parent / "store")


def found(place: Playground, stage: str) -> FoundRecord:
    record = find_signed_here(read_pipeline(WorkingTree(place.root)), stage, place.root)
    assert record is not None
    return record


def test_every_record_of_the_lock_is_signed_and_stored_under_the_key_of_its_run(
    playground: Playground,
) -> None:
    forge(playground)
    assert sign(playground) == SignedRuns(now=ALL, before=())
    for stage in ALL:
        record = found(playground, stage)
        assert record.media_type == MEDIA_TYPE
        (stored,) = store(playground).find(record.record.key)
        assert stored.data == record.data
        said = read_run_statement(parse_bundle(stored.data).payload)
        assert said.to_bytes() == record.record.to_bytes()
    assert playground.git("status", "--short") == ""


def test_what_is_signed_is_not_signed_again_but_stored_where_it_is_missing(
    playground: Playground,
) -> None:
    forge(playground)
    sign(playground)
    before = found(playground, "train").data
    for file in (playground.root.parent / "store").rglob("*.json"):
        file.unlink()
    assert sign(playground) == SignedRuns(now=(), before=ALL)
    assert found(playground, "train").data == before
    assert store(playground).find(found(playground, "train").record.key)[0].data == before


def test_a_later_run_has_a_record_of_its_own_that_is_signed_too(playground: Playground) -> None:
    forge(playground)
    sign(playground)
    record = local_record(read_pipeline(WorkingTree(playground.root)), "train", playground.root)
    assert record is not None
    later = replace(record.record, ended=now().replace(microsecond=0))
    playground.write(f"{FOLDER}/{later.key}.json", later.to_bytes())
    unsigned = found(playground, "train")
    assert unsigned.data == later.to_bytes()
    assert sign(playground) == SignedRuns(now=("train",), before=("prepare", "evaluate"))
    assert len(store(playground).find(later.key)) == 2


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff"])
def test_a_damaged_bundle_is_no_signature(playground: Playground, data: bytes) -> None:
    forge(playground)
    sign(playground)
    key = found(playground, "train").record.key
    playground.write(f"{FOLDER}/{key}.sigstore.json", data)
    assert found(playground, "train").media_type != MEDIA_TYPE
    assert sign(playground).now == ("train",)


def test_without_a_record_of_this_lock_there_is_nothing_to_sign(playground: Playground) -> None:
    with pytest.raises(RefusedError, match="nothing to sign") as error:
        sign(playground)
    assert "aigf repro" in error.value.hint
    forge(playground)
    playground.git("add", "--force", ".aigf")  # another's word, which came with a commit
    playground.git("commit", "--quiet", "-m", "harmless")
    with pytest.raises(RefusedError, match="nothing to sign"):
        sign(playground)
    assert not (playground.root.parent / "store").exists()
