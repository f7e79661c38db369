"""A data card: the governance document of type `data-card` that speaks of one or more data sets."""

import datetime

from msgspec import Struct

from aigf_dvc.digests import Sha256
from aigf_dvc.errors import InputError
from aigf_dvc.evidence.governance_document import front_matter, read_governance_document
from aigf_dvc.evidence.license_name import license_names
from aigf_dvc.strict_yaml import Document

DATA_CARD = "data-card"
"""The type under which aigf.yaml lists it."""

_DAYS = ("consent_expires", "retention_until")


class DataCard(Struct, frozen=True, kw_only=True):
    """What a data card says of one or more data sets in its front matter."""

    path: str
    datasets: tuple[str, ...] = ()  # their paths in the repository
    digests: tuple[Sha256, ...] = ()  # of the bytes that it speaks of; empty: of any
    licenses: tuple[str, ...] = ()
    consent_expires: datetime.date | None = None  # the last day on which the data may be used
    retention_until: datetime.date | None = None  # the last day on which it may be kept
    responsible_owner: str = ""
    at_hand: bool = True  # False: an attestation names it by digest only

    def speaks_of(self, name: str, sha256: Sha256 | None) -> bool:
        """Tell whether the card is about a data set: by its path, or by its bytes."""
        return not self.at_hand or name in self.datasets or sha256 in self.digests


def read_data_card(data: bytes, *, path: str) -> DataCard:
    """Read a data card strictly.

    Args:
        data: the bytes: Markdown with front matter, YAML or JSON.
        path: its path in the repository.

    Raises:
        InputError: it has no front matter, or a value of another form.
    """
    document = read_governance_document(data, path=path, kind=DATA_CARD)
    front = front_matter(data, path)
    if front is None:
        raise InputError(
            "no front matter", where=path, expected="a data card: `datasets:`, `license:`, ...",
            hint="write it as Markdown with YAML between two `---` lines at the top",
        )  # fmt: skip
    days = [_day(front, key) for key in _DAYS]
    return DataCard(
        path=path,
        datasets=_texts(front, "datasets"),
        digests=document.digests,
        licenses=license_names(front.value.get("license"), front.value.get("license_name")),
        consent_expires=days[0],
        retention_until=days[1],
        responsible_owner=_text(front, "responsible_owner"),
    )


def _texts(front: Document, key: str) -> tuple[str, ...]:
    value = front.value.get(key, [])
    if not isinstance(value, list) or not all(isinstance(i, str) and i.strip() for i in value):
        raise InputError(
            f"{key}: {value!r:.100}", where=front.place(key), expected="a list of paths"
        )
    return tuple(item.strip() for item in value)


def _text(front: Document, key: str) -> str:
    value = front.value.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{key}: {value!r:.100}", where=front.place(key), expected="text")
    return value.strip()


def _day(front: Document, key: str) -> datetime.date | None:
    value = front.value.get(key)
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(
            f"{key}: {value!r:.100}", where=front.place(key), expected="a day such as 2027-12-31"
        ) from None
