"""The rule kind `no-regression`: a metric that may not be worse than that of another model."""

from decimal import Decimal
from enum import StrEnum, unique
from fractions import Fraction

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.evidence.baseline import Baseline
from aigf_dvc.evidence.metric import Metric
from aigf_dvc.evidence.metrics import look_up
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.metric_findings import (
    denied,
    missing_metric,
    no_number_text,
    passed,
    read_metric_name,
)
from aigf_dvc.policy.model import CLOSING_GATES, Case, Judgement, Kind
from aigf_dvc.policy.numbers import as_fraction, fraction_text, number_text
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome
from aigf_dvc.settings import is_plain_path

PRODUCTION = "production"
# A name of its own: what moves along with HEAD would compare a model with itself.
_REVISION = lazy_pattern(r"(?!HEAD\Z)[A-Za-z0-9][A-Za-z0-9._/#-]{0,199}\Z")
_ONE = "`production`, `{tag: REV}` or `{file: PATH}`"


@unique
class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher-is-better"
    LOWER = "lower-is-better"


@unique
class IfNone(StrEnum):
    """What comes of a model when there is no baseline, as there is none for the first one."""

    DENY = "deny"
    WARN = "warn"


class BaselineSource(Struct, frozen=True, kw_only=True):
    """Which model a new one is compared with; one of the two is set, or it is the production's."""

    tag: str = ""  # a tag, branch or commit
    file: str = ""  # a metrics file in the project

    @property
    def name(self) -> str:
        """Return the name under which evidence carries it."""
        if self.tag:
            return f"tag:{self.tag}"
        return f"file:{self.file}" if self.file else PRODUCTION


