"""Looks at what a project says of itself: its settings, policy, digests and cards."""

from collections.abc import Iterator
from datetime import date

from aigf_dvc.actions.capture import is_code
from aigf_dvc.actions.card_lint import lint_project
from aigf_dvc.actions.gate_deps import find_lacking_deps
from aigf_dvc.actions.policy_lint import lint_policy
from aigf_dvc.capture.manifest import recorded_paths
from aigf_dvc.capture.pipeline import read_records
from aigf_dvc.capture.project import Project, load_settings
from aigf_dvc.errors import InputError
from aigf_dvc.evidence import digest_lock
from aigf_dvc.evidence.digest_lock import read_digest_lock
from aigf_dvc.git import program
from aigf_dvc.git.objects import GitObjects
from aigf_dvc.policy.lint.model import Level
from aigf_dvc.report.doctor_text import Health, Line
from aigf_dvc.settings import FILE_NAME
from aigf_dvc.trees.commit_snapshot import CommitSnapshot
from aigf_dvc.trees.working_tree import WorkingTree

_MOST_NAMED = 3


def look_at_settings(project: Project) -> Iterator[Line]:
    """Say which models aigf.yaml governs, and whether what is committed says the same."""
    settings = load_settings(WorkingTree(project.root))
    names = ", ".join(model.name for model in settings.models)
    yield Line(health=Health.OK, subject=FILE_NAME, text=f"governs {names}")
    changed = [
        path
        for path in (FILE_NAME, settings.policy, digest_lock.FILE_NAME)
        if _differs_from_commit(project, path)
    ]
    if changed:
        yield Line(
            health=Health.WARNING, subject="committed",
            text=f"not as committed: {', '.join(changed)}; the gates judge what is committed",
            fix=f"`git add {' '.join(changed)}` and `git commit`",
        )  # fmt: skip


def look_at_policy(project: Project, *, today: date) -> Iterator[Line]:
    """Say whether the policy loads, and what its lint remarks."""
    settings = load_settings(WorkingTree(project.root))
    path = project.root / settings.policy
    draft, _, remarks = lint_policy(path, start=project.root, today=today)
    worst = [remark for remark in remarks if remark.level is not Level.INFO]
    for remark in worst[:_MOST_NAMED]:
        yield Line(
            health=Health.PROBLEM if remark.level is Level.ERROR else Health.WARNING,
            subject="policy", text=f"{remark.where}: {remark.found}", fix=remark.remedy,
        )  # fmt: skip
    if len(worst) > _MOST_NAMED:
        yield Line(
            health=Health.WARNING, subject="policy",
            text=f"and {len(worst) - _MOST_NAMED} more remarks", fix="`aigf policy lint`",
        )  # fmt: skip
    if not worst:
        text = f"{settings.policy}: {len(draft.policy.rules)} rules, nothing to remark"
        yield Line(health=Health.OK, subject="policy", text=text)


def look_at_gate(project: Project) -> Iterator[Line]:
    """Say whether DVC runs the gate of the pipeline whenever something changes that it judges."""
    gate = find_lacking_deps(project)
    if gate is None:
        return  # other gates can hold: the hook, CI
    if gate.deps:
        yield Line(health=Health.WARNING, subject="gate", text=gate.found, fix=gate.remedy)
    else:
        text = f"the stage {gate.stage} depends on all that it judges"
        yield Line(health=Health.OK, subject="gate", text=text)


def look_at_lock(project: Project) -> Iterator[Line]:
    """Say of which data that DVC records no SHA-256 is known."""
    tree = WorkingTree(project.root)
    records = read_records(tree)
    lock = read_digest_lock(tree.read(digest_lock.FILE_NAME))
    recorded = {path: r for path, r in recorded_paths(records).items() if not is_code(tree, path)}
    missing = [
        path
        for path, record in sorted(recorded.items())
        if record.names_bytes and lock.sha256(record.value, record.size) is None
    ]
    if missing:
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        yield Line(
            health=Health.PROBLEM, subject=digest_lock.FILE_NAME,
            text=f"no SHA-256 of {', '.join(missing[:_MOST_NAMED])}{more}",
            fix=f"`aigf capture` where the data is (`dvc pull`), then commit "
            f"{digest_lock.FILE_NAME}",
        )  # fmt: skip
    else:
        text = f"it knows all that DVC records ({len(recorded)} paths)"
        yield Line(health=Health.OK, subject=digest_lock.FILE_NAME, text=text)


def look_at_cards(project: Project) -> Iterator[Line]:
    """Say what is wrong in the model cards."""
    cards = lint_project(project)
    for card in cards:
        if card.problems:
            first = card.problems[0]
            fix = first.remedy or f"it must be {first.expected}"
            more = f" (and {len(card.problems) - 1} more)" if len(card.problems) > 1 else ""
            yield Line(
                health=Health.WARNING, subject="cards", text=f"{first.where}: {first.found}{more}",
                fix=f"{fix}; `aigf card lint` shows all",
            )  # fmt: skip
        else:
            text = f"{card.path}: nothing to remark"
            yield Line(health=Health.OK, subject="cards", text=text)


def _differs_from_commit(project: Project, path: str) -> bool:
    """Tell whether a file is not what the last commit has, line endings aside."""
    with GitObjects(project.repository) as objects:
        try:
            commit = program.resolve_commit(project.repository, "HEAD")
        except InputError:  # no commit yet
            return True
        committed = CommitSnapshot(objects, commit, prefix=project.prefix).read(path)
    return _plain(committed) != _plain(WorkingTree(project.root).read(path))


def _plain(data: bytes | None) -> bytes | None:
    return data.replace(b"\r\n", b"\n") if data is not None else None
