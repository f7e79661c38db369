"""The rule kind `external-verdict`: what another engine signed about the very same bytes."""

from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from aigf_dvc.evidence.external_verdict import ExternalVerdict, VerdictType
from aigf_dvc.policy.consent import is_about
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.section import Section
from aigf_dvc.policy.verdict import Gate, Outcome

_TIME_ZONES = timedelta(days=1)  # signed this morning in Auckland
_NO_TIME = datetime.max.replace(tzinfo=UTC)


class RequiredVerdict(Struct, frozen=True, kw_only=True):
    """Which engine must have passed the model, with which properties."""

    engine: str
    type: VerdictType
    properties: tuple[str, ...] = ()
    max_age_days: int | None = None

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny unless the engine's newest verdict about these bytes is a pass.

        A verdict of unknown time counts as the newest, so that no failure is older than it is.
        """
        verdicts = [
            v
            for v in case.evidence.external_verdicts
            if v.engine == self.engine and v.type is self.type
        ]
        files = case.evidence.files
        about = [v for v in verdicts if files and is_about(v.models, files)]
        if not about:
            others = f"; {len(verdicts)} are about other bytes" if verdicts else ""
            return (self._denied(case, f"no {self.type} of {self.engine} about it{others}"),)
        newest = max(verdict.time or _NO_TIME for verdict in about)
        latest = [verdict for verdict in about if (verdict.time or _NO_TIME) == newest]
        faults = [(verdict, self._fault(verdict, case.today)) for verdict in latest]
        bad = next(((verdict, fault) for verdict, fault in faults if fault), None)
        if bad is not None:
            return (self._denied(case, f"{bad[1]} [{bad[0].where}]"),)
        verdict = latest[0]
        signed = f" of {verdict.time.date()}" if verdict.time is not None else ""
        return (
            Judgement(
                outcome=Outcome.PASSED,
                observed=f"a {self.type} of {self.engine}{signed} says so",
                expected=self._expected(),
                where=verdict.where,
            ),
        )

    def _expected(self) -> str:
        what = f" with {', '.join(self.properties)}" if self.properties else ""
        age = f", at most {self.max_age_days} days old" if self.max_age_days is not None else ""
        return f"passed by {self.engine}{what}{age}"

    def _denied(self, case: Case, observed: str) -> Judgement:
        return Judgement(
            outcome=Outcome.DENIED,
            observed=observed,
            expected=self._expected(),
            where=case.evidence.model,
            remedy=f"let {self.engine} judge these bytes and sign a {self.type}; name its key "
            "under `engines:` of the trust file, and judge with `--trust FILE --approvals BUNDLE`",
        )

    def _fault(self, verdict: ExternalVerdict, today: date) -> str:
        """Return why a verdict about the model is no pass, or an empty text."""
        if not verdict.passed:
            return f"{self.engine} did not pass it"
        lacking = [name for name in self.properties if name not in verdict.properties]
        return f"it does not say {', '.join(lacking)}" if lacking else self._age(verdict, today)

    def _age(self, verdict: ExternalVerdict, today: date) -> str:
        """Return why a verdict is not of the right time, or an empty text."""
        if verdict.time is None:
            return "" if self.max_age_days is None else "nothing says when it was signed"
        if verdict.time.date() > today + _TIME_ZONES:
            return f"it is of {verdict.time.date()}, in the future"
        age = (today - verdict.time.date()).days
        too_old = self.max_age_days is not None and age > self.max_age_days
        return f"it is {age} days old" if too_old else ""


def _read(section: Section) -> RequiredVerdict:
    kind = section.choice("type", VerdictType, None)
    if not section.has("type"):
        section.refuse(None, "an external-verdict rule without `type`", f"{', '.join(VerdictType)}")
    return RequiredVerdict(
        engine=section.text("engine"),
        type=kind or VerdictType.SVR,
        properties=section.texts("properties") if section.has("properties") else (),
        max_age_days=section.days("max_age"),
    )


KIND = Kind(
    name="external-verdict",
    read=_read,
    at=(Gate.ATTEST, Gate.DEPLOY),
    schema={
        "engine": {
            "type": "string", "minLength": 1,
            "description": "The engine's name in the trust file.",
        },
        "type": {
            "enum": list(VerdictType),
            "description": "What it signs: an SVR v0.2, a VSA v1, or a test result v0.1.",
        },
        "properties": {
            "type": "array", "items": {"type": "string", "minLength": 1},
            "minItems": 1, "uniqueItems": True,
            "description": "Properties of an SVR, levels of a VSA, or tests, that it must name.",
        },
        "max_age": {
            "type": "string", "pattern": "^[1-9][0-9]{0,4}[dw]$",
            "description": "How old the verdict may be: days or weeks, such as 30d.",
        },
    },
    required=("engine", "type"),
)  # fmt: skip
