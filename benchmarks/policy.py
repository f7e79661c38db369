"""Policies: judging beside other engines, and reading a large one beside the import of click.

All judge the same models by the seed policy. Ours gives a verdict with a finding for each rule;
the others give their own errors, or only yes and no.
"""

import sys
from pathlib import Path

from benchmarks.process import ProgramError, alternate, inside, run, times
from benchmarks.result import Bound, Result, Row, compare

_RULES = 1000
_IMPORT_ALONE = (
    "from time import process_time; start = process_time(); import click; "
    'print(\'{"wall_s": 0, "cpu_s": %f}\' % (process_time() - start))'
)
_ENGINES = {  # work -> what it is; an engine that is not installed has no row
    "judge_by_one_pattern": "jsonschema, all placeholders in one pattern",
    "judge_by_lax_schema": "jsonschema without placeholders (accepts TODO)",
    "judge_by_cel": "common-expression-language (TODO only, no messages)",
    "judge_by_rego": "regopy (TODO only, no messages)",
}


def measure(folder: Path, *, runs: int) -> Result:
    """Measure it in a scratch folder."""
    small, large = folder / "small", folder / "large"
    small.write_text("30")
    large.write_text("100000")
    policy = folder / "policy.yaml"
    policy.write_text(_large_policy())
    rows = [_row("judge_by_schema", "jsonschema", small, large, runs, bound=Bound(limit=0.2))]
    notes = []
    for work, name in _ENGINES.items():
        try:
            rows.append(_row(work, name, small, large, max(runs // 4, 1)))
        except ProgramError as error:
            notes.append(f"no row for {name}: {str(error).splitlines()[-1]}")
    rows += _reading(policy, runs)
    return Result(rows=tuple(rows), notes=tuple(notes))


def _large_policy() -> str:
    """Return a policy of rules about metrics, each with the keys that baseline.yaml gives them."""
    rules = "".join(
        f"  - id: rule-{number}\n    kind: metric\n    metric: metric-{number}\n"
        f"    min: 0.{number % 10}\n"
        for number in range(_RULES)
    )
    return f'id: large\nversion: "1"\nrules:\n{rules}'


def _row(
    work: str, name: str, small: Path, large: Path, runs: int, *, bound: Bound | None = None
) -> Row:
    ours, theirs = alternate(
        lambda: times(inside("judge", large, small)),
        lambda: times(inside(work, large, small)),
        runs=runs,
    )
    return compare(
        f"100,000 rule evaluations / {name}, CPU",
        [cost.cpu_s for cost in ours],
        [cost.cpu_s for cost in theirs],
        bound=bound,
    )


def _reading(policy: Path, runs: int) -> tuple[Row, Row]:
    """Compare reading and judging, without imports, with the import of click: two ways to see it.

    Both inside a running Python is one; the whole process `python -c "import click"`, which is what
    people wait for, is the other, and has the bound.
    """
    click = (sys.executable, "-I", "-c", "import click")
    alone_command = (sys.executable, "-I", "-c", _IMPORT_ALONE)
    ours, process = alternate(
        lambda: times(inside("read_policy", policy, policy)).cpu_s,
        lambda: run(click, policy.parent).cpu_s,
        runs=runs,
    )
    again, alone = alternate(
        lambda: times(inside("read_policy", policy, policy)).cpu_s,
        lambda: times(run(alone_command, policy.parent)).cpu_s,
        runs=runs,
    )
    what = f"{_RULES} rules read and judged"
    return (
        compare(
            f"{what} / python -c 'import click', CPU",
            ours,
            process,
            bound=Bound(limit=1.0),
        ),
        compare(
            f"{what} / import click inside a running Python, CPU",
            again,
            alone,
        ),
    )
