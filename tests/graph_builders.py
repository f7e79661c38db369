"""Lineage graphs made from values: a small one, and one whose every name is hostile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aigf_dvc import shipped
from aigf_dvc.digests import sha256
from aigf_dvc.evidence.graph import LineageGraph
from aigf_dvc.evidence.graph_build import Facts, build_graph
from aigf_dvc.evidence.lineage import Cause, Edge, EdgeKind, EdgeState, StageTrust, TrustLevel
from aigf_dvc.evidence.manifest import Artifact
from aigf_dvc.evidence.pipeline import Import, Out, Pipeline, Recorded, Stage, StageLock
from aigf_dvc.report.graph_html import Page

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "\"double\" 'single' `tick`",
    "new\nline\ttab",
    "\u202eevil\u2066",
    "--><!--<script>alert(2)</script>",
    "${title} $script",
    "]]>&amp;&lt;\\n\\",
    "\x1b[2J\x9b2J",
    'click a0 href "javascript:alert(1)"',
    "end; %% {{x}} ``` subgraph",
    "日本語" * 30,
    "\ud800 half",
)
"""Names that would break out of a place that does not escape them."""

Told = tuple[EdgeState, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage, by what matters to a picture."""

    name: str
    deps: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    command: str = "run"
    ran: bool = True
    level: TrustLevel = TrustLevel.DECLARED
    told: Mapping[str, Told] = field(default_factory=dict)  # by path, or `file:key`, or ""


def facts(
    *steps: Step,
    tracked: Iterable[str] = (),
    imports: Iterable[str] = (),
    models: Mapping[str, tuple[str, ...]] | None = None,
) -> Facts:
    """Return what would be captured of a pipeline; every edge is verified unless it is told."""
    pipeline = a_pipeline(*steps, tracked=tracked, imports=imports)
    roles = dict.fromkeys(pipeline.tracked, "dataset")
    roles |= {path: "intermediate" for step in steps for path in step.outs}
    roles |= {path: "metrics" for step in steps for path in step.metrics}
    paths = {path for step in steps for path in (*step.deps, *step.outs, *step.metrics)}
    return Facts(
        pipeline=pipeline,
        edges={step.name: tuple(_edges(step)) for step in steps},
        trust={step.name: StageTrust(stage=step.name, level=step.level) for step in steps},
        artifacts={
            path: Artifact(
                name=path,
                role=roles.get(path, "code"),
                sha256=sha256(path.encode(errors="surrogatepass")),
                recorded=recorded(path),
            )
            for path in {*paths, *pipeline.tracked}
        },
        models=models or {},
        loose=tuple(pipeline.tracked),
    )


def a_pipeline(*steps: Step, tracked: Iterable[str] = (), imports: Iterable[str] = ()) -> Pipeline:
    return Pipeline(
        stages={
            step.name: Stage(
                address=step.name,
                file="dvc.yaml",
                commands=(step.command,),
                directory="",
                deps=step.deps,
                outs=(
                    *(Out(path=path, kind="outs") for path in step.outs),
                    *(Out(path=path, kind="metrics") for path in step.metrics),
                ),
                parameters={file: tuple(values) for file, values in step.parameters.items()},
            )
            for step in steps
        },
        locks={
            step.name: StageLock(
                commands=(step.command,),
                deps={path: recorded(path) for path in step.deps},
                outs={path: recorded(path) for path in (*step.outs, *step.metrics)},
                parameters=step.parameters,
            )
            for step in steps
            if step.ran
        },
        tracked={path: recorded(path) for path in (*tracked, *imports)},
        definitions=("dvc.yaml",),
        lock_files=("dvc.lock",),
        dvc_files=(),
        imports={
            path: Import(path=path, url="https://example.com/registry", commit="c" * 40)
            for path in imports
        },
    )


def recorded(path: str) -> Recorded:
    return Recorded(path=path, algorithm="md5", value="a" * 32, size=2048)


def _edges(step: Step) -> Iterable[Edge]:
    if not step.ran:
        yield _edge(step, EdgeKind.COMMAND, "", (EdgeState.MISSING, "the stage never ran"))
        return
    names = {file: [f"{file}:{key}" for key in found] for file, found in step.parameters.items()}
    for kind, found in (
        (EdgeKind.COMMAND, ("",)),
        (EdgeKind.INPUT, step.deps),
        (EdgeKind.PARAMETER, [name for group in names.values() for name in group]),
        (EdgeKind.OUTPUT, (*step.outs, *step.metrics)),
    ):
        for name in found:
            yield _edge(step, kind, name, step.told.get(name, (EdgeState.VERIFIED, "the same")))


def _edge(step: Step, kind: EdgeKind, name: str, told: Told) -> Edge:
    state, reason = told
    cause = Cause.SAME if state is EdgeState.VERIFIED else Cause.DATA_CHANGED
    return Edge(stage=step.name, kind=kind, name=name, state=state, reason=reason, cause=cause)


def a_graph() -> LineageGraph:
    """Three stages, a model, an import, and one of each state and trust level."""
    return build_graph(
        facts(
            Step(
                name="prepare",
                deps=("raw.csv", "src/prepare.py"),
                outs=("clean.csv",),
                level=TrustLevel.REPRODUCED,
                command="python src/prepare.py --token=hunter2",
            ),
            Step(
                name="train",
                deps=("clean.csv", "src/train.py"),
                outs=("model.pkl",),
                parameters={"params.yaml": {"depth": 3}},
                level=TrustLevel.OBSERVED,
                told={
                    "src/train.py": (EdgeState.MISMATCHED, "changed after the run"),
                    "clean.csv": (EdgeState.RECORDED, "the bytes were not read"),
                },
            ),
            Step(
                name="evaluate",
                deps=("model.pkl", "clean.csv"),
                metrics=("metrics.json",),
                ran=False,
            ),
            imports=("raw.csv",),
            models={"model.pkl": ("scorer",)},
        ),
        models=("scorer",),
        commit="d" * 40,
    )


def a_hostile_graph() -> LineageGraph:
    """A chain of stages whose names, commands, parameters and reasons are all hostile."""
    states, levels = list(EdgeState), list(TrustLevel)
    steps = []
    source = f"in/{HOSTILE[0]}"
    for number, text in enumerate(HOSTILE):
        state = states[number % len(states)]
        steps.append(
            Step(
                name=text,
                deps=(source, f"code/{text}"),
                outs=(f"out{number}/{text}",),
                parameters={text: {text: text}},
                command=text,
                level=levels[number % len(levels)],
                told=dict.fromkeys(("", source, f"code/{text}", f"{text}:{text}"), (state, text)),
            )
        )
        source = f"out{number}/{text}"
    made = facts(*steps, imports=(f"in/{HOSTILE[0]}",), models={source: HOSTILE})
    return build_graph(made, models=HOSTILE, commit=None)


def a_page() -> Page:
    """The page's own parts, as the command reads them."""
    return Page(
        skeleton=shipped.text("templates", "graph/page.html"),
        picture_style=shipped.text("templates", "graph/picture.css"),
        page_style=shipped.text("templates", "graph/page.css"),
        script=shipped.text("templates", "graph/page.js"),
    )
