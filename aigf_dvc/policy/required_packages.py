"""What a policy demands of the packages behind a model; loaded only where a rule asks for it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from aigf_dvc.evidence.package import Package, PackageList, PackageSource
from aigf_dvc.evidence.package_versions import (
    PackagePattern,
    is_affected,
    is_same_version,
    read_minimum,
    read_pattern,
)
from aigf_dvc.policy.at_hand import not_at_hand
from aigf_dvc.policy.model import CLOSING_GATES, Case, Judgement
from aigf_dvc.policy.section import Section, shown
from aigf_dvc.policy.verdict import Gate, Outcome

_SHOWN = 20
ANY = "any"
SOURCES = (PackageSource.RUN_RECORD, PackageSource.LOCK_FILE, ANY)
_FAULTS = ("allow", "deny", "minimum", "lock_file", "advisories")
_OBSERVE = "let the pipeline be observed: `aigf repro --force`"
_LOCK = "commit a lock file beside dvc.yaml: uv.lock, poetry.lock, or requirements.txt with `==`"


class _Fault(Struct, frozen=True, kw_only=True):
    observed: str
    where: str
    remedy: str
    is_late: bool = False  # a later gate has the evidence


class RequiredPackages(Struct, frozen=True, kw_only=True):
    """Which packages must, may and may not stand behind a model."""

    source: str = ANY
    allow: tuple[PackagePattern, ...] = ()
    deny: tuple[PackagePattern, ...] = ()
    minimum: tuple[PackagePattern, ...] = ()
    lock_file: bool = False
    advisories: str = ""  # the path of an OSV export; empty: none is asked

    def judge(self, case: Case) -> tuple[Judgement, ...]:
        """Deny each package that breaks a demand, and every list that is missing or empty."""
        lists = tuple(self._lists(case))
        faults = [*self._missing(lists, case), *self._of_lists(lists, case)]
        faults += [*self._too_old(lists), *self._unlocked(case)]
        if faults:
            more = len(faults) - _SHOWN
            rest = [self._said(f"{more} more faults like these")] if more > 0 else []
            return (*(self._denied(fault, case) for fault in faults[:_SHOWN]), *rest)
        counts = ", ".join(f"{len(known.packages)} in {_place(known)}" for known in lists)
        return (self._said(f"packages: {counts}", Outcome.PASSED),)

    def _lists(self, case: Case) -> Iterator[PackageList]:
        """Yield the lists that the rule is about.

        Raises:
            UndecidedError: one of them is not at hand.
        """
        for known in _counted(case):
            if self.source in (known.source, ANY):
                if not known.at_hand:
                    raise not_at_hand(known.where)
                yield known

    def _missing(self, lists: tuple[PackageList, ...], case: Case) -> Iterator[_Fault]:
        lineage = case.evidence.lineage
        stages = [stage.stage for stage in lineage.stages] if lineage else []
        known = {one.where for one in lists if one.source is PackageSource.RUN_RECORD}
        if self.source == PackageSource.RUN_RECORD:
            for stage in stages or [""]:
                if stage not in known:
                    where = f"stage {stage}" if stage else "no stage"
                    yield _Fault(
                        observed=f"{where} has no run record that tells its packages",
                        where=where,
                        remedy=_OBSERVE,
                        is_late=True,
                    )
        elif not lists:
            yield _Fault(
                observed="there is no list of packages",
                where="",
                remedy=_LOCK
                + ("" if self.source == PackageSource.LOCK_FILE else f"; or {_OBSERVE}"),
                is_late=self.source == ANY,
            )

    def _of_lists(self, lists: tuple[PackageList, ...], case: Case) -> Iterator[_Fault]:
        for known in lists:
            if known.problem:
                yield _Fault(
                    observed=f"{_place(known)} cannot be judged: {known.problem}",
                    where=_place(known),
                    remedy=_LOCK if known.source is PackageSource.LOCK_FILE else _OBSERVE,
                )
            elif not known.packages:
                yield _Fault(
                    observed=f"{_place(known)} lists no packages",
                    where=_place(known),
                    remedy=_LOCK if known.source is PackageSource.LOCK_FILE else _OBSERVE,
                )
            for package in known.packages:
                yield from self._of_package(package, known)
        yield from self._advised(lists, case)

    def _of_package(self, package: Package, known: PackageList) -> Iterator[_Fault]:
        said = f"{package.name} {package.version} in {_place(known)}"
        for pattern in self.deny:
            if pattern.has(package.name, package.version) is not False:
                yield _Fault(
                    observed=f"{said} is denied by `{pattern.text}`",
                    where=_place(known),
                    remedy=f"do without {package.name} or change its version; then `aigf repro`",
                )
        if self.allow and not any(p.has(package.name, package.version) for p in self.allow):
            yield _Fault(
                observed=f"{said} is not on the list",
                where=_place(known),
                remedy=f"do without {package.name}, or let the policy's owner add it to `allow:`",
            )

    def _advised(self, lists: tuple[PackageList, ...], case: Case) -> Iterator[_Fault]:
        found = case.evidence.advisories.get(self.advisories)
        if self.advisories and found is None:
            yield _Fault(
                observed=f"there are no advisories at {self.advisories}",
                where=self.advisories,
                remedy="commit an export in the OSV format there (JSON)",
            )
        for advisory in found.advisories if found else ():
            for known in lists:
                for package in known.packages:
                    if package.name != advisory.package:
                        continue
                    if is_affected(advisory.affected, package.version) is not False:
                        yield _Fault(
                            observed=f"{package.name} {package.version} in {_place(known)} is "
                            f"affected by {advisory.id}",
                            where=_place(known),
                            remedy="take a version that is not affected, then `aigf repro`",
                        )

    def _too_old(self, lists: tuple[PackageList, ...]) -> Iterator[_Fault]:
        for pattern in self.minimum:
            named = [
                (package, known)
                for known in lists
                for package in known.packages
                if package.name == pattern.name
            ]
            if lists and not named:
                yield _Fault(
                    observed=f"{pattern.name} is in no list",
                    where=_place(lists[0]),
                    remedy=f"correct the name in `minimum:`, or use {pattern.name}",
                )
            for package, known in named:
                if not pattern.has(package.name, package.version):
                    yield _Fault(
                        observed=f"{package.name} {package.version} in {_place(known)} is older",
                        where=_place(known),
                        remedy=f"take {pattern.text}, then `aigf repro`",
                    )

    def _unlocked(self, case: Case) -> Iterator[_Fault]:
        """Yield what speaks against the demand that a lock file pins what the stages used."""
        if not self.lock_file:
            return
        locks = [k for k in _counted(case) if k.source is PackageSource.LOCK_FILE]
        broken = next((known for known in locks if known.problem), None)
        if not locks or broken is not None:
            said = f"cannot be judged: {broken.problem}" if broken else "is not there"
            yield _Fault(
                observed=f"a lock file of packages {said}",
                where=broken.where if broken else "",
                remedy=_LOCK,
            )
            return
        pinned: dict[str, set[str]] = {}
        for package in (package for known in locks for package in known.packages):
            pinned.setdefault(package.name, set()).add(package.version)
        runs = (k for k in _counted(case) if k.source is PackageSource.RUN_RECORD)
        yield from (fault for run in runs for fault in _not_as_pinned(run, pinned))

    def _expected(self) -> str:
        demands = [
            ("on the list", self.allow),
            (f"none of {_texts(self.deny)}", self.deny),
            (_texts(self.minimum), self.minimum),
            ("as a lock file pins them", self.lock_file),
            (f"not affected by {self.advisories}", self.advisories),
        ]
        whose = "" if self.source == ANY else f" of the {self.source}"
        return f"packages{whose} " + ", ".join(text for text, wanted in demands if wanted)

    def _said(self, observed: str, outcome: Outcome = Outcome.DENIED) -> Judgement:
        return Judgement(outcome=outcome, observed=observed, expected=self._expected())

    def _denied(self, fault: _Fault, case: Case) -> Judgement:
        late = fault.is_late and case.at not in CLOSING_GATES
        return Judgement(
            outcome=Outcome.DEFERRED if late else Outcome.DENIED,
            observed=f"{fault.observed}; judged at the {Gate.ATTEST} gate"
            if late
            else fault.observed,
            expected=self._expected(),
            where=fault.where,
            remedy=fault.remedy,
        )


def _counted(case: Case) -> Iterator[PackageList]:
    """Yield the lists that count: of a run only where the judge takes its record for true."""
    lineage = case.evidence.lineage
    observed = {s.stage for s in lineage.stages if s.run_record is not None} if lineage else set()
    for known in case.evidence.packages:
        if known.source is PackageSource.LOCK_FILE or known.where in observed:
            yield known


def _not_as_pinned(run: PackageList, pinned: dict[str, set[str]]) -> Iterator[_Fault]:
    for package in run.packages:
        versions = pinned.get(package.name)
        if versions and not any(is_same_version(package.version, v) for v in versions):
            yield _Fault(
                observed=f"{package.name} {package.version} in {_place(run)}; the lock file pins "
                f"{' or '.join(sorted(versions))}",
                where=_place(run),
                remedy="install what the lock file pins, then `aigf repro --force`",
            )


def _place(known: PackageList) -> str:
    return f"stage {known.where}" if known.source is PackageSource.RUN_RECORD else known.where


def _texts(patterns: Iterable[PackagePattern]) -> str:
    return ", ".join(pattern.text for pattern in patterns)


def read_packages(section: Section) -> RequiredPackages:
    """Read the settings of a packages rule."""
    source = section.text("from", default=ANY)
    if source not in SOURCES:
        section.refuse("from", f"`from` is {shown(source)}", f"one of {', '.join(SOURCES)}")
    demands = RequiredPackages(
        source=source,
        allow=tuple(_patterns(section, "allow")),
        deny=tuple(_patterns(section, "deny")),
        minimum=tuple(_minimum(section)),
        lock_file=section.flag("lock_file"),
        advisories=_path(section),
    )
    if not (any(map(section.has, _FAULTS[:3])) or demands.lock_file or demands.advisories):
        section.refuse(None, "a packages rule without a demand", f"one of {', '.join(_FAULTS)}")
    return demands


def _patterns(section: Section, key: str) -> Iterator[PackagePattern]:
    for text in section.texts(key) if section.has(key) else ():
        pattern = read_pattern(text)
        if pattern is None:
            section.refuse(key, shown(text), "a package such as `numpy` or `numpy<1.2`")
        else:
            yield pattern


def _minimum(section: Section) -> Iterator[PackagePattern]:
    named = section.section("minimum")
    for name in named.names() if named is not None else ():
        version = named.text(name) if named is not None else ""
        pattern = read_minimum(name, version) if version else None
        if pattern is not None:
            yield pattern
        elif version and named is not None:
            named.refuse(name, f"{name} at {shown(version)}", 'a version, such as numpy: "1.2"')


def _path(section: Section) -> str:
    text = section.text("advisories", default="")
    odd = text.startswith(("/", "~")) or any(step in ("", ".", "..") for step in text.split("/"))
    if text and odd:
        section.refuse("advisories", f"the path {shown(text)}", "a plain path in the repository")
    return text