class NoRegression(Struct, frozen=True, kw_only=True):
    """How much worse than the baseline a metric may be; without a tolerance, not at all."""

    metric: str
    baseline: BaselineSource
    direction: Direction
    tolerance: Decimal | None = None
    relative_tolerance: Decimal | None = None  # of the baseline's value; 0.05 is 5 %
    if_no_baseline: IfNone = IfNone.DENY

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny a metric that is missing here or there, that is no number, or that is worse."""
        evidence = case.evidence
        metric = look_up(evidence.metrics, self.metric)
        if metric is None:
            return (missing_metric(self.metric, evidence, self._expected()),)
        value = as_fraction(metric.value)
        if value is None:
            observed = f"{self.metric} is {no_number_text(metric.value)}"
            return (denied(observed, self._expected(), where=metric.where),)
        name = self.baseline.name
        baseline = next((one for one in evidence.baselines if one.name == name), None)
        if baseline is None:
            return (self._not_looked_for(case, metric),)
        fault = self._fault(baseline, case)
        return (fault or self._compare(value, metric, baseline),)

    def _expected(self) -> str:
        given = [] if self.tolerance is None else [number_text(self.tolerance)]
        if self.relative_tolerance is not None:
            given.append(f"{number_text(self.relative_tolerance * 100)} %")
        than = f"than the baseline ({self.baseline.name})"
        if not given:
            return f"not worse {than}"
        return f"at most {' and at most '.join(given)} worse {than}"

    def _not_looked_for(self, case: Case, metric: Metric) -> Judgement:
        """Return what to say where nobody told which model is in production."""
        observed = f"{self.metric} was not compared: no baseline was given"
        judgement = denied(observed, self._expected(), where=metric.where, remedy=_HOW)
        if self.baseline.name == PRODUCTION and case.at not in CLOSING_GATES:
            return Judgement(outcome=Outcome.DEFERRED, observed=observed, expected=self._expected())
        return judgement

    def _fault(self, baseline: Baseline, case: Case) -> Judgement | None:
        """Return why a baseline does not count, or None when it does."""
        where = baseline.where
        if baseline.absent:
            observed = f"there is no baseline: {baseline.problem}"
            if self.if_no_baseline is IfNone.WARN:
                return Judgement(
                    outcome=Outcome.WARNED, observed=observed, expected=self._expected(),
                    where=where,
                )  # fmt: skip
            remedy = "name one that is there; `if_no_baseline: warn` lets a first model pass"
            return denied(observed, self._expected(), where=where, remedy=remedy)
        if baseline.problem:
            observed = f"the baseline does not count: {baseline.problem}"
            return denied(observed, self._expected(), where=where)
        unverified = baseline.name == PRODUCTION and not baseline.signer
        if unverified and case.at in CLOSING_GATES:
            observed = "nobody verified the baseline"
            return denied(observed, self._expected(), where=where, remedy=_WHOSE)
        return None

    def _compare(self, value: Fraction, metric: Metric, baseline: Baseline) -> Judgement:
        there = baseline.metrics.get(self.metric)
        old = as_fraction(there.value) if there is not None else None
        if there is None or old is None:
            found = "missing" if there is None else no_number_text(there.value)
            observed = f"{self.metric} of the baseline is {found}"
            return denied(observed, self._expected(), where=baseline.where)
        worse = old - value if self.direction is Direction.HIGHER else value - old
        observed = (
            f"{self.metric} is {fraction_text(value)}, {_change(worse)} {_said(old, baseline)}"
        )
        if worse <= self._allowed(old):
            return passed(observed, self._expected(), where=metric.where)
        return denied(
            observed,
            self._expected(),
            where=metric.where,
            remedy="find what made it worse: `aigf diff` tells what changed between two versions",
        )

    def _allowed(self, old: Fraction) -> Fraction:
        """Return how much worse is allowed; each tolerance is a limit that must be kept."""
        limits = [] if self.tolerance is None else [Fraction(self.tolerance)]
        if self.relative_tolerance is not None:
            limits.append(Fraction(self.relative_tolerance) * abs(old))
        return min(limits, default=Fraction(0))


_HOW = (
    "`--baseline STORE --baseline-key FILE` tells where the attestations of production are, and "
    "who signed them"
)
_WHOSE = "`--baseline-key FILE` or `--baseline-identity ID` tells who must have signed it"


def _change(worse: Fraction) -> str:
    if worse == 0:
        return "equal to the"
    return f"{fraction_text(abs(worse))} {'worse' if worse > 0 else 'better'} than the"


def _said(old: Fraction, baseline: Baseline) -> str:
    signed = f", signed by {baseline.signer}" if baseline.signer else ""
    unverified = ", NOT VERIFIED" if baseline.name == PRODUCTION and not signed else ""
    return f"{fraction_text(old)} of {baseline.name} ({baseline.where}{signed}{unverified})"


def _read(section: Section) -> NoRegression:
    direction = section.choice("direction", Direction, None)
    if direction is None and not section.has("direction"):
        section.refuse(None, "there is no `direction`", f"`direction:` {' or '.join(Direction)}")
    return NoRegression(
        metric=read_metric_name(section, "metric"),
        baseline=_read_baseline(section),
        direction=direction or Direction.HIGHER,  # a stand-in: the policy is refused
        tolerance=_read_tolerance(section, "tolerance", most=None),
        relative_tolerance=_read_tolerance(section, "relative_tolerance", most=Decimal(1)),
        if_no_baseline=section.choice("if_no_baseline", IfNone, IfNone.DENY),
    )


def _read_baseline(section: Section) -> BaselineSource:
    if section.is_text("baseline"):
        name = section.text("baseline")
        if name != PRODUCTION:
            section.refuse("baseline", f"`baseline` is {shown(name)}", _ONE)
        return BaselineSource()
    source = section.section("baseline")
    if source is None:
        if not section.has("baseline"):
            section.refuse(None, "there is no `baseline`", f"`baseline:` {_ONE}")
        return BaselineSource()
    tag, file = source.text("tag", default=""), source.text("file", default="")
    source.finish()
    if bool(tag) == bool(file):
        section.refuse("baseline", "both a tag and a file" if tag else "neither of them", _ONE)
    if tag and not _REVISION.match(tag):
        source.refuse(
            "tag", f"the revision {shown(tag)}", "the name of a tag, a branch or a commit"
        )
    if file and not is_plain_path(file):
        source.refuse("file", f"the path {shown(file)}", "a path in the project, `/` between")
    return BaselineSource(tag=tag, file=file)


def _read_tolerance(section: Section, key: str, *, most: Decimal | None) -> Decimal | None:
    number = section.number(key)
    if number is not None and (number < 0 or (most is not None and number > most)):
        wanted = "0 or more" if most is None else f"0 to {most}, the share of the baseline's value"
        section.refuse(key, f"a tolerance of {number_text(number)}", wanted)
    return number


_NUMBER: dict[str, Json] = {"type": "number", "minimum": 0}
_TEXT: dict[str, Json] = {"type": "string", "minLength": 1}


def _alone(key: str) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {key: _TEXT},
        "required": [key],
        "additionalProperties": False,
    }


KIND = Kind(
    name="no-regression",
    read=_read,
    schema={
        "metric": _TEXT,
        "baseline": {"oneOf": [{"const": PRODUCTION}, _alone("tag"), _alone("file")]},
        "direction": {"enum": [str(option) for option in Direction]},
        "tolerance": _NUMBER,
        "relative_tolerance": _NUMBER | {"maximum": 1},
        "if_no_baseline": {"enum": [str(option) for option in IfNone]},
    },
    required=("metric", "baseline", "direction"),
)
