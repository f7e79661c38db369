"""Print the faults of a Jenkinsfile as JSON; runs where `groovy.txt` is installed.

What may stand where: https://www.jenkins.io/doc/book/pipeline/syntax/
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter  # type: ignore[import-not-found]  # not ours
import tree_sitter_groovy  # type: ignore[import-not-found]  # not ours

_PIPELINE = {
    "agent", "environment", "libraries", "options", "parameters", "post", "stages", "tools",
    "triggers",
}  # fmt: skip
_STAGE = {
    "agent", "environment", "input", "matrix", "options", "parallel", "post", "stages", "steps",
    "tools", "when",
}  # fmt: skip
_POST = {
    "aborted", "always", "changed", "cleanup", "failure", "fixed", "notBuilt", "regression",
    "success", "unstable", "unsuccessful",
}  # fmt: skip
_WHEN = {"allOf", "anyOf", "branch", "buildingTag", "changeRequest", "environment", "not", "tag"}
_MAY_HOLD = {"": {"pipeline"}, "pipeline": _PIPELINE, "stages": {"stage"}, "stage": _STAGE,
             "post": _POST, "when": _WHEN}  # fmt: skip
_MUST_HOLD = {"pipeline": {"agent", "stages"}, "stages": {"stage"}}
_BODIES = {"steps", "stages", "parallel", "matrix"}  # a stage has exactly one of them


def _errors(node: tree_sitter.Node) -> Iterator[str]:
    if node.type == "ERROR" or node.is_missing:
        yield f"line {node.start_point.row + 1}: no Groovy"
    for child in node.children:
        yield from _errors(child)


def _called(block: tree_sitter.Node) -> Iterator[tuple[str, tree_sitter.Node | None]]:
    """Yield the name of each statement of a block, and the block that it has itself."""
    for statement in block.named_children:
        if statement.type.endswith("_comment"):
            continue
        call = (
            statement.named_children[0] if statement.type == "expression_statement" else statement
        )
        named = call.child_by_field_name("name") or call.child_by_field_name("type")
        body = call.child_by_field_name("body")
        yield named.text.decode() if named else f"line {call.start_point.row + 1}", body


def _misplaced(block: tree_sitter.Node, name: str) -> Iterator[str]:
    held = list(_called(block))
    names = [each for each, _ in held]
    if name in _MAY_HOLD:
        yield from (f"{each!r} in {name or 'the file'!r}" for each in names
                    if each not in _MAY_HOLD[name])  # fmt: skip
    yield from (f"no {each!r} in {name!r}" for each in _MUST_HOLD.get(name, set()) - set(names))
    if name == "stage" and sum(each in _BODIES for each in names) != 1:
        yield f"a stage with {names}"
    for each, body in held:
        if body is not None:
            yield from _misplaced(body, each)


def main() -> None:
    """Parse the file of the command line."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_groovy.language()))
    tree = parser.parse(Path(sys.argv[1]).read_bytes()).root_node
    faults = [*_errors(tree)] or [*_misplaced(tree, "")]
    sys.stdout.write(json.dumps(faults))


if __name__ == "__main__":
    main()
