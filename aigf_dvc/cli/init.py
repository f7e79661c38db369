"""`aigf init`: set up governance in a DVC repository."""

import os
from pathlib import Path

import click

from aigf_dvc.actions.first_check import first_check
from aigf_dvc.actions.hook_install import HookState, HookStatus, hook_status
from aigf_dvc.actions.init import InitOptions, init, plan_init
from aigf_dvc.actions.init_ci import CI_FILES
from aigf_dvc.actions.init_files import DOCUMENT_TYPES
from aigf_dvc.actions.init_plan import InitPlan, PlannedKind
from aigf_dvc.canonical import Json, pretty
from aigf_dvc.capture.project import Project, find_project
from aigf_dvc.cli.init_next import next_steps
from aigf_dvc.cli.options import format_option, talk, use_color
from aigf_dvc.clock import now
from aigf_dvc.errors import AigfError

_WOULD = {
    PlannedKind.CREATED: "would create",
    PlannedKind.CHANGED: "would change",
    PlannedKind.KEPT: "keeps",
}


@click.command(name="init")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@click.option("--ci", type=click.Choice(list(CI_FILES)), help="Write a workflow for this CI, too.")
@click.option(
    "--stage-file", default="dvc.yaml", show_default=True, metavar="FILE",
    help="Where the governance stage goes; governance/dvc.yaml when not all of the team have aigf.",
)  # fmt: skip
@click.option("--no-hook", is_flag=True, help="Do not install the git pre-push hook.")
@click.option(
    "--document", "documents", type=click.Choice(DOCUMENT_TYPES), multiple=True,
    help="Start this document, too; repeatable.",
)  # fmt: skip
@format_option
def command(
    dry_run: bool,
    ci: str | None,
    stage_file: str,
    no_hook: bool,
    documents: tuple[str, ...],
    form: str,
) -> None:
    """Set up governance in a DVC repository.

    Finds the models and their metrics in the pipeline, and writes aigf.yaml, a model card to fill
    in, a policy, a stage that runs `aigf check`, and .gitignore lines for DVC's outs. Everything
    that is there is kept as it is; a second run changes nothing.

    \b
    Examples:
      aigf init --dry-run
      aigf init
      aigf init --ci github --document risk-assessment
      aigf init --stage-file governance/dvc.yaml --no-hook
    """
    project = find_project(Path.cwd())
    options = InitOptions(stage_file=stage_file, ci=ci, hook=not no_hook, documents=documents)
    if dry_run:
        plan = plan_init(project, options)
        hook = hook_status(project) if options.hook else None
        first_check = ""
    else:
        done = init(project, options, first_check=_first_check)
        plan, hook, first_check = done.plan, done.hook, done.first_check
    if form == "json":
        report = _as_json(plan, hook, dry_run=dry_run) | {"firstCheck": first_check or None}
        click.echo(pretty(report))
        return
    _show_files(plan, project.root, dry_run=dry_run)
    if hook is not None:
        _show_hook(hook, dry_run=dry_run)
    _show_talk(plan, project.root)
    if first_check:
        click.echo(f"\n{first_check}")
    if not dry_run:
        talk("\nNext:")
        for step in next_steps(project, [file.path for file in plan.changes], here=Path.cwd()):
            talk(f"  {step}")


def _first_check(project: Project, new_policy: bool) -> str:
    try:
        return first_check(project, today=now().date(), may_soften=new_policy, color=use_color())
    except AigfError as error:
        hint = f"\n  hint: {error.hint}" if error.hint else ""
        return f"Nothing can be checked yet: {error}{hint}"


def _show_files(plan: InitPlan, root: Path, *, dry_run: bool) -> None:
    for file in plan.files:
        name = os.path.relpath(file.path, root)
        verb = _WOULD[file.kind] if dry_run else file.kind.value
        click.echo(f"{verb:<12} {name}  ({file.why})")
        if dry_run and file.kind is PlannedKind.CHANGED:
            click.echo(file.diff(name))
    if not plan.changes:
        click.echo("Nothing to change: governance is set up.")


def _show_hook(hook: HookStatus, *, dry_run: bool) -> None:
    missing = not hook.is_active and hook.state is not HookState.ELSEWHERE
    if dry_run and missing:
        click.echo(f"{_WOULD[PlannedKind.CREATED]:<12} {hook.path}  (the git pre-push hook)")
    else:
        click.echo(hook.text)


def _show_talk(plan: InitPlan, root: Path) -> None:
    if plan.notes:
        talk("\nGood to know:")
    for note in plan.notes:
        talk(f"  {note}")
    if plan.todos:
        talk("\nStill to fill in:")
    for todo in plan.todos:
        talk(f"  {os.path.relpath(todo.path, root)}:{todo.line}: {todo.field}")


def _as_json(plan: InitPlan, hook: HookStatus | None, *, dry_run: bool) -> dict[str, Json]:
    return {
        "dryRun": dry_run,
        "files": [
            {"path": str(file.path), "kind": file.kind.value, "why": file.why}
            for file in plan.files
        ],
        "todos": [
            {"field": todo.field, "path": str(todo.path), "line": todo.line} for todo in plan.todos
        ],
        "notes": list(plan.notes),
        "hook": None
        if hook is None
        else {"state": hook.state.value, "path": str(hook.path), "detail": hook.detail},
    }
