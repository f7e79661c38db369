"""A copy of the repository of every shape, for each test."""

from pathlib import Path

import pytest

from tests.capture.shapes.museum import Museum, copy


@pytest.fixture
def museum(museum_template: Path, tmp_path: Path, home: Path) -> Museum:  # noqa: ARG001  # the home is set
    return copy(museum_template, tmp_path / "copy")
