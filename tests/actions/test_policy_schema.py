"""`aigf policy schema` prints what is published, for editors and validators."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from aigf_dvc.actions.policy_schema import schema_text
from tests.playground import run

PUBLISHED = Path(__file__).parent.parent.parent / "schemas" / "policy-v1.schema.json"


def test_the_command_prints_the_published_schema(tmp_path: Path) -> None:
    done = run([sys.executable, "-m", "aigf_dvc", "policy", "schema"], tmp_path)
    assert done.stdout == PUBLISHED.read_text(encoding="utf-8") == schema_text()
    Draft202012Validator.check_schema(json.loads(done.stdout))


def test_the_schema_is_written_where_an_editor_finds_it(tmp_path: Path) -> None:
    arguments = ["policy", "schema", "--output", "policy.schema.json"]
    done = run([sys.executable, "-m", "aigf_dvc", *arguments], tmp_path)
    assert (done.stdout, done.stderr) == ("", "wrote policy.schema.json\n")
    assert (tmp_path / "policy.schema.json").read_text(encoding="utf-8") == schema_text()
