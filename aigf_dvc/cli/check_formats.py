"""The forms in which `aigf check` writes what it found."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from aigf_dvc import shipped
from aigf_dvc.canonical import pretty
from aigf_dvc.capture.project import Project
from aigf_dvc.cli.options import reading_progress, talk, text_width, use_color
from aigf_dvc.errors import AigfError
from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.policy.verdict import Result
from aigf_dvc.report.places import Root
from aigf_dvc.report.verdict_report import ModelReport, Report


class Asked(Struct, frozen=True, kw_only=True):
    """What was asked of the check, as far as a report of it needs to know."""

    project: Project | None  # None: files alone were judged
    policy: Path | None  # None: the one that aigf.yaml names
    revision: str | None
    today: date


def written(form: str, models: tuple[ModelReport, ...], asked: Asked, *, to_file: bool) -> str:
    """Return a report in one form, ending in a line break."""
    report = Report(models=models, printed_on=asked.today, tool_version=shipped.version())
    if form == "text":
        return _text(report, to_file=to_file)
    return _WRITERS[form](report, asked)


def _text(report: Report, *, to_file: bool) -> str:
    from aigf_dvc.report.verdict_text import WIDTH, verdict_text

    width = WIDTH if to_file else text_width()
    return verdict_text(report.verdicts, color=use_color() and not to_file, width=width)


def _json(report: Report, _: Asked) -> str:
    from aigf_dvc.report.verdict_json import verdicts_as_json

    return pretty(verdicts_as_json(report.verdicts)) + "\n"


def _markdown(report: Report, _: Asked) -> str:
    from aigf_dvc.report.verdict_markdown import verdict_markdown

    return verdict_markdown(report)


def _junit(report: Report, _: Asked) -> str:
    from aigf_dvc.report.verdict_junit import verdict_junit

    return verdict_junit(report)


def _sarif(report: Report, asked: Asked) -> str:
    from aigf_dvc.report.verdict_sarif import verdict_sarif

    return pretty(verdict_sarif(report, root=root_of(asked))) + "\n"


def _github(report: Report, asked: Asked) -> str:
    from aigf_dvc.report.verdict_github import verdict_github

    return verdict_github(report, root=root_of(asked))


def _html(report: Report, asked: Asked) -> str:
    from aigf_dvc.report.verdict_html import VerdictPage, verdict_html

    page = VerdictPage(
        skeleton=shipped.text("templates", "report/page.html"),
        style=shipped.text("templates", "report/page.css"),
        picture_style=shipped.text("templates", "graph/picture.css"),
    )
    models = tuple(replace(model, lineage=_lineage(model, asked)) for model in report.models)
    return verdict_html(replace(report, models=models), page=page)


def _lineage(model: ModelReport, asked: Asked) -> LineageGraph | None:
    """Return the lineage of a model for its picture; what cannot be drawn is said and left out."""
    from aigf_dvc.actions.graph import graph

    verdict = model.verdict
    if asked.project is None or verdict.result is Result.UNDECIDED:
        return None
    try:
        with reading_progress() as progress:
            return graph(
                asked.project,
                models=(verdict.model,),
                revision=asked.revision,
                progress=progress,
            )
    except AigfError as error:
        talk(f"aigf: no picture of the lineage of {verdict.model}: {error}")
        return None


def root_of(asked: Asked) -> Root:
    """Return how paths lie from the top of the repository; as they are where there is none."""
    project, policy = asked.project, asked.policy
    if project is None:
        return Root()
    if policy is None:
        return Root(folder=project.prefix)
    place = policy.resolve()
    inside = place.is_relative_to(project.repository)
    named = place.relative_to(project.repository) if inside else place
    return Root(folder=project.prefix, policy=named.as_posix())


_WRITERS: dict[str, Callable[[Report, Asked], str]] = {
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "sarif": _sarif,
    "github": _github,
    "html": _html,
}
FORMATS = ("text", *_WRITERS)
