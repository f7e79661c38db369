"""Opens the question that a command asks of a policy: whose runs, consents and baselines count."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from aigf_dvc.actions.check import Question
from aigf_dvc.capture.model_evidence import Trust
from aigf_dvc.capture.project import Project
from aigf_dvc.capture.run_records import Find, FoundRecord
from aigf_dvc.cli.baseline_options import BaselineOptions, baseline_options, open_production
from aigf_dvc.cli.observer_options import (
    ObserverOptions,
    observer_options,
    records_option,
    trusted_root_option,
)
from aigf_dvc.cli.trust_options import TrustOptions, trust_options
from aigf_dvc.digests import Sha256
from aigf_dvc.evidence.model_evidence import ModelEvidence
from aigf_dvc.policy.model import Policy
from aigf_dvc.policy.verdict import Gate

_Command = TypeVar("_Command", bound=Callable[..., Any])  # Any: click passes options by name


class Counted(Struct, frozen=True, kw_only=True):
    """Whose word the caller lets count, and where it is."""

    baseline: BaselineOptions
    observers: ObserverOptions
    trusted_root: Path | None
    records: str
    trusted: TrustOptions

    def __bool__(self) -> bool:
        """Tell whether the caller said anything."""
        named = (self.observers, self.trusted, self.trusted_root)
        return any(map(bool, named)) or self.baseline != BaselineOptions()


def counted_options(command: _Command) -> Callable[..., Any]:
    """Add the options that say whose word counts; the command gets them as `counted`."""

    @wraps(command)
    def gathered(**given: Any) -> Any:  # noqa: ANN401  # whatever the command's options are
        counted = Counted(
            baseline=given.pop("baseline"),
            observers=given.pop("observers"),
            trusted_root=given.pop("trusted_root"),
            records=given.pop("records"),
            trusted=given.pop("trusted"),
        )
        return command(counted=counted, **given)

    judged = trusted_root_option(records_option(trust_options(gathered)))
    return baseline_options(observer_options(judged))


def open_question(project: Project, counted: Counted, *, at: Gate, time: datetime) -> Question:
    """Return the question about all models of the working tree; the caller narrows it down.

    Raises:
        click.UsageError: an option without the one that it needs.
        InputError: a key, a trust file or a store cannot be read.
    """
    trust, runs = _trust_only(counted, project, time) or _trust(at)
    return Question(
        project=project,
        at=at,
        today=time.date(),
        trust=trust,
        records=runs,
        production=open_production(
            counted.baseline,
            trusted_root=counted.trusted_root,
            repository=project.repository,
            at=time,
        ),
        consent=_consent(counted.trusted, project, time.date()) if counted.trusted else None,
    )


_Trusted = tuple[Callable[[Policy], Trust] | None, Mapping[Sha256, FoundRecord]]
"""How stages are trusted, and the run records that were counted once they were asked about."""


def _trust(at: Gate) -> _Trusted:
    """Return how stages are trusted: records of runs are read only where a rule asks for them."""
    if at in (Gate.STAGE, Gate.PUSH):
        return None, {}
    from aigf_dvc.capture.run_records import local_record

    return _counting(local_record)


def _trust_only(counted: Counted, project: Project, time: datetime) -> _Trusted | None:
    """Trust a stage as observed only where one of the caller's observers signed its run record."""
    if not counted.observers and not counted.trusted:
        return None
    from aigf_dvc.cli.observers import all_observers, find_observed

    observers = all_observers(
        counted.observers, counted.trusted, trusted_root=counted.trusted_root, at=time
    )
    return (
        _counting(find_observed(observers, project, records=counted.records)) if observers else None
    )


def _counting(find: Find) -> _Trusted:
    from aigf_dvc.capture.reproductions import trust_under
    from aigf_dvc.capture.run_records import CountedRecords

    runs = CountedRecords(find)
    return lambda policy: trust_under(policy, runs), runs.counted


def _consent(
    trusted: TrustOptions, project: Project, today: date
) -> Callable[[ModelEvidence], ModelEvidence] | None:
    """Let what people signed count whom the caller trusts."""
    from aigf_dvc.actions.consents import with_consents
    from aigf_dvc.cli.trusted import open_trusted

    consents = open_trusted(trusted, today=today, default=f"git:{project.repository}")
    if consents is None:
        return None
    return lambda evidence: with_consents(evidence, consents).evidence
