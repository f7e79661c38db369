"""Observes the commands of one DVC: what the recorder does, in a process that stays.

All that it knows stays in here, where no stage can reach it; only the records are files.
"""

from typing import Any

from msgspec import Struct, field

from aigf_dvc.stage_run import Run, planned_run, reason


class Command(Struct, frozen=True, kw_only=True):
    """A command of a stage that is about to run."""

    stage: str  # as DVC names it
    folder: str  # that it runs in
    arguments: tuple[str, ...]  # of the shell


class Note(Struct, frozen=True, kw_only=True):
    """What became of one command."""

    stage: str  # as DVC names it
    problem: str = ""  # why it is not observed; empty: there is a record


class Observer(Struct):
    """Observes one command after the other.

    Args:
        plan: what to observe, as `stage_run.read_plan` returns it; None: nothing.
    """

    plan: dict[str, Any] | None  # Any: JSON
    notes: list[Note] = field(default_factory=list)
    _handed_on: dict[str, dict[str, Any]] = field(default_factory=dict)  # Any: JSON

    def begin(self, command: Command) -> Run | None:
        """Look at what a command is about to read; None: there is nothing to observe."""
        if self.plan is None or command.arguments[-2:-1] != ("-c",):
            return None
        try:
            run = planned_run(self.plan, command.stage, command.folder)
            if run is not None:
                run.begin(command.arguments[-1], self._handed_on.pop(run.address, None))
        except Exception as error:  # noqa: BLE001  # whatever happens in here, the command must run
            self.refuse(command, error)
            return None
        return run

    def end(self, command: Command, run: Run, status: int) -> bool:
        """Look at what a command made; return whether it was the last one: `keep` its record.

        Args:
            command: it.
            run: as `begin` returned it.
            status: its wait status.
        """
        try:
            waiting = run.end(status)
        except Exception as error:  # noqa: BLE001  # the command has run: DVC must go on
            self.refuse(command, error)
            return False
        if waiting is not None:
            self._handed_on[run.address] = waiting
        return waiting is None

    def keep(self, command: Command, run: Run) -> None:
        """Write the record of a run whose last command has ended."""
        try:
            run.keep()
        except Exception as error:  # noqa: BLE001  # a record that is missing is told, no more
            self.refuse(command, error)
            return
        self.notes.append(Note(stage=command.stage))

    def refuse(self, command: Command, error: Exception) -> None:
        """Note why a command's stage is not observed."""
        self.notes.append(Note(stage=command.stage, problem=reason(error)))
