"""Catalogues of controls: what the evidence of a pipeline can show of a framework, and what not."""

from collections.abc import Mapping

from msgspec import Struct, field

from aigf_dvc.errors import InputError
from aigf_dvc.policy.section import Problems, Section
from aigf_dvc.policy.verdict import Strength
from aigf_dvc.strict_yaml import read_strict

_ORDER = (Strength.EXISTS, Strength.PARTIAL, Strength.DIRECT)  # from the weakest


def weaker(left: Strength, right: Strength) -> Strength:
    """Return the weaker of two strengths."""
    return min(left, right, key=_ORDER.index)


def strongest(strengths: tuple[Strength, ...]) -> Strength:
    """Return the strongest of at least one."""
    return max(strengths, key=_ORDER.index)


class CatalogueControl(Struct, frozen=True, kw_only=True):
    """One control: how far each kind of rule can evidence it at most, and what remains open."""

    id: str  # within its framework
    title: str
    by: Mapping[str, Strength] = field(default_factory=dict)  # kind of rule -> the most it shows
    not_shown: str = ""


class Catalogue(Struct, frozen=True, kw_only=True):
    """The controls of one framework that evidence can speak of, and those that it never can."""

    id: str
    name: str
    source: str
    controls: tuple[CatalogueControl, ...]
    never: Mapping[str, str] = field(default_factory=dict)  # control -> why not

    def control(self, name: str) -> CatalogueControl | None:
        """Return a control by its id within the framework."""
        return next((control for control in self.controls if control.id == name), None)


def read_catalogue(data: bytes, *, path: str) -> Catalogue:
    """Read a catalogue.

    Raises:
        InputError: it is not valid; the message names every problem with its line.
    """
    document = read_strict(data, where=path)
    if not isinstance(document.value, dict):
        raise InputError("no catalogue", where=path, expected="a mapping with `controls:`")
    problems = Problems(document)
    top = Section(document.value, (), problems)
    catalogue = Catalogue(
        id=top.text("id"),
        name=top.text("name"),
        source=top.text("source"),
        controls=tuple(_controls(top)),
        never=_never(top),
    )
    top.finish()
    problems.raise_any()
    return catalogue


def _controls(top: Section) -> list[CatalogueControl]:
    section = top.section("controls")
    found = []
    for name in section.names() if section is not None else ():
        control = section.section(name) if section is not None else None
        if control is not None:
            found.append(
                CatalogueControl(
                    id=name,
                    title=control.text("title"),
                    by=_by(control),
                    not_shown=control.text("not_shown"),
                )
            )
            control.finish()
    return found


def _by(control: Section) -> dict[str, Strength]:
    section = control.section("by")
    if section is None:
        control.refuse("by", "no kind of rule", "`by:` with the kinds that evidence it")
        return {}
    chosen = {kind: section.choice(kind, Strength, None) for kind in section.names()}
    return {kind: strength for kind, strength in chosen.items() if strength is not None}


def _never(top: Section) -> dict[str, str]:
    section = top.section("never")
    return {name: section.text(name) for name in section.names()} if section is not None else {}
