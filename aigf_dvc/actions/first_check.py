"""The first check of a newly governed repository: what fails today, without a wall on day one."""

from datetime import date, timedelta

from aigf_dvc.actions.check import Question, check
from aigf_dvc.atomic_write import write_atomically
from aigf_dvc.capture.pipeline import read_pipeline
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.policy.rules.lineage import KIND
from aigf_dvc.policy.soften import soften
from aigf_dvc.policy.verdict import Gate, Outcome, Verdict
from aigf_dvc.report.verdict_text import verdict_text
from aigf_dvc.trees.working_tree import WorkingTree

GRACE = timedelta(days=30)


def first_check(project: Project, *, today: date, may_soften: bool, color: bool) -> str:
    """Check every model and return the verdicts for people.

    Locks are often old when governance begins. Lineage rules that fail today get a first day,
    30 days ahead, in a policy that was written just now; one that was there is never touched.

    Args:
        project: where.
        today: the day in UTC.
        may_soften: whether the policy was written just now.
        color: whether to colour the text.

    Raises:
        AigfError: nothing can be checked yet, such as before the first `dvc repro`.
    """
    question = Question(project=project, at=Gate.STAGE, today=today)
    verdicts = check(question)
    late = _failing_lineage_rules(verdicts)
    path = project.root / load_settings(WorkingTree(project.root)).policy
    written = path.read_text(encoding="utf-8")
    if not (may_soften and late and _has_run(project)):
        return verdict_text(verdicts, color=color).rstrip("\n")
    day = today + GRACE
    write_atomically(path, soften(written, late, day).encode())
    note = (
        f"The recorded runs are not consistent yet, so {path.relative_to(project.root)} lets that "
        f"pass\nas a warning until {day} (`effective_from`). `aigf repro` mends most of it."
    )
    said = verdict_text(check(question), color=color).rstrip("\n")
    return f"{said}\n\n{note}"


def _has_run(project: Project) -> bool:
    """Tell whether every model was made at least once: only then are its records old."""
    tree = WorkingTree(project.root)
    pipeline = read_pipeline(tree)
    return all(
        address in pipeline.locks
        for model in load_settings(tree).models
        for address in pipeline.ancestors(model.path)
    )


def _failing_lineage_rules(verdicts: tuple[Verdict, ...]) -> frozenset[str]:
    return frozenset(
        finding.rule
        for verdict in verdicts
        for finding in verdict.findings
        if finding.kind == KIND.name and finding.outcome is Outcome.DENIED
    )
