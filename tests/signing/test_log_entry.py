"""An entry of a log has one meaning and agrees with itself, or it is refused unverified."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest

from aigf_dvc.attestation.fields import Fields
from aigf_dvc.errors import RefusedError
from aigf_dvc.signing.log_entry import LogEntry, read_log_entry
from tests.local_sigstore.rekor import TransparencyLog, answer_v2

Json = dict[str, Any]  # Any: a document that tests edit at will


def an_entry(log: TransparencyLog | None = None) -> Json:
    """Return an entry as Rekor v2 makes it, the third of its log."""
    log = log or TransparencyLog(name="log.example", origin="log.example")
    request = {"digest": "aaaa", "signature": {"content": "aaaa"}}
    for _ in range(2):
        answer_v2(log, json.dumps({"hashedRekordRequestV002": request}).encode())
    answer = answer_v2(log, json.dumps({"hashedRekordRequestV002": request}).encode())
    found: Json = json.loads(answer)
    return found


def promised(entry: Json) -> Json:
    return entry | {"integratedTime": "1", "inclusionPromise": {"signedEntryTimestamp": "aaaa"}}


def read(entry: Json) -> LogEntry:
    return read_log_entry(Fields(entry, "entry"))


def proof(entry: Json) -> Json:
    found: Json = entry["inclusionProof"]
    return found


def note(entry: Json) -> str:
    return str(proof(entry)["checkpoint"]["envelope"])


def test_an_entry_says_which_log_and_when() -> None:
    entry = an_entry()
    log = b64decode(entry["logId"]["keyId"])
    assert read(entry) == LogEntry(log=log, seconds=None)
    assert read(entry | {"integratedTime": "0"}) == LogEntry(log=log, seconds=None)
    assert read(promised(entry)) == LogEntry(log=log, seconds=1)


def test_what_protobuf_leaves_out_is_zero_or_empty() -> None:
    """Go writes the first entry of a log without its index, and without the hashes there are."""
    log = TransparencyLog(name="log.example", origin="log.example")
    request = {"digest": "aaaa", "signature": {"content": "aaaa"}}
    entry = json.loads(answer_v2(log, json.dumps({"hashedRekordRequestV002": request}).encode()))
    del entry["logIndex"], proof(entry)["logIndex"], proof(entry)["hashes"]
    assert read(entry).seconds is None
    third = an_entry()
    del third["logIndex"]
    with pytest.raises(RefusedError, match="entry 0, yet the proof is of 2"):
        read(third)


def test_the_index_of_all_shards_may_differ_where_the_log_promised_it() -> None:
    assert read(promised(an_entry()) | {"logIndex": "77"}).seconds == 1
    with pytest.raises(RefusedError, match="the proof is of 2"):
        read(an_entry() | {"logIndex": "77"})


@pytest.mark.parametrize(
    "edit",
    [
        lambda e: e.update(integratedTime="1"),
        lambda e: e.update(inclusionPromise={"signedEntryTimestamp": "aaaa"}),
        lambda e: e.update(inclusionPromise={"signedEntryTimestamp": "aaaa"}, integratedTime="0"),
    ],
)
def test_a_time_and_the_promise_of_it_come_together(edit: Callable[[Json], object]) -> None:
    entry = an_entry()
    edit(entry)
    with pytest.raises(RefusedError, match="a time without the log's promise"):
        read(entry)


@pytest.mark.parametrize("text", ["", " 2", "+2", "02", "2.0", "two", "-1", "9" * 20, 2, None])
@pytest.mark.parametrize("key", ["logIndex", "treeSize"])
def test_a_number_has_one_spelling(key: str, text: object) -> None:
    entry = an_entry()
    proof(entry)[key] = text
    with pytest.raises(RefusedError, match=key):
        read(entry)


def other_size(entry: Json) -> None:
    proof(entry)["treeSize"] = "4"


def other_root(entry: Json) -> None:
    proof(entry)["rootHash"] = b64encode(bytes(32)).decode()


def beyond_the_tree(entry: Json) -> None:
    entry["logIndex"] = proof(entry)["logIndex"] = "3"


def unread_line(entry: Json) -> None:
    proof(entry)["checkpoint"]["envelope"] = note(entry) + "nobody reads this\n"


def unsigned(entry: Json) -> None:
    proof(entry)["checkpoint"]["envelope"] = note(entry).partition("\n\n")[0] + "\n\n"


def without_its_end(entry: Json) -> None:
    proof(entry)["checkpoint"]["envelope"] = note(entry).rstrip("\n")


def two_notes(entry: Json) -> None:
    proof(entry)["checkpoint"]["envelope"] = note(entry) + "\n" + note(entry)


def short_hash(entry: Json) -> None:
    proof(entry)["hashes"][0] = "aaaa"


def many_hashes(entry: Json) -> None:
    proof(entry)["hashes"] *= 65


def no_checkpoint(entry: Json) -> None:
    del proof(entry)["checkpoint"]


def no_proof(entry: Json) -> None:
    del entry["inclusionProof"]


def another_kind(entry: Json) -> None:
    entry["kindVersion"]["kind"] = "dsse"


def another_version(entry: Json) -> None:
    entry["kindVersion"]["version"] = "0.0.1"


def a_key_twice(entry: Json) -> None:
    body = b64decode(entry["canonicalizedBody"])
    entry["canonicalizedBody"] = b64encode(b'{"kind":"x",' + body[1:]).decode()


def another_spelling(entry: Json) -> None:
    entry["log_index"] = entry.pop("logIndex")


def a_short_log(entry: Json) -> None:
    entry["logId"]["keyId"] = "aaaa"


@pytest.mark.parametrize(
    "edit",
    [
        other_size,
        other_root,
        beyond_the_tree,
        unread_line,
        unsigned,
        without_its_end,
        two_notes,
        short_hash,
        many_hashes,
        no_checkpoint,
        no_proof,
        another_kind,
        another_version,
        a_key_twice,
        another_spelling,
        a_short_log,
    ],
)
def test_an_entry_that_contradicts_itself_or_has_another_form_is_refused(
    edit: Callable[[Json], object],
) -> None:
    entry = an_entry()
    edit(entry)
    with pytest.raises(RefusedError) as refused:
        read(entry)
    assert "\n" not in str(refused.value)
