"""A data card is read strictly, and says of which data it speaks."""

from datetime import date

import pytest

from aigf_dvc.digests import sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.data_card import DataCard, read_data_card

DIGEST = sha256(b"data")
CARD = f"""\
---
type: data-card
datasets: [data/raw.csv]
digests: ["sha256:{DIGEST}"]
license: other
license_name: Bank Internal 1
consent_expires: 2027-01-31
retention_until: 2028-01-31
responsible_owner: Jane Doe
---
# Data
"""


def test_a_card_tells_what_it_says_of_the_data() -> None:
    assert read_data_card(CARD.encode(), path="d.md") == DataCard(
        path="d.md",
        datasets=("data/raw.csv",),
        digests=(DIGEST,),
        licenses=("Bank Internal 1",),
        consent_expires=date(2027, 1, 31),
        retention_until=date(2028, 1, 31),
        responsible_owner="Jane Doe",
    )


def test_a_card_speaks_of_data_by_path_or_digest() -> None:
    card = read_data_card(CARD.encode(), path="d.md")
    assert card.speaks_of("data/raw.csv", None)
    assert card.speaks_of("elsewhere.csv", DIGEST)
    assert not card.speaks_of("elsewhere.csv", sha256(b"other"))
    assert not card.speaks_of("elsewhere.csv", None)
    assert DataCard(path="d.md", at_hand=False).speaks_of("anything", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[data/raw.csv]", "data/raw.csv"),
        ("[data/raw.csv]", "[1]"),
        ("2027-01-31", "soon"),
        ("2028-01-31", "2028-02-30"),
        ("Jane Doe", "[Jane]"),
        ("type: data-card", "type: model-card"),
        ("---\n#", "#"),
    ],
)
def test_a_card_of_another_form_is_refused(old: str, new: str) -> None:
    assert old in CARD
    with pytest.raises(InputError, match=r"d\.md"):
        read_data_card(CARD.replace(old, new).encode(), path="d.md")


def test_a_file_without_front_matter_is_no_card() -> None:
    for path in ("d.pdf", "d.md"):
        with pytest.raises(InputError, match="front matter"):
            read_data_card(b"plain", path=path)
