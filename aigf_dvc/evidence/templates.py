"""Fills in the templates of a dvc.yaml: pure, by DVC's rules, without DVC.

The result is the dvc.yaml that somebody would have written by hand: `vars:` is used up, `foreach:`
and `matrix:` have become their stages, `${...}` its values. What DVC refuses is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from posixpath import dirname
from typing import Any

from msgspec import Struct

from aigf_dvc.errors import UndecidedError
from aigf_dvc.evidence import dvc_values as read
from aigf_dvc.evidence.template_arguments import ParsingOptions
from aigf_dvc.evidence.template_groups import MAX_STAGES, Groups, too_many
from aigf_dvc.evidence.template_values import Allowed, Budget, Filler, Scope
from aigf_dvc.evidence.template_vars import LoadFile, Variables, VarsReader
from aigf_dvc.lazy_pattern import lazy_pattern

_SIGNS = lazy_pattern(rb"\$\{|vars|foreach|matrix|\$\\|\\[xuU]")  # YAML can escape a `$`
_SECTIONS = {"artifacts", "datasets", "metrics", "params", "plots"}
_GENERATING = {"foreach", "do", "matrix"}


def may_have_templates(text: bytes) -> bool:
    """Tell, cheaply and never wrongly "no", whether a dvc.yaml has templates."""
    return _SIGNS.search(text) is not None


def fill_in(
    value: object, *, file: str, load: LoadFile, options: Callable[[], ParsingOptions]
) -> Mapping[Any, Any]:
    """Return a dvc.yaml with its templates filled in.

    Args:
        value: the loaded YAML.
        file: its path in the project.
        load: loads a file of the project that `vars:` names, or params.yaml.
        options: returns DVC's options for the arguments of a command, when one needs them.

    Raises:
        UndecidedError: DVC refuses it too, or the result is too large.
    """
    top = read.mapping({} if value is None else value, file, "stages")
    budget = Budget(file)
    filler, reader = Filler(budget, options), VarsReader(load, budget)
    known = reader.start(top.get("vars"), directory=dirname(file), where=f"{file}: vars")
    scope = Scope(known.values)
    stages = _Stages(
        file=file,
        known=known,
        filler=filler,
        reader=reader,
        groups=Groups(filler=filler, reader=reader, scope=scope, budget=budget),
    )
    filled = {key: item for key, item in top.items() if key != "vars"}
    filled["stages"] = stages.filled(
        read.mapping(top.get("stages") or {}, f"{file}: stages", "stages by name")
    )
    for section in _SECTIONS & filled.keys():
        where = f"{file}: {section}"
        filled[section] = filler.fill(filled[section], scope, Allowed.ANYTHING, where)
        if section == "artifacts":
            _demand_names(filled[section], where)
    return filled


def _demand_names(artifacts: object, where: str) -> None:
    for name in artifacts if isinstance(artifacts, dict) else ():
        if not isinstance(name, str):
            raise UndecidedError(f"the name {read.shown(name)}", where=where, expected="a text")


class _Stages(Struct, frozen=True, kw_only=True):
    """Fills in the stages of one dvc.yaml."""

    file: str
    known: Variables
    filler: Filler
    reader: VarsReader
    groups: Groups

    def filled(self, named: Mapping[Any, Any]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for name, definition in named.items():
            where = f"{self.file}: stage {name}"
            stage = read.mapping(definition, where, "`cmd`, `deps`, `outs`")
            for full, template, own in self._each(str(name), stage, where):
                if full in found:
                    raise UndecidedError(f"a second stage {full}", where=where)
                found[full] = self._stage(template, Scope(self.known.values, own), where)
            if len(found) > MAX_STAGES:
                raise too_many(self.file)
        return found

    def _each(
        self, name: str, definition: Mapping[Any, Any], where: str
    ) -> Iterator[tuple[str, Mapping[Any, Any], dict[str, Any]]]:
        """Yield name, template and own values of each stage that a definition stands for."""
        if not _GENERATING & definition.keys():
            if "@" in name:
                raise _unnamable(name, where)
            yield name, definition, {}
            return
        if "matrix" in definition:
            group = self.groups.matrix(definition["matrix"], f"{where}: matrix")
            template = {key: item for key, item in definition.items() if key != "matrix"}
            beside = template.keys() & _GENERATING
        else:
            group = self.groups.foreach(definition.get("foreach"), f"{where}: foreach")
            template = dict(read.mapping(definition.get("do"), f"{where}: do", "a stage"))
            beside = definition.keys() - _GENERATING
        if beside:
            raise read.unsupported(
                where,
                f"`{min(map(str, beside))}` beside `foreach` or `matrix`",
                "`foreach` with `do`, or `matrix` in a stage",
            )
        for key, own in group.items():
            self.groups.budget.spend(len(name) + len(key))
            if not key or "@" in key:
                raise _unnamable(f"{name}@{key}", where)
            yield f"{name}@{key}", template, own

    def _stage(self, template: Mapping[Any, Any], scope: Scope, where: str) -> dict[str, Any]:
        if template.get("vars"):
            scope = self._with_vars(template, scope, where)
        fill = self.filler.fill
        return {
            key: fill(
                item,
                scope,
                Allowed.ARGUMENTS if key == "cmd" else Allowed.SCALAR,
                f"{where}: {key}",
            )
            for key, item in template.items()
            if key != "vars"
        }

    def _with_vars(self, template: Mapping[Any, Any], scope: Scope, where: str) -> Scope:
        """Return the scope of a stage that has `vars` of its own, relative to its folder."""
        place = f"{where}: wdir"
        wdir = self.filler.fill(template.get("wdir") or ".", scope, Allowed.SCALAR, place)
        folder = read.inside(dirname(self.file), self.filler.spell(wdir, place), place)
        known = Variables(values={**scope.values, **scope.own}, loaded=self.known.loaded)
        found = self.reader.add(
            known, template["vars"], directory=folder, where=f"{where}: vars", reserved=scope.own
        )
        return Scope(found.values)


def _unnamable(name: str, where: str) -> UndecidedError:
    return UndecidedError(
        f"the name {read.shown(name)}",
        where=where,
        expected="a name that DVC can find: text after its only `@`",
    )
