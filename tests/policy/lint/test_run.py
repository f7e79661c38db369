"""Whatever the reader accepts can be linted, and the remarks come in the order of the file."""

import json

import pytest
from hypothesis import given, settings

from aigf_dvc.policy.lint.model import as_draft
from aigf_dvc.policy.lint.run import lint
from aigf_dvc.policy.read import read_policy
from tests.policy.lint.builders import TODAY, a_draft
from tests.policy.lint.test_names import PROJECT
from tests.policy.test_schema import POLICIES, Plain, is_read


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(POLICIES)
def test_every_policy_that_loads_can_be_linted(policy: Plain) -> None:
    if is_read(policy):
        data = json.dumps(policy, ensure_ascii=False).encode()
        draft = as_draft(read_policy(data, path="p.yaml"))
        assert [written.rule for written in draft.rules] == list(draft.policy.rules)
        remarks = lint(draft, PROJECT, today=TODAY)
        assert [r.order for r in remarks] == sorted(r.order for r in remarks)
        assert all(r.where.startswith("p.yaml") and r.found and r.remedy for r in remarks)


def test_the_remarks_come_in_the_order_of_the_file() -> None:
    draft = a_draft(
        "{id: d, kind: document, document: zzz, max_age: 400d}",
        "{id: m, kind: metric, metric: zzz, min: 1}",
        top="expires: 2026-01-01\n",
    )
    checks = [(r.check, r.order[1]) for r in lint(draft, PROJECT, today=TODAY)]
    assert checks == [
        ("expired-policy", 3),
        ("no-controls", 5),
        ("no-why", 5),
        ("unlisted-document", 5),
        ("long-max-age", 5),
        ("unknown-metric", 6),
    ]
