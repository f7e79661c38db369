"""What a record is worth when the bytes behind it are not here, or it names none."""

from pathlib import Path

import pytest

from aigf_dvc.capture.contents import NoData
from aigf_dvc.capture.found import Found, mismatched, missing
from aigf_dvc.capture.recorded_bytes import RECORDS_AGREE, RecordedBytes
from aigf_dvc.evidence.lineage import Cause, EdgeState
from aigf_dvc.evidence.pipeline import MD5, Recorded
from aigf_dvc.trees.working_tree import WorkingTree

CHANGED = mismatched(Cause.DATA_CHANGED, "changed")
GONE = missing(Cause.NOT_HERE, "its list of files is not here")


@pytest.mark.parametrize(
    ("algorithm", "unread", "state"),
    [
        (MD5, RECORDS_AGREE, EdgeState.RECORDED),
        (MD5, GONE, EdgeState.MISSING),
        ("etag", RECORDS_AGREE, EdgeState.RECORDED),
        ("etag", GONE, EdgeState.MISSING),
    ],
)
def test_data_that_is_known_to_be_missing_is_missing_whatever_its_record_names(
    tmp_path: Path, algorithm: str, unread: Found, state: EdgeState
) -> None:
    recorded = Recorded(path="data", algorithm=algorithm, value="a" * 32)
    here = RecordedBytes(WorkingTree(tmp_path), NoData())
    assert here.compare(recorded, otherwise=CHANGED, unread=unread).state is state
