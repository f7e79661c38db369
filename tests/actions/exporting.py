"""Exports of a project, in tests."""

import json
from datetime import UTC, datetime
from typing import Any

from aigf_dvc.actions.attest import Order, attest
from aigf_dvc.actions.export import Standard, Tree, export, tree_sources
from aigf_dvc.canonical import dumps, loads
from aigf_dvc.capture.project import find_project
from aigf_dvc.signing.private_keys import generate_key, load_private_key
from aigf_dvc.stores.folder import FolderStore
from tests.playground import Playground, statement_of
from tests.signing.by_key import sign_statement

Json = dict[str, Any]  # Any: documents as their readers have them


AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def sources(playground: Playground, **wanted: Any) -> Any:  # noqa: ANN401 (fields of a Tree)
    return tree_sources(Tree(project=find_project(playground.root), **wanted))


def exported(playground: Playground, standard: Standard, **wanted: Any) -> bytes:  # noqa: ANN401
    return export(sources(playground, **wanted), standard)


def documents(data: bytes) -> list[Json]:
    return [json.loads(line) for line in data.splitlines()]


def attested(playground: Playground) -> bytes:
    private = load_private_key(generate_key(None)[0], None, where="key")
    (found,) = attest(
        Order(
            project=playground.project,
            sign=lambda payload: sign_statement(payload, private),
            store=FolderStore(playground.root.parent / "store"),
            at=AT,
        )
    )
    assert found.bundle is not None
    return found.bundle


def with_changes(bundle: bytes, **changes: Any) -> bytes:  # noqa: ANN401 (parts of a predicate)
    """Return a bundle whose predicate has other values: exports verify nothing."""
    statement: Any = loads(dumps(statement_of(bundle)), where="test")
    statement["predicate"] |= changes
    return resigned(dumps(statement))


def resigned(payload: bytes) -> bytes:
    return sign_statement(payload, load_private_key(generate_key(None)[0], None, where="key"))
