"""The rule kind `datasets`: where the data behind a model is from, and what its cards say."""

from collections.abc import Iterator

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.digests import Sha256, as_sha256
from aigf_dvc.evidence.dataset import Dataset
from aigf_dvc.policy.address_pattern import allows, denies, why_no_pattern, why_odd
from aigf_dvc.policy.at_hand import demand_at_hand
from aigf_dvc.policy.data_cards import CardDemands, Fault
from aigf_dvc.policy.model import CLOSING_GATES, Case, Judgement, Kind
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome

_SHOWN = 20
_ALGORITHM = "sha256:"
_NEVER_SEEN = (
    "`aigf capture` where the bytes are records its SHA-256 in aigf.lock: commit that. Data that "
    "a stage reads from outside the project has none: `dvc import-url` it"
)


class RequiredDatasets(Struct, frozen=True, kw_only=True):
    """What every data set behind a model must be; each demand holds beside the others."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    allow_digests: tuple[Sha256, ...] = ()
    deny_digests: tuple[Sha256, ...] = ()
    cards: CardDemands | None = None  # None: no card is demanded

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny each data set that breaks a demand, by name; no data set at all is denied too."""
        found = case.evidence.datasets
        if not found or (self.deny_digests and any(map(self._is_unread, found))):
            demand_at_hand(case.evidence)
        if not found:
            return (_nothing(),)
        faults = [fault for data in found for fault in self._faults(data, case)]
        late = [data for data in found if not faults and self._is_late(data, case)]
        if faults:
            return tuple(self._denied(fault) for fault in faults[:_SHOWN]) + _rest(faults)
        if late:
            return tuple(self._deferred(data) for data in late[:_SHOWN])
        names = ", ".join(data.name for data in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return (
            Judgement(
                outcome=Outcome.PASSED,
                observed=f"{len(found)} data set{'s' if found[1:] else ''}: {names}{more}",
                expected=self._expected(),
            ),
        )

    def _faults(self, data: Dataset, case: Case) -> Iterator[Fault]:
        yield from self._denied_place(data)
        yield from self._denied_bytes(data, case)
        yield from self._not_allowed(data)
        if self.cards is not None:
            yield from self.cards.faults(data, case.today)

    def _denied_place(self, data: Dataset) -> Iterator[Fault]:
        for pattern in self.deny:
            hit = next((place for place in (data.name, *data.uris) if denies(pattern, place)), "")
            if hit:
                yield Fault(
                    observed=f"{_said(data)} matches the denied {pattern}",
                    where=data.name,
                    remedy="take it out of the stages' `deps:`, and train without it",
                )

    def _denied_bytes(self, data: Dataset, case: Case) -> Iterator[Fault]:
        if not self.deny_digests:
            return
        if data.sha256 is None and not self.allow_digests:  # which says the same
            yield _never_seen(data)
        inside = {digest: name for name, digest in data.files or ()}
        for digest in self.deny_digests:
            if digest == data.sha256 or digest in inside:
                what = f"{data.name}/{inside[digest]}" if digest in inside else data.name
                yield Fault(
                    observed=f"{what} has the denied digest {_ALGORITHM}{digest}",
                    where=data.name,
                    remedy="remove these bytes from the data, and train without them",
                )
        if self._is_unread(data) and case.at in CLOSING_GATES:
            yield Fault(
                observed=f"which files are in {data.name} is not known here",
                where=data.name,
                remedy=f"bring it here with `dvc pull {data.name}`, then check or attest again",
            )

    def _is_unread(self, data: Dataset) -> bool:
        return bool(self.deny_digests) and data.is_directory and data.files is None

    def _is_late(self, data: Dataset, case: Case) -> bool:
        return self._is_unread(data) and case.at not in CLOSING_GATES

    def _not_allowed(self, data: Dataset) -> Iterator[Fault]:
        places = data.uris or (data.name,)
        if self.allow and not all(any(allows(p, place) for p in self.allow) for place in places):
            odd = next(filter(None, map(why_odd, places)), "")
            yield Fault(
                observed=f"{_said(data)} is not on the list" + (f": {odd}" if odd else ""),
                where=data.name,
                remedy="import it from an allowed place with `dvc import-url` or `dvc import`, "
                "or let the policy's owner add its place to `allow:`",
            )
        if self.allow_digests and data.sha256 is None:
            yield _never_seen(data)
        elif self.allow_digests and data.sha256 not in self.allow_digests:
            yield Fault(
                observed=f"{data.name} has {_ALGORITHM}{data.sha256}, which is not on the list",
                where=data.name,
                remedy="use data that was approved, or let the policy's owner add its digest",
            )

    def _denied(self, fault: Fault) -> Judgement:
        return Judgement(
            outcome=Outcome.DENIED,
            observed=fault.observed,
            expected=self._expected(),
            where=fault.where,
            remedy=fault.remedy,
        )

    def _deferred(self, data: Dataset) -> Judgement:
        return Judgement(
            outcome=Outcome.DEFERRED,
            observed=f"which files are in {data.name} is not looked at here",
            expected=self._expected(),
            where=data.name,
        )

    def _expected(self) -> str:
        demands = (
            ("from an allowed place", self.allow),
            ("from no denied place", self.deny),
            ("with an allowed digest", self.allow_digests),
            ("with no denied digest", self.deny_digests),
            ("with a data card", self.cards is not None),
            ("under an allowed licence", self.cards is not None and self.cards.licenses),
            ("not expired", self.cards is not None and self.cards.not_expired),
        )
        return "every data set " + ", ".join(text for text, wanted in demands if wanted)


def _rest(faults: list[Fault]) -> tuple[Judgement, ...]:
    more = len(faults) - _SHOWN
    if more <= 0:
        return ()
    return (
        Judgement(
            outcome=Outcome.DENIED,
            observed=f"{more} more faults like these",
            expected="no fault in any data set",
        ),
    )


def _nothing() -> Judgement:
    return Judgement(
        outcome=Outcome.DENIED,
        observed="no data set is on record behind the model",
        expected="the data that the model was made from",
        remedy="track the data with `dvc add`, `dvc import` or `dvc import-url`, and name it in "
        "the `deps:` of the stage that reads it",
    )


def _never_seen(data: Dataset) -> Fault:
    return Fault(
        observed=f"the SHA-256 of {data.name} is not known: its bytes were never seen",
        where=data.name,
        remedy=_NEVER_SEEN,
    )


def _said(data: Dataset) -> str:
    places = [place for place in data.uris if place != data.name]
    return f"{data.name}, from {', '.join(places)}," if places else data.name


def _read(section: Section) -> RequiredDatasets:
    licenses = section.texts("licenses") if section.has("licenses") else ()
    not_expired = section.flag("not_expired")
    wants_cards = section.flag("data_card") or bool(licenses) or not_expired
    demands = RequiredDatasets(
        allow=_patterns(section, "allow"),
        deny=_patterns(section, "deny"),
        allow_digests=_digests(section, "allow_digests"),
        deny_digests=_digests(section, "deny_digests"),
        cards=CardDemands(licenses=licenses, not_expired=not_expired) if wants_cards else None,
    )
    if demands == RequiredDatasets() and not any(map(section.has, _LISTS)):
        section.refuse(None, "a datasets rule without a demand", f"one of {', '.join(SCHEMA)}")
    return demands


def _patterns(section: Section, key: str) -> tuple[str, ...]:
    patterns = section.texts(key) if section.has(key) else ()
    for pattern in patterns:
        why = why_no_pattern(pattern)
        if why:
            section.refuse(key, f"{shown(pattern)} has {why}", "such as `s3://bucket/train/**`")
    return patterns


def _digests(section: Section, key: str) -> tuple[Sha256, ...]:
    texts = section.texts(key) if section.has(key) else ()
    found = []
    for text in texts:
        digest = as_sha256(text.removeprefix(_ALGORITHM)) if text.startswith(_ALGORITHM) else None
        if digest is None:
            section.refuse(key, shown(text), "`sha256:` and 64 lower-case hexadecimal digits")
        else:
            found.append(digest)
    return tuple(found)


_TEXTS: dict[str, Json] = {
    "type": "array", "items": {"type": "string", "minLength": 1},
    "minItems": 1, "uniqueItems": True,
}  # fmt: skip
_DIGESTS: dict[str, Json] = _TEXTS | {
    "items": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
}
_LISTS = ("allow", "deny", "allow_digests", "deny_digests", "licenses")
SCHEMA: dict[str, Json] = {
    "allow": _TEXTS | {"description": "Places that data may come from: paths or addresses, `*` "
                       "for a part of one step, `**` for any number of steps."},
    "deny": _TEXTS | {"description": "Places that no data may come from; they win over `allow`."},
    "allow_digests": _DIGESTS | {"description": "The SHA-256 that a data set may have."},
    "deny_digests": _DIGESTS | {"description": "The SHA-256 of bytes that no data set may be or "
                                "hold."},
    "data_card": {"type": "boolean", "description": "Every data set has a data card."},
    "licenses": _TEXTS | {"description": "The licences that data cards may name."},
    "not_expired": {"type": "boolean", "description": "No consent or retention has run out."},
}  # fmt: skip

KIND = Kind(name="datasets", read=_read, schema=SCHEMA)
