"""What a policy demands of the cards of a data set."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from aigf_dvc.evidence.data_card import DATA_CARD, DataCard
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.policy.at_hand import not_at_hand


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a data set."""

    observed: str
    where: str
    remedy: str


class CardDemands(Struct, frozen=True, kw_only=True):
    """What every card of a data set must say; at least one card must be there."""

    licenses: tuple[str, ...] = ()  # the allowed ones; empty: any, or none
    not_expired: bool = False

    def faults(self, data: Dataset, today: date) -> Iterator[Fault]:
        """Yield what is wrong with the cards of one data set.

        Raises:
            UndecidedError: a card may speak of it, and its bytes are not at hand.
        """
        known = [card for card in data.cards if card.at_hand]
        absent = next((card for card in data.cards if not card.at_hand), None)
        if absent is not None:
            raise not_at_hand(absent.path)
        if not known:
            yield Fault(
                observed=f"no data card speaks of {data.name}",
                where="aigf.yaml",
                remedy=f"write one with `datasets: [{data.name}]` in its front matter, and list "
                f"it under `documents:` of the model: `{{type: {DATA_CARD}, path: FILE}}`",
            )
        for card in known:
            yield from self._of_card(card, data, today)

    def _of_card(self, card: DataCard, data: Dataset, today: date) -> Iterator[Fault]:
        other = _other_bytes(card, data)
        if other:
            yield Fault(
                observed=other,
                where=card.path,
                remedy="review the card against these bytes, then set "
                f"`digests: [sha256:{data.sha256 or 'HEX'}]` in it",
            )
        if self.licenses:
            yield from self._license(card, data)
        if self.not_expired:
            yield from _expired(card, data, today)

    def _license(self, card: DataCard, data: Dataset) -> Iterator[Fault]:
        allowed = {name.casefold() for name in self.licenses}
        wrong = [name for name in card.licenses if name.casefold() not in allowed]
        if card.licenses and not wrong:
            return
        said = f"the licence of {data.name} is {', '.join(wrong)}" if wrong else (
            f"the card of {data.name} names no licence"
        )  # fmt: skip
        yield Fault(
            observed=said,
            where=card.path,
            remedy=f"name it as `license:` in the card; allowed: {', '.join(self.licenses)}",
        )


def _other_bytes(card: DataCard, data: Dataset) -> str:
    if not card.digests or data.sha256 in card.digests:
        return ""
    if data.sha256 is None:
        return f"the card names digests, and the SHA-256 of {data.name} is not known"
    return f"the data card of {data.name} names other bytes"


def _expired(card: DataCard, data: Dataset, today: date) -> Iterator[Fault]:
    days = {"consent_expires": card.consent_expires, "retention_until": card.retention_until}
    known = {key: day for key, day in days.items() if day is not None}
    if not known:
        yield Fault(
            observed=f"the card of {data.name} says neither consent_expires nor retention_until",
            where=card.path,
            remedy="write into the card how long the data may be used or kept",
        )
    for key, day in known.items():
        if day < today:
            yield Fault(
                observed=f"{key} of {data.name} was {day}",
                where=card.path,
                remedy="train without this data, or renew the consent or the retention and say "
                "so in the card",
            )
