"""The rule kind `parameters`: the values that the stages of a model ran with."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from aigf_dvc.canonical import Json
from aigf_dvc.close_names import close_names
from aigf_dvc.evidence.parameter import Parameter
from aigf_dvc.lazy_pattern import lazy_pattern
from aigf_dvc.policy.at_hand import demand_at_hand
from aigf_dvc.policy.model import Case, Judgement, Kind
from aigf_dvc.policy.numbers import as_number, number_text
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Outcome

_NAME = lazy_pattern(r"[^:\s][^:]*:[^:\s][^:]*\Z")
_REDACTED = "$redacted"
_REDACTED_PART = lazy_pattern(r"\[redacted:[a-z-]+\]")
_INDEX = lazy_pattern(r"[0-9]{1,9}\Z")
_SHOWN = 6


class ParameterLimits(Struct, frozen=True, kw_only=True):
    """What one parameter may be; every limit that is set must hold."""

    name: str  # `file:key`, dots for nesting
    min: Decimal | None = None
    max: Decimal | None = None
    values: tuple[object, ...] = ()  # booleans, texts, numbers; empty: any

    def judge(self, known: Iterable[Parameter]) -> Iterator[Judgement]:
        """Yield a judgement for each stage that ran with the parameter, or one denial."""
        used = [(p.stage, value) for p in known for value in _values(p, self.name)]
        if not used:
            yield self._absent(known)
        for stage, value in used:
            fault = self._fault(value)
            yield Judgement(
                outcome=Outcome.DENIED if fault else Outcome.PASSED,
                observed=fault or f"{self.name} is {_text(value)}",
                expected=self.expected(),
                where=f"stage {stage}",
                remedy=f"set {self.name} to an allowed value, run `aigf repro` and commit"
                if fault
                else "",
            )

    def _fault(self, value: object) -> str:
        if _is_redacted(value):
            return f"{self.name} is not known: it looked like a secret and was not recorded"
        number = _number(value)
        said = f"{self.name} is {_text(value)}"
        if self.values and not any(_is_same(value, allowed) for allowed in self.values):
            return said
        if self.min is None and self.max is None:
            return ""
        if number is None:
            return f"{said}, which is no number"
        low = self.min is not None and number < self.min
        high = self.max is not None and number > self.max
        return said if low or high else ""

    def expected(self) -> str:
        """Return the limits for people."""
        limits = [f"at least {number_text(self.min)}"] if self.min is not None else []
        limits += [f"at most {number_text(self.max)}"] if self.max is not None else []
        limits += [f"one of {', '.join(map(_text, self.values))}"] if self.values else []
        return " and ".join(limits)

    def _absent(self, known: Iterable[Parameter]) -> Judgement:
        names = sorted({parameter.name for parameter in known})
        below = any(name.startswith(f"{self.name}.") for name in names)
        close = close_names(self.name, names, n=_SHOWN, cutoff=0.5) or names[:_SHOWN]
        others = f"; there are: {', '.join(close)}" if close else "; there are no parameters"
        return Judgement(
            outcome=Outcome.DENIED,
            observed=f"{self.name} is a group of parameters"
            if below
            else f"no stage ran with {self.name}{others}",
            expected=self.expected(),
            where=self.name,
            remedy="name it under `params:` of the stage that reads it, and run `aigf repro`",
        )


class RequiredParameters(Struct, frozen=True, kw_only=True):
    """The parameters that are limited."""

    limits: tuple[ParameterLimits, ...]

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Judge every value of every parameter that is named."""
        known = case.evidence.parameters
        if not known:
            demand_at_hand(case.evidence)
        return tuple(judgement for limit in self.limits for judgement in limit.judge(known))


def _values(parameter: Parameter, name: str) -> Iterator[object]:
    """Yield the value of a name in what a stage recorded: itself, or a value inside it."""
    if parameter.name == name:
        yield parameter.value
    elif name.startswith(f"{parameter.name}."):
        yield from _inside(parameter.value, name[len(parameter.name) + 1 :])


def _inside(value: object, key: str) -> Iterator[object]:
    if _is_redacted(value):
        yield value
    elif isinstance(value, Mapping) and key in value:
        yield value[key]
    else:
        step, _, rest = key.partition(".")
        below: object = None
        if isinstance(value, Mapping):
            below = value.get(step)
        elif isinstance(value, list | tuple) and _INDEX.match(step) and int(step) < len(value):
            below = value[int(step)]
        if below is not None:
            yield from _inside(below, rest) if rest else iter((below,))


def _is_redacted(value: object) -> bool:
    if isinstance(value, str):
        return _REDACTED_PART.search(value) is not None
    return isinstance(value, Mapping) and value.keys() == {_REDACTED}


def _number(value: object) -> Decimal | None:
    """Return a number, be it one that JSON cannot carry; NaN and the infinities are none."""
    if isinstance(value, Mapping) and value.keys() == {"$number"}:
        try:
            number = Decimal(str(value["$number"]))
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return as_number(value)


def _is_same(value: object, allowed: object) -> bool:
    """Tell whether two values have one type and are equal; 1 and 1.0 are one number."""
    number, wanted = _number(value), _number(allowed)
    if number is not None or wanted is not None:
        return number == wanted  # None, what is no number, is no number's equal
    return value == allowed


def _text(value: object) -> str:
    number = _number(value)
    return number_text(number) if number is not None else shown(value)


def _read(section: Section) -> RequiredParameters:
    named = section.section("parameters")
    if named is None:
        if not section.has("parameters"):
            section.refuse("parameters", "there is no `parameters`", "`parameters:` by name")
        return RequiredParameters(limits=())
    return RequiredParameters(limits=tuple(_read_limits(named)))


def _read_limits(named: Section) -> Iterator[ParameterLimits]:
    for name in named.names():
        if not _NAME.match(name):
            named.refuse(name, f"the parameter {shown(name)}", '"FILE:KEY": "params.yaml:train.C"')
        limits = named.section(name)
        if limits is None:
            continue
        found = ParameterLimits(
            name=name,
            min=limits.number("min"),
            max=limits.number("max"),
            values=limits.scalars("values"),
        )
        if not any(limits.has(key) for key in ("min", "max", "values")):
            limits.refuse(None, "a parameter without a limit", "`min:`, `max:` or `values:`")
        if found.min is not None and found.max is not None and found.min > found.max:
            limits.refuse("min", "min is above max", "min <= max")
        limits.finish()
        yield found


_LIMITS: Json = {
    "type": "object",
    "properties": {
        "min": {"type": "number"},
        "max": {"type": "number"},
        "values": {
            "type": "array",
            "items": {"type": ["string", "number", "boolean"]},
            "minItems": 1,
        },
    },
    "additionalProperties": False,
    "minProperties": 1,
}

KIND = Kind(
    name="parameters",
    read=_read,
    schema={
        "parameters": {
            "description": "What each parameter may be, by `FILE:KEY`.",
            "type": "object",
            "propertyNames": {"pattern": "^[^:\\s][^:]*:[^:\\s][^:]*$"},
            "additionalProperties": _LIMITS,
            "minProperties": 1,
        }
    },
    required=("parameters",),
)
