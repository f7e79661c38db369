"""Look at all that governance needs here, and say of each thing how it is; nothing is changed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from aigf_dvc.actions.doctor_programs import look_at_dvc, look_at_git, look_at_ourselves
from aigf_dvc.actions.doctor_project import (
    look_at_cards,
    look_at_gate,
    look_at_lock,
    look_at_policy,
    look_at_settings,
)
from aigf_dvc.actions.doctor_repository import (
    look_at_attestations,
    look_at_clock,
    look_at_committed_keys,
    look_at_hook,
    look_at_repository,
)
from aigf_dvc.actions.doctor_trust import look_at_key, look_at_root, look_at_trust
from aigf_dvc.capture.project import Project
from aigf_dvc.errors import AigfError, InputError
from aigf_dvc.report.doctor_text import Health, Line

_Look = tuple[str, Callable[[], Iterable[Line]]]


def looked(subject: str, look: Callable[[], Iterable[Line]]) -> tuple[Line, ...]:
    """Return what one look finds; what cannot be looked at is a problem, and says so.

    Args:
        subject: what is looked at.
        look: does it; its AigfError becomes a line.
    """
    try:
        return tuple(look())
    except AigfError as error:
        fix = error.hint or (f"it must be {error.expected}" if error.expected else "mend it")
        return (
            Line(
                health=Health.PROBLEM,
                subject=subject,
                text=str(error),
                fix=fix,
                looked=isinstance(error, InputError),
            ),
        )


def examine_machine() -> tuple[Line, ...]:
    """Return how the programs are that governance needs."""
    return _all(
        ("aigf", look_at_ourselves),
        ("git", look_at_git),
        ("dvc", look_at_dvc),
    )


def examine_project(project: Project, *, at: datetime) -> tuple[Line, ...]:
    """Return how a project and its repository are.

    Args:
        project: the project.
        at: the clock, UTC.
    """
    return _all(
        ("repository", partial(look_at_repository, project)),
        ("aigf.yaml", partial(look_at_settings, project)),
        ("policy", partial(look_at_policy, project, today=at.date())),
        ("gate", partial(look_at_gate, project)),
        ("aigf.lock", partial(look_at_lock, project)),
        ("cards", partial(look_at_cards, project)),
        ("hook", partial(look_at_hook, project)),
        ("keys", partial(look_at_committed_keys, project)),
        ("clock", partial(look_at_clock, project, at=at)),
        ("attestations", partial(look_at_attestations, project)),
    )


def examine_files(
    *, keys: Iterable[Path], trust: Iterable[Path], roots: Iterable[Path], at: datetime
) -> tuple[Line, ...]:
    """Return how the files are that a person names.

    Args:
        keys: private keys.
        trust: trust files.
        roots: Sigstore's TrustedRoot files.
        at: the clock, UTC.
    """
    return _all(
        *(("key", partial(look_at_key, path)) for path in keys),
        *(("trust file", partial(look_at_trust, path, at=at)) for path in trust),
        *(("trusted root", partial(look_at_root, path, at=at)) for path in roots),
    )


def _all(*looks: _Look) -> tuple[Line, ...]:
    return tuple(line for subject, look in looks for line in looked(subject, look))
